// The recurrent layers as plain loops over numbers, written from the equations of ONNX' operators RNN, LSTM and GRU (with
// PyTorch's order of the gates).

export type Kind = "rnn" | "relu" | "lstm" | "peephole" | "gru" | "gruBefore";

export const GATES: Readonly<Record<Kind, number>> = { rnn: 1, relu: 1, lstm: 4, peephole: 4, gru: 3, gruBefore: 3 };

export interface Given {
  readonly rows: number;
  readonly time: number;
  readonly features: number;
  readonly units: number;
  readonly reverse: boolean;
  /** [rows, time, features] */
  readonly x: ArrayLike<number>;
  /** [features, gates * units], [units, gates * units], [gates * units], [gates * units] */
  readonly weight: ArrayLike<number>;
  readonly recurrent: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
  /** Of an LSTM with peepholes: their weights [3 * units], i, f, o. */
  readonly recurrentBias: ArrayLike<number>;
  /** [rows, units] */
  readonly h: ArrayLike<number>;
  readonly c: ArrayLike<number>;
  /** Is this position padding? */
  readonly padding: (row: number, time: number) => boolean;
  /** The output holds zeros where there is padding. */
  readonly zeroed: boolean;
}

export interface Run {
  /** [rows, time, units] */
  readonly sequence: number[];
  readonly h: number[];
  readonly c: number[];
}

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

export function plainRun(kind: Kind, given: Given): Run {
  const { rows, time, features, units } = given;
  const width = GATES[kind] * units;
  const sequence = Array.from({ length: rows * time * units }, () => 0);
  const h = Array.from({ length: rows * units }, (_, i) => given.h[i]!);
  const c = Array.from({ length: rows * units }, (_, i) => given.c[i]!);
  for (let row = 0; row < rows; row++) {
    let past = h.slice(row * units, (row + 1) * units);
    let cell = c.slice(row * units, (row + 1) * units);
    for (let step = 0; step < time; step++) {
      const t = given.reverse ? time - 1 - step : step;
      const input = (column: number): number => {
        let sum = given.bias[column]!;
        for (let k = 0; k < features; k++)
          sum += given.x[(row * time + t) * features + k]! * given.weight[k * width + column]!;
        return sum;
      };
      const product = (vector: readonly number[], column: number): number =>
        vector.reduce((sum, v, k) => sum + v * given.recurrent[k * width + column]!, 0);
      const both = (gate: number, j: number): number => input(gate * units + j) + product(past, gate * units + j);
      const last = past;
      const lastCell = cell;
      const padded = given.padding(row, t);
      if (!padded) {
        const indices = Array.from({ length: units }, (_, j) => j);
        if (kind === "rnn") past = indices.map((j) => Math.tanh(both(0, j)));
        else if (kind === "relu") past = indices.map((j) => Math.max(0, both(0, j)));
        else if (kind === "lstm" || kind === "peephole") {
          const hole = (k: number, j: number, of: readonly number[]): number =>
            kind === "peephole" ? given.recurrentBias[k * units + j]! * of[j]! : 0;
          cell = indices.map((j) => {
            const admit = sigmoid(both(0, j) + hole(0, j, lastCell));
            return sigmoid(both(1, j) + hole(1, j, lastCell)) * lastCell[j]! + admit * Math.tanh(both(2, j));
          });
          past = indices.map((j) => sigmoid(both(3, j) + hole(2, j, cell)) * Math.tanh(cell[j]!));
        } else {
          const extra = (gate: number, j: number): number =>
            kind === "gru" ? given.recurrentBias[gate * units + j]! : 0;
          const reset = indices.map((j) => sigmoid(both(0, j) + extra(0, j)));
          const keep = indices.map((j) => sigmoid(both(1, j) + extra(1, j)));
          const gated = last.map((v, k) => v * reset[k]!);
          const fresh = indices.map((j) => {
            const at = 2 * units + j;
            const share = kind === "gru" ? reset[j]! * (product(last, at) + extra(2, j)) : product(gated, at);
            return Math.tanh(input(at) + share);
          });
          past = indices.map((j) => (1 - keep[j]!) * fresh[j]! + keep[j]! * last[j]!);
        }
      }
      past.forEach((v, j) => {
        sequence[(row * time + t) * units + j] = padded && given.zeroed ? 0 : v;
      });
    }
    past.forEach((v, j) => (h[row * units + j] = v));
    cell.forEach((v, j) => (c[row * units + j] = v));
  }
  return { sequence, h, c };
}
