// Which loops run several iterations at a time, in the lanes of vectors, and which sums several terms.

import { sameAffine } from "../../src/graph/affine.js";
import { evaluateDim } from "../../src/graph/shape.js";
import type { Kernel, Loop, Position, Statement } from "../ir/kernel.js";
import { printKernel } from "../ir/print.js";
import { forEachLeaf, loopsOf } from "../ir/walk.js";
import { bestReduction, costOf, type Weighed } from "./cost/statements.js";
import { marked, withBody, withRun, withSumRun } from "./marks.js";
import type { LoopPass } from "./pass.js";

export const vectorize: LoopPass = {
  name: "vectorize",
  run(kernel, { machine: { vectors }, capacity }) {
    if (vectors === undefined || kernel.precision !== undefined) return kernel;
    const weighed: Weighed = { vectors, rows: capacity };
    const body = marked(kernel.body, (s) => {
      if (s.kind === "loop") {
        if (s.run.tile) return s;
        return isVectorLoop(s, weighed) ? withRun(s, { lanes: vectors.lanes }) : undefined;
      }
      if (s.kind !== "reduction" || s.loops.length === 0) return undefined;
      const { along } = bestReduction(s, weighed);
      return along === undefined ? undefined : withSumRun(s, { lanes: { variable: along, count: vectors.lanes } });
    });
    return withBody(kernel, body);
  },
  verify: lanesProblem,
  print: printKernel,
};

/** Whether the loop's body is better computed for several values of its variable at once, and may be. */
function isVectorLoop(loop: Loop, weighed: Weighed): boolean {
  const count = evaluateDim(loop.size, weighed.rows);
  if (count < 2 || hasLoops(loop.body)) return false;
  const lanes = Math.min(weighed.vectors!.lanes, count);
  return (
    costOf(loop.body, loop.variable, weighed) < lanes * costOf(loop.body, undefined, weighed) && isIndependent(loop)
  );
}

const hasLoops = (statements: readonly Statement[]): boolean => statements.some((s) => s.kind === "loop");

/** Lanes are those of loops without loops in them, whose iterations do not see what others store. */
function lanesProblem({ body }: Kernel): string | undefined {
  for (const loop of loopsOf(body)) {
    if (loop.run.lanes === undefined) continue;
    if (hasLoops(loop.body)) return `a loop that runs in lanes has no loop in it: i${loop.variable}`;
    if (!isIndependent(loop)) return `no lane reads what another one stores: i${loop.variable}`;
  }
  return undefined;
}

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
