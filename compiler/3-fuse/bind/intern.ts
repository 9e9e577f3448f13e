// One object for equal expressions, which speak of a call's buffers in place of nodes.

import type { Node } from "../../../src/graph/node.js";
import { applyScalar, isApply, isConstant } from "../../../src/scalar/expression.js";
import { instructions } from "../../../src/scalar/instructions.js";
import type { KernelExpr, KernelLeaf, Position } from "../../ir/kernel.js";
import type { KernelTree } from "../build/tree.js";
import { identityOfObject, positionKey } from "../position.js";
import { valueOf } from "../roots.js";

export interface Interner {
  readonly expression: (expr: KernelExpr) => KernelExpr;
  readonly position: (position: Position) => Position;
  /** The node that an interned expression is the value of, where it is one's. */
  readonly nodeOf: (expr: KernelExpr) => Node | undefined;
}

/** `slotOf`: the slot of an operand's buffer. */
export function internerOf({ operands, nodeOf }: KernelTree, slotOf: (operand: number) => number): Interner {
  const byKey = new Map<string, KernelExpr>();
  const known = new Map<KernelExpr, KernelExpr>();
  const nodes = new Map<KernelExpr, Node>();

  const position = (at: Position): Position =>
    at.loaded.length === 0 ? at : { ...at, loaded: at.loaded.map((l) => ({ ...l, value: expression(l.value) })) };

  const expression = (expr: KernelExpr): KernelExpr => {
    const before = known.get(expr);
    if (before) return before;
    const [key, candidate] = keyed(expr);
    const result = byKey.get(key) ?? candidate;
    byKey.set(key, result);
    known.set(expr, result);
    known.set(result, result);
    const node =
      !isConstant(expr) && !isApply(expr) && expr.kind === "load" ? valueOf(operands[expr.slot]!) : nodeOf.get(expr);
    if (node && !nodes.has(result)) nodes.set(result, node);
    return result;
  };

  const keyed = (expr: KernelExpr): readonly [key: string, candidate: KernelExpr] => {
    if (isConstant(expr)) return [`c${Object.is(expr.value, -0) ? "-0" : expr.value}`, expr];
    if (isApply(expr)) {
      const args = expr.args.map((arg) => expression(arg as KernelExpr));
      const same = args.every((arg, i) => arg === expr.args[i]);
      const ids = args.map(identityOfObject);
      const key = `${expr.op}(${(instructions[expr.op].commutative ? ids.toSorted((a, b) => a - b) : ids).join()})`;
      return [key, same ? expr : applyScalar<KernelLeaf>(expr.op, ...args)];
    }
    switch (expr.kind) {
      case "load": {
        const [at, slot] = [position(expr.at), slotOf(expr.slot)];
        return [`l${expr.fresh ? "f" : ""}${slot}:${positionKey(at)}`, { ...expr, slot, at }];
      }
      case "index":
        return [`i${positionKey({ affine: expr.affine, loaded: [] })}`, expr];
      case "size":
        return [`s${expr.dim.times}^${expr.dim.power}`, expr];
      case "accumulator":
        return [`a${expr.accumulator}`, expr];
      case "local":
        return [`t${expr.local}`, expr];
    }
  };

  return { expression, position, nodeOf: (expr) => nodes.get(expr) };
}
