// When this project and PyTorch agree: the same shapes, and numbers within a share of the largest.

import type { Evaluated } from "./evaluate.js";

/** The share of the largest number by which two evaluations in float64 may differ, unless a case says otherwise. */
export const TOLERANCE = 1e-12;

type Named = readonly (readonly [name: string, values: readonly number[]])[];

/** What differs, in words; nothing where all agree. The largest number is that of all the lists together. */
export function deviations(actual: Named, expected: Named, tolerance = TOLERANCE): string[] {
  const bound = tolerance * Math.max(0, ...expected.flatMap(([, values]) => values.map(Math.abs)));
  if (actual.map(([name]) => name).join() !== expected.map(([name]) => name).join()) {
    return [`${actual.map(([name]) => name).join(", ")} in place of ${expected.map(([name]) => name).join(", ")}`];
  }
  return expected.flatMap(([name, values], k): string[] => {
    const own = actual[k]![1];
    if (own.length !== values.length) return [`${name}: ${own.length} numbers in place of ${values.length}`];
    return values.flatMap((value, i) =>
      Math.abs(own[i]! - value) <= bound
        ? []
        : [
            `${name}[${i}] is ${own[i]}, PyTorch has ${value} (${((own[i]! - value) / bound).toPrecision(2)} bounds off)`,
          ],
    );
  });
}

const valuesOf = ({ outputs }: Evaluated): Named =>
  outputs.map(({ shape, values }, i) => [`output ${i} [${shape}]`, values]);
const gradientsOf = ({ gradients = {} }: Evaluated): Named =>
  Object.entries(gradients).map(([name, values]) => [`gradient of ${name}`, values]);

export const functionDeviations = (actual: Evaluated, expected: Evaluated, tolerance?: number): string[] => [
  ...deviations(valuesOf(actual), valuesOf(expected), tolerance),
  ...deviations(gradientsOf(actual), gradientsOf(expected), tolerance),
];
