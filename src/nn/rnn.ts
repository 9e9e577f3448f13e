// The plain recurrent layer: Elman (1990).

import * as is from "../ops/checks.js";
import { callSite } from "../graph/origin.js";
import type { DimsOf, Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { relu } from "../ops/activations.js";
import { add, tanh } from "../ops/arithmetic.js";
import { requireOptions, type Known } from "../ops/options.js";
import {
  activationOf,
  RECURRENT_OPTIONS,
  recurrent,
  type Activation,
  type RecurrentCompatible,
  type RecurrentDims,
  type RecurrentOptions,
  type StateDims,
} from "./recurrent.js";

export interface RnnOptions extends RecurrentOptions {
  /** "tanh" unless stated; "relu", or a function such as `softsign`. */
  readonly activation?: "tanh" | "relu" | Activation;
  /** The state before the first step, [batch, units]. Zeros unless stated. */
  readonly initialState?: Tensor;
}

export const RNN_OPTIONS = {
  ...RECURRENT_OPTIONS,
  activation: is.either('"tanh", "relu" or a function', is.oneOf("tanh", "relu"), is.call),
  initialState: is.tensor,
} satisfies Known<RnnOptions>;

type RnnResult<X, N extends number, O> = O extends { readonly returnState: true }
  ? readonly [output: Tensor<RecurrentDims<DimsOf<X>, N, O>, "float32">, h: Tensor<StateDims<DimsOf<X>, N>, "float32">]
  : Tensor<RecurrentDims<DimsOf<X>, N, O>, "float32">;

const ACTIVATIONS = { tanh, relu };

/**
 * `h = activation(x · weight + bias + h · recurrent)`, position by position.
 * @param x [batch, time, features]
 * @param units the size of the state
 * @returns the last state [batch, units]; every state [batch, time, units] with `returnSequences`; with `returnState` the
 *   list of that and the last state
 * Parameters: `weight` [features, units], `recurrent` [units, units], `bias` [units]. PyTorch's `weight_ih` and `weight_hh`
 * are their transposes, and its two biases are added.
 */
export function rnn<X extends Tensor, const N extends number, const O extends RnnOptions = RnnOptions>(
  x: X & RecurrentCompatible<DimsOf<X>>,
  units: N,
  options?: O,
): RnnResult<X, N, O> {
  const site = callSite("rnn");
  const given: RnnOptions = options === undefined ? {} : options;
  requireOptions(site, given, RNN_OPTIONS);
  const { activation: wanted = "tanh" } = given;
  const named = typeof wanted === "string" && Object.hasOwn(ACTIVATIONS, wanted) ? ACTIVATIONS[wanted] : undefined;
  if (named === undefined && typeof wanted !== "function") {
    const expected = '"tanh", "relu" or a function';
    throw badArgument({ op: "rnn", argument: "activation", value: wanted, expected, site });
  }
  const activation = activationOf(site, "activation", named === undefined ? wanted : undefined, named ?? tanh);
  return recurrent({ site, x, units, options: given, initial: [given.initialState] }, () => ({
    gates: 1,
    states: ["state"],
    step: (input, [h], { origin, recur }) => [activation(add.at(origin, input, recur(h!)))],
  })) as RnnResult<X, N, O>;
}
