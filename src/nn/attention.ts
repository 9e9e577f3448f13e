// Scaled dot-product attention (Vaswani et al., 2017, arXiv:1706.03762) and the masks that say which keys a query sees.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { beside, callSite, originOf, part, type Origin } from "../graph/origin.js";
import { dim, isOne, ONE, printShape, sameDim, type PublicDim, type Shape } from "../graph/shape.js";
import type { Dims, Float32, Tensor } from "../graph/tensor.js";
import { badArgument, headsDoNotDivide, shapeMismatch, wrongDtype, wrongRank } from "../messages.js";
import { add, div, mul, tanh } from "../ops/pointwise/arithmetic.js";
import { broadcastLast, broadcastShapes } from "../ops/view/broadcast.js";
import { makeMatmul } from "../ops/contract/contract.js";
import { finiteNumber, tensorOperand, toDim } from "../ops/define.js";
import { makeIota } from "../ops/view/iota.js";
import { makeScalar } from "../ops/leaf/leaves.js";
import { greater, lessEqual, logicalAnd, where } from "../ops/pointwise/logic.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { makeSoftmax } from "../ops/composite/softmax.js";
import { makeReshape, makeTranspose } from "../ops/view/views.js";

/** What a masked score is: the lowest float32. Its exponential is exactly 0 beside any other score. */
const LOWEST = -3.4028234663852886e38;

/** How a query and a key become a score. */
export interface ScoreOptions {
  /** The factor of the scores. 1 / sqrt(size of a key) unless stated. */
  readonly scale?: number;
  /**
   * Scores stay within this: `softcap * tanh(score / softcap)`, before any mask (ONNX' `softcap`; Gemma Team, 2024,
   * arXiv:2408.00118). A positive number. None unless stated: they are as they are.
   */
  readonly softcap?: number;
}

export const SCORE_OPTIONS = { scale: is.finite, softcap: is.finite } satisfies Known<ScoreOptions>;

/** The options of {@link scaledDotProductAttention}. */
export interface AttentionOptions extends ScoreOptions {
  /**
   * Which keys each query attends to: bool, true where it may (PyTorch's and ONNX' convention); or float32, added to
   * the scores, where -Infinity masks. Its shape broadcasts to [..., queries, keys]. None unless stated.
   */
  readonly mask?: Tensor;
  /**
   * True: query i attends to keys 0 to i only (the upper left corner is aligned, as in PyTorch and ONNX). False
   * unless stated.
   */
  readonly causal?: boolean;
}

const ATTENTION_OPTIONS = { ...SCORE_OPTIONS, mask: is.tensor, causal: is.flag } satisfies Known<AttentionOptions>;

/** The axes of an attention's result. */
export type AttentionDims<Q extends Dims, V extends Dims> = number extends Q["length"] | V["length"]
  ? Dims
  : Q extends readonly [...infer Leading extends Dims, infer L extends PublicDim, PublicDim]
    ? V extends readonly [...Dims, infer N extends PublicDim]
      ? V["length"] extends Q["length"]
        ? [...Leading, L, N]
        : Dims
      : Dims
    : Dims;

/**
 * `softmax(q · kᵀ * scale) · v`: for each query the mean of the values, weighted by how well its key fits; PyTorch's
 * `scaled_dot_product_attention` and ONNX' Attention.
 *
 * A query whose keys are all masked gets zeros, and no gradient passes it (PyTorch's fused kernels do so too; its plain
 * formula gives NaN).
 * @param q [..., queries, size], float32 (other dtypes are converted), as k and v
 * @param k [..., keys, size]; leading axes broadcast. Where q and k have heads ([..., heads, queries, size]) and k's divide
 *   q's, each of k's heads serves as many of q's in succession (grouped queries: Ainslie et al., 2023, arXiv:2305.13245)
 * @param v [..., keys, value size]
 * @returns [..., queries, value size]
 * @throws WRONG_RANK, SHAPE_MISMATCH and BAD_HEADS for shapes that do not fit, WRONG_DTYPE for a mask of ints,
 *   BAD_ARGUMENT
 * @example
 * ```ts
 * const q = constant([[10, 0]]);
 * const k = constant([[1, 0], [0, 1]]);
 * const v = constant([[1], [2]]);
 * const net = network("example", { batch: 1, outputs: { y: scaledDotProductAttention(q, k, v) } });
 * interpret(net, {}).outputs.y; // [1.001]
 * ```
 */
export function scaledDotProductAttention<Q extends Dims, V extends Dims>(
  q: Tensor<Q>,
  k: Tensor,
  v: Tensor<V>,
  options: AttentionOptions = {},
): Float32<AttentionDims<Q, V>> {
  const op = "scaledDotProductAttention";
  const origin = callOrigin(op, options, ATTENTION_OPTIONS);
  const { site } = origin;
  const [queries, keys, values] = (["q", "k", "v"] as const).map((name) => {
    const node = asFloat(origin, tensorOperand(op, name, { q, k, v }[name], origin));
    if (node.shape.length >= 2) return node;
    const expected = "at least two axes: [..., positions, size]";
    throw wrongRank({ op, operand: name, shape: node.shape, expected, site });
  }) as [Node, Node, Node];
  if (!sameDim(queries.shape.at(-1)!, keys.shape.at(-1)!)) {
    const why = "a query and a key have the same size, the last axis";
    throw shapeMismatch({ op, left: queries.shape, right: keys.shape, why, site });
  }
  if (!sameDim(keys.shape.at(-2)!, values.shape.at(-2)!)) {
    const why = "there is one value for each key, on the last axis but one";
    throw shapeMismatch({ op, left: keys.shape, right: values.shape, why, site });
  }
  const groups = groupsOf(op, queries, keys, values, origin);
  const split = (x: Node): Node => (groups === undefined ? x : groups.split(x));
  const joined = (x: Node): Node => (groups === undefined ? x : groups.join(x));
  // Refused here, in the words of this function.
  broadcastShapes(
    op,
    [queries, keys, values].map((x) => split(x).shape.slice(0, -2)),
    origin,
  );
  const last = split(keys).shape.length - 2;
  const turned = makeTranspose(origin, split(keys), [...Array.from({ length: last }, (_, i) => i), last + 1, last]);
  const ofScores = part(origin, "scores");
  const product = joined(makeMatmul(ofScores, split(queries), turned));
  const scores = scoresOf(op, product, queries, options, ofScores);
  const masks = options.mask === undefined ? [] : [maskAlong(op, options.mask, scores.shape, part(origin, "mask"))];
  const weights = makeAttentionWeights(part(origin, "weights"), scores, masks, options.causal ?? false);
  const grouped = groups === undefined ? weights : groups.split(weights);
  return joined(makeMatmul(part(origin, "context"), grouped, split(values))) as Tensor<AttentionDims<Q, V>, "float32">;
}

/** Products of queries and keys as scores, not masked yet. */
export function scoresOf(
  op: string,
  product: Node,
  queries: Node,
  { scale, softcap }: ScoreOptions,
  origin: Origin,
): Node {
  const scores = mul.at(origin, product, makeScalar(origin, scaleOf(op, scale, queries, origin)));
  if (softcap === undefined) return scores;
  const most = finiteNumber(op, "softcap", softcap, origin);
  if (most <= 0) {
    throw badArgument({ op, argument: "softcap", value: softcap, expected: "a positive number", site: origin.site });
  }
  const cap = makeScalar(origin, most);
  return mul.at(origin, tanh.at(origin, div.at(origin, scores, cap)), cap);
}

/** The factor of the scores: 1 / sqrt(size of a key) unless stated. */
function scaleOf(op: string, scale: number | undefined, queries: Node, origin: Origin): number {
  if (scale !== undefined) return finiteNumber(op, "scale", scale, origin);
  const size = queries.shape.at(-1)!;
  if (size.power === 0) return 1 / Math.sqrt(size.times);
  throw badArgument({
    op,
    argument: "scale",
    value: scale,
    expected: "given where a key has the batch's size",
    site: origin.site,
  });
}

/** How heads of queries share fewer heads of keys; nothing where the numbers are equal or broadcast. */
function groupsOf(
  op: string,
  queries: Node,
  keys: Node,
  values: Node,
  origin: Origin,
): { readonly split: (x: Node) => Node; readonly join: (x: Node) => Node } | undefined {
  const [many, few] = [queries.shape.at(-3), keys.shape.at(-3)];
  if (many === undefined || few === undefined || sameDim(many, few) || isOne(many) || isOne(few)) return undefined;
  const { site } = origin;
  if (many.power > 0 || few.power > 0 || !sameDim(values.shape.at(-3) ?? ONE, few)) {
    const why = "the heads, on the last axis but two, do not combine";
    throw shapeMismatch({ op, left: queries.shape, right: keys.shape, why, site });
  }
  if (many.times % few.times !== 0) {
    const why = `${few.times} heads of keys cannot serve ${many.times} heads of queries equally`;
    throw shapeMismatch({ op, left: queries.shape, right: keys.shape, why, site });
  }
  const each = dim(many.times / few.times);
  return {
    split: (x) => {
      const [heads, positions, size] = x.shape.slice(-3) as [typeof many, typeof many, typeof many];
      const inner = sameDim(heads, many) ? [few, each] : [few, ONE];
      return makeReshape(origin, x, [...x.shape.slice(0, -3), ...inner, positions, size]);
    },
    join: (x) => makeReshape(origin, x, [...x.shape.slice(0, -4), many, ...x.shape.slice(-2)]),
  };
}

/** A mask as `makeAttentionWeights` takes it: bool or float32 at the scores' shape, aligned from the last axis. */
function maskAlong(op: string, mask: Tensor, scores: Shape, origin: Origin): Mask {
  const node = tensorOperand(op, "mask", mask, origin);
  const from = scores.length - node.shape.length;
  if (from < 0 || !node.shape.every((d, i) => isOne(d) || sameDim(d, scores[from + i]!))) {
    const why = "the mask must broadcast to the scores, [..., queries, keys]";
    throw shapeMismatch({ op, left: scores, right: node.shape, why, site: origin.site });
  }
  return readMask(op, node, (x) => broadcastLast(origin, x, scores), origin);
}

/** Which scores count, and what is added to them. */
export interface Mask {
  readonly allowed: Node;
  readonly added?: Node | undefined;
}

/** Reads a mask of either kind. `along` repeats it to the scores' shape. */
export function readMask(op: string, mask: Node, along: (x: Node) => Node, origin: Origin): Mask {
  if (mask.dtype === "bool") return { allowed: along(mask) };
  if (mask.dtype === "float32") {
    const allowed = greater.at(origin, mask, makeScalar(origin, -Infinity));
    // Never added where it masks: 0 times infinity would be NaN in the gradient of a mask that is learnt.
    return { allowed: along(allowed), added: along(where.at(origin, allowed, mask, makeScalar(origin, 0))) };
  }
  const expected = "bool (true where a query attends to a key) or float32 (added to the scores)";
  throw wrongDtype({ op, operand: "a mask", dtype: mask.dtype, expected, site: origin.site });
}

/**
 * Softmax of scores [..., queries, keys] over the keys that are not masked; 0 for those that are, and everywhere in a row
 * that has no others.
 */
export function makeAttentionWeights(origin: Origin, scores: Node, masks: readonly Mask[], causal: boolean): Node {
  const ofMask = beside(origin, "mask");
  const last = scores.shape.length - 1;
  const sum = masks.reduce((total, { added }) => (added === undefined ? total : add.at(origin, total, added)), scores);
  const conditions = [...(causal ? [makeCausal(ofMask, scores.shape)] : []), ...masks.map(({ allowed }) => allowed)];
  if (conditions.length === 0) return makeSoftmax(origin, sum, last);
  const allowed = conditions.reduce((all, condition) => logicalAnd.at(ofMask, all, condition));
  const weights = makeSoftmax(origin, where.at(origin, allowed, sum, makeScalar(origin, LOWEST)), last);
  // A causal row has its first key.
  return masks.length === 0 ? weights : where.at(origin, allowed, weights, makeScalar(origin, 0));
}

const makeCausal = (origin: Origin, shape: Shape): Node =>
  lessEqual.at(origin, makeIota(origin, shape, shape.length - 1), makeIota(origin, shape, shape.length - 2));

/**
 * A mask that keeps a query from what comes after it: true where query i may see key j, that is j <= i (the lower
 * triangle; PyTorch's `generate_square_subsequent_mask` holds the same as -Infinity above it).
 * @param queries a positive integer, or "batch"
 * @param keys as many as queries unless stated
 * @returns [queries, keys], bool
 * @throws BAD_ARGUMENT for other numbers
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: causalMask(2, 3) } });
 * interpret(net, {}).outputs.y; // [1, 0, 0, 1, 1, 0]
 * ```
 */
export function causalMask<const Q extends PublicDim, const K extends PublicDim = Q>(
  queries: Q,
  keys?: K,
): Tensor<[Q, K], "bool"> {
  const origin = originOf(callSite("causalMask"));
  const shape = [toDim("causalMask", queries, origin), toDim("causalMask", keys ?? queries, origin)];
  return makeCausal(origin, shape) as Tensor<[Q, K], "bool">;
}

/** Features shared out among heads: the size of each, or the user's error. */
export function headSize(op: string, x: Shape, heads: number, origin: Origin): number {
  const features = x.at(-1)!.times;
  if (features % heads === 0) return features / heads;
  throw headsDoNotDivide({ op, heads, features, shape: x, site: origin.site });
}

export const printMaskShapes = (shapes: readonly Shape[]): string => {
  const texts = shapes.map(printShape);
  return `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
};
