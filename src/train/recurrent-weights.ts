// Weights of recurrent layers that were trained elsewhere, in the layout of ours: weights transposed where they are stored
// by output, gates in the order i, f, g, o or r, z, n.

import { badRecurrentWeights } from "./messages.js";

/** PyTorch's `weight_ih_l0` [gates * units, features], `weight_hh_l0` [gates * units, units] and biases [gates * units]. */
export interface PyTorchWeights {
  readonly weightIh: ArrayLike<number>;
  readonly weightHh: ArrayLike<number>;
  readonly biasIh?: ArrayLike<number>;
  readonly biasHh?: ArrayLike<number>;
}

/** Keras' kernel [features, gates * units], recurrent kernel [units, gates * units] and bias ([2, gates * units] of a GRU). */
export interface KerasWeights {
  readonly kernel: ArrayLike<number>;
  readonly recurrentKernel: ArrayLike<number>;
  readonly bias?: ArrayLike<number>;
}

/** One direction of ONNX' W [gates * units, features], R [gates * units, units], B [2 * gates * units] and P [3 * units]. */
export interface OnnxWeights {
  readonly W: ArrayLike<number>;
  readonly R: ArrayLike<number>;
  readonly B?: ArrayLike<number>;
  readonly P?: ArrayLike<number>;
}

/** A layer's parameters by role. `recurrentBias` is a GRU's that resets after the product; biases are absent where none were given. */
export interface RecurrentWeights {
  readonly weight: Float64Array;
  readonly recurrent: Float64Array;
  readonly bias?: Float64Array;
  readonly recurrentBias?: Float64Array;
  /** An LSTM's, where P was given. */
  readonly peephole?: Float64Array;
}

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
 * Parameters for `rnn`, `lstm` or `gru` from those of PyTorch, Keras or ONNX, told apart by their fields; flat, row-major.
 * `const { weight, recurrent, bias } = recurrentWeights("lstm", { weightIh, weightHh, biasIh, biasHh })`, then
 * `net.parameters["cell.weight"].set(weight)` and so on.
 * @param kind "gruResetBefore" is `gru` with `resetAfter: false`
 * Throws BAD_RECURRENT_WEIGHTS when the lengths are not those of one layer.
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
