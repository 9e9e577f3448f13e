// Which loops run four lanes at a time.

import { sameAffine } from "../../../src/graph/affine.js";
import type { Loop, Position, Statement } from "../../ir/kernel.js";
import { forEachLeaf } from "../../ir/walk.js";
import { costOf, iterations } from "./cost.js";
import { WASM } from "./machine.js";

/** Whether the loop's body is better computed for four values of its variable at once, and may be. */
export function isVectorLoop(loop: Loop, rows: number): boolean {
  const count = iterations(loop.size, rows);
  if (count < 2 || hasLoops(loop.body)) return false;
  const lanes = Math.min(WASM.lanes, count);
  return costOf(loop.body, loop.variable, rows) < lanes * costOf(loop.body, undefined, rows) && isIndependent(loop);
}

const hasLoops = (statements: readonly Statement[]): boolean => statements.some((s) => s.kind === "loop");

/** Memory that the body writes is read only where the same iteration writes it. */
function isIndependent(loop: Loop): boolean {
  const written = new Map<number, Position>();
  let apart = true;
  const at = (slot: number, position: Position): void => {
    const other = written.get(slot);
    if (other && !samePosition(other, position)) apart = false;
  };
  const stores = (statements: readonly Statement[]): void => {
    for (const s of statements) {
      if (s.kind === "loop") stores(s.body);
      else if (s.kind === "store") {
        at(s.slot, s.at);
        written.set(s.slot, s.at);
      }
    }
  };
  stores(loop.body);
  const visit = (statements: readonly Statement[]): void => {
    for (const s of statements) {
      if (s.kind === "loop") visit(s.body);
      else {
        const values = s.kind === "reduction" ? [...s.lets, ...s.accumulators] : [s];
        for (const { value } of values) forEachLeaf(value, (leaf) => leaf.kind === "load" && at(leaf.slot, leaf.at));
        if (s.kind === "store") {
          for (const { value } of s.at.loaded)
            forEachLeaf(value, (leaf) => leaf.kind === "load" && at(leaf.slot, leaf.at));
        }
      }
    }
  };
  visit(loop.body);
  return apart;
}

function samePosition(a: Position, b: Position): boolean {
  if (a === b) return true;
  return a.loaded.length === 0 && b.loaded.length === 0 && sameAffine(a.affine, b.affine);
}
