// Where the largest elements of windows stand, and what puts elements back there.

import { createNode, type Node } from "../../graph/node.js";
import type { NamesOf } from "../../graph/option-types.js";
import type { Origin } from "../../graph/origin.js";
import { dim, sameShape, type Shape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import type { PooledDims, UnpooledDims } from "../../graph/window-types.js";
import { shapeMismatch } from "../../messages.js";
import { makeAddAlong } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin } from "../call/options.js";
import { tensorOperand } from "../define.js";
import { requireIndices } from "../gather/indexed.js";
import { requireBelow } from "../gather/indices.js";
import { makeReshape, makeTranspose } from "../view/views.js";
import { inLayout, paddedFor, perAxis, spatialOperand, type Layout, type PerAxis } from "./geometry.js";
import { firstOfWindowDef, flattened, makeMaxPool } from "./pool-record.js";
import { POOL_OPTIONS, poolAttrs, pooled, type LayoutOptions, type PoolOptions } from "./pooling.js";

/** What {@link maxPoolWithIndices} gives. */
export interface MaxPoolWithIndices<S extends Dims> {
  /** The largest element of each window. */
  readonly values: Float32<S>;
  /** int32: where it stands, counted over the spatial axes of x in row-major order. */
  readonly indices: Tensor<S, "int32">;
}

/**
 * The largest element of each window, as `maxPool`, and where it stands: PyTorch's `max_pool2d` with `return_indices=True`.
 * `maxPoolWithIndices(x, 2)` of one row and one channel `[[1, 2], [4, 3]]` has the value 4 at the index 2.
 * @param x [rows, spatial..., channels], float32 (other dtypes are converted)
 * @param window the size of the window: a positive integer, or one for each spatial axis
 * @returns values (the gradient goes where they came from) and indices (int32), both of maxPool's shape. An index counts the
 *   positions over the spatial axes of x in row-major order, without padding; of equal elements it is the first one's. Where
 *   a window has nothing but NaN or lies in the padding alone, it is some position of x
 * @throws WRONG_RANK, WINDOW_TOO_LARGE, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1], [3], [5], [2]]]);
 * const { values, indices } = maxPoolWithIndices(x, 2);
 * const net = network("example", { batch: 1, outputs: { values, indices } });
 * interpret(net, {}).outputs; // { values: [3, 5], indices: [1, 2] }
 * ```
 */
export function maxPoolWithIndices<
  S extends Dims,
  const W extends PerAxis,
  const O extends PoolOptions = Record<never, never>,
>(x: Tensor<S>, window: W, options?: NamesOf<O, PoolOptions> & O): MaxPoolWithIndices<PooledDims<S, W, O>> {
  const settings: PoolOptions = options === undefined ? {} : options;
  const { call, axes } = pooled("maxPoolWithIndices", x, window, settings, POOL_OPTIONS);
  const { origin } = call;
  const padded = paddedFor(origin, call.x, axes, -Infinity);
  const attrs = poolAttrs(call.x, axes);
  const values = makeMaxPool(origin, padded, attrs);
  const unpadded = Object.freeze(axes.map(({ before, size }) => Object.freeze({ start: before, size })));
  const places = padded === call.x ? attrs : { ...attrs, own: unpadded };
  const indices = createNode(firstOfWindowDef, [padded, values], places, origin);
  const shown = (node: Node): Node => inLayout(origin, node, settings.layout);
  return Object.freeze({ values: shown(values), indices: shown(indices) }) as unknown as MaxPoolWithIndices<
    PooledDims<S, W, O>
  >;
}

/**
 * Zeros with each element of `x` at the place that its index names: PyTorch's `max_unpool2d`, after `maxPoolWithIndices`.
 * Elements of one channel that name the same place add up (PyTorch keeps one of them); windows that do not overlap have none.
 * The gradient is taken from where the elements were put.
 * @param x [rows, spatial..., channels], float32 (other dtypes are converted)
 * @param indices x's shape, int32: positions over the spatial axes of the result in row-major order. An input of them states
 *   `below`; computed ones are looked at in each call (INDEX_OUT_OF_RANGE)
 * @param size the spatial sizes of the result: a positive integer, or one for each spatial axis
 * @returns [rows, size..., channels], float32
 * @throws WRONG_RANK, WRONG_DTYPE, SHAPE_MISMATCH, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1], [3], [5], [2]]]);
 * const { values, indices } = maxPoolWithIndices(x, 2);
 * const net = network("example", { batch: 1, outputs: { y: maxUnpool(values, indices, 4) } });
 * interpret(net, {}).outputs.y; // [0, 3, 5, 0]
 * ```
 */
export function maxUnpool<
  S extends Dims,
  const N extends PerAxis,
  const O extends LayoutOptions = Record<never, never>,
>(x: Tensor<S>, indices: Tensor, size: N, options?: NamesOf<O, LayoutOptions> & O): Float32<UnpooledDims<S, N, O>> {
  const op = "maxUnpool";
  const settings: LayoutOptions = options === undefined ? {} : options;
  const origin = callOrigin(op, settings, { layout: is.oneOf("channelsLast", "channelsFirst") });
  const image = spatialOperand(op, x, undefined, settings.layout, origin);
  const places = tensorOperand(op, "indices", indices, origin);
  requireIndices(op, places, origin);
  if (!sameShape(places.shape, (x as Node).shape)) {
    const why = "there is one index for each element";
    throw shapeMismatch({ op, left: (x as Node).shape, right: places.shape, why, site: origin.site });
  }
  const sizes = perAxis({ op, origin, x: image }, "size", size, 1, image.shape.length - 2);
  const shape: Shape = [image.shape[0]!, ...sizes.map((n) => dim(n)), image.shape.at(-1)!];
  requireBelow(op, places, flattened(shape)[1]!, origin);
  const flat = flattened(image.shape);
  const put = makeAddAlong(
    origin,
    makeReshape(origin, image, flat),
    makeReshape(origin, channelsLast(origin, places, settings.layout), flat),
    1,
    flattened(shape),
  );
  return inLayout(origin, makeReshape(origin, put, shape), settings.layout) as Float32<UnpooledDims<S, N, O>>;
}

const channelsLast = (origin: Origin, node: Node, layout: Layout | undefined): Node =>
  layout === "channelsFirst" ? makeTranspose(origin, node, [0, ...node.shape.slice(2).map((_, i) => i + 2), 1]) : node;
