// What it costs to run statements one by one or four lanes at a time, in additions: the ground on which loops are chosen.

import { evaluateDim } from "../../../src/graph/shape.js";
import { isApply, isConstant } from "../../../src/scalar/expression.js";
import { instructionOf } from "../../../src/scalar/instructions.js";
import type { KernelExpr, Position, Reduction, Statement } from "../../ir/kernel.js";
import { forEachLeaf } from "../../ir/walk.js";
import { strideOf } from "../../ir/strides.js";
import type { Vectors } from "../machines/machine.js";

/** What statements are weighed for: the vectors that a machine has, and the rows of a call. */
export interface Weighed {
  readonly vectors: Vectors | undefined;
  readonly rows: number;
}

/** One run of the statements: for all lanes of the variable `along`, or for one value with the best form of each sum. */
export function costOf(statements: readonly Statement[], along: number | undefined, weighed: Weighed): number {
  let cost = 0;
  for (const s of statements) {
    if (s.kind === "loop") cost += evaluateDim(s.size, weighed.rows) * (1 + costOf(s.body, along, weighed));
    else if (s.kind === "let") cost += valueCost(s.value, along, weighed);
    else if (s.kind === "store")
      cost += valueCost(s.value, along, weighed) + accessCost(s.at, along, weighed) * (s.mode === "set" ? 1 : 2);
    else cost += along === undefined ? bestReduction(s, weighed).cost : reductionCost(s, along, weighed);
  }
  return cost;
}

function reductionCost(reduction: Reduction, along: number | undefined, weighed: Weighed): number {
  const count = reduction.loops.reduce((n, loop) => n * evaluateDim(loop.size, weighed.rows), 1);
  const values = [...reduction.lets, ...reduction.accumulators].map(({ value }) => valueCost(value, along, weighed));
  return count * (values.reduce((sum, x) => sum + x, 1) + reduction.accumulators.length);
}

/** The variable along which a sum is taken in lanes, if that is better than one term after the other. */
export function bestReduction(
  reduction: Reduction,
  weighed: Weighed,
): { readonly cost: number; readonly along: number | undefined } {
  const { vectors, rows } = weighed;
  let best: { cost: number; along: number | undefined } = {
    cost: reductionCost(reduction, undefined, weighed),
    along: undefined,
  };
  if (vectors === undefined) return best;
  for (const { variable, size } of reduction.loops) {
    const count = evaluateDim(size, rows);
    if (count < vectors.lanes) continue;
    const share = Math.ceil(count / vectors.lanes) / count;
    const horizontal = vectors.horizontal * reduction.accumulators.length;
    const cost = reductionCost(reduction, variable, weighed) * share + horizontal;
    if (cost < best.cost) best = { cost, along: variable };
  }
  return best;
}

function valueCost(expr: KernelExpr, along: number | undefined, weighed: Weighed): number {
  if (isConstant(expr)) return 0;
  if (isApply(expr)) {
    if (along !== undefined && expr.op === "select" && isGuard(expr.args as readonly KernelExpr[], along)) {
      return weighed.vectors!.lanes * (2 + valueCost(expr, undefined, weighed));
    }
    return expr.args.reduce(
      (sum, arg) => sum + valueCost(arg as KernelExpr, along, weighed),
      instructionOf(expr.op).cost,
    );
  }
  if (expr.kind === "load") {
    const parts = expr.at.loaded.reduce((sum, { value }) => sum + valueCost(value, along, weighed), 0);
    return accessCost(expr.at, along, weighed) + parts;
  }
  return 0;
}

/** A condition that differs between lanes, around loads. */
function isGuard([condition, ...branches]: readonly KernelExpr[], along: number): boolean {
  let reads = false;
  let varies = false;
  for (const branch of branches) forEachLeaf(branch, (leaf) => (reads ||= leaf.kind === "load"));
  forEachLeaf(condition!, (leaf) => {
    if (leaf.kind === "index") varies ||= leaf.affine.some((t) => t.axis === along);
    else if (leaf.kind === "load") varies ||= leaf.at.affine.some((t) => t.axis === along);
    else if (leaf.kind === "local") varies = true;
  });
  return reads && varies;
}

function accessCost(at: Position, along: number | undefined, { vectors }: Weighed): number {
  if (along === undefined) return 1;
  if (at.loaded.length > 0) return vectors!.scattered;
  const stride = strideOf(at, along);
  return stride === 0 || stride === 1 ? 1 : vectors!.scattered;
}
