// What every side of a workload starts from: the same parameters and the same batches.

import type { Network } from "./networks.js";

export interface LayerValues {
  /** [fan in, fan out], row-major. */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface Batch {
  /** [rows, features], row-major. */
  readonly inputs: Float32Array;
  /** [rows, outputs], row-major; one-hot where there are classes. */
  readonly targets: Float32Array;
  /** [rows]: the class of each row. */
  readonly classes: Int32Array;
}

export interface Task {
  readonly network: Network;
  readonly rows: number;
  readonly parameters: readonly LayerValues[];
  /** Steps take them in turn. */
  readonly batches: readonly Batch[];
}

/** Glorot's uniform weights and zero biases. */
export function initialParameters({ sizes }: Network): LayerValues[] {
  const random = uniform(1);
  return sizes.slice(1).map((fanOut, layer) => {
    const fanIn = sizes[layer]!;
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    const weight = Float32Array.from({ length: fanIn * fanOut }, () => limit * (2 * random() - 1));
    return { weight, bias: new Float32Array(fanOut) };
  });
}

/** Points of the square from -1 to 1; class 1 where the signs differ. */
export function pointBatches(rows: number, count: number): Batch[] {
  const random = uniform(2);
  return Array.from({ length: count }, () => {
    const inputs = Float32Array.from({ length: rows * 2 }, () => 2 * random() - 1);
    const classes = Int32Array.from({ length: rows }, (_, row) =>
      inputs[2 * row]! * inputs[2 * row + 1]! < 0 ? 1 : 0,
    );
    return { inputs, targets: Float32Array.from(classes), classes };
  });
}

/** Mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
