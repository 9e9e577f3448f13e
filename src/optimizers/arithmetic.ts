// Arithmetic on nodes and numbers under one origin: update rules and schedules read like their formulas.

import type { Node } from "../graph/node.js";
import type { Origin } from "../graph/origin.js";
import * as ops from "../ops/pointwise/arithmetic.js";
import { makeFilled, makeScalar } from "../ops/leaf/leaves.js";
import { equal, less, where } from "../ops/pointwise/logic.js";
import { asFloat, type Binary, type Unary } from "../ops/pointwise/pointwise.js";

export type NodeOrNumber = Node | number;

export type Arithmetic = ReturnType<typeof arithmetic>;

export function arithmetic(origin: Origin) {
  const node = (x: NodeOrNumber): Node => (typeof x === "number" ? makeScalar(origin, x) : asFloat(origin, x));
  const one =
    (op: Unary) =>
    (x: NodeOrNumber): Node =>
      op.at(origin, node(x));
  const two =
    (op: Binary) =>
    (a: NodeOrNumber, b: NodeOrNumber): Node =>
      op.at(origin, node(a), node(b));
  const mul = two(ops.mul);
  const add = two(ops.add);
  return {
    node,
    add,
    sub: two(ops.sub),
    mul,
    div: two(ops.div),
    pow: two(ops.pow),
    max: two(ops.maximum),
    min: two(ops.minimum),
    abs: one(ops.abs),
    cos: one(ops.cos),
    expm1: one(ops.expm1),
    floor: one(ops.floor),
    neg: one(ops.neg),
    sign: one(ops.sign),
    sqrt: one(ops.sqrt),
    square: one(ops.square),
    /** share * before + (1 - share) * now */
    average: (share: number, before: Node, now: NodeOrNumber): Node => add(mul(before, share), mul(now, 1 - share)),
    less: (a: NodeOrNumber, b: NodeOrNumber): Node => less.at(origin, node(a), node(b)),
    /** Of an int scalar. */
    isInt: (a: Node, value: number): Node => equal.at(origin, a, makeFilled(origin, value, [], "int32")),
    where: (condition: Node, a: NodeOrNumber, b: NodeOrNumber): Node => where.at(origin, condition, node(a), node(b)),
  };
}
