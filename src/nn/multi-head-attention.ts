// Multi-head attention: Vaswani et al. (2017), section 3.2.2. Heads are axes of the contractions; nothing is transposed or
// copied.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { originOf, part, type Origin } from "../graph/origin.js";
import { dim, isOne, sameDim, type Dim, type Shape } from "../graph/shape.js";
import type { Dims, Float32, Tensor } from "../graph/tensor.js";
import type { Option } from "../graph/option-types.js";
import { shapeMismatch, wrongDtype, wrongRank } from "../messages.js";
import { makeBroadcast } from "../ops/adjoint-pairs.js";
import { makeContract } from "../ops/contract/contract.js";
import { positiveInteger, tensorOperand } from "../ops/define.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { makeReshape } from "../ops/view/views.js";
import {
  headSize,
  makeAttentionWeights,
  printMaskShapes,
  readMask,
  SCORE_OPTIONS,
  scoresOf,
  type Mask,
  type ScoreOptions,
} from "./attention.js";
import { withCache, type AttentionCache } from "./attention-cache.js";
import type { DenseDims } from "./dense.js";
import {
  dropoutRate,
  dropped,
  PARTS_OPTIONS,
  projection,
  requireKnownParts,
  type PartsOptions,
  type ComposedLayer,
} from "./parts.js";

/** Which keys the queries of a layer see. */
export interface MaskOptions {
  /**
   * Which keys each query attends to: bool, true where it may; or float32, added to the scores, where -Infinity
   * masks. [queries, keys], [batch, keys], [batch, queries, keys] or [batch, heads, queries, keys]; axes of size 1
   * stretch. None unless stated.
   */
  readonly mask?: Tensor;
  /**
   * bool [batch, keys]: false where a key is padding. (Keras' masks and the recurrent layers' say it so too;
   * PyTorch's `key_padding_mask` holds the opposite.) None unless stated.
   */
  readonly paddingMask?: Tensor;
  /** True: query i attends to keys 0 to i only. False unless stated. */
  readonly causal?: boolean;
}

export const MASK_OPTIONS = { mask: is.tensor, paddingMask: is.tensor, causal: is.flag } satisfies Known<MaskOptions>;

/** What a layer's self-attention has seen in calls before. */
export interface CacheOption {
  /**
   * What an entry of the network's own carries from call to call: the input's positions come after those that are in
   * the cache, and see them. Needs `causal: true`; `mask` and `paddingMask` then speak of the cache's positions.
   * {@link attentionCache} makes it. None unless stated.
   */
  readonly cache?: AttentionCache;
}

export const CACHE_OPTION = { cache: is.record } satisfies Known<CacheOption>;

/** The options of {@link multiHeadAttention}. */
export interface MultiHeadAttentionOptions extends MaskOptions, CacheOption, ScoreOptions, PartsOptions {
  /** What is attended to, [batch, keys, features]: cross-attention. The input itself unless stated. */
  readonly keys?: Tensor;
  /** What is taken from there, [batch, keys, features]. The keys unless stated. */
  readonly values?: Tensor;
  /** The size of a query and a key in each head (Keras' `key_dim`). The features divided by the heads unless stated. */
  readonly keySize?: number;
  /** The size of a value in each head (Keras' `value_dim`). That of a key unless stated. */
  readonly valueSize?: number;
  /** The size of the result's last axis. The input's unless stated. */
  readonly units?: number;
  /** The share of the weights that is set to 0 in training, from 0 to below 1. 0 unless stated. */
  readonly dropout?: number;
  /** True: the result is a list of the output and the weights [batch, heads, queries, keys]. False unless stated. */
  readonly returnWeights?: boolean;
}

const MULTI_HEAD_ATTENTION_OPTIONS = {
  ...MASK_OPTIONS,
  ...CACHE_OPTION,
  ...SCORE_OPTIONS,
  ...PARTS_OPTIONS,
  keys: is.tensor,
  values: is.tensor,
  keySize: is.positiveInteger,
  valueSize: is.positiveInteger,
  units: is.positiveInteger,
  dropout: is.finite,
  returnWeights: is.flag,
} satisfies Known<MultiHeadAttentionOptions>;

type OutputDims<S extends Dims, Units> = Units extends number ? DenseDims<S, Units> : S;

/** A multi-head attention's result. */
export type MultiHeadAttentionResult<S extends Dims, O> = O extends { readonly returnWeights: true }
  ? readonly [output: Float32<OutputDims<S, Option<O, "units", null>>>, weights: Float32<Dims>]
  : Float32<OutputDims<S, Option<O, "units", null>>>;

/**
 * Attention in several heads at once: queries, keys and values are projected, each head attends with its share of them, and
 * their results side by side are projected again.
 *
 * The parameters are `query.weight` [features, heads * keySize], `key.weight`, `value.weight` [features, heads * valueSize],
 * `output.weight` [heads * valueSize, units], and a `bias` of each (PyTorch has the transposes). Head h owns the columns from
 * h * keySize on. From PyTorch's `in_proj_weight` W [3 d, d] and `in_proj_bias` b: `query.weight` is the transpose of rows
 * 0 to d of W, `key.weight` of rows d to 2 d, `value.weight` of rows 2 d to 3 d; the biases are the same thirds of b;
 * `output.weight` is the transpose of `out_proj.weight`.
 *
 * A query whose keys are all masked gets the output's bias, where PyTorch has NaN.
 * @param x the queries, [batch, queries, features], float32 (other dtypes are converted)
 * @param heads divides the features, unless `keySize` is stated
 * @returns [batch, queries, units]
 * @throws WRONG_RANK, SHAPE_MISMATCH and BAD_HEADS for shapes that do not fit, WRONG_DTYPE for a mask of ints,
 *   BAD_ARGUMENT
 * @example
 * ```ts
 * const words = input("words", ["batch", 16, 64]);
 * multiHeadAttention(words, 4, { causal: true }); // float32 [batch, 16, 64]
 * const [output, weights] = multiHeadAttention(words, 4, { returnWeights: true }); // [float32 [batch, 16, 64], float32 [batch, 4, 16, 16]]
 * ```
 */
export function multiHeadAttention<S extends Dims, const O extends MultiHeadAttentionOptions = Record<never, never>>(
  x: Tensor<S>,
  heads: number,
  options?: O,
): MultiHeadAttentionResult<S, O> {
  const op = "multiHeadAttention";
  const asked: MultiHeadAttentionOptions = options === undefined ? {} : options;
  const origin = callOrigin(op, asked, MULTI_HEAD_ATTENTION_OPTIONS);
  const { site } = origin;
  const queries = sequence(op, "the input", x, origin);
  const keys = asked.keys === undefined ? queries : sequence(op, "keys", asked.keys, origin);
  const values = asked.values === undefined ? keys : sequence(op, "values", asked.values, origin);
  const layer: ComposedLayer = { op, site, x: queries.shape, options: asked, roles: [] };
  const { output, weights } = attend(
    layer,
    "",
    { queries, keys, values, heads, ...sizesOf(op, heads, queries, asked, origin) },
    asked,
  );
  requireKnownParts(layer);
  return (asked.returnWeights === true ? [output, weights] : output) as MultiHeadAttentionResult<S, O>;
}

function sizesOf(op: string, heads: number, queries: Node, asked: MultiHeadAttentionOptions, origin: Origin) {
  const size = (argument: "keySize" | "valueSize" | "units"): number | undefined =>
    asked[argument] === undefined ? undefined : positiveInteger(op, argument, asked[argument], origin);
  const count = positiveInteger(op, "heads", heads, origin);
  const keySize = size("keySize") ?? headSize(op, queries.shape, count, origin);
  return { keySize, valueSize: size("valueSize") ?? keySize, units: size("units") ?? queries.shape.at(-1)!.times };
}

/** An operand [batch, positions, features], or the user's error. */
export function sequence(op: string, operand: string, tensor: Tensor, origin: Origin): Node {
  const node = asFloat(origin, tensorOperand(op, operand, tensor, origin));
  if (node.shape.length === 3 && node.shape[2]!.power === 0) return node;
  const expected = "three axes: [batch, positions, features]";
  throw wrongRank({ op, operand, shape: node.shape, expected, site: origin.site });
}

export interface Attending {
  readonly queries: Node;
  readonly keys: Node;
  readonly values: Node;
  readonly heads: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly units: number;
}

/** The attention of a layer or of a part of one; `prefix` comes before the parameters' parts. */
export function attend(
  layer: ComposedLayer,
  prefix: string,
  { queries, keys, values, heads, keySize, valueSize, units }: Attending,
  options: MaskOptions & CacheOption & ScoreOptions & { readonly dropout?: number },
): { readonly output: Node; readonly weights: Node } {
  const { op, site } = layer;
  const origin = originOf(site);
  const [batch, count] = queries.shape as [Dim, Dim];
  if (!sameDim(keys.shape[0]!, batch)) {
    const why = "queries and keys come in pairs, on the first axis";
    throw shapeMismatch({ op, left: queries.shape, right: keys.shape, why, site });
  }
  if (!sameDim(values.shape[0]!, batch) || !sameDim(values.shape[1]!, keys.shape[1]!)) {
    const why = "there is one value for each key";
    throw shapeMismatch({ op, left: keys.shape, right: values.shape, why, site });
  }
  const each = dim(heads);
  const at = (name: string): Origin => part(origin, ...prefix.split(".").filter(Boolean), name);
  const [ofQuery, ofKey, ofValue] = [at("query"), at("key"), at("value")];
  const projected = (name: string, from: Node, size: number, ofPart: Origin): Node =>
    projection(layer, `${prefix}${name}`, from, dim(heads * size), ofPart);
  const headed = (flat: Node, size: number, ofPart: Origin): Node =>
    makeReshape(ofPart, flat, [...flat.shape.slice(0, 2), each, dim(size)]);
  const q = headed(projected("query", queries, keySize, ofQuery), keySize, ofQuery);
  const ofInput = {
    keys: projected("key", keys, keySize, ofKey),
    values: projected("value", values, valueSize, ofValue),
  };
  const seen = options.cache && withCache(op, options.cache, ofInput, { self: keys === queries, ...options }, origin);
  const k = headed(seen?.keys ?? ofInput.keys, keySize, ofKey);
  const v = headed(seen?.values ?? ofInput.values, valueSize, ofValue);
  const positions = k.shape[1]!;
  const [ofScores, ofContext] = [at("scores"), at("context")];
  const product = makeContract(ofScores, q, k, { left: [0, 2, 1, 4], right: [0, 3, 1, 4], output: [0, 1, 2, 3] });
  const scores = scoresOf(op, product, q, options, ofScores);
  const shape = [batch, each, count, positions];
  const masks = [...masksOf(op, options, shape, at("mask")), ...(seen ? [seen.maskOf(shape)] : [])];
  const causal = seen === undefined && (options.causal ?? false);
  const weights = makeAttentionWeights(at("weights"), scores, masks, causal);
  const kept = dropped(site, weights, dropoutRate(op, options.dropout, origin));
  const mixed = makeContract(ofContext, kept, v, { left: [0, 1, 2, 3], right: [0, 3, 1, 4], output: [0, 2, 1, 4] });
  const joined = makeReshape(ofContext, mixed, [batch, count, dim(heads * valueSize)]);
  const output = projection(layer, `${prefix}output`, joined, dim(units), at("output"));
  return { output: seen ? seen.updating(output) : output, weights };
}

/** The masks of a layer at the scores' shape [batch, heads, queries, keys]. */
function masksOf(op: string, { mask, paddingMask }: MaskOptions, scores: Shape, origin: Origin): Mask[] {
  const { site } = origin;
  const axesOf = (node: Node, operand: string, layouts: readonly (readonly number[])[]): readonly number[] => {
    const fits = layouts.find(
      (axes) =>
        axes.length === node.shape.length &&
        axes.every((axis, i) => isOne(node.shape[i]!) || sameDim(node.shape[i]!, scores[axis]!)),
    );
    if (fits !== undefined) return fits;
    const shapes = layouts.map((axes) => axes.map((axis) => scores[axis]!));
    const why = `${operand} must be ${printMaskShapes(shapes)}${shapes.length === 1 ? ", one for each key of each row" : ""}`;
    throw shapeMismatch({ op, left: layouts.length === 1 ? shapes[0]! : scores, right: node.shape, why, site });
  };
  const read = (tensor: Tensor, operand: string, layouts: readonly (readonly number[])[]): Mask => {
    const node = tensorOperand(op, operand, tensor, origin);
    if (operand === "paddingMask" && node.dtype !== "bool") {
      throw wrongDtype({ op, operand, dtype: node.dtype, expected: "bool", site });
    }
    const axes = axesOf(node, operand, layouts);
    return readMask(op, node, (x) => makeBroadcast(origin, x, scores, axes), origin);
  };
  return [
    ...(mask === undefined
      ? []
      : [
          read(mask, "mask", [
            [2, 3],
            [0, 3],
            [0, 2, 3],
            [0, 1, 2, 3],
          ]),
        ]),
    ...(paddingMask === undefined ? [] : [read(paddingMask, "paddingMask", [[0, 3]])]),
  ];
}
