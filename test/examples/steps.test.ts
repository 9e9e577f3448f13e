// The examples that train in an unusual way, on a few thousand images: fine-tuning of a last layer over frozen ones, and a
// penalty on a gradient.

import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { compile, type Compilation, type Model } from "../../compiler/compile.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { mnist } from "../../examples/data/mnist.js";
import fineTune from "../../examples/fine-tune/train.js";
import { moved } from "../../examples/gradient-penalty/train.js";
import { evaluate, fit } from "../../src/train/index.js";

const examples = resolve(import.meta.dirname, "../../examples");

async function compiled(name: string): Promise<Compilation> {
  const { network, constNames } = await loadDefinition(join(examples, name, `${name}.net.ts`));
  return compile(network, { constNames });
}

const images = mnist({ rows: 1200 });
const part = (set: "train" | "test", rows: number) => ({
  inputs: { image: images[set].images.subarray(0, 784 * rows) },
  targets: { digit: images[set].digits.subarray(0, rows) },
});

const measured = (model: Model, data: unknown, step?: string): number =>
  (evaluate(model as never, data as never, { step }) as never)["accuracy"];

test("the last layer learns all digits over layers that know five of them and stay as they are", async () => {
  const made = await compiled("fine-tune");
  const model = made.create({ seed: 1 });
  const train = part("train", 1200);
  await fineTune.before!(model as never, train);
  const pretrained = measured(model, part("test", 300), "tune");
  expect(pretrained).toBeGreaterThan(0.4);
  expect(pretrained).toBeLessThan(0.55);
  const bodies = (): string[] =>
    Object.entries(model.parameters).flatMap(([name, view]) => (name.startsWith("head") ? [] : [view.join()]));
  const before = bodies();
  fit(model as never, train as never, { step: "tune", epochs: 5, seed: 1 });
  expect(bodies().every((text, i) => text === before[i])).toBe(true);
  expect(measured(model, part("test", 300), "tune")).toBeGreaterThan(0.55);

  // Both steps share the memory; the tuning alone has no averages for the layers below.
  const { steps, bytes, allBytes } = made.frozen!;
  expect(steps).toMatchObject([{ step: "tune", reached: 6 }]);
  expect(steps[0]!.parameters).toEqual(["h1.weight", "h1.bias", "h2.weight", "h2.bias"]);
  expect(steps[0]!.flops).toBeLessThan(0.5 * steps[0]!.allFlops);
  // The averages m and v of h1 and h2, and what the backward pass keeps.
  expect(allBytes - bytes).toBeGreaterThanOrEqual(2 * 4 * (784 * 256 + 256 + 256 * 128 + 128));
});

test("a network whose loss is steep nowhere keeps its answers when pixels are moved against it", async () => {
  const made = await compiled("gradient-penalty");
  const data = part("test", 256);
  const [smooth, plain] = [1, 0].map((smoothness) => {
    const model = made.create({ seed: 1 });
    model["smoothness"] = smoothness;
    fit(model as never, part("train", 1200) as never, { epochs: 2, seed: 1 });
    const attacked = { inputs: { image: moved(model as never, data.inputs.image) }, targets: data.targets };
    return { clean: measured(model, data), attacked: measured(model, attacked) };
  });
  expect(smooth!.clean).toBeGreaterThan(0.65);
  expect(plain!.clean).toBeGreaterThan(0.65);
  expect(smooth!.attacked).toBeGreaterThan(plain!.attacked + 0.15);
});
