// Which parts of expressions become locals: what is used twice, or does not depend on the innermost loop, is computed once, as
// far out as what it is made of allows.

import { axesOf } from "../../../src/graph/affine.js";
import type { Node } from "../../../src/graph/node.js";
import { applyScalar, constant, isApply, isConstant } from "../../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf, Let, Position } from "../../ir/kernel.js";
import { depthOf } from "../position.js";

/** What is bound at a level: the local, and the guards under which it has the value. */
interface Bound {
  readonly local: KernelExpr;
  readonly under: readonly KernelExpr[];
}

/** A loop level in which lets can be placed: its statements so far, and what is bound there. */
export interface LetLevel {
  readonly depth: number;
  readonly lets: Let[];
  readonly bound: Map<KernelExpr, Bound[]>;
}

/** Where a value stands: whether it is computed in any case, and the guards outside of which nothing may be read for it. */
interface Conditions {
  readonly certain: boolean;
  readonly guards: readonly KernelExpr[];
}

const ALWAYS: Conditions = { certain: true, guards: [] };

/** How often each expression is used. */
export type Uses = ReadonlyMap<KernelExpr, number>;

/** What is known of a kernel while its values are bound, and what is counted. Expressions are interned. */
export interface BoundExpr {
  /** The conditions that positions must meet for what is read there to exist. */
  readonly guards: ReadonlySet<KernelExpr>;
  /** Slots that the kernel stores to. */
  readonly written: ReadonlySet<number>;
  readonly nodeOf: (expr: KernelExpr) => Node | undefined;
  /** The number of loops around each accumulator that was met. */
  readonly accumulatorDepth: Map<number, number>;
  readonly depths: Map<KernelExpr, number>;
  locals: number;
}

/** The expression with shared and loop-invariant parts replaced by locals, which are bound at their levels. */
export const bind = (binding: BoundExpr, expr: KernelExpr, levels: readonly LetLevel[], uses: Uses): KernelExpr =>
  bindUnder(binding, expr, levels, uses, ALWAYS);

export const bindPosition = (binding: BoundExpr, at: Position, levels: readonly LetLevel[], uses: Uses): Position =>
  positionUnder(binding, at, levels, uses, ALWAYS);

/** Binds a value to a local at a level. `of`: the node that it is the value of. */
export function nameAt(
  binding: BoundExpr,
  original: KernelExpr,
  value: KernelExpr,
  level: LetLevel,
  of = binding.nodeOf(original),
  under: readonly KernelExpr[] = ALWAYS.guards,
): KernelExpr {
  const local: KernelExpr = { kind: "local", local: binding.locals++ };
  level.lets.push({ kind: "let", local: local.local, value, ...(of && { of }) });
  const bound = level.bound.get(original) ?? [];
  level.bound.set(original, bound);
  bound.push({ local, under });
  return local;
}

function bindUnder(
  binding: BoundExpr,
  expr: KernelExpr,
  levels: readonly LetLevel[],
  uses: Uses,
  conditions: Conditions,
): KernelExpr {
  if (isConstant(expr) || expr.kind === "size" || expr.kind === "accumulator" || expr.kind === "index") return expr;
  const { certain, guards } = conditions;
  for (let i = levels.length - 1; i >= 0; i--) {
    const seen = levels[i]!.bound.get(expr)?.find(({ under }) => under.every((guard) => guards.includes(guard)));
    if (seen) return seen.local;
  }
  const innermost = levels[levels.length - 1]!;
  const depth = Math.min(loopsAround(binding, expr), innermost.depth);
  const home = levels.findIndex((level) => level.depth >= depth);
  const hoisted = home >= 0 && home < levels.length - 1 && (certain || !readsMemory(expr));
  const at = hoisted ? levels.slice(0, home + 1) : levels;
  const value = partsUnder(binding, expr, at, uses, conditions);
  const worthNaming = expr.kind === "load" || isApply(expr);
  if (!worthNaming || !(hoisted || uses.get(expr)! > 1)) return value;
  // A local is computed in any case: where a guard does not hold, nothing may be read for it.
  const guarded = guards.length > 0 && readsMemory(expr);
  const level = at[at.length - 1]!;
  if (!guarded) return nameAt(binding, expr, value, level);
  return nameAt(binding, expr, underGuards(binding, value, at, uses, guards), level, binding.nodeOf(expr), guards);
}

function underGuards(
  binding: BoundExpr,
  value: KernelExpr,
  levels: readonly LetLevel[],
  uses: Uses,
  guards: readonly KernelExpr[],
): KernelExpr {
  const nothing: KernelExpr = constant(0);
  return guards.reduceRight<KernelExpr>((inner, guard, i) => {
    const condition = bindUnder(binding, guard, levels, uses, { certain: false, guards: guards.slice(0, i) });
    return applyScalar<KernelLeaf>("select", condition, inner, nothing);
  }, value);
}

function partsUnder(
  binding: BoundExpr,
  expr: KernelExpr,
  levels: readonly LetLevel[],
  uses: Uses,
  conditions: Conditions,
): KernelExpr {
  if (isConstant(expr)) return expr;
  if (!isApply(expr)) {
    if (expr.kind !== "load" || expr.at.loaded.length === 0) return expr;
    return { ...expr, at: positionUnder(binding, expr.at, levels, uses, conditions) };
  }
  const [condition] = expr.args as readonly KernelExpr[];
  const chosen: Conditions = { ...conditions, certain: false };
  const isGuard = expr.op === "select" && binding.guards.has(condition!) && !conditions.guards.includes(condition!);
  const guarded: Conditions = isGuard ? { ...chosen, guards: [...conditions.guards, condition!] } : chosen;
  const inArgument = (i: number): Conditions =>
    expr.op !== "select" || i === 0 ? conditions : i === 1 ? guarded : chosen;
  const args = expr.args.map((arg, i) => bindUnder(binding, arg as KernelExpr, levels, uses, inArgument(i)));
  return args.every((arg, i) => arg === expr.args[i]) ? expr : applyScalar<KernelLeaf>(expr.op, ...args);
}

function positionUnder(
  binding: BoundExpr,
  position: Position,
  levels: readonly LetLevel[],
  uses: Uses,
  conditions: Conditions,
): Position {
  if (position.loaded.length === 0) return position;
  const loaded = position.loaded.map((l) => ({ ...l, value: bindUnder(binding, l.value, levels, uses, conditions) }));
  return { ...position, loaded };
}

/** The number of enclosing loops that the value depends on. Memory that the kernel writes is read where it stands. */
function loopsAround(binding: BoundExpr, expr: KernelExpr): number {
  const known = binding.depths.get(expr);
  if (known !== undefined) return known;
  const innermost = (axes: readonly number[]): number => Math.max(0, ...axes.map((axis) => depthOf(axis) + 1));
  let depth = 0;
  if (isConstant(expr)) depth = 0;
  else if (isApply(expr)) for (const arg of expr.args) depth = Math.max(depth, loopsAround(binding, arg as KernelExpr));
  else if (expr.kind === "accumulator") depth = binding.accumulatorDepth.get(expr.accumulator) ?? 0;
  else if (expr.kind === "index") depth = innermost(axesOf(expr.affine));
  else if (expr.kind === "load") {
    depth = binding.written.has(expr.slot) ? Infinity : innermost(axesOf(expr.at.affine));
    for (const { value } of expr.at.loaded) depth = Math.max(depth, loopsAround(binding, value));
  }
  binding.depths.set(expr, depth);
  return depth;
}

function readsMemory(root: KernelExpr): boolean {
  if (isConstant(root)) return false;
  if (isApply(root)) return root.args.some((arg) => readsMemory(arg as KernelExpr));
  return root.kind === "load";
}
