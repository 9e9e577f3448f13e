// The spread of Glorot's and He's first values for vectors, matrices and windows, by Keras' rule for fan-in and fan-out.

import { expect, test } from "vitest";
import { createInterpreter } from "tapeless/compiler";
import { glorotNormal, glorotUniform, heNormal, heUniform, network, parameter, type Initializer } from "tapeless";

function valuesOf(shape: readonly number[], initial: Initializer): Float64Array {
  const w = parameter([...shape], initial, { name: "w" });
  return createInterpreter(network("fans", { batch: 1, outputs: { w } }), { seed: 7 }).parameters.w!;
}

const spread = (values: Float64Array): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** The last two axes, each times the axes before them. */
const shapes: readonly (readonly [shape: readonly number[], fanIn: number, fanOut: number])[] = [
  [[3, 5, 8, 32], 3 * 5 * 8, 3 * 5 * 32],
  [[4, 16, 40], 4 * 16, 4 * 40],
  [[20, 100], 20, 100],
  [[2000], 2000, 2000],
];

test.each(shapes)("%j has fan-in %i and fan-out %i", (shape, fanIn, fanOut) => {
  for (const [uniform, normal, variance] of [
    [glorotUniform, glorotNormal, 2 / (fanIn + fanOut)],
    [heUniform, heNormal, 2 / fanIn],
  ] as const) {
    const limit = Math.sqrt(3 * variance);
    const flat = valuesOf(shape, uniform);
    const largest = flat.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.99 * limit);
    // The spread of 2,000 normal values has a standard deviation of 1.6 %: 6 % is far out.
    expect(Math.abs(spread(flat) / Math.sqrt(variance) - 1)).toBeLessThan(0.06);
    expect(Math.abs(spread(valuesOf(shape, normal)) / Math.sqrt(variance) - 1)).toBeLessThan(0.06);
  }
});
