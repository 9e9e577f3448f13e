// The parts of a nest: two loops, one in the other, around sums and what follows them.

import { evaluateDim } from "../../src/graph/shape.js";
import type { Loop, Reduction, SlotLoad, Statement } from "./kernel.js";
import { forEachLeaf } from "./walk.js";

export interface NestParts {
  readonly outer: Loop;
  readonly inner: Loop;
  readonly reductions: readonly Reduction[];
  /** What is done with the sums. */
  readonly epilogue: readonly Statement[];
}

/** The nest whose outer loop is given; undefined where the loop holds anything else. */
export function nestParts(outer: Loop): NestParts | undefined {
  const inner = outer.body[0];
  if (outer.body.length !== 1 || inner?.kind !== "loop") return undefined;
  const count = inner.body.findLastIndex((s) => s.kind === "reduction") + 1;
  const epilogue = inner.body.slice(count);
  const reductions = inner.body.slice(0, count).filter((s): s is Reduction => s.kind === "reduction");
  if (count === 0 || reductions.length !== count || epilogue.some((s) => s.kind === "loop")) return undefined;
  return { outer, inner, reductions, epilogue };
}

/** The loads of a sum's values, each once. */
export function loadsOf(reduction: Reduction): SlotLoad[] {
  const loads = new Set<SlotLoad>();
  for (const { value } of reduction.accumulators) forEachLeaf(value, (leaf) => leaf.kind === "load" && loads.add(leaf));
  return [...loads];
}

/** Does the load move with the loop? */
export const isAlong = (load: SlotLoad, { variable }: Pick<Loop, "variable">): boolean =>
  load.at.affine.some((term) => term.axis === variable);

export const loadsAlong = (reduction: Reduction, loop: Pick<Loop, "variable">): SlotLoad[] =>
  loadsOf(reduction).filter((load) => isAlong(load, loop));

/** The number of a sum's terms, for so many rows. */
export const termsOf = ({ loops }: Pick<Reduction, "loops">, rows: number): number =>
  loops.reduce((n, { size }) => n * evaluateDim(size, rows), 1);
