// The weather regression in full; the variational autoencoder and the two players on a few images; charts as files.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { compile, type Model, type TargetName } from "../../compiler/compile.js";
import type { Loaded } from "../../compiler/tools/training.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { mnist } from "../../examples/data/mnist.js";
import { svg, writeChart } from "../../examples/data/svg.js";
import { forecasts, seattle } from "../../examples/data/weather.js";
import weatherExample from "../../examples/weather/train.js";
import { evaluate, fit, predict } from "../../src/train/index.js";

const examples = resolve(import.meta.dirname, "../../examples");

async function created(name: string, target: TargetName = "typescript"): Promise<Model> {
  const { network, constNames } = await loadDefinition(join(examples, name, `${name}.net.ts`));
  return compile(network, { constNames, target }).create({ seed: 1 });
}

test("weather: better than the forecast that tomorrow is as today", async () => {
  const { train, test: held } = (await weatherExample.load()) as Loaded;
  const model = await created("weather");
  fit(model as never, train as never, { epochs: weatherExample.epochs, seed: 0 });
  const { rSquared, degrees, loss } = evaluate(model as never, held as never) as Record<string, number>;
  const { high, before, today } = forecasts(seattle(), 2015, 2015);
  const mean = high.reduce((a, b) => a + b) / high.length;
  const squares = (of: ArrayLike<number>): number => high.reduce((sum, value, i) => sum + (value - of[i]!) ** 2, 0);
  const { forecast } = predict(model as never, { inputs: { today } } as never);
  expect(degrees).toBeLessThan(2.75);
  expect(degrees).toBeLessThan(Math.sqrt(squares(before) / high.length));
  expect(degrees).toBeCloseTo(Math.sqrt(squares(forecast!) / high.length), 4);
  expect(degrees! ** 2).toBeCloseTo(loss!, 4);
  expect(rSquared).toBeCloseTo(1 - squares(forecast!) / squares(high.map(() => mean)), 4);
});

test("a variational autoencoder, on 1,000 images: the bound improves, drawing needs a code only", async () => {
  const model = await created("vae");
  const { train, test: held } = mnist({ rows: 1000 });
  const part = { inputs: { image: held.images.slice(0, 200 * 784) }, targets: {} };
  const before = evaluate(model as never, part as never) as Record<string, number>;
  // Untrained, each pixel is a coin: 784 ln 2 nats.
  expect(before["reconstruction"]).toBeGreaterThan(500);
  fit(model as never, { inputs: { image: train.images }, targets: {} } as never, { epochs: 2, seed: 0 });
  const after = evaluate(model as never, part as never) as Record<string, number>;
  expect(after["loss"]).toBeLessThan(260);
  expect(after["loss"]).toBeCloseTo(after["reconstruction"]! + after["distance"]!, 2);
  expect(after["distance"]).toBeGreaterThan(0.1);
  const code = new Float32Array(2 * 16).fill(0.5);
  code.fill(-0.5, 16);
  const { drawing } = predict(model as never, { inputs: { code } } as never);
  expect(drawing).toHaveLength(2 * 784);
  expect(drawing!.slice(0, 784)).not.toEqual(drawing!.slice(784));
  expect(() => fit(model as never, { inputs: { code }, targets: {} } as never)).toThrow(/input "image" has no data/);
  expect(() => predict(model as never, { inputs: { image: part.inputs.image } } as never)).toThrow(
    /"code" has no data/,
  );
});

test("two players: each step changes its own parameters; in turn on each batch, the generator nears the images", async () => {
  const model = await created("gan", "wasm");
  const images = mnist({ rows: 400 }).train.images;
  const data = { inputs: { image: images }, targets: {} } as never;
  const kept = (): Map<string, string> =>
    new Map(
      Object.entries(model.parameters).map(([name, view]) => [
        name,
        Buffer.from(view.slice().buffer).toString("base64"),
      ]),
    );
  const changed = (before: Map<string, string>): string[] =>
    [...kept()].filter(([n, v]) => before.get(n) !== v).map(([n]) => n);
  let before = kept();
  fit(model as never, data, { step: "critic" });
  const critics = changed(before);
  before = kept();
  // The generator reads no image; without one the number of rows is stated.
  fit(model as never, { inputs: {}, targets: {}, rows: 128 } as never, { step: "generator" });
  const generators = changed(before);
  expect([critics.length, generators.length]).toEqual([4, 4]);
  expect(critics.filter((name) => generators.includes(name))).toEqual([]);

  model.reset(1);
  const ink = (pictures: ArrayLike<number>): number =>
    (Array.prototype.reduce.call(pictures, (a, b) => (a as number) + (b as number), 0) as number) / pictures.length;
  const code = Float32Array.from({ length: 64 * 32 }, (_, i) => Math.sin(i * 7.3) * 1.4);
  const drawn = (): number => ink(predict(model as never, { inputs: { code } } as never)["drawing"]!);
  expect(drawn()).toBeGreaterThan(0.35);
  // Faster than the example, which must not oscillate later.
  model["critic.rate"] = model["generator.rate"] = 0.003;
  const history = fit(model as never, data, {
    epochs: 8,
    batchSize: 32,
    step: ["critic", "generator"],
    seed: 0,
    validationSplit: 0.2,
  });
  expect(Object.keys(history)).toEqual([
    "epoch",
    "loss",
    "criticLoss",
    "generatorLoss",
    "val_criticLoss",
    "val_generatorLoss",
    "val_loss",
  ]);
  for (const [i, loss] of history.loss.entries()) {
    expect(loss).toBeCloseTo(history["criticLoss"]![i]! + history["generatorLoss"]![i]!, 10);
  }
  // An image of MNIST has 13 % ink.
  expect(drawn()).toBeLessThan(0.3);
});

test("a chart holds a point for each value, between axes of round numbers", () => {
  const chart = {
    title: "a < b",
    parts: ["one", "two"],
    measure: "m",
    lines: [{ name: "line", values: [0, 5, 9.5], color: "#000" }],
  };
  const text = svg(chart);
  expect(text).toContain("a &lt; b (m)");
  expect([...text.matchAll(/text-anchor="end">([^<]+)</g)].map(([, label]) => label)).toEqual([
    "0",
    "2",
    "4",
    "6",
    "8",
    "10",
  ]);
  expect(text).toContain('<path d="M56 328L500 184L944 54.4"');
  const folder = mkdtempSync(join(tmpdir(), "charts-"));
  writeChart(join(folder, "new", "chart.svg"), chart);
  expect(readFileSync(join(folder, "new", "chart.svg"), "utf8")).toBe(text);
  rmSync(folder, { recursive: true });
});
