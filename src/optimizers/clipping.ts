// Clipping of gradients, before decay and averages see them.

import type { Node } from "../graph/node.js";
import { derivedOrigin } from "../graph/origin.js";
import { clipNormRule, clipValueRule } from "../graph/rules.js";
import type { Reason } from "../scalar/reason.js";
import { makeSum } from "../ops/adjoint-pairs.js";
import { arithmetic } from "./arithmetic.js";
import { positive, refuse } from "./settings.js";

/** How gradients are clipped, before decay and averages see them. {@link clipByGlobalNorm} makes one. */
export interface Clipping {
  /** Says that it is a clipping. */
  readonly kind: "clipping";
  /** The name of the function that made it. */
  readonly name: string;
  /** What it costs, for the printed plan. */
  readonly note?: string;
  /** The clipped gradients of parameters that are clipped together, in their order. */
  readonly apply: (pairs: readonly { readonly parameter: Node; readonly gradient: Node }[]) => readonly Node[];
}

const mathOf = (parameter: Node, by: Reason) => arithmetic(derivedOrigin(parameter, by, "part"));

/**
 * Clips gradients by value: each element into [low, high], as `clip` has it: `clipByValue(-1, 1)` is PyTorch's
 * `clip_grad_value_` and Keras' `clipvalue` of 1. NaN stays NaN.
 * @param low a finite number
 * @param high a finite number above `low`
 * @returns a clipping, for an optimizer's option `clip`
 * @throws BAD_ARGUMENT unless low < high, both finite
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: sgd({ rate: 0.1, clip: clipByValue(-2, 2) }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.2]
 * ```
 */
export function clipByValue(low: number, high: number): Clipping {
  const name = "clipByValue";
  if (!Number.isFinite(low)) refuse(name, "low", low, "a finite number");
  if (!Number.isFinite(high) || low >= high) refuse(name, "high", high, `a finite number above low, which is ${low}`);
  return Object.freeze<Clipping>({
    kind: "clipping",
    name,
    apply: (pairs) =>
      pairs.map(({ parameter, gradient }) => {
        const math = mathOf(parameter, clipValueRule);
        return math.min(math.max(gradient, low), high);
      }),
  });
}

/**
 * Clips gradients by norm, each parameter's by itself: the gradient times limit / max(its Euclidean norm, limit):
 * Keras' `clipnorm`, TensorFlow's `clip_by_norm`. A gradient of norm 0 stays 0.
 * @param limit the largest norm, above 0
 * @returns a clipping, for an optimizer's option `clip`
 * @throws BAD_ARGUMENT for a limit that is not above 0
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: sgd({ rate: 0.1, clip: clipByNorm(1) }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9757, 1.097]
 * ```
 */
export function clipByNorm(limit: number): Clipping {
  const name = "clipByNorm";
  positive(name, "limit", limit);
  const note = `${name}(${limit}) needs a parameter's whole gradient before its update: gradients are written to memory`;
  return Object.freeze<Clipping>({
    kind: "clipping",
    name,
    note,
    apply: (pairs) => pairs.flatMap((pair) => scaledBy(limit, [pair])),
  });
}

/**
 * Clips gradients by the norm of all of them together: all times limit / max(the Euclidean norm of all of them
 * together, limit): Pascanu et al. (2013), arXiv:1211.5063, as in TensorFlow's `clip_by_global_norm` and Keras'
 * `global_clipnorm`; PyTorch's `clip_grad_norm_` adds 1e-6 to the norm. In a group it clips the group's own gradients
 * together.
 * @param limit the largest norm, above 0
 * @returns a clipping, for an optimizer's option `clip`
 * @throws BAD_ARGUMENT for a limit that is not above 0
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: sgd({ rate: 0.1, clip: clipByGlobalNorm(1) }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9757, 1.097]
 * ```
 */
export function clipByGlobalNorm(limit: number): Clipping {
  const name = "clipByGlobalNorm";
  positive(name, "limit", limit);
  const note = `${name}(${limit}) needs every whole gradient before the first update: gradients are written to memory`;
  return Object.freeze<Clipping>({ kind: "clipping", name, note, apply: (pairs) => scaledBy(limit, pairs) });
}

function scaledBy(limit: number, pairs: readonly { readonly parameter: Node; readonly gradient: Node }[]): Node[] {
  const math = mathOf(pairs[0]!.parameter, clipNormRule);
  const squares = pairs.map(({ parameter, gradient }) => {
    const axes = gradient.shape.map((_, i) => i);
    return makeSum(
      derivedOrigin(parameter, clipNormRule, "part"),
      mathOf(parameter, clipNormRule).square(gradient),
      axes,
    );
  });
  const norm = math.sqrt(squares.reduce((a, b) => math.add(a, b)));
  const factor = math.div(limit, math.max(norm, limit));
  return pairs.map(({ parameter, gradient }) => mathOf(parameter, clipNormRule).mul(gradient, factor));
}
