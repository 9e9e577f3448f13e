// The plain recurrent layer: Elman (1990).

import * as is from "../ops/call/checks.js";
import { callSite, type CallSite } from "../graph/origin.js";
import type { DimsOf, Float32, Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { relu } from "../ops/pointwise/activations.js";
import { add, tanh } from "../ops/pointwise/arithmetic.js";
import { requireOptions, type Known } from "../ops/call/options.js";
import {
  activationOf,
  CELL_OPTIONS,
  oneStep,
  type Activation,
  type CellOf,
  type CellOptions,
} from "./recurrent-cell.js";
import {
  RECURRENT_OPTIONS,
  recurrent,
  type RecurrentCompatible,
  type RecurrentDims,
  type SequenceOptions,
  type StateDims,
} from "./recurrent.js";

/** The options of {@link rnnCell}. */
export interface RnnCellOptions extends CellOptions {
  /** "tanh" unless stated; "relu", or a function such as `softsign`. */
  readonly activation?: "tanh" | "relu" | Activation;
}

const RNN_CELL_OPTIONS = {
  ...CELL_OPTIONS,
  activation: is.either('"tanh", "relu" or a function', is.oneOf("tanh", "relu"), is.call),
} satisfies Known<RnnCellOptions>;

/** The options of {@link rnn}. */
export interface RnnOptions extends SequenceOptions, RnnCellOptions {
  /** The state before the first step, [batch, units]. Zeros unless stated. */
  readonly initialState?: Tensor;
}

export const RNN_OPTIONS = {
  ...RECURRENT_OPTIONS,
  ...RNN_CELL_OPTIONS,
  initialState: is.tensor,
} satisfies Known<RnnOptions>;

type RnnResult<X, N extends number, O> = O extends { readonly returnState: true }
  ? readonly [output: Float32<RecurrentDims<DimsOf<X>, N, O>>, h: Float32<StateDims<DimsOf<X>, N>>]
  : Float32<RecurrentDims<DimsOf<X>, N, O>>;

const ACTIVATIONS = { tanh, relu };

/**
 * The plain recurrent layer: `h = activation(x · weight + bias + h · recurrent)`, position by position. Elman (1990).
 *
 * Parameters: `weight` [features, units], `recurrent` [units, units], `bias` [units]. PyTorch's `weight_ih` and
 * `weight_hh` are their transposes, and its two biases are added; `recurrentWeights` of `tapeless/train` converts
 * them.
 * @param x [batch, time, features]
 * @param units the size of the state: a positive integer
 * @returns the last state [batch, units]; every state [batch, time, units] with `returnSequences`; with `returnState`
 *   the list of that and the last state
 * @throws WRONG_RANK for an input without three axes, SHAPE_MISMATCH for a state, mask, lengths or parameters of other
 *   shapes, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = input("x", ["batch", 5, 3]);
 * rnn(x, 8); // float32 [batch, 8]
 * rnn(x, 8, { returnSequences: true }); // float32 [batch, 5, 8]
 * ```
 */
export function rnn<X extends Tensor, const N extends number, const O extends RnnOptions = Record<never, never>>(
  x: RecurrentCompatible<DimsOf<X>, "rnn"> & X,
  units: N,
  options?: O,
): RnnResult<X, N, O> {
  const site = callSite("rnn");
  const settings: RnnOptions = options === undefined ? {} : options;
  requireOptions(site, settings, RNN_OPTIONS);
  return recurrent(
    { site, x, units, options: settings, initial: [settings.initialState] },
    rnnCellOf(site, settings),
  ) as RnnResult<X, N, O>;
}

/**
 * One step of {@link rnn}: `activation(x · weight + bias + h · recurrent)`, such as in the step of a {@link scan}. The
 * parameters are those of `rnn`.
 * @param x [batch, features]
 * @param h the state before, [batch, units]
 * @returns the next state [batch, units]
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_ARGUMENT as {@link rnn}
 * @example
 * ```ts
 * const x = input("x", ["batch", 3]);
 * const h = input("h", ["batch", 8]);
 * rnnCell(x, h); // float32 [batch, 8]
 * ```
 */
export function rnnCell<H extends Tensor>(x: Tensor, h: H, options: RnnCellOptions = {}): Float32<DimsOf<H>> {
  const site = callSite("rnnCell");
  requireOptions(site, options, RNN_CELL_OPTIONS);
  return oneStep(site, x, [h], options, rnnCellOf(site, options))[0] as Tensor<DimsOf<H>, "float32">;
}

function rnnCellOf(site: CallSite, { activation: wanted = "tanh" }: RnnCellOptions): CellOf {
  const named = typeof wanted === "string" && Object.hasOwn(ACTIVATIONS, wanted) ? ACTIVATIONS[wanted] : undefined;
  if (named === undefined && typeof wanted !== "function") {
    const expected = '"tanh", "relu" or a function';
    throw badArgument({ op: site.call, argument: "activation", value: wanted, expected, site });
  }
  const activation = activationOf(site, "activation", named === undefined ? wanted : undefined, named ?? tanh);
  return () => ({
    gates: 1,
    states: ["state"],
    symbols: ["h"],
    step(input, [h], as) {
      const { origin, recur } = as("h", "next");
      return [activation(origin, add.at(origin, input, recur(h!)))];
    },
  });
}
