// The gated recurrent unit: Cho et al. (2014), in both conventions of where the reset gate acts.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { callSite, type CallSite } from "../graph/origin.js";
import { dim, timesDim } from "../graph/shape.js";
import type { DimsOf, Float32, Tensor } from "../graph/tensor.js";
import { add, mul, sigmoid, sub, tanh } from "../ops/pointwise/arithmetic.js";
import { zeros } from "./initializers.js";
import type { Initial } from "../ops/leaf/leaves.js";
import { requireOptions, type Known } from "../ops/call/options.js";
import {
  activationOf,
  CELL_OPTIONS,
  CELL_PARTS,
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

/** The options of {@link gruCell}. */
export interface GruCellOptions extends CellOptions {
  /**
   * True, unless stated: the reset gate acts on `h · recurrent` (PyTorch, cuDNN, Keras' reset_after, ONNX'
   * linear_before_reset = 1). False: on h itself, before the product (Cho et al., ONNX' default).
   */
  readonly resetAfter?: boolean;
  /** Of the new content n. `tanh` unless stated. */
  readonly activation?: Activation;
  /** Of the gates r and z. `sigmoid` unless stated. */
  readonly recurrentActivation?: Activation;
  /** Zeros unless stated. Only with `resetAfter`. */
  readonly recurrentBiasInitializer?: Initial;
  /** Tensors to use in place of new parameters, in the shapes of these. New ones unless stated. */
  readonly parameters?: CellOptions["parameters"] & { readonly recurrentBias?: Tensor };
}

const GRU_CELL_OPTIONS = {
  ...CELL_OPTIONS,
  resetAfter: is.flag,
  activation: is.call,
  recurrentActivation: is.call,
  recurrentBiasInitializer: is.initial,
  parameters: is.parts(...CELL_PARTS, "recurrentBias"),
} satisfies Known<GruCellOptions>;

/** The options of {@link gru}. */
export interface GruOptions extends SequenceOptions, GruCellOptions {
  /** The state before the first step, [batch, units]. Zeros unless stated. */
  readonly initialState?: Tensor;
}

export const GRU_OPTIONS = {
  ...RECURRENT_OPTIONS,
  ...GRU_CELL_OPTIONS,
  initialState: is.tensor,
} satisfies Known<GruOptions>;

type GruResult<X, N extends number, O> = O extends { readonly returnState: true }
  ? readonly [output: Float32<RecurrentDims<DimsOf<X>, N, O>>, h: Float32<StateDims<DimsOf<X>, N>>]
  : Float32<RecurrentDims<DimsOf<X>, N, O>>;

/**
 * The gated recurrent unit: Cho et al. (2014), arXiv:1406.1078. With `r, z, n` the three parts of the sums (PyTorch's
 * order of the gates), position by position: `r = sigmoid(x_r + h_r)`, `z = sigmoid(x_z + h_z)`,
 * `h = (1 - z) * n + z * h`, where x_ is `x · weight + bias`, h_ is `h · recurrent + recurrentBias`, and
 * `n = tanh(x_n + r * h_n)`. With `resetAfter: false` there is no recurrent bias, and `n = tanh(x_n + (r * h) · recurrent_n)`.
 *
 * Parameters: `weight` [features, 3 * units], `recurrent` [units, 3 * units], `bias` [3 * units], `recurrentBias` [3 *
 * units]. PyTorch's `weight_ih`, `weight_hh` are the transposes of the first two, its `bias_ih`, `bias_hh` the last
 * two; Keras and ONNX order the gates z, r, n. `recurrentWeights` of `tapeless/train` converts all three.
 * @param x [batch, time, features]
 * @param units the size of the state: a positive integer
 * @returns the last state [batch, units]; every state [batch, time, units] with `returnSequences`; with `returnState`
 *   the list of that and the last state
 * @throws WRONG_RANK for an input without three axes, SHAPE_MISMATCH for a state, mask, lengths or parameters of other
 *   shapes, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = input("x", ["batch", 5, 3]);
 * const [states, last] = gru(x, 8, { returnSequences: true, returnState: true }); // [float32 [batch, 5, 8], float32 [batch, 8]]
 * ```
 */
export function gru<X extends Tensor, const N extends number, const O extends GruOptions = Record<never, never>>(
  x: RecurrentCompatible<DimsOf<X>, "gru"> & X,
  units: N,
  options?: O,
): GruResult<X, N, O> {
  const site = callSite("gru");
  const settings: GruOptions = options === undefined ? {} : options;
  requireOptions(site, settings, GRU_OPTIONS);
  const cell = gruCellOf(site, settings);
  return recurrent({ site, x, units, options: settings, initial: [settings.initialState] }, cell) as GruResult<X, N, O>;
}

/**
 * One step of {@link gru}, such as in the step of a {@link scan}. The parameters are those of `gru`.
 * @param x [batch, features]
 * @param h the state before, [batch, units]
 * @returns the next state [batch, units]
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_ARGUMENT as {@link gru}
 * @example
 * ```ts
 * const x = input("x", ["batch", 3]);
 * const h = input("h", ["batch", 8]);
 * gruCell(x, h); // float32 [batch, 8]
 * ```
 */
export function gruCell<H extends Tensor>(x: Tensor, h: H, options: GruCellOptions = {}): Float32<DimsOf<H>> {
  const site = callSite("gruCell");
  requireOptions(site, options, GRU_CELL_OPTIONS);
  return oneStep(site, x, [h], options, gruCellOf(site, options))[0] as Tensor<DimsOf<H>, "float32">;
}

function gruCellOf(site: CallSite, settings: GruCellOptions): CellOf {
  const resetAfter = settings.resetAfter ?? true;
  const squash = activationOf(site, "activation", settings.activation, tanh);
  const open = activationOf(site, "recurrentActivation", settings.recurrentActivation, sigmoid);
  return (make, count) => {
    const bias =
      resetAfter && settings.bias !== false
        ? make({
            role: "recurrentBias",
            shape: [timesDim(dim(3), count)],
            initial: settings.recurrentBiasInitializer ?? zeros,
          })
        : undefined;
    return {
      gates: 3,
      states: ["state"],
      symbols: ["h"],
      step(input, [h], as) {
        const past = as("recurrence");
        const product = resetAfter ? past.recur(h!) : past.recur(h!, 0, 2);
        const sums = bias === undefined ? product : add.at(past.origin, product, as("recurrence", "bias").spread(bias));
        const gateOf = (name: string, index: number): Node => {
          const { origin, gate } = as(name);
          return open(origin, add.at(origin, gate(input, index), gate(sums, index)));
        };
        const resetGate = gateOf("resetGate", 0);
        const updateGate = gateOf("updateGate", 1);
        const { origin: fresh, gate, recur } = as("candidate");
        const kept = resetAfter ? mul.at(fresh, resetGate, gate(sums, 2)) : recur(mul.at(fresh, resetGate, h!), 2, 1);
        const candidate = squash(fresh, add.at(fresh, gate(input, 2), kept));
        // n + z * (h - n), as cuDNN computes (1 - z) * n + z * h.
        const { origin: ofH } = as("h", "next");
        return [add.at(ofH, candidate, mul.at(ofH, updateGate, sub.at(ofH, h!, candidate)))];
      },
    };
  };
}
