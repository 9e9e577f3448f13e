// Which loops are nests: a pair of them around nothing but sums of products whose loads repeat along one of the two.

import { evaluateDim } from "../../src/graph/shape.js";
import { isConstant } from "../../src/scalar/expression.js";
import type { KernelLeaf, Loop, Reduction, Slot } from "../ir/kernel.js";
import { isAlong, loadsOf, nestParts, termsOf, type NestParts } from "../ir/nest.js";
import { strideOf } from "../ir/strides.js";
import type { Nest } from "../ir/tile.js";
import { forEachLeaf } from "../ir/walk.js";
import type { TileRules } from "./machines/machine.js";

/** What nests are looked for in. */
export interface Looking {
  readonly slots: readonly Slot[];
  readonly rules: TileRules;
  readonly capacity: number;
}

/** A nest, and what a tile is chosen for. */
export interface FoundNest {
  readonly parts: NestParts;
  readonly nest: Nest;
}

/** The nest whose outer loop is given, if it may run as a tile. */
export function nestOf(outer: Loop, looking: Looking): FoundNest | undefined {
  const parts = nestParts(outer);
  if (!parts?.reductions.every((reduction) => isTileable(reduction, parts, looking))) return undefined;
  const form = formOf(parts, looking);
  if (form === undefined) return undefined;
  const { capacity } = looking;
  const { inner, reductions } = parts;
  return {
    parts,
    nest: {
      rows: evaluateDim(outer.size, capacity),
      columns: evaluateDim(inner.size, capacity),
      rowsVary: outer.size.power > 0,
      columnsVary: inner.size.power > 0,
      terms: Math.max(...reductions.map((reduction) => termsOf(reduction, capacity))),
      sums: reductions.reduce((n, { accumulators }) => n + accumulators.length, 0),
      form,
    },
  };
}

/** A sum of floats over loads of floats at positions known beforehand, each of which moves with one of the loops at most. */
function isTileable(reduction: Reduction, { outer, inner }: NestParts, { slots, rules, capacity }: Looking): boolean {
  const { loops, lets, accumulators } = reduction;
  const isLong = rules.rowsAreLong && loops.some(({ size }) => size.power > 0);
  if (lets.length > 0 || loops.length === 0) return false;
  if (!isLong && termsOf(reduction, capacity) < rules.leastTerms) return false;
  const isPlain = (leaf: KernelLeaf): boolean =>
    leaf.kind === "load"
      ? leaf.at.loaded.length === 0 && slots[leaf.slot]!.dtype === "float32"
      : leaf.kind === "size" || (rules.locals && leaf.kind === "local");
  for (const { combiner, value } of accumulators) {
    let plain = combiner === "sum" && !isConstant(value);
    forEachLeaf(value, (leaf) => (plain &&= isPlain(leaf)));
    if (!plain) return false;
  }
  const loads = loadsOf(reduction);
  return (
    loads.every((load) => !(isAlong(load, outer) && isAlong(load, inner))) &&
    loads.some((load) => isAlong(load, outer)) &&
    loads.some((load) => isAlong(load, inner))
  );
}

/** What lies side by side in memory; undefined where vectors would have to be put together of scattered elements. */
function formOf({ inner, reductions }: NestParts, { rules: { costs }, capacity }: Looking): Nest["form"] | undefined {
  if (costs.kind === "scalars") return "columns";
  const columns = reductions.flatMap(loadsOf).filter((load) => isAlong(load, inner));
  if (columns.every((load) => strideOf(load.at, inner.variable) === 1)) return "columns";
  const alongTerms = reductions.every((reduction) => {
    const last = reduction.loops.at(-1)!;
    const isLong = evaluateDim(last.size, capacity) >= costs.lanes;
    return isLong && loadsOf(reduction).every((load) => strideOf(load.at, last.variable) === 1);
  });
  return alongTerms ? "terms" : undefined;
}
