// Transformer blocks: Vaswani et al. (2017), section 3.1; the norm before each part as in Xiong et al. (2020),
// arXiv:2002.04745.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { originOf, part, type Origin } from "../graph/origin.js";
import { dim } from "../graph/shape.js";
import type { Dims, Float32, Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { relu } from "../ops/pointwise/activations.js";
import { add } from "../ops/pointwise/arithmetic.js";
import { positiveInteger } from "../ops/define.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { toEpsilon } from "../ops/composite/standardize.js";
import { headSize } from "./attention.js";
import {
  attend,
  CACHE_OPTION,
  MASK_OPTIONS,
  sequence,
  type CacheOption,
  type MaskOptions,
} from "./multi-head-attention.js";
import {
  dropoutRate,
  dropped,
  normalized,
  PARTS_OPTIONS,
  projection,
  requireKnownParts,
  type PartsOptions,
  type ComposedLayer,
} from "./parts.js";
import { activated } from "./parameters.js";

/** The options of {@link transformerEncoder}. */
export interface TransformerOptions extends MaskOptions, CacheOption, PartsOptions {
  /** The size of the hidden layer. Four times the features unless stated, as in the paper (PyTorch: 2048). */
  readonly feedForward?: number;
  /** Of the hidden layer. relu unless stated (the paper, PyTorch). */
  readonly activation?: (x: Tensor) => Tensor;
  /**
   * Where the norms stand. "post", unless stated: after each sum (the paper, PyTorch's default). "pre": before each part
   * (PyTorch's `norm_first`); after the last block a `layerNorm` is then usual.
   */
  readonly norm?: "pre" | "post";
  /** Of the norms; at least 0. 1e-5 unless stated (PyTorch). */
  readonly epsilon?: number;
  /**
   * The share of elements that is set to 0 in training: of the attention's weights, the hidden layer and each part's result,
   * as in PyTorch. From 0 to below 1; 0 unless stated (PyTorch and the paper: 0.1).
   */
  readonly dropout?: number;
}

const TRANSFORMER_OPTIONS = {
  ...MASK_OPTIONS,
  ...CACHE_OPTION,
  ...PARTS_OPTIONS,
  feedForward: is.positiveInteger,
  activation: is.call,
  norm: is.oneOf("pre", "post"),
  epsilon: is.finite,
  dropout: is.finite,
} satisfies Known<TransformerOptions>;

/** The options of {@link transformerDecoder}. */
export interface TransformerDecoderOptions extends TransformerOptions {
  /** True unless stated: a position sees itself and what comes before it. */
  readonly causal?: boolean;
  /**
   * What each position sees of the memory; shapes as those of `mask`, with the memory's positions as keys. None
   * unless stated.
   */
  readonly memoryMask?: Tensor;
  /** bool [batch, memory positions]: false where the memory is padding. None unless stated. */
  readonly memoryPaddingMask?: Tensor;
}

const DECODER_OPTIONS = {
  ...TRANSFORMER_OPTIONS,
  memoryMask: is.tensor,
  memoryPaddingMask: is.tensor,
} satisfies Known<TransformerDecoderOptions>;

/**
 * One encoder block: self-attention and a hidden layer, each added to what it was computed from and normalised
 * (PyTorch's TransformerEncoderLayer, batch first). With `causal: true` it is the block of a decoder-only language model.
 *
 * The parameters are `attention.query.weight` and so on (see `multiHeadAttention`), `linear1` and `linear2` of the hidden
 * layer, and `norm1`, `norm2`, each with a weight and a bias.
 * @param x [batch, positions, features], float32 (other dtypes are converted)
 * @param heads divides the features
 * @returns x's shape
 * @throws WRONG_RANK, SHAPE_MISMATCH and BAD_HEADS for shapes that do not fit, WRONG_DTYPE for a mask of ints,
 *   BAD_ARGUMENT
 * @example
 * ```ts
 * const words = input("words", ["batch", 16, 64]);
 * transformerEncoder(words, 4, { norm: "pre", dropout: 0.1 }); // float32 [batch, 16, 64]
 * ```
 */
export function transformerEncoder<S extends Dims>(
  x: Tensor<S>,
  heads: number,
  options: TransformerOptions = {},
): Float32<S> {
  const block = blockOf("transformerEncoder", x, heads, options, TRANSFORMER_OPTIONS);
  const attended = block.residual(1, block.x, (y) => block.attend("attention", y, y, options));
  const result = block.residual(2, attended, (y) => block.feedForward(y));
  requireKnownParts(block.layer);
  return result as Tensor<S, "float32">;
}

/**
 * One decoder block: causal self-attention, attention to a memory (the encoder's result), and a hidden layer (PyTorch's
 * TransformerDecoderLayer, batch first).
 *
 * The parameters are those of an encoder block, `crossAttention.query.weight` and so on, and `norm3`.
 * @param x [batch, positions, features], float32 (other dtypes are converted)
 * @param memory [batch, memory positions, its features]
 * @param heads divides the features
 * @returns x's shape
 * @throws WRONG_RANK, SHAPE_MISMATCH and BAD_HEADS for shapes that do not fit, WRONG_DTYPE for a mask of ints,
 *   BAD_ARGUMENT
 * @example
 * ```ts
 * const words = input("words", ["batch", 12, 64]);
 * const memory = input("memory", ["batch", 16, 64]);
 * transformerDecoder(words, memory, 4); // float32 [batch, 12, 64]
 * ```
 */
export function transformerDecoder<S extends Dims>(
  x: Tensor<S>,
  memory: Tensor,
  heads: number,
  options: TransformerDecoderOptions = {},
): Float32<S> {
  const op = "transformerDecoder";
  const block = blockOf(op, x, heads, options, DECODER_OPTIONS);
  const seen = sequence(op, "memory", memory, originOf(block.layer.site));
  const selfMasks = { ...options, causal: options.causal ?? true };
  const across: MaskOptions = {
    ...(options.memoryMask === undefined ? {} : { mask: options.memoryMask }),
    ...(options.memoryPaddingMask === undefined ? {} : { paddingMask: options.memoryPaddingMask }),
  };
  const attended = block.residual(1, block.x, (y) => block.attend("attention", y, y, selfMasks));
  const crossed = block.residual(2, attended, (y) => block.attend("crossAttention", y, seen, across));
  const result = block.residual(3, crossed, (y) => block.feedForward(y));
  requireKnownParts(block.layer);
  return result as Tensor<S, "float32">;
}

interface Block {
  readonly layer: ComposedLayer;
  readonly x: Node;
  /** What a part computes, added to what it was computed from, with the norm before or after. */
  readonly residual: (number: number, x: Node, compute: (x: Node) => Node) => Node;
  readonly attend: (name: string, queries: Node, keys: Node, masks: MaskOptions & CacheOption) => Node;
  readonly feedForward: (x: Node) => Node;
}

function blockOf<O extends TransformerOptions>(
  op: string,
  input: Tensor,
  heads: number,
  options: O,
  checks: Known<NoInfer<O>>,
): Block {
  const origin = callOrigin(op, options, checks);
  const { site } = origin;
  const x = sequence(op, "the input", input, origin);
  const layer: ComposedLayer = { op, site, x: x.shape, options, roles: [] };
  const count = positiveInteger(op, "heads", heads, origin);
  const size = headSize(op, x.shape, count, origin);
  const features = x.shape[2]!;
  const hidden = positiveInteger(op, "feedForward", options.feedForward ?? 4 * features.times, origin);
  const epsilon = toEpsilon(op, options.epsilon, origin);
  const rate = dropoutRate(op, options.dropout, origin);
  const first = normFirst(op, options.norm, origin);
  return {
    layer,
    x,
    residual(number, from, compute) {
      const norm = `norm${number}`;
      const added = dropped(site, compute(first ? normalized(layer, norm, from, epsilon) : from), rate);
      const sum = add.at(part(origin, `residual${number}`), from, added);
      return first ? sum : normalized(layer, norm, sum, epsilon);
    },
    attend(name, queries, keys, { mask, paddingMask, causal, cache }) {
      const sizes = { keySize: size, valueSize: size, units: features.times };
      const masks = {
        ...(mask === undefined ? {} : { mask }),
        ...(paddingMask === undefined ? {} : { paddingMask }),
        ...(cache === undefined ? {} : { cache }),
        causal: causal ?? false,
        dropout: rate,
      };
      return attend(layer, `${name}.`, { queries, keys, values: keys, heads: count, ...sizes }, masks).output;
    },
    feedForward(from) {
      const sum = projection(layer, "linear1", from, dim(hidden), part(origin, "linear1"));
      const activation = options.activation ?? relu;
      const inner = activated(sum, { site, argument: "activation", activation, example: "gelu", keepsDtype: false });
      return projection(layer, "linear2", dropped(site, inner, rate), features, part(origin, "linear2"));
    },
  };
}

function normFirst(op: string, norm: TransformerOptions["norm"], origin: Origin): boolean {
  if (norm === undefined || norm === "post") return false;
  if (norm === "pre") return true;
  throw badArgument({ op, argument: "norm", value: norm, expected: '"pre" or "post"', site: origin.site });
}
