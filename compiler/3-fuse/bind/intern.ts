// One object for equal expressions, which speak of a call's buffers in place of nodes.

import type { Node } from "../../../src/graph/node.js";
import { applyScalar, isApply, isConstant, type Apply } from "../../../src/scalar/expression.js";
import { instructions } from "../../../src/scalar/instructions.js";
import type { KernelExpr, KernelLeaf, Position } from "../../ir/kernel.js";
import type { KernelTree } from "../build/tree.js";
import { identityOfObject, positionKey } from "../position.js";
import { valueOf } from "../roots.js";

export interface ExprInterner {
  readonly expression: (expr: KernelExpr) => KernelExpr;
  readonly position: (position: Position) => Position;
  /** The node that an interned expression is the value of, where it is one's. */
  readonly nodeOf: (expr: KernelExpr) => Node | undefined;
}

/** `slotOf`: the slot of an operand's buffer. */
export function internerOf({ operands, nodeOf }: KernelTree, slotOf: (operand: number) => number): ExprInterner {
  const byKey = new Map<string, KernelExpr>();
  const known = new Map<KernelExpr, KernelExpr>();
  const nodes = new Map<KernelExpr, Node>();

  const position = (at: Position): Position =>
    at.loaded.length === 0 ? at : { ...at, loaded: at.loaded.map((l) => ({ ...l, value: expression(l.value) })) };

  const expression = (expr: KernelExpr): KernelExpr => {
    const before = known.get(expr);
    if (before) return before;
    const result = isApply(expr) ? applied(expr) : isConstant(expr) ? once(constantKey(expr.value), expr) : leaf(expr);
    known.set(expr, result);
    if (result !== expr) known.set(result, result);
    return result;
  };

  const once = (key: string, expr: KernelExpr): KernelExpr => {
    const first = byKey.get(key);
    if (first) return first;
    byKey.set(key, expr);
    return expr;
  };

  const applied = (expr: Apply<KernelLeaf>): KernelExpr => {
    const args = expr.args.map((arg) => expression(arg as KernelExpr));
    const ids = args.map(identityOfObject);
    if (instructions[expr.op].commutative) ids.sort((a, b) => a - b);
    const isSame = args.every((arg, i) => arg === expr.args[i]);
    const result = once(`${expr.op}(${ids.join()})`, isSame ? expr : applyScalar<KernelLeaf>(expr.op, ...args));
    named(result, nodeOf.get(expr));
    return result;
  };

  const leaf = (expr: KernelLeaf): KernelExpr => {
    switch (expr.kind) {
      case "load": {
        const [at, slot] = [position(expr.at), slotOf(expr.slot)];
        const result = once(`l${expr.fresh ? "f" : ""}${slot}:${positionKey(at)}`, { ...expr, slot, at });
        named(result, valueOf(operands[expr.slot]!));
        return result;
      }
      case "index":
        return once(`i${positionKey({ affine: expr.affine, loaded: [] })}`, expr);
      case "size":
        return once(`s${expr.dim.times}^${expr.dim.power}`, expr);
      case "accumulator":
        return once(`a${expr.accumulator}`, expr);
      case "local":
        return once(`t${expr.local}`, expr);
    }
  };

  const named = (expr: KernelExpr, node: Node | undefined): void => {
    if (node && !nodes.has(expr)) nodes.set(expr, node);
  };

  return { expression, position, nodeOf: (expr) => nodes.get(expr) };
}

const constantKey = (value: number): string => `c${Object.is(value, -0) ? "-0" : value}`;
