// When this project and PyTorch agree: the same shapes, and numbers within a share of the largest.

import type { Evaluated } from "./evaluate.js";
import type { Trained } from "./train.js";

/** The share of the largest number by which two evaluations in float64 may differ, unless a case says otherwise. */
const TOLERANCE = 1e-12;

type Named = readonly (readonly [name: string, values: readonly number[]])[];

/** What differs, in words; nothing where all agree. The largest number is that of all the lists together. */
function deviations(actual: Named, expected: Named, tolerance = TOLERANCE): string[] {
  const bound = tolerance * Math.max(0, ...expected.flatMap(([, values]) => values.map(Math.abs)));
  const namesOf = (lists: Named): string => lists.map(([name, values]) => `${name} of ${values.length}`).join(", ");
  if (namesOf(actual) !== namesOf(expected)) return [`${namesOf(actual)} in place of ${namesOf(expected)}`];
  return expected.flatMap(([name, values], k) =>
    values.flatMap((value, i): string[] => {
      const own = actual[k]![1][i]!;
      const off = `${(Math.abs(own - value) / bound).toPrecision(2)} bounds off`;
      return Math.abs(own - value) <= bound ? [] : [`${name}[${i}] is ${own}, PyTorch has ${value}: ${off}`];
    }),
  );
}

const valuesOf = ({ outputs }: Evaluated): Named =>
  outputs.map(({ shape, values }, i) => [`output ${i} [${shape}]`, values]);
const gradientsOf = ({ gradients = {} }: Evaluated): Named =>
  Object.entries(gradients).map(([name, values]) => [`gradient of ${name}`, values]);

export const functionDeviations = (actual: Evaluated, expected: Evaluated, tolerance?: number): string[] => [
  ...deviations(valuesOf(actual), valuesOf(expected), tolerance),
  ...deviations(gradientsOf(actual), gradientsOf(expected), tolerance),
];

const stepsOf = ({ losses, kept, predict = [] }: Trained): Named => [
  ["loss", losses],
  ...Object.entries(kept).flatMap(([name, steps]) =>
    steps.map((values, step) => [`${name} after step ${step + 1}`, values] as const),
  ),
  ["predict", predict],
];

export const trainingDeviations = (actual: Trained, expected: Trained, tolerance?: number): string[] =>
  deviations(stepsOf(actual), stepsOf(expected), tolerance);
