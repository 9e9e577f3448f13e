// Adding updates where indices say, to zeros.

import { dim } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { makeScatterAdd } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin } from "../call/options.js";
import { positiveInteger, tensorOperand } from "../define.js";
import { entriesOf, type NegativeOption } from "../gather/indices.js";
import { asFloat } from "../pointwise/pointwise.js";

/**
 * Zeros `[size, ...]` to which `updates` are added at the positions of the first axis that `indices` name. Repeated
 * indices add up.
 * @param updates [..., ...], float32 (other dtypes are converted): the indices' axes come first
 * @param indices [...], int32; an input of them states `below`
 * @param size the first axis of the result: a positive integer
 * @returns [size, ...], float32
 * @throws WRONG_DTYPE for indices that are not int32; SHAPE_MISMATCH unless there is one update for each index;
 *   BAD_ARGUMENT for indices that may name no entry
 * @example
 * ```ts
 * const places = constant([0, 2, 0], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: scatterAdd(constant([1, 2, 3]), places, 4) } });
 * interpret(net, {}).outputs.y; // [4, 0, 2, 0]
 * ```
 */
export function scatterAdd(
  updates: Tensor,
  indices: Tensor,
  size: number,
  options: NegativeOption = {},
): Float32<Dims> {
  const origin = callOrigin("scatterAdd", options, { negative: is.flag });
  const node = asFloat(origin, tensorOperand("scatterAdd", "updates", updates, origin));
  const names = tensorOperand("scatterAdd", "indices", indices, origin);
  const shape = [dim(positiveInteger("scatterAdd", "size", size, origin)), ...node.shape.slice(names.shape.length)];
  const entries = entriesOf("scatterAdd", names, shape[0]!, origin, options);
  return makeScatterAdd(origin, node, entries, { axis: 0, shape }) as Tensor<Dims, "float32">;
}
