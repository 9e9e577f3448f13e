// The records of leaves and how the library makes them. Each leaf is identified by its object and never merged with an
// equal one.

import type { DType } from "../../graph/dtype.js";
import type { HyperRange } from "../../graph/network.js";
import { createNode, isA, type Node, type TensorType } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import type { Dim, Shape } from "../../graph/shape.js";
import { constant as constantExpr } from "../../scalar/expression.js";
import { float, noSamples, record } from "../define.js";
import { storedLeaf } from "./stored.js";

export interface InputAttrs {
  readonly name: string;
  readonly role: "input" | "target";
  /** Ints must lie in 0 .. below - 1. */
  readonly below?: number;
  /** One more value that they may have. */
  readonly ignoreIndex?: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface ParameterAttrs {
  readonly shape: Shape;
  /** The graph that computes the first value. */
  readonly initial: Node;
  readonly trainable: boolean;
}

export interface StateAttrs {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly initial: Node;
  /** It may have a value for each row, and entries of the network's own change it. */
  readonly carried?: true;
}

export interface HyperAttrs {
  readonly name: string;
  readonly initial: number;
  readonly range: HyperRange;
}

export interface ConstantAttrs {
  /** Row-major; a single value fills the whole shape. */
  readonly values: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface RegionParameterAttrs {
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The record of a leaf whose type is written in its attributes. */
export const leafRecord = <A extends TensorType>(name: string, doc: string): OpDef<A> =>
  leaf(name, doc, ({ attrs }) => ({ shape: attrs.shape, dtype: attrs.dtype }));

function leaf<A extends object>(
  name: string,
  doc: string,
  infer: OpDef<A>["infer"],
  lower?: OpDef<A>["lower"],
): OpDef<A> {
  return record<A>({
    name,
    family: "leaf",
    doc,
    operands: [],
    infer,
    lower: lower ?? (() => ({ kind: "leaf" })),
    differentiable: false,
    samples: noSamples,
  });
}

export const inputDef: OpDef<InputAttrs> = leafRecord("input", "Values that the caller supplies for each run.");

export const stateDef: OpDef<StateAttrs> = leafRecord(
  "state",
  "A value kept from step to step that no gradient trains.",
);

export const regionParameterDef: OpDef<RegionParameterAttrs> = leafRecord(
  "regionParameter",
  "A value that a region is given.",
);

export const parameterDef: OpDef<ParameterAttrs> = leaf("parameter", "A tensor that training changes.", ({ attrs }) =>
  float(attrs.shape),
);

export const hyperDef: OpDef<HyperAttrs> = leaf(
  "hyper",
  "A scalar of the training step that may change at run time, such as the rate.",
  () => float([]),
);

/** A constant of one value needs no buffer: it is computed where it is used. */
export const constantDef: OpDef<ConstantAttrs> = leaf(
  "constant",
  "Numbers written in the definition.",
  ({ attrs }) => ({ shape: attrs.shape, dtype: attrs.dtype }),
  ({ attrs }) => (attrs.values.length === 1 ? { kind: "map", body: constantExpr(attrs.values[0]!) } : { kind: "leaf" }),
);

export const sizeDef: OpDef<{ readonly dim: Dim }> = leaf(
  "size",
  "A size as a number: what a mean divides by. The batch counts the rows of the run.",
  () => float([]),
  ({ attrs }) => ({ kind: "map", body: { kind: "size", dim: attrs.dim } }),
);

// Internal makers

export const makeFilled = (origin: Origin, value: number, shape: Shape, dtype: DType): Node =>
  createNode(constantDef, [], { values: Object.freeze([value]), shape, dtype }, origin);

export const makeScalar = (origin: Origin, value: number): Node => makeFilled(origin, value, [], "float32");

export const makeSize = (origin: Origin, dim: Dim): Node => createNode(sizeDef, [], { dim }, origin);

export const makeRegionParameter = (origin: Origin, index: number, type: { shape: Shape; dtype: DType }): Node =>
  createNode(regionParameterDef, [], { index, shape: type.shape, dtype: type.dtype }, origin);

/**
 * A parameter as a layer makes it: `origin` carries the layer's site and the parameter's role. In a further application of a
 * shared layer it is the one that the first made.
 */
export const makeParameter = (origin: Origin, shape: Shape, initial: Node, trainable: boolean): Node =>
  storedLeaf(createNode(parameterDef, [], { shape, initial, trainable }, origin));

export const makeState = (origin: Origin, shape: Shape, dtype: DType, initial: Node): Node =>
  storedLeaf(createNode(stateDef, [], { shape, dtype, initial }, origin));

/** A state that entries take from call to call. It belongs to the entry, not to the layer in which it is asked for. */
export const makeCarry = (origin: Origin, shape: Shape, dtype: DType, initial: Node): Node =>
  createNode(stateDef, [], { shape, dtype, initial, carried: true }, origin);

export const isCarry = (node: Node): boolean => isA(node, stateDef) && node.attrs.carried === true;

export const makeHyper = (origin: Origin, name: string, initial: number, range: HyperRange): Node =>
  createNode(hyperDef, [], { name, initial, range }, origin);
