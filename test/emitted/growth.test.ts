// Networks of any size: their modules compute what the interpreter computes, and grow with the network and no faster.

import { describe, expect, test } from "vitest";
import { createInterpreter } from "../../compiler/interpret.js";
import { compile } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import * as t from "../../src/index.js";
import { chain, diamond, wide } from "../scale/networks.js";

describe("of any size", () => {
  test.each([
    ["a chain of 1,000", chain(1000)],
    ["a 60-fold diamond", diamond(60)],
    ["120 layers", wide(240)],
  ])("%s computes what the interpreter computes", (_, network) => {
    const model = compile(network, { dtype: "float64" }).create({ seed: 1 });
    const reference = createInterpreter(network, { seed: 1 });
    for (const [name, view] of Object.entries(model.parameters)) reference.parameters[name]!.set(view);
    const x = [0.3, -0.7, 1.1, 0.2, -0.4, 0.9, 0.5, -1.2];
    model.inputs.x!.set(x as never);
    reference.inputs.x!.set(x);
    expect(model.gradients(2)).toBeCloseTo(reference.run("gradients", 2)!, 11);
    for (const [name, wanted] of Object.entries(reference.grads)) {
      Array.from(wanted).forEach((g, i) => expect(Math.abs(model.grads[name]![i]! - g)).toBeLessThan(1e-11));
    }
  });
});

/** Bytes per unit at two sizes: where they agree, growth is linear. */
function expectLinear(make: (size: number) => Network, small: number, large: number): void {
  const [one, other] = [small, large].map((size) => compile(make(size)).source.length);
  const growth = other! / one! / (large / small);
  if (growth > 1.15)
    throw new Error(`${large / small} times the network gives ${(other! / one!).toFixed(1)} times the code`);
}

describe("code grows linearly", () => {
  test("with a chain", () => expectLinear(chain, 500, 2000));
  test("with a diamond", () => expectLinear(diamond, 30, 120));
  test("with parameters", () => expectLinear(wide, 60, 240));

  test("a recurrence does not grow at all", () => {
    const recurrent = (length: number): Network => {
      const x = t.input("x", ["batch", length, 3]);
      const w = t.parameter([3, 3], 0.1, { name: "w" });
      const { carries } = t.scan(
        ([h], [e]) => ({ carries: [t.tanh(t.add(t.matmul(h!, w) as never, e! as never))], outputs: [] }),
        [t.mul(t.reshape(t.slice(x, [null, [0, 1]]), ["batch", 3]), 0)],
        [x],
        { axis: 1 },
      );
      return t.network("recurrent", { batch: 2, loss: t.mean(carries[0]!), optimizer: t.sgd({ rate: 0.1 }) });
    };
    const [short, long] = [10, 1000].map((length) => compile(recurrent(length)).source.length);
    expect(long! - short!).toBeLessThan(200);
  });

  test("control: networks that grow quadratically are found", () => {
    const square = (size: number): Network => chain(Math.ceil((size * size) / 100));
    expect(() => expectLinear(square, 100, 300)).toThrow(/times the code/);
  });
});
