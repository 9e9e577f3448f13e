// How pointwise ops are made: a formula, and everything else follows.

import type { DType } from "../../graph/dtype.js";
import { createNode, type Node } from "../../graph/node.js";
import type { Call, OpDef, Sample } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { sameShape, type Shape } from "../../graph/shape.js";
import type { Broadcast, Compatible, DimsOf, Operand, Float32 } from "../../graph/tensor.js";
import { badArgument, shapeMismatch, wrongDtype } from "../../messages.js";
import type { Scalar } from "../../scalar/expression.js";
import { broadcastTogether } from "../view/broadcast.js";
import { isNode, record, shapeOf } from "../define.js";
import { makeScalar } from "../leaf/leaves.js";

export type SampleRange = readonly [number, number];

/** What an operand's dtype must be; "same": that of every other "same" operand, and of the result. */
type Kind = DType | "number" | "same";

export interface PointwiseOptions {
  readonly doc: string;
  readonly formula?: string;
  readonly scalar?: Scalar;
  /** ["x"] unless stated. */
  readonly operands?: readonly string[];
  /** One for each operand; float32 unless stated. */
  readonly kinds?: readonly Kind[];
  /** float32 unless stated. */
  readonly result?: DType | "same";
  /** False where no gradient passes. */
  readonly differentiable?: boolean;
  readonly commutative?: boolean;
  readonly increasing?: boolean;
  readonly inference?: (call: Call<object>) => Node;
  /** Where the derivative is to be another than the formula's, or shorter. */
  readonly vjp?: OpDef["vjp"];
  /** The rule of `vjp`. */
  readonly rule?: OpDef["rule"];
  readonly tex?: (operands: readonly string[], attrs: object) => string;
  /** Where samples draw each operand from: several cases, each away from kinks and poles. */
  readonly ranges?: readonly (readonly SampleRange[])[];
  /** Attributes that samples use. */
  readonly attrs?: readonly object[];
}

const SHAPES: readonly Shape[] = [
  shapeOf(),
  shapeOf(1),
  shapeOf(3),
  shapeOf(2, 3),
  shapeOf(1, 4),
  shapeOf(2, 1, 3),
  shapeOf("b", 3),
];

export function pointwiseRecord(name: string, options: PointwiseOptions): OpDef {
  const operands = options.operands ?? ["x"];
  const kinds = options.kinds ?? operands.map((): Kind => "float32");
  const def: OpDef = record({
    name,
    family: "pointwise",
    doc: options.doc,
    operands,
    infer({ inputs, origin }) {
      const shape = inputs[0]!.shape;
      let same: DType | undefined;
      inputs.forEach((x, i) => {
        if (!sameShape(x.shape, shape)) {
          throw shapeMismatch({ op: name, left: shape, right: x.shape, site: origin.site });
        }
        const kind = kinds[i]!;
        if (kind === "same") same ??= x.dtype;
        const expected =
          kind === "number" ? (x.dtype === "bool" ? "float32 or int32" : x.dtype) : kind === "same" ? same! : kind;
        if (x.dtype !== expected) {
          throw wrongDtype({ op: name, operand: operands[i]!, dtype: x.dtype, expected, site: origin.site });
        }
      });
      const result = options.result ?? "float32";
      return { shape, dtype: result === "same" ? same! : result };
    },
    ...(options.formula === undefined ? {} : { formula: options.formula }),
    ...(options.scalar === undefined ? {} : { scalar: options.scalar }),
    ...(options.inference === undefined ? {} : { inference: options.inference }),
    ...(options.vjp === undefined ? {} : { vjp: options.vjp, rule: options.rule }),
    ...(options.tex === undefined ? {} : { tex: options.tex }),
    differentiable: options.differentiable ?? true,
    commutative: options.commutative ?? false,
    increasing: options.increasing ?? false,
    samples: () => pointwiseSamples(def, kinds, options),
  });
  return def;
}

function pointwiseSamples(def: OpDef, kinds: readonly Kind[], options: PointwiseOptions): readonly Sample[] {
  const ranges = options.ranges ?? [kinds.map((): SampleRange => [-2, 2])];
  const attributes = options.attrs ?? [{}];
  const count = Math.max(SHAPES.length, ranges.length * attributes.length);
  return Array.from({ length: count }, (_, n): Sample => {
    const shape = SHAPES[n % SHAPES.length]!;
    const range = ranges[n % ranges.length]!;
    const attrs = attributes[Math.floor(n / ranges.length) % attributes.length]!;
    return {
      inputs: kinds.map((kind, i) => {
        const dtype = kind === "number" || kind === "same" ? "float32" : kind;
        return { shape, dtype, range: range[i]!, ...(dtype === "int32" ? { below: 5 } : {}) };
      }),
      build: (inputs) => createNode(def, inputs, attrs, inputs[0]!.origin),
    };
  });
}

// Conversions: formulas are typed by the operand, so each pair of dtypes has its own record.

export const intToFloat: OpDef = pointwiseRecord("intToFloat", {
  doc: "An int as a float.",
  formula: "x",
  kinds: ["int32"],
  differentiable: false,
});

export const boolToFloat: OpDef = pointwiseRecord("boolToFloat", {
  doc: "1 where true, 0 where false.",
  formula: "where(x, 1, 0)",
  kinds: ["bool"],
  differentiable: false,
});

/** Numbers become floats: what arithmetic computes with. */
export function asFloat(origin: Origin, node: Node): Node {
  if (node.dtype === "float32") return node;
  return createNode(node.dtype === "int32" ? intToFloat : boolToFloat, [node], {}, origin);
}

/** An operand of an elementwise function as a node. */
export function operandNode(op: string, argument: string, value: unknown, origin: Origin): Node {
  if (isNode(value)) return value;
  if (typeof value === "number" && !Number.isNaN(value)) return makeScalar(origin, value);
  throw badArgument({ op, argument, value, expected: "a tensor or a number", site: origin.site });
}

/** Applies a float pointwise record to anything elementwise functions take: converts and broadcasts. */
export function applyPointwise(def: OpDef, origin: Origin, operands: readonly unknown[], attrs: object): Node {
  const nodes = operands.map((x, i) => asFloat(origin, operandNode(def.name, def.operands[i]!, x, origin)));
  return createNode(def, broadcastTogether(def.name, nodes, origin), attrs, origin);
}

/** A function of one tensor. `at` is the same without conversions, for derivative rules and composed functions. */
export interface Unary {
  <X extends Operand>(x: X): Float32<DimsOf<X>>;
  readonly def: OpDef;
  readonly at: (origin: Origin, x: Node) => Node;
}

/** A function of two tensors with NumPy broadcasting. */
export interface Binary {
  <A extends Operand, B extends Operand>(
    a: A,
    b: Compatible<DimsOf<A>, DimsOf<B>> & B,
  ): Float32<Broadcast<DimsOf<A>, DimsOf<B>>>;
  readonly def: OpDef;
  readonly at: (origin: Origin, a: Node, b: Node) => Node;
}

export function unary(name: string, options: PointwiseOptions): Unary {
  const def = pointwiseRecord(name, options);
  const call = (x: Operand): Node => applyPointwise(def, originOf(callSite(name)), [x], {});
  const at = (origin: Origin, x: Node): Node => createNode(def, [x], {}, origin);
  return Object.freeze(Object.assign(call, { def, at })) as unknown as Unary;
}

export function binary(name: string, options: PointwiseOptions): Binary {
  const def = pointwiseRecord(name, { operands: ["a", "b"], ...options });
  const call = (a: Operand, b: Operand): Node => applyPointwise(def, originOf(callSite(name)), [a, b], {});
  const at = (origin: Origin, a: Node, b: Node): Node =>
    createNode(def, broadcastTogether(name, [a, b], origin), {}, origin);
  return Object.freeze(Object.assign(call, { def, at })) as unknown as Binary;
}
