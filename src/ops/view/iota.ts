// Positions as values: the index along an axis, and one-hot rows made from it.

import { axis } from "../../graph/affine.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import type { PublicDim, Shape } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { int, noSamples, record, toDim } from "../define.js";

export interface IotaAttrs {
  readonly shape: Shape;
  readonly axis: number;
}

export const iotaDef: OpDef<IotaAttrs> = record<IotaAttrs>({
  name: "iota",
  family: "view",
  doc: "The position along one axis, as an int.",
  operands: [],
  infer: ({ attrs }) => int(attrs.shape),
  lower: ({ attrs }) => ({ kind: "map", body: { kind: "index", affine: axis(attrs.axis) } }),
  differentiable: false,
  samples: noSamples,
});

export const makeIota = (origin: Origin, shape: Shape, along: number): Node =>
  createNode(iotaDef, [], { shape, axis: along }, origin);

/**
 * The whole numbers from 0 to below `count`, in order. `range("batch")` numbers the rows.
 * @param count a positive integer, or "batch"
 * @returns [count], int32
 * @throws BAD_ARGUMENT for anything else
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: range(4) } });
 * interpret(net, {}).outputs.y; // [0, 1, 2, 3]
 * ```
 */
export function range<const N extends PublicDim>(count: N): Tensor<[N], "int32"> {
  const origin = originOf(callSite("range"));
  return makeIota(origin, [toDim("range", count, origin)], 0) as Tensor<[N], "int32">;
}
