// The long short-term memory: Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000).

import * as is from "../ops/call/checks.js";
import { offset } from "../graph/affine.js";
import type { Node } from "../graph/node.js";
import { callSite, originOf, type CallSite } from "../graph/origin.js";
import { dim, timesDim } from "../graph/shape.js";
import type { DimsOf, Float32, Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { add, mul, sigmoid, tanh } from "../ops/pointwise/arithmetic.js";
import { finiteNumber } from "../ops/define.js";
import { initialGraph, makeFilled, type Initial } from "../ops/leaf/leaves.js";
import { requireOptions, type Known } from "../ops/call/options.js";
import { makePad } from "../ops/view/slicing.js";
import { zeros } from "./initializers.js";
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

/** The options of {@link lstmCell}. */
export interface LstmCellOptions extends CellOptions {
  /**
   * Added to the first bias of the forget gate, so that the layer remembers before it has learnt to (Jozefowicz et al.,
   * 2015). 1 unless stated, as in Keras; PyTorch has 0.
   */
  readonly forgetBias?: number;
  /** Of the new content and of c, `g` and `h`. `tanh` unless stated. */
  readonly activation?: Activation;
  /** Of the gates. `sigmoid` unless stated. */
  readonly recurrentActivation?: Activation;
  /** True: the gates see c as well, element by element (Gers & Schmidhuber, 2000; ONNX' input P). False unless stated. */
  readonly peepholes?: boolean;
  /** Zeros unless stated. Only with `peepholes`. */
  readonly peepholeInitializer?: Initial;
  /** Tensors to use in place of new parameters, in the shapes of these. New ones unless stated. */
  readonly parameters?: CellOptions["parameters"] & { readonly peephole?: Tensor };
}

const LSTM_CELL_OPTIONS = {
  ...CELL_OPTIONS,
  forgetBias: is.finite,
  activation: is.call,
  recurrentActivation: is.call,
  peepholes: is.flag,
  peepholeInitializer: is.initial,
  parameters: is.parts(...CELL_PARTS, "peephole"),
} satisfies Known<LstmCellOptions>;

/** The options of {@link lstm}. */
export interface LstmOptions extends SequenceOptions, LstmCellOptions {
  /** h and c before the first step, [batch, units] each. Zeros unless stated. */
  readonly initialState?: readonly [h: Tensor, c: Tensor];
}

export const LSTM_OPTIONS = {
  ...RECURRENT_OPTIONS,
  ...LSTM_CELL_OPTIONS,
  initialState: is.list,
} satisfies Known<LstmOptions>;

type LstmResult<X, N extends number, O> = O extends { readonly returnState: true }
  ? readonly [
      output: Float32<RecurrentDims<DimsOf<X>, N, O>>,
      h: Float32<StateDims<DimsOf<X>, N>>,
      c: Float32<StateDims<DimsOf<X>, N>>,
    ]
  : Float32<RecurrentDims<DimsOf<X>, N, O>>;

/**
 * Long short-term memory: Hochreiter & Schmidhuber (1997). With `i, f, g, o` the four parts of `x · weight + bias + h
 * · recurrent`, position by position: `c = sigmoid(f) * c + sigmoid(i) * tanh(g)`, `h = sigmoid(o) * tanh(c)`
 * (PyTorch's and Keras' equations and order of the gates). With `peepholes`, `p_i * c` and `p_f * c` join the sums i
 * and f, and `p_o` times the new c joins o.
 *
 * Parameters: `weight` [features, 4 * units], `recurrent` [units, 4 * units], `bias` [4 * units], and `peephole` [3 *
 * units] in the order i, f, o. PyTorch's `weight_ih` and `weight_hh` are their transposes, and its two biases are
 * added; Keras' kernels have this layout. `recurrentWeights` of `tapeless/train` converts PyTorch's, Keras' and ONNX'
 * weights.
 * @param x [batch, time, features]
 * @param units the size of the state: a positive integer
 * @returns the last h [batch, units]; every h [batch, time, units] with `returnSequences`; with `returnState` the list
 *   of that, the last h and the last c
 * @throws WRONG_RANK for an input without three axes, SHAPE_MISMATCH for a state, mask, lengths or parameters of other
 *   shapes, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = input("x", ["batch", 5, 3]);
 * lstm(x, 8); // float32 [batch, 8]
 * const [output, h, c] = lstm(x, 8, { returnState: true }); // [float32 [batch, 8], float32 [batch, 8], float32 [batch, 8]]
 * ```
 */
export function lstm<X extends Tensor, const N extends number, const O extends LstmOptions = Record<never, never>>(
  x: RecurrentCompatible<DimsOf<X>, "lstm"> & X,
  units: N,
  options?: O,
): LstmResult<X, N, O> {
  const site = callSite("lstm");
  const settings: LstmOptions = options === undefined ? {} : options;
  requireOptions(site, settings, LSTM_OPTIONS);
  const initial: unknown = settings.initialState ?? [];
  if (!Array.isArray(initial) || (settings.initialState !== undefined && initial.length !== 2)) {
    const expected = "a list of two tensors, h and c";
    throw badArgument({ op: "lstm", argument: "initialState", value: initial, expected, site });
  }
  return recurrent({ site, x, units, options: settings, initial }, lstmCellOf(site, settings)) as LstmResult<X, N, O>;
}

/**
 * One step of {@link lstm}, such as in the step of a {@link scan}. The parameters are those of `lstm`.
 * @param x [batch, features]
 * @param state h and c before, [batch, units] each
 * @returns the next h and c
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_ARGUMENT as {@link lstm}
 * @example
 * ```ts
 * const x = input("x", ["batch", 3]);
 * const before = [input("h", ["batch", 8]), input("c", ["batch", 8])] as const;
 * const [h, c] = lstmCell(x, before); // [float32 [batch, 8], float32 [batch, 8]]
 * ```
 */
export function lstmCell<H extends Tensor>(
  x: Tensor,
  state: readonly [h: H, c: Tensor],
  options: LstmCellOptions = {},
): readonly [h: Float32<DimsOf<H>>, c: Float32<DimsOf<H>>] {
  const site = callSite("lstmCell");
  requireOptions(site, options, LSTM_CELL_OPTIONS);
  const previous: unknown = state;
  if (!Array.isArray(previous) || previous.length !== 2) {
    const expected = "a list of two tensors, h and c";
    throw badArgument({ op: "lstmCell", argument: "state", value: previous, expected, site });
  }
  type H32 = Float32<DimsOf<H>>;
  return oneStep(site, x, state, options, lstmCellOf(site, options)) as unknown as readonly [h: H32, c: H32];
}

function lstmCellOf(site: CallSite, settings: LstmCellOptions): CellOf {
  const forget = finiteNumber(site.call, "forgetBias", settings.forgetBias ?? 1, originOf(site));
  const biasInitializer: Initial = (shape, leaf) => {
    const rest = initialGraph(site.call, settings.biasInitializer ?? zeros, shape, "float32", leaf);
    if (forget === 0) return rest;
    const units = { ...shape[0]!, times: shape[0]!.times / 4 };
    const part = makeFilled(leaf, forget, [units], "float32");
    return add.at(leaf, rest, makePad(leaf, part, { starts: [offset(units.times)], steps: [1], shape, value: 0 }));
  };
  const squash = activationOf(site, "activation", settings.activation, tanh);
  const open = activationOf(site, "recurrentActivation", settings.recurrentActivation, sigmoid);
  return (make, count) => {
    const holes =
      settings.peepholes === true
        ? make({
            role: "peephole",
            shape: [timesDim(dim(3), count)],
            initial: settings.peepholeInitializer ?? zeros,
          })
        : undefined;
    return {
      gates: 4,
      states: ["h", "c"],
      symbols: ["h", "c"],
      biasInitializer,
      step(input, [h, c], as) {
        const gates = as("gates");
        const sums = add.at(gates.origin, input, gates.recur(h!));
        const gateOf = (name: string, index: number, hole: number, cell: Node): Node => {
          const { origin, gate, spread } = as(name);
          const sum = gate(sums, index);
          const seen = holes === undefined ? sum : add.at(origin, sum, mul.at(origin, gate(spread(holes), hole), cell));
          return open(origin, seen);
        };
        const inputGate = gateOf("inputGate", 0, 0, c!);
        const forgetGate = gateOf("forgetGate", 1, 1, c!);
        const fresh = as("candidate");
        const candidate = squash(fresh.origin, fresh.gate(sums, 2));
        const { origin: ofC } = as("c", "next");
        const nextC = add.at(ofC, mul.at(ofC, forgetGate, c!), mul.at(ofC, inputGate, candidate));
        const outputGate = gateOf("outputGate", 3, 2, nextC);
        const { origin: ofH } = as("h", "next");
        return [mul.at(ofH, outputGate, squash(ofH, nextC)), nextC];
      },
    };
  };
}
