// Weights of recurrent layers that were trained elsewhere, in the layout of ours: weights transposed where they are stored
// by output, gates in the order i, f, g, o or r, z, n.

import { badRecurrentWeights } from "./messages.js";

/** What PyTorch has of a recurrent layer. {@link recurrentWeights} takes it. */
export interface PyTorchWeights {
  /** `weight_ih_l0` [gates * units, features]. */
  readonly weightIh: ArrayLike<number>;
  /** `weight_hh_l0` [gates * units, units]. */
  readonly weightHh: ArrayLike<number>;
  /** `bias_ih_l0` [gates * units]. */
  readonly biasIh?: ArrayLike<number>;
  /** `bias_hh_l0` [gates * units]. */
  readonly biasHh?: ArrayLike<number>;
}

/** What Keras has of a recurrent layer. {@link recurrentWeights} takes it. */
export interface KerasWeights {
  /** The kernel [features, gates * units]. */
  readonly kernel: ArrayLike<number>;
  /** The recurrent kernel [units, gates * units]. */
  readonly recurrentKernel: ArrayLike<number>;
  /** The bias [gates * units]; [2, gates * units] of a GRU. */
  readonly bias?: ArrayLike<number>;
}

/** What ONNX has of one direction of a recurrent layer. {@link recurrentWeights} takes it. */
export interface OnnxWeights {
  /** [gates * units, features]. */
  readonly W: ArrayLike<number>;
  /** [gates * units, units]. */
  readonly R: ArrayLike<number>;
  /** [2 * gates * units]. */
  readonly B?: ArrayLike<number>;
  /** [3 * units]. */
  readonly P?: ArrayLike<number>;
}

/** A layer's parameters by role, flat and row-major. {@link recurrentWeights} gives them. */
export interface RecurrentWeights {
  /** Of the inputs, [features, gates * units]. */
  readonly weight: Float64Array;
  /** Of the state, [units, gates * units]. */
  readonly recurrent: Float64Array;
  /** [gates * units]; absent where none was given. */
  readonly bias?: Float64Array;
  /** Of a GRU that resets after the product, [gates * units]; absent where none was given. */
  readonly recurrentBias?: Float64Array;
  /** Of an LSTM, [3 * units], where P was given. */
  readonly peephole?: Float64Array;
}

/** Which recurrent layer: "gruResetBefore" is `gru` with `resetAfter: false`. {@link recurrentWeights} takes it. */
export type RecurrentKind = "rnn" | "lstm" | "gru" | "gruResetBefore";

/** Of each of our gates in order, its place in the other's order. */
const ORDERS = {
  pytorch: { rnn: [0], lstm: [0, 1, 2, 3], gru: [0, 1, 2], gruResetBefore: [0, 1, 2] },
  keras: { rnn: [0], lstm: [0, 1, 2, 3], gru: [1, 0, 2], gruResetBefore: [1, 0, 2] },
  onnx: { rnn: [0], lstm: [0, 2, 3, 1], gru: [1, 0, 2], gruResetBefore: [1, 0, 2] },
} as const;

/** The weights as one shape: stored by output or by input, and both biases. */
interface Unified {
  readonly from: keyof typeof ORDERS;
  readonly input: ArrayLike<number>;
  readonly recurrent: ArrayLike<number>;
  readonly byOutput: boolean;
  /** The biases one after the other; the second may be missing. */
  readonly biases: readonly ArrayLike<number>[];
}

/**
 * Parameters for `rnn`, `lstm` or `gru` from those of PyTorch, Keras or ONNX, told apart by their fields: weights
 * transposed where they are stored by output, gates in the order i, f, g, o or r, z, n.
 * @param kind which layer; "gruResetBefore" is `gru` with `resetAfter: false`
 * @param given the framework's arrays, flat and row-major
 * @returns the parameters by role: `model.parameters["cell.weight"].set(weight)` and so on
 * @throws BAD_RECURRENT_WEIGHTS where the lengths are not those of one layer
 * @example
 * ```ts
 * const { weight, recurrent, bias } = recurrentWeights("rnn", {
 *   weightIh: [1, 2, 3, 4], // [units, features]
 *   weightHh: [5, 6, 7, 8],
 *   biasIh: [1, 1],
 *   biasHh: [0.5, 0.5],
 * }); // { weight: [1, 3, 2, 4], recurrent: [5, 7, 6, 8], bias: [1.5, 1.5] }
 * ```
 */
export function recurrentWeights(
  kind: RecurrentKind,
  given: PyTorchWeights | KerasWeights | OnnxWeights,
): RecurrentWeights {
  const { from, input, recurrent, byOutput, biases } = unified(kind, given);
  const order = ORDERS[from][kind];
  const gates = order.length;
  const units = Math.sqrt(recurrent.length / gates);
  const width = gates * units;
  const features = input.length / width;
  const fits = units >= 1 && features >= 1 && Number.isInteger(units) && Number.isInteger(features);
  if (!fits || biases.some((bias) => bias.length !== width)) {
    const lengths = [input, recurrent, ...biases].map(({ length }) => length);
    throw badRecurrentWeights({ kind, from, lengths });
  }
  const columns = (rows: number, at: (row: number, column: number) => number): Float64Array => {
    const result = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < width; column++) {
        const gate = Math.floor(column / units);
        result[row * width + column] = at(row, order[gate]! * units + (column % units));
      }
    }
    return result;
  };
  const matrix = (values: ArrayLike<number>, rows: number): Float64Array =>
    columns(rows, (row, column) => values[byOutput ? column * rows + row : row * width + column]!);
  const holes = kind === "lstm" && "P" in given ? given.P : undefined;
  if (holes !== undefined && holes.length !== 3 * units) {
    throw badRecurrentWeights({ kind, from, lengths: [input.length, recurrent.length, holes.length] });
  }
  // ONNX' order is i, o, f.
  const peephole =
    holes && Float64Array.from(holes, (_, i) => holes[[0, 2, 1][Math.floor(i / units)]! * units + (i % units)]!);
  const [first, second] = biases.map((bias) => columns(1, (_, column) => bias[column]!));
  const weights = {
    weight: matrix(input, features),
    recurrent: matrix(recurrent, units),
    ...(peephole && { peephole }),
  };
  if (first === undefined) return weights;
  if (kind === "gru") return { ...weights, bias: first, recurrentBias: second ?? new Float64Array(width) };
  return { ...weights, bias: second === undefined ? first : first.map((value, i) => value + second[i]!) };
}

function unified(kind: RecurrentKind, given: PyTorchWeights | KerasWeights | OnnxWeights): Unified {
  if (typeof given === "object" && given !== null) {
    if ("weightIh" in given) {
      const { weightIh: input, weightHh: recurrent, biasIh, biasHh } = given;
      const none = new Float64Array(biasIh?.length ?? biasHh?.length ?? 0);
      const biases = none.length === 0 ? [] : [biasIh ?? none, biasHh ?? none];
      return { from: "pytorch", input, recurrent, byOutput: true, biases };
    }
    if ("kernel" in given) {
      const { kernel: input, recurrentKernel: recurrent, bias } = given;
      return { from: "keras", input, recurrent, byOutput: false, biases: halves(bias, kind === "gru") };
    }
    if ("W" in given) {
      const { W: input, R: recurrent, B } = given;
      return { from: "onnx", input, recurrent, byOutput: true, biases: halves(B, true) };
    }
  }
  throw badRecurrentWeights({ kind, from: undefined, lengths: [] });
}

const halves = (bias: ArrayLike<number> | undefined, two: boolean): readonly ArrayLike<number>[] => {
  if (bias === undefined) return [];
  const values = Array.from(bias);
  const middle = values.length / 2;
  return two ? [values.slice(0, middle), values.slice(middle)] : [values];
};
