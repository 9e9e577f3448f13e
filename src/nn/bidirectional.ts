// A recurrent layer in both directions: Schuster & Paliwal (1997).

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { callSite, originOf, type CallSite, type Origin } from "../graph/origin.js";
import { sameShape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { badArgument, shapeMismatch } from "../messages.js";
import { add, mul } from "../ops/pointwise/arithmetic.js";
import { makeConcat } from "../ops/view/concat.js";
import { isNode } from "../ops/define.js";
import { makeScalar } from "../ops/leaf/leaves.js";
import { onlyKnown, type Checks, type Known } from "../ops/call/options.js";
import { gru, GRU_OPTIONS } from "./gru.js";
import { lstm, LSTM_OPTIONS } from "./lstm.js";
import type { RecurrentOptions } from "./recurrent.js";
import { rnn, RNN_OPTIONS } from "./rnn.js";

/** How the outputs of the two directions become one; "none" leaves them apart. */
export type Merge = "concat" | "sum" | "mul" | "average" | "none";

/** The options of {@link bidirectional}. */
export interface BidirectionalOptions<O> {
  /** "concat" unless stated (as in Keras): along the last axis, first forward, then backward. */
  readonly merge?: Merge;
  /** What only the layer in the order of time is given, such as its initial state. Nothing unless stated. */
  readonly forward?: O;
  /** What only the layer against the order of time is given. Nothing unless stated. */
  readonly backward?: O;
}

const OWN_OPTIONS = {
  merge: is.oneOf("concat", "sum", "mul", "average", "none"),
  forward: is.record,
  backward: is.record,
} satisfies Known<BidirectionalOptions<never>>;

/** The layers whose options are known here; others are given what is left, and check it themselves. */
const LAYER_OPTIONS = new Map<unknown, Checks>([
  [gru, GRU_OPTIONS],
  [lstm, LSTM_OPTIONS],
  [rnn, RNN_OPTIONS],
]);

/** What a layer of one's own must be like: it heeds `reverse` and `part`. */
export type RecurrentLayer = (
  x: Tensor,
  units: number,
  options: RecurrentOptions,
) => Tensor | readonly [Tensor, ...Tensor[]];

/** The options that a layer takes. Of a generic function they are inferred from its constraints. */
type OptionsOf<L> = L extends (x: never, units: never, options: infer O) => unknown ? NonNullable<O> : never;

type Result<O> = O extends { readonly merge: "none" } | { readonly returnState: true } ? readonly Tensor[] : Tensor;

/**
 * A recurrent layer in both directions: two layers, one from the first position to the last and one the other way.
 * Schuster & Paliwal (1997).
 * @param layer makes each of them, such as `lstm`; their parameters are called `<layer>.forward.weight`,
 *   `<layer>.backward.weight`, …
 * @param x [batch, time, features]
 * @param units of each direction: a positive integer
 * @param options those of the layer for both, `forward` and `backward` for one of them, and how to `merge`
 * @returns with "concat" [batch, 2 * units], or [batch, time, 2 * units] with `returnSequences`. Without sequences the
 *   backward half is its state after the first position (as in Keras). With `returnState` a list: the output, then the
 *   forward layer's last state, then the backward layer's
 * @throws BAD_ARGUMENT for what is no layer or another word for `merge`, SHAPE_MISMATCH where the two outputs do not
 *   fit, and what the layer throws
 * @example
 * ```ts
 * const x = input("x", ["batch", 5, 3]);
 * bidirectional(lstm, x, 8, { returnSequences: true }); // float32 [batch, 5, 16]
 * ```
 */
export function bidirectional<
  L extends object,
  const O extends BidirectionalOptions<OptionsOf<L>> & OptionsOf<L> = BidirectionalOptions<OptionsOf<L>> & OptionsOf<L>,
>(layer: L, x: Tensor, units: number, options?: O): Result<O> {
  const origin = originOf(callSite("bidirectional"));
  const { site } = origin;
  if (typeof layer !== "function") {
    const expected = "a recurrent layer, such as lstm";
    throw badArgument({ op: "bidirectional", argument: "layer", value: layer, expected, site });
  }
  const settings = (options === undefined ? {} : options) as BidirectionalOptions<RecurrentOptions> & RecurrentOptions;
  requireLayerOptions(site, layer, settings);
  const { merge = "concat", forward, backward, ...both } = settings;
  const join = MERGES[merge];
  if (!Object.hasOwn(MERGES, merge)) {
    const expected = `one of ${Object.keys(MERGES).join(", ")}`;
    throw badArgument({ op: "bidirectional", argument: "merge", value: merge, expected, site });
  }
  const direction = (ofDirection: RecurrentOptions | undefined, part: string, reverse: boolean): readonly Node[] => {
    const path = both.part === undefined ? part : `${both.part}.${part}`;
    const made: unknown = (layer as RecurrentLayer)(x, units, { ...both, ...ofDirection, part: path, reverse });
    const list: readonly unknown[] = Array.isArray(made) ? made : [made];
    if (list.length > 0 && list.every(isNode)) return list;
    const expected = "a tensor, or a list of them";
    throw badArgument({ op: "bidirectional", argument: "what the layer returns", value: made, expected, site });
  };
  const [ahead, back] = [direction(forward, "forward", false), direction(backward, "backward", true)];
  const [a, b] = [ahead[0]!, back[0]!];
  const concatenates = merge === "concat" || merge === "none";
  const fits = concatenates ? sameShape(a.shape.slice(0, -1), b.shape.slice(0, -1)) : sameShape(a.shape, b.shape);
  if (!fits) {
    const why = "the outputs of the two directions do not fit";
    throw shapeMismatch({ op: "bidirectional", left: a.shape, right: b.shape, why, site });
  }
  const results = [...join(origin, a, b), ...ahead.slice(1), ...back.slice(1)];
  return (results.length === 1 ? results[0]! : results) as unknown as Result<O>;
}

function requireLayerOptions(site: CallSite, layer: object, options: BidirectionalOptions<RecurrentOptions>): void {
  const unknown = (settings: object): Checks =>
    Object.fromEntries(Object.keys(settings).map((name) => [name, is.anything]));
  const check = (argument: string, settings: object, own: Checks): void =>
    onlyKnown(site, argument, settings, { ...(LAYER_OPTIONS.get(layer) ?? unknown(settings)), ...own });
  check("options", options, OWN_OPTIONS);
  if (options.forward !== undefined) check("forward", options.forward, {});
  if (options.backward !== undefined) check("backward", options.backward, {});
}

const MERGES: Readonly<Record<Merge, (origin: Origin, a: Node, b: Node) => readonly Node[]>> = {
  concat: (origin, a, b) => [makeConcat(origin, [a, b], a.shape.length - 1)],
  sum: (origin, a, b) => [add.at(origin, a, b)],
  mul: (origin, a, b) => [mul.at(origin, a, b)],
  average: (origin, a, b) => [mul.at(origin, add.at(origin, a, b), makeScalar(origin, 0.5))],
  none: (_, a, b) => [a, b],
};
