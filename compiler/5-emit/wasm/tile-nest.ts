// The nests that run as register tiles: two loops around sums of products.

import type { Loop, Reduction, SlotLoad, Statement } from "../../ir/kernel.js";
import { isConstant } from "../../../src/scalar/expression.js";
import { forEachLeaf } from "../../ir/walk.js";
import { iterations } from "./cost.js";
import { WASM } from "./machine.js";
import { strideOf, type Scope } from "./scope.js";

export interface Tile {
  readonly form: "columns" | "terms";
  readonly outer: Loop;
  readonly inner: Loop;
  readonly reductions: readonly Reduction[];
  readonly epilogue: readonly Statement[];
}

/** Shorter sums gain nothing. */
const SHORT = 3;

/** The loops as a tile, if they are a pair around nothing but sums whose loads repeat along one of the two. */
export function tileOf(outer: Loop, scope: Scope): Tile | undefined {
  const inner = outer.body[0];
  if (outer.body.length !== 1 || inner?.kind !== "loop") return undefined;
  const count = inner.body.findLastIndex((s) => s.kind === "reduction") + 1;
  const sums = inner.body.slice(0, count);
  const epilogue = inner.body.slice(count);
  if (count === 0 || epilogue.some((s) => s.kind === "loop")) return undefined;
  const reductions = sums.filter((s): s is Reduction => s.kind === "reduction");
  if (reductions.length !== count || !reductions.every((r) => isPlain(r, scope))) return undefined;
  const loads = reductions.map(loadsOf);
  const along = (load: SlotLoad, loop: Loop): boolean => load.at.affine.some((t) => t.axis === loop.variable);
  for (const list of loads) {
    if (!list.some((l) => along(l, outer)) || !list.some((l) => along(l, inner))) return undefined;
    if (list.some((l) => along(l, outer) && along(l, inner))) return undefined;
  }
  const columns = loads.flat().filter((l) => along(l, inner));
  const tile = { outer, inner, reductions, epilogue };
  if (columns.every((l) => strideOf(l.at, inner.variable) === 1)) return { form: "columns", ...tile };
  const terms = reductions.every((r, n) => {
    const last = r.loops.at(-1)!;
    return (
      loads[n]!.every((l) => strideOf(l.at, last.variable) === 1) && iterations(last.size, scope.rowsHint) >= WASM.lanes
    );
  });
  return terms ? { form: "terms", ...tile } : undefined;
}

/** A sum of floats over loads of floats at positions known beforehand. */
function isPlain(reduction: Reduction, { slots, rowsHint }: Scope): boolean {
  const terms = reduction.loops.reduce((n, { size }) => n * iterations(size, rowsHint), 1);
  if (reduction.lets.length > 0 || reduction.loops.length === 0 || terms < SHORT) return false;
  return reduction.accumulators.every(({ combiner, value }) => {
    let plain = combiner === "sum" && !isConstant(value);
    forEachLeaf(value, (leaf) => {
      if (leaf.kind === "load") plain &&= leaf.at.loaded.length === 0 && slots[leaf.slot]!.dtype === "float32";
      else plain &&= leaf.kind === "size";
    });
    return plain;
  });
}

export function loadsOf(reduction: Reduction): SlotLoad[] {
  const loads = new Set<SlotLoad>();
  for (const { value } of reduction.accumulators) forEachLeaf(value, (leaf) => leaf.kind === "load" && loads.add(leaf));
  return [...loads];
}

export const loadsAlong = (reduction: Reduction, { variable }: Loop): SlotLoad[] =>
  loadsOf(reduction).filter((load) => load.at.affine.some((t) => t.axis === variable));

/** The number of a sum's terms, in a full batch. */
export const termsOf = (reduction: Reduction, scope: Scope): number =>
  reduction.loops.reduce((n, loop) => n * iterations(loop.size, scope.rowsHint), 1);
