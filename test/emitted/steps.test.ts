// Whole networks whose entries share and change things: several steps over shared parameters, states, tied and frozen
// weights, updates that read what others write, gradients of gradients, dropout. Each step runs twice.

import { describe, expect, test } from "vitest";
import { compile, type TargetName } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import {
  BOUND,
  expectEntry,
  expectSame,
  expectState,
  fill,
  pairOf,
  snapshot,
  type Float,
  type Pair,
} from "./harness.js";
import { CAPACITY, networks } from "./networks.js";
import { compiledOf } from "./once.js";
import { entriesOf, expectRounds } from "./rounds.js";

const expectTwice = (network: Network, dtype: Float, spoil?: (pair: Pair) => void, target?: TargetName): void =>
  expectRounds(pairOf(network, { dtype, seed: 9, compiled: compiledOf(network, dtype, target) }), spoil);

describe.each(Object.entries(networks).map(([name, build], i) => [name, build, i] as const))(
  "%s",
  (_, build, ordinal) => {
    test("float64", () => expectTwice(build(), "float64"));
    test("float32", () => expectTwice(build(), "float32"));
    test("float32 on WebAssembly", () => expectTwice(build(), "float32", undefined, "wasm"));

    test("`predict`, `loss`, `evaluate` and `gradients` change nothing that lasts", () => {
      const pair = pairOf(build(), { dtype: "float32", seed: 9 });
      fill(pair, 21, {});
      const { model } = pair;
      const lasting = () => snapshot({ ...model.parameters, ...model.states, ...model.inputs, ...model.targets });
      const before = lasting();
      for (const entry of entriesOf(pair)) {
        model[entry](CAPACITY);
        const grads = snapshot(model.grads);
        model[entry](CAPACITY);
        expectSame(`${entry} again`, model.grads, grads);
        expectSame(entry, lasting(), before);
      }
    });

    test("each entry alone is what it is among the others", () => {
      const network = build();
      const all = compiledOf(network, "float64").create({ seed: 9 });
      const names = Object.keys(all).filter((key) => typeof all[key] === "function" && !/reset|dispose/.test(key));
      // What updates, and one of those that do not: another one for each network.
      const steps = names.filter((name) => all.spec.steps.includes(name));
      const others = names.filter((name) => !all.spec.steps.includes(name));
      for (const entry of [steps[ordinal % steps.length]!, others[ordinal % others.length]!]) {
        const pair = pairOf(network, { dtype: "float64", seed: 9, entries: [entry] });
        fill(pair, 23, {});
        expectEntry(pair, entry, 3);
        expectState(pair);
      }
    });
  },
);

describe("negative controls", () => {
  test.each(Object.entries(networks))("%s: a parameter that differs is seen", (_, build) => {
    const spoil = ({ model, dtype }: Pair): void => {
      for (const view of Object.values(model.parameters)) view[0]! += 100 * BOUND[dtype] + 1e-6;
    };
    expect(() => expectTwice(build(), "float64", spoil)).toThrow(/apart/);
  });

  test("a state that differs is seen", () => {
    const spoil = ({ model }: Pair): void => void (model.states["a"]![1]! += 1e-6);
    expect(() => expectTwice(networks["two states that change places"]!(), "float64", spoil)).toThrow(/apart/);
  });

  test("other random numbers are seen", () => {
    const spoil = ({ model }: Pair): void => void (model.states["clock"]![0]! += 1);
    expect(() => expectTwice(networks["dropout and noise"]!(), "float64", spoil)).toThrow(/apart/);
  });
});

test("gradients see the random numbers of the next step", () => {
  const { reference, model } = pairOf(networks["dropout and noise"]!(), { dtype: "float64", seed: 9 });
  expect(reference.states["clock"]).toBeDefined();
  const losses = [1, 2, 3].map(() => {
    const before = model.gradients(CAPACITY);
    expect(model.gradients(CAPACITY)).toBe(before);
    expect(model.step(CAPACITY)).toBe(before);
    return before;
  });
  expect(new Set(losses).size).toBe(3);
});

describe("a build of `predict` alone", () => {
  const network = networks["an actor and a critic over shared features"]!();
  const all = compile(network, { dtype: "float32" });
  const some = compile(network, { dtype: "float32", entries: ["predict"] });

  test("holds no training code and no memory for it", () => {
    expect(all.source).toMatch(/criticGradients\(rows\)/);
    expect(some.source).not.toMatch(/criticLoss|criticGradients|critic\(|actor\(|velocity|∂/);
    expect(all.source).toMatch(/velocity/);
    expect(some.source.length).toBeLessThan(0.7 * all.source.length);
    expect(some.memory.arenaBytes).toBeLessThan(0.7 * all.memory.arenaBytes);
    expect(some.memory.segments.find(({ segment }) => segment === "gradient")).toBeUndefined();
    const model = some.create();
    expect(Object.keys(model.targets)).toEqual([]);
    expect(Object.keys(model.grads)).toEqual([]);
    expect(Object.keys(model.states)).toEqual([]);
  });

  test("computes the same", () => {
    const models = [all, some].map((compilation) => compilation.create({ seed: 4 }));
    for (const model of models) {
      model.inputs["x"]!.forEach((_, i, view) => (view[i] = Math.sin(i)));
      model.predict(3);
    }
    expectSame("outputs", models[1]!.outputs, models[0]!.outputs);
  });
});
