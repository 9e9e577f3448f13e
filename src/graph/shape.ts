// Shapes. The batch is the one symbolic axis: a size is `times * rows^power`, so flattening `[batch, seq, d]` to rows,
// joining two batches and `[batch, batch]` similarities are all expressible, and nothing ever folds `rows`.

/** One axis' size: `times * rows^power`. */
export interface Dim {
  readonly times: number;
  readonly power: number;
}

export type Shape = readonly Dim[];

/**
 * An axis as a definition writes it: a positive integer or "batch", the number of rows of a run. {@link input} takes a
 * list of them.
 */
export type PublicDim = number | "batch";

export const dim = (times: number, power = 0): Dim => Object.freeze({ times, power });

export const ONE: Dim = dim(1);

export const BATCH: Dim = dim(1, 1);

export const sameDim = (a: Dim, b: Dim): boolean => a.times === b.times && a.power === b.power;

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => sameDim(d, b[i]!));

export const isOne = (d: Dim): boolean => d.times === 1 && d.power === 0;

export const timesDim = (a: Dim, b: Dim): Dim => dim(a.times * b.times, a.power + b.power);

/** The number of elements, as a size. */
export const sizeOf = (shape: Shape): Dim => shape.reduce(timesDim, ONE);

/** The value of a size for a number of rows. */
export const evaluateDim = (d: Dim, rows: number): number => d.times * rows ** d.power;

export const evaluateShape = (shape: Shape, rows: number): number[] => shape.map((d) => evaluateDim(d, rows));

/** Row-major strides, as sizes. */
export function stridesOf(shape: Shape): Dim[] {
  const strides: Dim[] = [];
  let stride = ONE;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride = timesDim(stride, shape[i]!);
  }
  return strides;
}

/** `784`, `batch`, `2*batch`, `batch^2`. */
export function printDim({ times, power }: Dim): string {
  if (power === 0) return String(times);
  const rows = power === 1 ? "batch" : `batch^${power}`;
  return times === 1 ? rows : `${times}*${rows}`;
}

/** `[batch, 784]`. */
export const printShape = (shape: Shape): string => `[${shape.map(printDim).join(", ")}]`;
