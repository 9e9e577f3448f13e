// The plain recurrent layer: Elman (1990).

import { callSite } from "../graph/origin.js";
import type { DimsOf, Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { relu } from "../ops/activations.js";
import { add, tanh } from "../ops/arithmetic.js";
import {
  recurrent,
  type RecurrentCompatible,
  type RecurrentDims,
  type RecurrentOptions,
  type StateDims,
} from "./recurrent.js";

export interface RnnOptions extends RecurrentOptions {
  /** "tanh" unless stated. */
  readonly activation?: "tanh" | "relu";
  /** The state before the first step, [batch, units]. Zeros unless stated. */
  readonly initialState?: Tensor;
}

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
  const given: RnnOptions = options ?? {};
  const name = given.activation ?? "tanh";
  if (!Object.hasOwn(ACTIVATIONS, name)) {
    throw badArgument({ op: "rnn", argument: "activation", value: name, expected: '"tanh" or "relu"', site });
  }
  const activation = ACTIVATIONS[name];
  return recurrent({ site, x, units, options: given, initial: [given.initialState] }, () => ({
    gates: 1,
    states: ["state"],
    step: (input, [h], { origin, recur }) => [activation.at(origin, add.at(origin, input, recur(h!)))],
  })) as RnnResult<X, N, O>;
}
