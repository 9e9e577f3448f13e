// What every side of a workload starts from: the same parameters and the same batches.

import { inputShape, parameterShapes, sizeOf, targetShape, type Network } from "./networks.js";

/** Training steps, or predictions. */
export type Mode = "training" | "inference";

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array<ArrayBuffer>;
}

export interface LayerValues {
  /** [fan in, fan out], row-major. */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface Batch {
  /** [rows, ...], row-major. */
  readonly inputs: Float32Array<ArrayBuffer>;
  /** [rows, ...], row-major; one-hot where there are classes. */
  readonly targets: Float32Array<ArrayBuffer>;
  /** [rows]: the class of each row, where there are classes. */
  readonly classes: Int32Array;
}

export interface Task {
  readonly network: Network;
  readonly mode: Mode;
  readonly rows: number;
  readonly parameters: readonly Parameter[];
  /** Steps take them in turn. */
  readonly batches: readonly Batch[];
}

/** The parameters in pairs, of a network that has a weight and a bias in each layer. */
export function layersOf({ parameters }: Task): readonly LayerValues[] {
  return parameters.flatMap(({ name, values }, i) =>
    name.endsWith(".weight") ? [{ weight: values, bias: parameters[i + 1]!.values }] : [],
  );
}

/** Glorot's uniform weights, zero biases, norms that change nothing. */
export function initialParameters(network: Network): Parameter[] {
  const random = uniform(1);
  return parameterShapes(network).map(({ name, shape, fanIn, fanOut, fill }) => {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    const draw = (): number => (fanIn === 0 ? fill : limit * (2 * random() - 1));
    return { name, shape, values: Float32Array.from({ length: sizeOf(shape) }, draw) };
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

/** Numbers from -1 to 1, of inputs and where there are no classes of targets. */
export function randomBatches(network: Network, rows: number, count: number): Batch[] {
  const random = uniform(4);
  const numbers = (length: number): Float32Array<ArrayBuffer> => Float32Array.from({ length }, () => 2 * random() - 1);
  const [outputs, ...more] = targetShape(network);
  return Array.from({ length: count }, () => {
    const inputs = numbers(rows * sizeOf(inputShape(network)));
    if (more.length > 0)
      return { inputs, targets: numbers(rows * sizeOf(targetShape(network))), classes: new Int32Array(0) };
    const classes = Int32Array.from({ length: rows }, () => Math.floor(random() * outputs!));
    return { inputs, targets: oneHot(classes, outputs!), classes };
  });
}

export function oneHot(classes: Int32Array, outputs: number): Float32Array<ArrayBuffer> {
  const targets = new Float32Array(classes.length * outputs);
  classes.forEach((digit, row) => (targets[row * outputs + digit] = 1));
  return targets;
}

/** The mean of -log p over the right classes: what predictions are compared by. */
export function crossEntropyOf(probabilities: ArrayLike<number>, { classes }: Batch): number {
  const outputs = probabilities.length / classes.length;
  return (
    -classes.reduce((sum, right, row) => sum + Math.log(probabilities[row * outputs + right]!), 0) / classes.length
  );
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
