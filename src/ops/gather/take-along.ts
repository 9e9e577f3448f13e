// Reading along one axis at an index for each element (NumPy's take_along_axis).

import type { DType } from "../../graph/dtype.js";
import { dim, sameShape } from "../../graph/shape.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import { shapeMismatch } from "../../messages.js";
import { makeTakeAlong } from "../adjoint-pairs.js";
import { callOrigin } from "../call/options.js";
import { tensorOperand, toAxis } from "../define.js";
import { entriesOf } from "./indices.js";
import { TAKE_OPTIONS, type TakeOptions } from "./take.js";

/**
 * At each place of `indices` the entry of `x` that it names along one axis, the last unless stated: `result[i, j] =
 * x[i, indices[i, j]]`. NumPy's `take_along_axis`, PyTorch's `gather`, ONNX' `GatherElements`. The gradient adds up
 * where an index repeats.
 * @param x a tensor with one axis or more, of any dtype
 * @param indices int32, x's shape but for the length of that axis; an input of them states `below`
 * @returns the shape of the indices, x's dtype
 * @throws WRONG_DTYPE for indices that are not int32; SHAPE_MISMATCH where another axis differs; BAD_ARGUMENT for
 *   those that may name no entry
 * @example
 * ```ts
 * const x = constant([[1, 2, 3], [4, 5, 6]]);
 * const net = network("example", { batch: 1, outputs: { y: takeAlong(x, constant([[2, 0], [1, 1]], { dtype: "int32" })) } });
 * interpret(net, {}).outputs.y; // [3, 1, 5, 5]
 * ```
 */
export function takeAlong<S extends Dims, D extends DType>(
  x: Tensor<Dims, D>,
  indices: Tensor<S>,
  options: TakeOptions = {},
): TensorOf<S, D> {
  const origin = callOrigin("takeAlong", options, TAKE_OPTIONS);
  const node = tensorOperand("takeAlong", "x", x, origin);
  const names = tensorOperand("takeAlong", "indices", indices, origin);
  const at = toAxis("takeAlong", options.axis ?? -1, node.shape, origin);
  const entries = entriesOf("takeAlong", names, node.shape[at]!, origin, options);
  if (!sameShape(names.shape, node.shape.with(at, names.shape[at] ?? dim(1)))) {
    const why = `the indices may differ from x along axis ${at} only`;
    throw shapeMismatch({ op: "takeAlong", left: node.shape, right: names.shape, why, site: origin.site });
  }
  return makeTakeAlong(origin, node, entries, at) as TensorOf<S, D>;
}
