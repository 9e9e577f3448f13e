// The convolutional examples learn from the first images of MNIST, on WebAssembly, whose kernels are those of the TypeScript
// target. The full figures are reached by `npm run examples`.

import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { mnist } from "../../examples/data/mnist.js";
import { evaluate, fit } from "../../src/train/index.js";

const examples = resolve(import.meta.dirname, "../../examples");
const { train, test: held } = mnist({ rows: 2000 });

const rowsOf = ({ images, digits }: typeof train, count: number) => ({
  inputs: { image: images.subarray(0, 784 * count) },
  targets: { digit: digits.subarray(0, count) },
});

const shareOf = (model: object): number =>
  (evaluate(model as never, rowsOf(held, 1000) as never) as { accuracy: number }).accuracy;

describe.each([
  { name: "lenet", figure: 0.78 },
  { name: "resnet", figure: 0.65 },
  { name: "vgg", figure: 0.78 },
])("$name", ({ name, figure }) => {
  test(`at least ${figure} after one epoch of 2,000 images`, async () => {
    const { network, constNames } = await loadDefinition(join(examples, name, `${name}.net.ts`));
    const model = compile(network, { constNames, target: "wasm" }).create({ seed: 1 });
    expect(shareOf(model)).toBeLessThan(0.3);
    fit(model as never, rowsOf(train, 2000) as never, { epochs: 1, seed: 1 } as never);
    expect(shareOf(model)).toBeGreaterThanOrEqual(figure);
  });
});
