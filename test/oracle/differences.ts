// Derivatives of a function of many numbers by differences: nothing is assumed but that it can be evaluated.

/** Steps are 2^-7, half, a quarter and an eighth of it: the truncation error falls with the eighth power. */
const STEP = 2 ** -7;
const LEVELS = 4;

/** The derivative of f at 0 by central differences with Richardson's extrapolation. */
export function derivativeAt0(f: (offset: number) => number): number {
  let table: number[] = [];
  for (let level = 0, step = STEP; level < LEVELS; level++, step /= 2) {
    const row = [(f(step) - f(-step)) / (2 * step)];
    for (let k = 1; k <= level; k++) row[k] = row[k - 1]! + (row[k - 1]! - table[k - 1]!) / (4 ** k - 1);
    table = row;
  }
  return table.at(-1)!;
}

/** The gradient of `f` with respect to each of `inputs`, which are changed while it works and left as they were. */
export function gradientByDifferences(f: () => number, inputs: readonly Float64Array[]): Float64Array[] {
  return inputs.map((input) =>
    input.map((value, i) => {
      const slope = derivativeAt0((offset) => {
        input[i] = value + offset;
        return f();
      });
      input[i] = value;
      return slope;
    }),
  );
}
