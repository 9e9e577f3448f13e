// Softmax regressions on iris and penguins in full, the autoencoder on a few images; their data, and pictures as files.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { crc32, inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { compile, type Model } from "../../compiler/compile.js";
import type { Loaded } from "../../compiler/tools/training.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { mnist } from "../../examples/data/mnist.js";
import { penguins } from "../../examples/data/penguins.js";
import { contactSheet, png, writeSheet } from "../../examples/data/png.js";
import { normal, uniform } from "../../examples/data/points.js";
import { prepare } from "../../examples/data/table.js";
import irisExample from "../../examples/iris/train.js";
import penguinsExample from "../../examples/penguins/train.js";
import { evaluate, fit, predict } from "../../src/train/index.js";

const examples = resolve(import.meta.dirname, "../../examples");

async function created(name: string): Promise<Model> {
  const { network, constNames } = await loadDefinition(join(examples, name, `${name}.net.ts`));
  return compile(network, { constNames }).create({ seed: 1 });
}

const measured = (model: Model, data: unknown): { loss: number; accuracy: number } =>
  evaluate(model as never, data as never) as never;

describe("softmax regressions", () => {
  test.each([
    ["iris", irisExample, 0.96],
    ["penguins", penguinsExample, 0.98],
  ] as const)("%s", async (name, { load, epochs }, figure) => {
    const { train, test: rest } = (await load()) as Loaded;
    const model = await created(name);
    expect(measured(model, rest).accuracy).toBeLessThan(0.9);
    fit(model as never, train as never, { epochs, seed: 0 });
    expect(measured(model, rest).accuracy).toBeGreaterThanOrEqual(figure);
    // Control: of the species of other rows nothing can be learnt.
    const [[target, classes]] = Object.entries(train.targets) as [[string, Int32Array]];
    const others = {
      inputs: train.inputs,
      targets: { [target]: classes.map((_, i) => classes[(i * 7 + 3) % classes.length]!) },
    };
    model.reset(1);
    fit(model as never, others as never, { epochs: 20, seed: 0 });
    expect(measured(model, rest).accuracy).toBeLessThan(0.8);
  });
});

test("an autoencoder takes noise away, on 1,000 images", async () => {
  const images = mnist({ rows: 1000 });
  const model = await created("autoencoder");
  const clean = images.test.images.slice(0, 100 * 784);
  const random = uniform(1);
  const noisy = clean.map((grey) => grey + 0.5 * normal(random));
  const error = (pictures: ArrayLike<number>): number =>
    clean.reduce((sum, grey, i) => sum + (grey - pictures[i]!) ** 2, 0) / clean.length;
  const restored = (): ArrayLike<number> =>
    predict(model as never, { inputs: { image: noisy } } as never, { outputs: ["reconstruction"] })["reconstruction"]!;
  expect(error(noisy)).toBeCloseTo(0.25, 2);
  expect(error(restored())).toBeGreaterThan(0.15);
  fit(model as never, { inputs: { image: images.train.images }, targets: {} } as never, { epochs: 2, seed: 1 });
  expect(error(restored())).toBeLessThan(0.09);
  // Inference adds no noise of its own.
  expect(restored()).toEqual(restored());
});

describe("data", () => {
  test("penguins, with what is missing", () => {
    const { features, classes } = penguins();
    expect([0, 1, 2].map((id) => classes.filter((one) => one === id).length)).toEqual([152, 68, 124]);
    expect(features[0]).toEqual([39.1, 18.7, 181, 3750, 1]);
    expect(features.filter((row) => Number.isNaN(row[0])).length).toBe(2);
    expect(features.filter((row) => Number.isNaN(row[4])).length).toBe(11);
  });

  test("training rows have mean 0 and deviation 1, a missing value is 0, no row is in both parts", () => {
    const table = {
      features: Array.from({ length: 20 }, (_, i) => [i === 3 ? NaN : i, 2 * i + 5]),
      classes: Array.from({ length: 20 }, (_, i) => i),
    };
    const { train, test: rest } = prepare(table, { testShare: 0.25, seed: 4 });
    expect([train.classes.length, rest.classes.length]).toEqual([15, 5]);
    expect(new Set([...train.classes, ...rest.classes]).size).toBe(20);
    const column = Array.from(train.classes, (_, row) => train.features[2 * row + 1]!);
    expect(column.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 5);
    expect(column.reduce((a, b) => a + b * b, 0) / 15).toBeCloseTo(1, 5);
    const rows = [train, rest].flatMap((part) =>
      Array.from(part.classes, (id, row) => [id, part.features[2 * row]!] as const),
    );
    expect(new Map(rows).get(3)).toBe(0);
  });
});

describe("pictures", () => {
  const pictures = [0, 0.25, 0.5, 1, 2, -1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6];

  test("a contact sheet puts them side by side, with lines between", () => {
    const { width, height, greys } = contactSheet({ pictures, width: 2, height: 2, columns: 2 });
    expect([width, height]).toEqual([7, 7]);
    expect(Array.from(greys.subarray(7, 14))).toEqual([64, 0, 64, 64, 255, 0, 64]);
    expect(Array.from(greys.subarray(14, 21))).toEqual([64, 128, 255, 64, 26, 51, 64]);
    expect(Array.from(greys.subarray(28, 35))).toEqual([64, 77, 102, 64, 64, 64, 64]);
  });

  test("a file with sound checksums holds the very greys", () => {
    const folder = mkdtempSync(join(tmpdir(), "pictures-"));
    const path = join(folder, "new", "sheet.png");
    writeSheet(path, { pictures, width: 2, height: 2, columns: 3 });
    const file = readFileSync(path);
    rmSync(folder, { recursive: true });
    expect(file.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    const chunks = new Map<string, Buffer>();
    for (let at = 8; at < file.length;) {
      const length = file.readUInt32BE(at);
      const body = file.subarray(at + 4, at + 8 + length);
      expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
      chunks.set(body.subarray(0, 4).toString("latin1"), body.subarray(4));
      at += 12 + length;
    }
    expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
    expect([...chunks.get("IHDR")!]).toEqual([0, 0, 0, 10, 0, 0, 0, 4, 8, 0, 0, 0, 0]);
    const lines = inflateSync(chunks.get("IDAT")!);
    const sheet = contactSheet({ pictures, width: 2, height: 2, columns: 3 });
    for (let y = 0; y < 4; y++) {
      expect(lines[11 * y]).toBe(0);
      expect(lines.subarray(11 * y + 1, 11 * y + 11)).toEqual(Buffer.from(sheet.greys.subarray(10 * y, 10 * y + 10)));
    }
    expect(png(sheet)).toEqual(file);
  });
});
