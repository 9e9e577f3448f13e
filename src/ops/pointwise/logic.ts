// Comparisons, logic, selection and conversion. Comparisons and logic give bool tensors; no gradient passes them.

import type { DType } from "../../graph/dtype.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import type { Broadcast, Compatible, Dims, DimsOf, Operand, Tensor, TensorOf } from "../../graph/tensor.js";
import { badArgument, wrongDtype } from "../../messages.js";
import { broadcastTogether } from "../view/broadcast.js";
import { tensorOperand } from "../define.js";
import { asFloat, boolToFloat, intToFloat, operandNode, pointwiseRecord, type SampleRange } from "./pointwise.js";

export interface Comparison {
  <A extends Operand, B extends Operand>(
    a: A,
    b: Compatible<DimsOf<A>, DimsOf<B>> & B,
  ): Tensor<Broadcast<DimsOf<A>, DimsOf<B>>, "bool">;
  readonly def: OpDef;
  readonly at: (origin: Origin, a: Node, b: Node) => Node;
}

const APART: readonly (readonly SampleRange[])[] = [
  [
    [-2, -0.2],
    [0.2, 2],
  ],
  [
    [0.2, 2],
    [-2, -0.2],
  ],
];

function comparison(name: string, symbol: string, doc: string, commutative = false): Comparison {
  const def = pointwiseRecord(name, {
    formula: `a ${symbol} b`,
    doc,
    operands: ["a", "b"],
    kinds: ["number", "number"],
    result: "bool",
    differentiable: false,
    commutative,
    ranges: APART,
  });
  const at = (origin: Origin, a: Node, b: Node): Node =>
    createNode(def, broadcastTogether(name, [a, b], origin), {}, origin);
  const call = (a: Operand, b: Operand): Node => {
    const origin = originOf(callSite(name));
    // Two ints are compared as ints, exactly; anything else as floats.
    const [x, y] = [operandNode(name, "a", a, origin), operandNode(name, "b", b, origin)];
    const ints = x.dtype === "int32" && y.dtype === "int32";
    return at(origin, ints ? x : asFloat(origin, x), ints ? y : asFloat(origin, y));
  };
  return Object.freeze(Object.assign(call, { def, at })) as unknown as Comparison;
}

/**
 * True where both are equal. Shapes are broadcast by NumPy's rule. Two int32 are compared as integers; anything else
 * as floats.
 * @param a a tensor of any shape, or a number
 * @param b as a
 * @returns the common shape, bool: {@link where} and {@link cast} take it
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: equal(constant([1, 2, 3]), 2) } });
 * interpret(net, {}).outputs.y; // [0, 1, 0]
 * ```
 */
export const equal: Comparison = comparison("equal", "==", "True where both are equal.", true);
/**
 * True where they differ. Shapes are broadcast by NumPy's rule. Two int32 are compared as integers; anything else as
 * floats.
 * @param a a tensor of any shape, or a number
 * @param b as a
 * @returns the common shape, bool
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: notEqual(constant([1, 2, 3]), 2) } });
 * interpret(net, {}).outputs.y; // [1, 0, 1]
 * ```
 */
export const notEqual: Comparison = comparison("notEqual", "!=", "True where they differ.", true);
/**
 * True where a is below b. Shapes are broadcast by NumPy's rule. Two int32 are compared as integers; anything else as
 * floats.
 * @param a a tensor of any shape, or a number
 * @param b as a
 * @returns the common shape, bool
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: less(constant([1, 2, 3]), 2) } });
 * interpret(net, {}).outputs.y; // [1, 0, 0]
 * ```
 */
export const less: Comparison = comparison("less", "<", "True where a is below b.");
/**
 * True where a is not above b. Shapes are broadcast by NumPy's rule. Two int32 are compared as integers; anything else
 * as floats.
 * @param a a tensor of any shape, or a number
 * @param b as a
 * @returns the common shape, bool
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: lessEqual(constant([1, 2, 3]), 2) } });
 * interpret(net, {}).outputs.y; // [1, 1, 0]
 * ```
 */
export const lessEqual: Comparison = comparison("lessEqual", "<=", "True where a is not above b.");
/**
 * True where a is above b. Shapes are broadcast by NumPy's rule. Two int32 are compared as integers; anything else as
 * floats.
 * @param a a tensor of any shape, or a number
 * @param b as a
 * @returns the common shape, bool
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: greater(constant([1, 2, 3]), 2) } });
 * interpret(net, {}).outputs.y; // [0, 0, 1]
 * ```
 */
export const greater: Comparison = comparison("greater", ">", "True where a is above b.");
/**
 * True where a is not below b. Shapes are broadcast by NumPy's rule. Two int32 are compared as integers; anything else
 * as floats.
 * @param a a tensor of any shape, or a number
 * @param b as a
 * @returns the common shape, bool
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: greaterEqual(constant([1, 2, 3]), 2) } });
 * interpret(net, {}).outputs.y; // [0, 1, 1]
 * ```
 */
export const greaterEqual: Comparison = comparison("greaterEqual", ">=", "True where a is not below b.");

export interface Logical {
  <A extends Tensor, B extends Tensor>(
    a: A,
    b: Compatible<DimsOf<A>, DimsOf<B>> & B,
  ): Tensor<Broadcast<DimsOf<A>, DimsOf<B>>, "bool">;
  readonly def: OpDef;
  readonly at: (origin: Origin, a: Node, b: Node) => Node;
}

/** A bool operand, or the user's error. */
function condition(op: string, argument: string, value: unknown, origin: Origin): Node {
  const node = tensorOperand(op, argument, value, origin);
  if (node.dtype === "bool") return node;
  const hint = "compare it first, as in greater(x, 0)";
  throw wrongDtype({ op, operand: argument, dtype: node.dtype, expected: "bool", hint, site: origin.site });
}

function logical(name: string, word: string, doc: string): Logical {
  const def = pointwiseRecord(name, {
    formula: `a ${word} b`,
    doc,
    operands: ["a", "b"],
    kinds: ["bool", "bool"],
    result: "bool",
    differentiable: false,
    commutative: true,
    ranges: [
      [
        [0, 1],
        [0, 1],
      ],
    ],
  });
  const at = (origin: Origin, a: Node, b: Node): Node =>
    createNode(def, broadcastTogether(name, [a, b], origin), {}, origin);
  const call = (a: Tensor, b: Tensor): Node => {
    const origin = originOf(callSite(name));
    return at(origin, condition(name, "a", a, origin), condition(name, "b", b, origin));
  };
  return Object.freeze(Object.assign(call, { def, at })) as unknown as Logical;
}

/**
 * True where both are. Shapes are broadcast by NumPy's rule.
 * @param a a bool tensor of any shape: a comparison makes one
 * @param b as a
 * @returns the common shape, bool
 * @throws WRONG_DTYPE for operands that are not bool, SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const x = constant([1, 2, 3]);
 * const net = network("example", { batch: 1, outputs: { y: logicalAnd(greater(x, 1), less(x, 3)) } });
 * interpret(net, {}).outputs.y; // [0, 1, 0]
 * ```
 */
export const logicalAnd: Logical = logical("logicalAnd", "and", "True where both are.");
/**
 * True where one of them is. Shapes are broadcast by NumPy's rule.
 * @param a a bool tensor of any shape: a comparison makes one
 * @param b as a
 * @returns the common shape, bool
 * @throws WRONG_DTYPE for operands that are not bool, SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const x = constant([1, 2, 3]);
 * const net = network("example", { batch: 1, outputs: { y: logicalOr(less(x, 2), greater(x, 2)) } });
 * interpret(net, {}).outputs.y; // [1, 0, 1]
 * ```
 */
export const logicalOr: Logical = logical("logicalOr", "or", "True where one of them is.");

const logicalNotDef: OpDef = pointwiseRecord("logicalNot", {
  formula: "not x",
  doc: "True where x is false.",
  kinds: ["bool"],
  result: "bool",
  differentiable: false,
  ranges: [[[0, 1]]],
});

/**
 * True where x is false.
 * @param x a bool tensor of any shape: a comparison makes one
 * @returns x's shape, bool
 * @throws WRONG_DTYPE for an operand that is not bool
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: logicalNot(greater(constant([1, 2, 3]), 2)) } });
 * interpret(net, {}).outputs.y; // [1, 1, 0]
 * ```
 */
export const logicalNot = Object.freeze(
  Object.assign(
    <X extends Tensor>(x: X): Tensor<DimsOf<X>, "bool"> => {
      const origin = originOf(callSite("logicalNot"));
      return createNode(logicalNotDef, [condition("logicalNot", "x", x, origin)], {}, origin) as Tensor<
        DimsOf<X>,
        "bool"
      >;
    },
    { def: logicalNotDef },
  ),
);

const whereDef: OpDef = pointwiseRecord("where", {
  formula: "where(condition, a, b)",
  doc: "a where the condition holds, b elsewhere. The branch that is not taken gets gradient 0.",
  operands: ["condition", "a", "b"],
  kinds: ["bool", "same", "same"],
  result: "same",
  ranges: [
    [
      [0, 1],
      [-2, 2],
      [-2, 2],
    ],
  ],
});

export interface Where {
  <C extends Tensor, A extends Operand, B extends Operand>(
    condition: C,
    a: Compatible<DimsOf<C>, DimsOf<A>> & A,
    b: Compatible<Broadcast<DimsOf<C>, DimsOf<A>>, DimsOf<B>> & B,
  ): Tensor<Broadcast<Broadcast<DimsOf<C>, DimsOf<A>>, DimsOf<B>>>;
  readonly def: OpDef;
  readonly at: (origin: Origin, condition: Node, a: Node, b: Node) => Node;
}

const whereAt = (origin: Origin, test: Node, a: Node, b: Node): Node =>
  createNode(whereDef, broadcastTogether("where", [test, a, b], origin), {}, origin);

/**
 * a where the condition holds, b elsewhere. The branch that is not taken gets gradient 0. Shapes are broadcast by
 * NumPy's rule.
 * @param condition a bool tensor of any shape: a comparison makes one
 * @param a a tensor, or a number
 * @param b as a; where a and b have different dtypes, both become float32
 * @returns the common shape of all three; the dtype of a and b
 * @throws WRONG_DTYPE for a condition that is not bool, SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const x = constant([-1, 0, 2]);
 * const net = network("example", { batch: 1, outputs: { y: where(greater(x, 0), x, 10) } });
 * interpret(net, {}).outputs.y; // [10, 10, 2]
 * ```
 */
export const where: Where = Object.freeze(
  Object.assign(
    (test: Tensor, a: Operand, b: Operand): Node => {
      const origin = originOf(callSite("where"));
      const [x, y] = [operandNode("where", "a", a, origin), operandNode("where", "b", b, origin)];
      const same = x.dtype === y.dtype;
      return whereAt(
        origin,
        condition("where", "condition", test, origin),
        same ? x : asFloat(origin, x),
        same ? y : asFloat(origin, y),
      );
    },
    { def: whereDef, at: whereAt },
  ),
) as unknown as Where;

const floatToInt: OpDef = pointwiseRecord("floatToInt", {
  formula: "sign(x) * floor(abs(x))",
  doc: "The integer part: rounds toward zero.",
  result: "int32",
  differentiable: false,
  ranges: [[[0.2, 0.8]], [[-1.8, -1.2]]],
});

const boolToInt: OpDef = pointwiseRecord("boolToInt", {
  formula: "where(x, 1, 0)",
  doc: "1 where true, 0 where false, as ints.",
  kinds: ["bool"],
  result: "int32",
  differentiable: false,
});

const toBool: OpDef = pointwiseRecord("toBool", {
  formula: "x != 0",
  doc: "True where x is not zero.",
  kinds: ["number"],
  result: "bool",
  differentiable: false,
  ranges: [[[0.2, 2]], [[-2, -0.2]]],
});

export const castDefs: readonly OpDef[] = [intToFloat, boolToFloat, floatToInt, boolToInt, toBool];

const CASTS: Readonly<Record<DType, Readonly<Partial<Record<DType, OpDef>>>>> = {
  float32: { int32: floatToInt, bool: toBool },
  int32: { float32: intToFloat, bool: toBool },
  bool: { float32: boolToFloat, int32: boolToInt },
};

export function makeCast(origin: Origin, x: Node, dtype: DType): Node {
  const def = CASTS[x.dtype][dtype];
  return def ? createNode(def, [x], {}, origin) : x;
}

/**
 * The tensor with another dtype. A float becomes an int by rounding towards 0; a number is true where it is not 0;
 * true is 1. No gradient passes.
 * @param x a tensor of any shape and dtype
 * @param dtype "float32", "int32" or "bool"
 * @returns x's shape, of that dtype
 * @throws BAD_ARGUMENT for another dtype
 * @example
 * ```ts
 * const y = cast(constant([-1.7, 0, 2.9]), "int32"); // int32 [3]
 * const net = network("example", { batch: 1, outputs: { y } });
 * interpret(net, {}).outputs.y; // [-1, 0, 2]
 * ```
 */
export function cast<S extends Dims, const D extends DType>(x: Tensor<S>, dtype: D): TensorOf<S, D> {
  const origin = originOf(callSite("cast"));
  const node = tensorOperand("cast", "x", x, origin);
  if (!Object.hasOwn(CASTS, dtype)) {
    const expected = '"float32", "int32" or "bool"';
    throw badArgument({ op: "cast", argument: "dtype", value: dtype, expected, site: origin.site });
  }
  return makeCast(origin, node, dtype) as TensorOf<S, D>;
}
