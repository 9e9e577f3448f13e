// The graph: frozen nodes that point at their inputs. Identity is the object; equal nodes are merged by a pass.

import type { DType } from "./dtype.js";
import type { OpDef } from "./op.js";
import type { Origin } from "./origin.js";
import type { Shape } from "./shape.js";

export interface TensorType {
  /** Its axes, each as { times, power }: a fixed size has power 0, the batch is { times: 1, power: 1 }. */
  readonly shape: Shape;
  /** The type of its elements. */
  readonly dtype: DType;
}

/** A closed sub-graph: it refers to the outside only through its parameters, which are leaves of op `regionParameter`. */
export interface Region {
  readonly parameters: readonly Node[];
  readonly results: readonly Node[];
}

/**
 * A node of the graph: what every {@link Tensor} is, without the types of its axes. It is frozen data, and its members
 * are for those who write optimizers and passes. {@link input} and all functions make nodes.
 */
export interface Node extends TensorType {
  /** The record of its op. */
  readonly def: OpDef;
  /** What it is computed from. */
  readonly inputs: readonly Node[];
  /** Frozen plain data that the op's record understands. */
  readonly attrs: object;
  /** Closed graphs inside of it, such as the step of a scan. */
  readonly regions: readonly Region[];
  /** Where it was declared. */
  readonly origin: Origin;
}

/** A node whose attributes are those of its op. */
export type NodeOf<A extends object> = Node & { readonly attrs: A };

/** Is the node of this op? Then its attributes are the op's. */
export const isA = <A extends object>(node: Node, def: OpDef<A>): node is NodeOf<A> => node.def === (def as OpDef);

const NONE: readonly never[] = Object.freeze([]);

/** Makes a node; its type comes from the op's shape rule, which throws when the inputs do not fit. */
export function createNode(
  def: OpDef,
  inputs: readonly Node[],
  attrs: object,
  origin: Origin,
  regions: readonly Region[] = NONE,
): Node {
  const { shape, dtype } = def.infer({ inputs, attrs, regions, origin });
  return Object.freeze({
    def,
    inputs: Object.freeze([...inputs]),
    attrs: Object.freeze(attrs),
    regions: Object.freeze([...regions]),
    shape: Object.freeze(shape),
    dtype,
    origin,
  });
}

/** The same node, come from elsewhere. */
export const withOrigin = (node: Node, origin: Origin): Node => Object.freeze({ ...node, origin });

/** The same op on other inputs; the same object when nothing changed. */
export function withInputs(node: Node, inputs: readonly Node[], regions: readonly Region[] = node.regions): Node {
  const same = inputs.every((input, i) => input === node.inputs[i]) && regions.every((r, i) => r === node.regions[i]);
  return same ? node : createNode(node.def, inputs, node.attrs, node.origin, regions);
}
