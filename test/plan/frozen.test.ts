// Freezing prunes the backward graph: what is left out, and what the report says of it.

import { describe, expect, test } from "vitest";
import { compile, type Compilation } from "../../compiler/compile.js";
import * as t from "../../src/index.js";
import { contracts, entryOf, writes } from "../fusion/kernels.js";

interface Choice {
  readonly frozen?: readonly ("a" | "b" | "c")[];
  readonly only?: readonly string[];
}

/** Three layers a, b, c of 30, 20 and 10 units. */
function declared({ frozen = [], only }: Choice, optimizer = t.adam()): t.Network {
  const x = t.input("x", ["batch", 40]) as t.Tensor;
  const made: Record<string, t.Tensor> = {};
  const layer = (input: t.Tensor, name: "a" | "b" | "c", from: number, units: number): t.Tensor => {
    const trainable = !frozen.includes(name);
    const weight = (made[`${name}.weight`] = t.parameter([from, units], 0.1, {
      name: `${name}.weight`,
      trainable,
    }) as t.Tensor);
    const bias = (made[`${name}.bias`] = t.parameter([units], 0, { name: `${name}.bias`, trainable }) as t.Tensor);
    return t.tanh(t.add(t.matmul(input as never, weight as never) as never, bias as never) as never) as t.Tensor;
  };
  const y = layer(layer(layer(x, "a", 40, 30), "b", 30, 20), "c", 20, 10);
  const loss = t.mean(t.square(y));
  const parameters = only?.map((name) => made[name]!);
  const step = parameters ? { loss, optimizer, parameters } : { loss, optimizer };
  return t.network("n", { batch: 8, outputs: { y }, steps: { step } });
}

const compiled = (...choice: Parameters<typeof declared>): Compilation => compile(declared(...choice));

const products = (network: t.Network): number => entryOf(network, "step").kernels.filter(contracts).length;
const written = (network: t.Network): string[] =>
  entryOf(network, "step")
    .kernels.flatMap(writes)
    .filter((name) => /\.(weight|bias)$/.test(name));

/** Forward 3 products, backward to the weights as many as are trained, to the values as many as lie above the lowest. */
describe("the backward graph ends where nothing below is trained", () => {
  const everything = compiled({});
  test.each<readonly [string, Choice, number, string[]]>([
    ["everything trained", {}, 3 + 3 + 2, ["a.bias", "a.weight", "b.bias", "b.weight", "c.bias", "c.weight"]],
    ["the first layers frozen", { frozen: ["a", "b"] }, 3 + 1, ["c.bias", "c.weight"]],
    ["the last layer only, by the step's list", { only: ["c.weight", "c.bias"] }, 3 + 1, ["c.bias", "c.weight"]],
    ["a layer in the middle frozen", { frozen: ["b"] }, 3 + 2 + 2, ["a.bias", "a.weight", "c.bias", "c.weight"]],
    ["biases only", { only: ["a.bias", "b.bias", "c.bias"] }, 3 + 2, ["a.bias", "b.bias", "c.bias"]],
  ])("%s", (name, choice, count, parameters) => {
    const network = declared(choice);
    const made = compile(network);
    expect(products(network)).toBe(count);
    expect(written(network).sort()).toEqual(parameters);
    const slots = Object.keys(made.create().states).filter((state) => state.endsWith(".m"));
    expect(slots.sort()).toEqual(parameters.map((parameter) => `${parameter}.m`));
    if (name === "everything trained") return expect(made.frozen).toBeUndefined();
    const flops = (of: Compilation): number => of.memory.entries.find(({ entry }) => entry === "step")!.flops;
    const { steps, bytes, allBytes } = made.frozen!;
    expect(steps[0]).toMatchObject({ reached: 6, flops: flops(made), allFlops: flops(everything) });
    expect([...steps[0]!.parameters, ...parameters].sort()).toEqual(written(declared({})).sort());
    expect([bytes, allBytes]).toEqual([made.memory.arenaBytes, everything.memory.arenaBytes]);
    expect(steps[0]!.flops).toBeLessThan(steps[0]!.allFlops);
    expect(bytes).toBeLessThan(allBytes);
  });
});

test("the memory table and the printed plan say it in one line for each step", () => {
  const made = compiled({ frozen: ["a", "b"] });
  const { steps, bytes, allBytes } = made.frozen!;
  const number = (n: number): string => n.toLocaleString("en-US", { maximumFractionDigits: 0 });
  const lines = [
    `step leaves 4 of 6 parameters as they are (a.weight, a.bias, b.weight and 1 more), which saves FLOP: ` +
      `${number(steps[0]!.allFlops - steps[0]!.flops)} of ${number(steps[0]!.allFlops)}, `,
    `save bytes of the arena: ${number(allBytes - bytes)} of ${number(allBytes)}, `,
  ];
  for (const text of [made.memory.print(), made.print("plan")]) for (const line of lines) expect(text).toContain(line);
  expect(compiled({}).memory.print()).not.toContain("as they are");
});

test("a parameter that stopGradient hides is not counted", () => {
  const [w, hidden] = [t.parameter([3], 1, { name: "w" }), t.parameter([3], 1, { name: "hidden", trainable: false })];
  const loss = t.sum(t.mul(w, t.stopGradient(hidden)));
  const made = compile(t.network("n", { batch: 1, loss, optimizer: t.sgd({ rate: 1 }) }));
  expect(made.frozen).toBeUndefined();
});

test("settings that do not fit the frozen parameters leave the report out", () => {
  const optimizer = t.sgd({ rate: 1, constraint: t.maxNorm(1, { axis: 1 }) });
  expect(compiled({ only: ["c.weight"] }, optimizer).frozen).toBeUndefined();
});
