// What it costs to run statements one by one or four lanes at a time, in additions: the ground on which loops are chosen.

import type { Dim } from "../../../src/graph/shape.js";
import { isApply, isConstant } from "../../../src/scalar/expression.js";
import { instructionOf } from "../../../src/scalar/instructions.js";
import type { KernelExpr, Position, Reduction, Statement } from "../../ir/kernel.js";
import { forEachLeaf } from "../../ir/walk.js";
import { WASM } from "./machine.js";
import { strideOf } from "./scope.js";

/** A load of scattered elements, put together lane by lane, for all lanes. */
const SCATTERED = 8;
/** Adding up the lanes of a vector. */
const HORIZONTAL = 8;

export const iterations = (size: Dim, rows: number): number => size.times * rows ** size.power;

/** One run of the statements: for all lanes of the variable `along`, or for one value with the best form of each sum. */
export function costOf(statements: readonly Statement[], along: number | undefined, rows: number): number {
  let cost = 0;
  for (const s of statements) {
    if (s.kind === "loop") cost += iterations(s.size, rows) * (1 + costOf(s.body, along, rows));
    else if (s.kind === "let") cost += valueCost(s.value, along);
    else if (s.kind === "store")
      cost += valueCost(s.value, along) + accessCost(s.at, along) * (s.mode === "set" ? 1 : 2);
    else cost += along === undefined ? bestReduction(s, rows).cost : reductionCost(s, along, rows);
  }
  return cost;
}

function reductionCost(reduction: Reduction, along: number | undefined, rows: number): number {
  const count = reduction.loops.reduce((n, loop) => n * iterations(loop.size, rows), 1);
  const values = [...reduction.lets, ...reduction.accumulators].map(({ value }) => valueCost(value, along));
  return count * (values.reduce((sum, x) => sum + x, 1) + reduction.accumulators.length);
}

/** The variable along which a sum is taken four lanes at a time, if that is better than one by one. */
export function bestReduction(reduction: Reduction, rows: number): { cost: number; along: number | undefined } {
  let best: { cost: number; along: number | undefined } = {
    cost: reductionCost(reduction, undefined, rows),
    along: undefined,
  };
  for (const { variable, size } of reduction.loops) {
    const count = iterations(size, rows);
    if (count < WASM.lanes) continue;
    const share = Math.ceil(count / WASM.lanes) / count;
    const cost = reductionCost(reduction, variable, rows) * share + HORIZONTAL * reduction.accumulators.length;
    if (cost < best.cost) best = { cost, along: variable };
  }
  return best;
}

function valueCost(expr: KernelExpr, along: number | undefined): number {
  if (isConstant(expr)) return 0;
  if (isApply(expr)) {
    if (along !== undefined && expr.op === "select" && isGuard(expr.args as readonly KernelExpr[], along)) {
      return WASM.lanes * (2 + valueCost(expr, undefined));
    }
    return expr.args.reduce((sum, arg) => sum + valueCost(arg as KernelExpr, along), instructionOf(expr.op).cost);
  }
  if (expr.kind === "load") {
    const parts = expr.at.loaded.reduce((sum, { value }) => sum + valueCost(value, along), 0);
    return accessCost(expr.at, along) + parts;
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

function accessCost(at: Position, along: number | undefined): number {
  if (along === undefined) return 1;
  if (at.loaded.length > 0) return SCATTERED;
  const stride = strideOf(at, along);
  return stride === 0 || stride === 1 ? 1 : SCATTERED;
}
