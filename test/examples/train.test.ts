// Each course network learns: on its points, or on the first 3,000 images of MNIST, to a stated figure. The full figures are
// reached by `npm start` and `npm run examples`.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Model } from "../../compiler/instantiate.js";
import { compile, type Compilation } from "../../compiler/compile.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { mnist, type Digits } from "../../examples/data/mnist.js";
import classifierExample from "../../examples/classifier/train.js";
import logisticExample from "../../examples/logistic/train.js";
import { evaluate, fit, type FitOptions } from "../../src/train/index.js";

const examples = resolve(import.meta.dirname, "../../examples");

const made = new Map<string, Promise<Compilation>>();

function compiled(name: string): Promise<Compilation> {
  const make = async (): Promise<Compilation> => {
    const { network, constNames } = await loadDefinition(join(examples, name, `${name}.net.ts`));
    return compile(network, { constNames });
  };
  const known = made.get(name) ?? make();
  made.set(name, known);
  return known;
}

type Columns = Readonly<Record<string, ArrayLike<number>>>;

interface Rows {
  readonly inputs: Columns;
  readonly targets: Columns;
}

const train = (model: Model, data: Rows, options: FitOptions<never>): void =>
  void fit(model as never, data as never, { seed: 1, ...options } as never);

const measured = (model: Model, data: Rows): { loss: number; accuracy: number } =>
  evaluate(model as never, data as never) as never;

const bits = (model: Model): string =>
  Object.entries(model.parameters)
    .map(([name, view]) => `${name}: ${Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64")}`)
    .join("\n");

describe("two-dimensional networks, 100 points", () => {
  // Seeds 1 to 3; the clouds of the logistic regression overlap.
  const cases = [
    { name: "logistic", example: logisticExample, full: 500, mini: 50, single: 20, figure: 0.9 },
    { name: "classifier", example: classifierExample, full: 1000, mini: 150, single: 100, figure: 0.99 },
  ];
  test.each(cases)("$name: full batch, mini-batches and single examples of one build", async (given) => {
    const { train: points } = (await given.example.load()) as { train: Rows };
    const network = await compiled(given.name);
    for (const seed of [1, 2, 3]) {
      const model = network.create({ seed });
      const untrained = measured(model, points);
      for (const [batchSize, epochs] of [
        [100, given.full],
        [10, given.mini],
        [1, given.single],
      ] as const) {
        model.reset(seed);
        // A single example says less about the direction: a shorter step.
        model.rate = batchSize === 1 ? 0.1 : 0.5;
        train(model, points, { batchSize, epochs, seed });
        const { loss, accuracy: share } = measured(model, points);
        expect(share, `seed ${seed}, batches of ${batchSize}`).toBeGreaterThanOrEqual(given.figure);
        expect(loss).toBeLessThan(0.7 * untrained.loss);
      }
    }
  });

  test("full-batch descent is one step per epoch over rows in any order", async () => {
    const { train: points } = (await logisticExample.load()) as { train: Rows };
    const [one, other] = [await compiled("logistic"), await compiled("logistic")].map((c) => c.create({ seed: 1 }));
    train(one!, points, { epochs: 40, batchSize: 100, shuffle: false });
    for (const [name, column] of [...Object.entries(points.inputs), ...Object.entries(points.targets)]) {
      (other!.inputs[name] ?? other!.targets[name]!).set(column as never);
    }
    for (let n = 0; n < 40; n++) other!.step(100);
    expect(bits(one!)).toBe(bits(other!));
  });

  test("control: a line does not separate a disc from its ring", async () => {
    const { train: points } = (await classifierExample.load()) as { train: Rows };
    const model = (await compiled("logistic")).create({ seed: 1 });
    train(model, points, { epochs: 500, batchSize: 100 });
    expect(measured(model, points).accuracy).toBeLessThan(0.8);
  });
});

describe("handwritten digits, 3,000 images", () => {
  let data: { readonly train: Digits; readonly test: Digits };
  beforeAll(() => {
    const { train, test } = mnist({ rows: 3000 });
    data = { train, test: firstOf(test, 1500) };
  });
  const firstOf = ({ images, digits }: Digits, rows: number): Digits => ({
    images: images.subarray(0, 784 * rows),
    digits: digits.subarray(0, rows),
  });
  const oneHot = (digits: Int32Array): Float32Array => {
    const rows = new Float32Array(digits.length * 10);
    digits.forEach((digit, row) => (rows[row * 10 + digit] = 1));
    return rows;
  };
  const rowsOf = (set: Digits, hot: boolean, labels = set.digits): Rows => ({
    inputs: { image: set.images },
    targets: { digit: hot ? oneHot(labels) : labels },
  });

  const cases = [
    { name: "digits", epochs: 2, hot: false, figure: 0.8 },
    { name: "digits-adam", epochs: 2, hot: false, figure: 0.84 },
    { name: "from-scratch", epochs: 3, hot: true, figure: 0.79 },
  ];
  test.each(cases)("$name: at least $figure after $epochs epochs", async ({ name, epochs, hot, figure }) => {
    const model = (await compiled(name)).create({ seed: 1 });
    const before = measured(model, rowsOf(data.test, hot));
    expect(before.accuracy).toBeLessThan(0.3);
    train(model, rowsOf(data.train, hot), { epochs });
    const after = measured(model, rowsOf(data.test, hot));
    expect(after.accuracy).toBeGreaterThanOrEqual(figure);
  });

  test.each(cases)("$name: equal seeds give equal bits, other seeds others", async ({ name, hot }) => {
    const few = firstOf(data.train, 240);
    const digits = await compiled(name);
    const [first, again, other] = [1, 1, 2].map((seed) => {
      const model = digits.create({ seed });
      train(model, rowsOf(few, hot), { epochs: 2, seed });
      return bits(model);
    });
    expect(again === first, "the same bits").toBe(true);
    expect(other === first, "other bits").toBe(false);
  });

  test("single examples of the same build learn too", async () => {
    const model = (await compiled("digits")).create({ seed: 1 });
    model.rate = 0.01;
    train(model, rowsOf(firstOf(data.train, 900), false), { epochs: 2, batchSize: 1 });
    expect(measured(model, rowsOf(data.test, false)).accuracy).toBeGreaterThanOrEqual(0.75);
  });

  test("control: with the answers of other images nothing is learnt", async () => {
    const model = (await compiled("digits")).create({ seed: 1 });
    const some = firstOf(data.train, 2000);
    const others = Int32Array.from(some.digits, (_, row) => data.train.digits[(row * 7 + 3) % 3000]!);
    train(model, rowsOf(some, false, others), { epochs: 1 });
    expect(measured(model, rowsOf(data.test, false)).accuracy).toBeLessThan(0.3);
  });
});

test("every file of an example has fewer than 80 lines", () => {
  const names = readdirSync(examples, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !["data", "browser"].includes(entry.name),
  );
  expect(names.map((entry) => entry.name).sort()).toEqual([
    "autoencoder",
    "char-gru",
    "char-lstm",
    "char-transformer",
    "classifier",
    "digits",
    "digits-adam",
    "fine-tune",
    "from-scratch",
    "gan",
    "gradient-penalty",
    "iris",
    "lenet",
    "logistic",
    "penguins",
    "resnet",
    "vae",
    "vgg",
    "weather",
    "word2vec",
  ]);
  for (const { name } of names) {
    for (const file of readdirSync(join(examples, name))) {
      expect(readFileSync(join(examples, name, file), "utf8").split("\n").length, `${name}/${file}`).toBeLessThan(80);
    }
  }
});
