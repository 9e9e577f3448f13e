// The same statements with other names: of variables, locals, accumulators and slots, and with other positions.

import type { Affine } from "../../src/graph/affine.js";
import { applyScalar, isApply, isConstant } from "../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf, Position, Statement } from "./kernel.js";

/** What is not given stays as it is. */
export interface Renaming {
  /** An index, or where a slot is accessed. */
  readonly affine?: (affine: Affine, slot: number | undefined) => Affine;
  readonly variable?: (variable: number) => number;
  readonly local?: (local: number) => number;
  readonly accumulator?: (accumulator: number) => number;
  readonly slot?: (slot: number) => number;
  /** Is the load of what the kernel itself has stored? Asked with the slot that it had. */
  readonly fresh?: (slot: number) => boolean;
}

const same = (n: number): number => n;

/** Expressions that were one object are one object again. */
export function renamed(
  statements: readonly Statement[],
  { affine = (all) => all, variable = same, local = same, accumulator = same, slot = same, fresh }: Renaming,
): Statement[] {
  const known = new Map<KernelExpr, KernelExpr>();
  const position = (at: Position, of: number): Position => {
    const moved = affine(at.affine, of);
    const loaded = at.loaded.map((part) => ({ ...part, value: value(part.value) }));
    return moved === at.affine && loaded.every((part, i) => part.value === at.loaded[i]!.value)
      ? at
      : { affine: moved, loaded };
  };
  const value = (expr: KernelExpr): KernelExpr => {
    const before = known.get(expr);
    if (before) return before;
    const after = valueOf(expr);
    known.set(expr, after);
    return after;
  };
  const valueOf = (expr: KernelExpr): KernelExpr => {
    if (isConstant(expr)) return expr;
    if (isApply(expr)) {
      const args = expr.args.map((arg) => value(arg as KernelExpr));
      return args.every((arg, i) => arg === expr.args[i]) ? expr : applyScalar<KernelLeaf>(expr.op, ...args);
    }
    switch (expr.kind) {
      case "load": {
        const at = position(expr.at, expr.slot);
        const isFresh = fresh?.(expr.slot) && ({ fresh: true } as const);
        return at === expr.at && slot(expr.slot) === expr.slot && !isFresh
          ? expr
          : { ...expr, slot: slot(expr.slot), at, ...isFresh };
      }
      case "index": {
        const moved = affine(expr.affine, undefined);
        return moved === expr.affine ? expr : { kind: "index", affine: moved };
      }
      case "local":
        return { kind: "local", local: local(expr.local) };
      case "accumulator":
        return { kind: "accumulator", accumulator: accumulator(expr.accumulator) };
      case "size":
        return expr;
    }
  };
  const statement = (s: Statement): Statement => {
    switch (s.kind) {
      case "loop":
        return { ...s, variable: variable(s.variable), body: s.body.map(statement) };
      case "let":
        return { ...s, local: local(s.local), value: value(s.value) };
      case "store":
        return { ...s, slot: slot(s.slot), at: position(s.at, s.slot), value: value(s.value) };
      case "reduction":
        return {
          ...s,
          loops: s.loops.map((loop) => ({ ...loop, variable: variable(loop.variable) })),
          lets: s.lets.map((one) => ({ ...one, local: local(one.local), value: value(one.value) })),
          accumulators: s.accumulators.map((a) => ({
            ...a,
            accumulator: accumulator(a.accumulator),
            value: value(a.value),
          })),
        };
    }
  };
  return statements.map(statement);
}
