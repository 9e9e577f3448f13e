// What self-attention has seen of a sequence that comes in parts: keys and values, written where the next positions belong.

import { createNode, type Node } from "../graph/node.js";
import { callSite, originOf, type Origin } from "../graph/origin.js";
import { BATCH, dim, isOne, printDim, sameShape, type Shape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { badArgument, shapeMismatch } from "../messages.js";
import { add } from "../ops/pointwise/arithmetic.js";
import * as is from "../ops/call/checks.js";
import { isNode, positiveInteger } from "../ops/define.js";
import { makeIota } from "../ops/view/iota.js";
import { isCarry, makeCarry, makeFilled, makeScalar } from "../ops/leaf/leaves.js";
import { lessEqual, makeCast } from "../ops/pointwise/logic.js";
import { updatingDef } from "../ops/marker/markers.js";
import { requireOptions } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { makeSetAt } from "../ops/scatter/set-at.js";
import { makeReshape } from "../ops/view/views.js";
import type { Mask } from "./attention.js";

/** Keys and values of the positions that self-attention has seen, and how many there are. */
export interface AttentionCache {
  /** [batch, length, heads * keySize], written up to `position`. */
  readonly keys: Tensor<readonly ["batch", number, number], "float32">;
  /** [batch, length, heads * valueSize]. */
  readonly values: Tensor<readonly ["batch", number, number], "float32">;
  /** int32: how many positions have been seen, which is the number of the next. */
  readonly position: Tensor<readonly [], "int32">;
}

/** The options of {@link attentionCache}. */
export interface AttentionCacheOptions {
  /** The features of the values of all heads together. Those of the keys unless stated. */
  readonly valueSize?: number;
}

/**
 * A cache of keys and values for one self-attention: the option `cache` of {@link multiHeadAttention},
 * {@link transformerEncoder} and {@link transformerDecoder}. Each call of an entry of the network's own writes the keys and
 * values of its own positions in place and attends to all that have been seen. A call beyond `length` positions is
 * refused (INDEX_OUT_OF_RANGE), and changes nothing; `model.resetCarries()` empties the cache. All calls in between
 * are for the same number of rows.
 * @param name of the views `states["<name>.keys"]`, `states["<name>.values"]` and `states["<name>.position"]`
 * @param length the largest number of positions
 * @param size the features of the keys of all heads together: those of the input, unless the layer's `keySize` says
 *   otherwise
 * @returns the three states, for a layer's option `cache`
 * @throws BAD_ARGUMENT for an empty name, and for numbers that are no positive integers
 * @example
 * ```ts
 * const block = layer((x: Tensor, cache?: AttentionCache) => transformerEncoder(x, 2, { causal: true, ...(cache && { cache }) }));
 * const whole = block(input("text", ["batch", 16, 8]));
 * const next = block(input("word", ["batch", 1, 8]), attentionCache("seen", 16, 8));
 * const net = network("example", { batch: 1, outputs: { whole }, entries: { next: { outputs: { next } } } });
 * const model = compile(net).create();
 * model.next(1);
 * model.next(1);
 * model.states["seen.position"]; // [2]
 * ```
 */
export function attentionCache(
  name: string,
  length: number,
  size: number,
  options: AttentionCacheOptions = {},
): AttentionCache {
  const op = "attentionCache";
  const site = callSite(op);
  requireOptions(site, options, { valueSize: is.positiveInteger });
  const origin = originOf(site);
  if (typeof name !== "string" || name.trim() === "") {
    throw badArgument({ op, argument: "the name", value: name, expected: "a non-empty string", site });
  }
  const count = dim(positiveInteger(op, "length", length, origin));
  const made = (part: string, shape: Shape, dtype: "float32" | "int32"): Node => {
    const leaf = originOf(site, undefined, `${name}.${part}`);
    return makeCarry(leaf, shape, dtype, makeFilled(leaf, 0, shape, dtype));
  };
  const keySize = positiveInteger(op, "size", size, origin);
  return Object.freeze({
    keys: made("keys", [BATCH, count, dim(keySize)], "float32"),
    values: made("values", [BATCH, count, dim(options.valueSize ?? keySize)], "float32"),
    position: made("position", [], "int32"),
  }) as AttentionCache;
}

interface Seen {
  /** With those of the input's positions. */
  readonly keys: Node;
  readonly values: Node;
  /** Which of them each query sees; `scores` is [batch, heads, queries, keys]. */
  readonly maskOf: (scores: Shape) => Mask;
  /** The value, whose computation fills the cache. */
  readonly updating: (value: Node) => Node;
}

/** What the queries attend to: all that is in the cache, and what `projected` adds to it. */
export function withCache(
  op: string,
  cache: AttentionCache,
  projected: { readonly keys: Node; readonly values: Node },
  { self, causal }: { readonly self: boolean; readonly causal?: boolean },
  origin: Origin,
): Seen {
  const { keys, values, position } = checkedCache(op, cache, projected, origin);
  const { site } = origin;
  if (!self) {
    throw badArgument({
      op,
      argument: "cache",
      value: "keys of another sequence",
      expected: "for self-attention",
      site,
    });
  }
  if (causal !== true) {
    const expected = "true with a cache: a position sees those before it";
    throw badArgument({ op, argument: "causal", value: causal, expected, site });
  }
  const count = projected.keys.shape[1]!;
  const positionOf = (shape: Shape, along: number): Node => asFloat(origin, makeIota(origin, shape, along));
  const start = asFloat(origin, position);
  const places = isOne(count)
    ? makeReshape(origin, position, [count])
    : makeCast(origin, add.at(origin, positionOf([count], 0), start), "int32");
  const next = {
    keys: makeSetAt(origin, keys, projected.keys, places, 1),
    values: makeSetAt(origin, values, projected.values, places, 1),
    position: makeCast(origin, add.at(origin, start, makeScalar(origin, count.times)), "int32"),
  };
  return {
    keys: next.keys,
    values: next.values,
    maskOf: (scores) => ({
      allowed: lessEqual.at(origin, positionOf(scores, 3), add.at(origin, positionOf(scores, 2), start)),
    }),
    updating: (value) =>
      createNode(
        updatingDef,
        [value, next.keys, next.values, next.position],
        { states: Object.freeze([keys, values, position]) },
        origin,
      ),
  };
}

function checkedCache(
  op: string,
  cache: AttentionCache,
  projected: { readonly keys: Node; readonly values: Node },
  origin: Origin,
): { readonly keys: Node; readonly values: Node; readonly position: Node } {
  const { site } = origin;
  const parts = cache as Partial<Record<"keys" | "values" | "position", unknown>>;
  const carried = (part: "keys" | "values" | "position", dtype: string): Node => {
    const node = parts[part];
    if (isNode(node) && isCarry(node) && node.dtype === dtype) return node;
    const expected = `made by attentionCache(...)`;
    throw badArgument({ op, argument: `cache.${part}`, value: isNode(node) ? node.def.name : node, expected, site });
  };
  const [keys, values] = [carried("keys", "float32"), carried("values", "float32")];
  const position = carried("position", "int32");
  const length = keys.shape[1];
  const fits = (node: Node, from: Node): boolean =>
    length !== undefined && sameShape(node.shape, [from.shape[0]!, length, from.shape[2]!]);
  const wrong = fits(keys, projected.keys) ? (fits(values, projected.values) ? undefined : "values") : "keys";
  if (wrong !== undefined) {
    const why = `the cache's ${wrong} must be [batch, length, ${printDim(projected[wrong].shape[2]!)}], for rows of the input`;
    throw shapeMismatch({
      op,
      left: projected[wrong].shape,
      right: (wrong === "keys" ? keys : values).shape,
      why,
      site,
    });
  }
  const count = projected.keys.shape[1]!;
  if (count.power > 0 || count.times > length!.times) {
    const why = `there are ${printDim(count)} new positions, and the cache holds ${printDim(length!)}`;
    throw shapeMismatch({ op, left: projected.keys.shape, right: keys.shape, why, site });
  }
  if (position.shape.length > 0) {
    throw badArgument({ op, argument: "cache.position", value: position.shape.length, expected: "a scalar", site });
  }
  return { keys, values, position };
}
