// What the entries of a network compute and change: modes, states, clocks, slots, first values.

import { describe, expect, test } from "vitest";
import { compile, createInterpreter, type Model } from "tapeless/compiler";
import {
  adam,
  add,
  dense,
  dropout,
  gradient,
  heNormal,
  hyper,
  input,
  l2,
  mean,
  meanSquaredError,
  mul,
  network,
  normal,
  parameter,
  randomUniform,
  sgd,
  square,
  state,
  stopGradient,
  sum,
  target,
  updating,
  type Network,
  type Tensor,
} from "tapeless";
import { entriesOf } from "../../src/entries.js";

const x = input("x", ["batch", 3]);
const y = target("y", ["batch", 1]);
const prediction = dense(x, 1, { name: "layer", weightInitializer: normal(0, 1) });
const loss = meanSquaredError(prediction, y);
const optimizer = sgd({ rate: 0.1 });

type Run = Model & Record<string, (rows: number) => number> & { rate: number };

/** A model in float64 with numbers in its inputs and targets. */
function start(declared: Network, seed = 1): Run {
  const model = compile(declared, { dtype: "float64" }).create({ seed }) as Run;
  for (const views of [model.inputs, model.targets]) {
    for (const view of Object.values(views)) view.forEach((_, i) => (view[i] = Math.sin(i + 1)));
  }
  return model;
}

const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Copies of all that a step may change. */
const memory = (model: Model): Record<string, number[]> =>
  Object.fromEntries(
    [...Object.entries(model.parameters), ...Object.entries(model.states)].map(([name, view]) => [name, [...view]]),
  );

const shape = (declared: Network): string[] =>
  entriesOf(declared).map(({ name, kind, mode, results, updates }) => {
    const what = results.map((r) => r.kind[0]).join("");
    return `${name}: ${kind}, ${mode}, ${what}, ${updates.length}`;
  });

describe("which there are", () => {
  const outputs = { prediction };
  test("of outputs alone", () => {
    expect(shape(network("n", { batch: 2, outputs }))).toEqual([
      "predict: predict, infer, o, 0",
      "initialize: initialize, infer, , 2",
    ]);
  });

  test("of one step", () => {
    expect(shape(network("n", { batch: 2, outputs, loss, optimizer }))).toEqual([
      "predict: predict, infer, o, 0",
      "loss: loss, infer, l, 0",
      "gradients: gradients, train, lgg, 0",
      "step: step, train, l, 2",
      "initialize: initialize, infer, , 2",
    ]);
  });

  test("of several steps", () => {
    const steps = { critic: { loss, optimizer: adam() }, actor: { loss, optimizer } };
    expect(shape(network("n", { batch: 2, steps }))).toEqual([
      "criticLoss: loss, infer, l, 0",
      "criticGradients: gradients, train, lgg, 0",
      "critic: step, train, l, 7",
      "actorLoss: loss, infer, l, 0",
      "actorGradients: gradients, train, lgg, 0",
      "actor: step, train, l, 2",
      "initialize: initialize, infer, , 7",
    ]);
  });
});

describe("modes", () => {
  const dropped = dropout(mul(x, parameter([3], 1, { name: "w" })), 0.5);
  const declared = network("dropping", {
    batch: 8,
    outputs: { dropped },
    loss: mean(dropped),
    optimizer: sgd({ rate: 0 }),
  });

  test("dropout is gone from predict and loss, and there in training", () => {
    const model = start(declared);
    model.predict!(8);
    expect([...model.outputs.dropped!]).toEqual([...model.inputs.x!]);
    const plain = meanOf(model.inputs.x!);
    expect(model.loss!(8)).toBeCloseTo(plain, 12);
    expect(Math.abs(model.step!(8) - plain)).toBeGreaterThan(1e-3);
  });

  test("gradients sees the random numbers of the step that follows; each step draws its own", () => {
    const model = start(declared);
    const before = memory(model);
    const seen = model.gradients!(8);
    expect(model.gradients!(8)).toBe(seen);
    expect(memory(model)).toEqual(before);
    expect(model.step!(8)).toBe(seen);
    expect(model.step!(8)).not.toBe(seen);
    expect([...model.states.clock!]).toEqual([2]);
  });

  test("without randomness there is no clock, without Adam no count", () => {
    expect(Object.keys(start(network("n", { batch: 2, loss, optimizer })).states)).toEqual([]);
    expect(Object.keys(start(network("n", { batch: 2, loss, optimizer: adam() })).states)).toContain("count");
  });

  test("step returns the loss before its update", () => {
    const model = start(network("n", { batch: 4, loss, optimizer }));
    const before = model.loss!(4);
    expect(model.step!(4)).toBe(before);
    expect(model.loss!(4)).toBeLessThan(before);
  });

  test("a gradient may be an output", () => {
    const slope = gradient(sum(square(x)), x);
    const model = start(network("n", { batch: 2, outputs: { slope } }));
    model.predict!(2);
    expect([...model.outputs.slope!]).toEqual([...model.inputs.x!].map((v) => 2 * v));
  });
});

describe("states", () => {
  const average = state("average", [], 1);
  const next = add(mul(average, 0.9), mul(mean(x), 0.1));
  const scaled = mul(updating(prediction, [[average, next]]), average) as Tensor;
  const declared = network("running", {
    batch: 4,
    outputs: { scaled },
    loss: meanSquaredError(scaled, y as never),
    optimizer: sgd({ rate: 0 }),
  });

  test("a step gives them their next value, and reads the one before; nothing else changes them", () => {
    const model = start(declared);
    const m = meanOf(model.inputs.x!);
    model.predict!(4);
    model.loss!(4);
    model.gradients!(4);
    expect([...model.states.average!]).toEqual([1]);
    const first = model.loss!(4);
    expect(model.step!(4)).toBe(first);
    expect(model.states.average![0]).toBeCloseTo(0.9 + 0.1 * m, 14);
    expect(model.loss!(4)).not.toBe(first);
    model.step!(4);
    expect(model.states.average![0]).toBeCloseTo(0.81 + 0.19 * m, 14);
  });

  test("the interpreter does the same", () => {
    const reference = createInterpreter(declared);
    reference.inputs.x!.fill(0.5);
    reference.run("loss", 4);
    expect([...reference.states.average!]).toEqual([1]);
    reference.run("step", 4);
    expect(reference.states.average![0]).toBeCloseTo(0.95, 14);
  });
});

describe("several steps", () => {
  const made = dense(x, 2, { name: "maker", weightInitializer: heNormal });
  const judged = dense(made, 1, { name: "judge" });
  const maker = () => made.inputs[0]!.inputs[1]! as Tensor;
  const critic = mean(square(dense(stopGradient(made), 1, { parameters: judgeOf(judged) })));
  const actor = mean(judged);

  /** The judge's parameters, to judge something else by. */
  function judgeOf(layer: Tensor): { weight: never; bias: never } {
    const leaf = (node: { inputs: readonly unknown[]; def: { name: string } }): unknown =>
      node.def.name === "parameter" ? node : leaf(node.inputs.at(-1) as never);
    const [product, bias] = layer.inputs;
    return { weight: leaf(product!) as never, bias: leaf(bias!) as never };
  }

  const declared = network("pair", {
    batch: 4,
    steps: {
      critic: { loss: critic, optimizer: adam({ rate: 0.1, weightDecay: 0.5 }) },
      actor: { loss: actor, optimizer: sgd({ rate: 0.2, momentum: 0.9, weightDecay: 0.5 }), parameters: [maker()] },
    },
  });

  test("what only stopGradient reads is left alone, decay included", () => {
    const model = start(declared);
    const before = memory(model);
    model.critic!(4);
    const after = memory(model);
    expect(after["maker.weight"]).toEqual(before["maker.weight"]);
    expect(after["maker.bias"]).toEqual(before["maker.bias"]);
    expect(after["judge.weight"]).not.toEqual(before["judge.weight"]);
  });

  test("a step with a list changes what it lists", () => {
    const model = start(declared);
    const before = memory(model);
    model.actor!(4);
    const changed = Object.entries(memory(model)).filter(([name, values]) => values.join() !== before[name]!.join());
    expect(changed.map(([name]) => name).sort()).toEqual(["maker.weight", "maker.weight.actor.velocity"]);
  });

  test("slots belong to a step and a parameter; hyper-parameters to a step", () => {
    const model = start(declared);
    expect(Object.keys(model.states).sort()).toEqual([
      "critic.count",
      "judge.bias.critic.m",
      "judge.bias.critic.v",
      "judge.weight.critic.m",
      "judge.weight.critic.v",
      "maker.weight.actor.velocity",
    ]);
    const hypers = ["critic.rate", "critic.weightDecay", "actor.rate", "actor.momentum", "actor.weightDecay"];
    expect(hypers.map((name) => (model as unknown as Record<string, number>)[name])).toEqual([0.1, 0.5, 0.2, 0.9, 0.5]);
  });

  test("one step's count is not another's", () => {
    const both = { loss, optimizer: adam() };
    const model = start(network("two", { batch: 2, steps: { one: both, two: both } }));
    model.one!(2);
    model.one!(2);
    model.two!(2);
    expect([model.states["one.count"]![0], model.states["two.count"]![0]]).toEqual([2, 1]);
  });
});

describe("hyper-parameters", () => {
  test("a group's own settings are its own, the rest is shared", () => {
    const [a, b] = [parameter([3], 1, { name: "a" }), parameter([3], 1, { name: "b" })];
    const grouped = sgd({ rate: 0.1, weightDecay: 0.5, groups: [{ parameters: [b], rate: 0.2, weightDecay: 0 }] });
    const model = start(network("groups", { batch: 1, loss: sum(mul(x, add(a, b))), optimizer: grouped }));
    const g = [...model.inputs.x!];
    model.step!(1);
    g.forEach((v, i) => expect(model.parameters.a![i]).toBeCloseTo(1 - 0.1 * (v + 0.5), 14));
    g.forEach((v, i) => expect(model.parameters.b![i]).toBeCloseTo(1 - 0.2 * v, 14));
    const members = model as unknown as Record<string, number>;
    expect([members.rate, members.weightDecay, members["group1.rate"], members["group1.weightDecay"]]).toEqual([
      0.1,
      0.5,
      0.2,
      undefined,
    ]);
  });

  test("one in the loss may change between steps", () => {
    const w = parameter([2], 3, { name: "w" });
    const strength = hyper("strength", 0);
    const model = start(network("n", { batch: 1, loss: mul(strength, l2(1, w)), optimizer: sgd({ rate: 0.5 }) }));
    model.step!(1);
    expect([...model.parameters.w!]).toEqual([3, 3]);
    (model as unknown as { strength: number }).strength = 0.5;
    model.step!(1);
    expect([...model.parameters.w!]).toEqual([1.5, 1.5]);
  });
});

describe("first values", () => {
  const online = parameter([4], normal(0, 1), { name: "online" });
  const slow = parameter([4], online, { name: "slow", trainable: false });
  const slower = state("slower", [4], mul(slow, 2));
  const noise = dropout(mul(slow, online), 0.5);
  const declared = network("copies", {
    batch: 1,
    outputs: { slow, sum: add(slower, slow) },
    loss: updating(sum(mul(noise, slower)), [[slower, add(slower, 1)]]),
    optimizer: adam(),
  });

  test("may be another's, whatever the order in which they are read", () => {
    const model = start(declared);
    const first = [...model.parameters.online!];
    expect(new Set(first).size).toBe(4);
    expect([...model.parameters.slow!]).toEqual(first);
    expect([...model.states.slower!]).toEqual(first.map((v) => 2 * v));
  });

  test("do not depend on which entries are built", () => {
    const model = start(declared);
    const small = compile(declared, { dtype: "float64", entries: ["predict"] }).create({ seed: 1 });
    expect(Object.keys(small.parameters)).toEqual(["slow"]);
    expect([...small.parameters.slow!]).toEqual([...model.parameters.slow!]);
    expect([...small.states.slower!]).toEqual([...model.states.slower!]);
  });

  test("reset brings everything back, and other seeds give other values", () => {
    const model = start(declared);
    const fresh = memory(model);
    model.step!(1);
    model.step!(1);
    expect(memory(model)).not.toEqual(fresh);
    model.reset(1);
    expect(memory(model)).toEqual(fresh);
    model.reset(2);
    expect([...model.parameters.online!]).not.toEqual(fresh.online);
    expect([...model.parameters.slow!]).toEqual([...model.parameters.online!]);
  });

  test("drawn by a public function are those of clock 0, also after training", () => {
    const w = parameter([3], randomUniform([3]), { name: "w" });
    const model = start(network("n", { batch: 2, loss: mean(dropout(mul(x, w), 0.5)), optimizer }));
    const fresh = memory(model);
    model.step!(2);
    model.reset(1);
    expect(memory(model)).toEqual(fresh);
  });

  test("the interpreter's are the emitted module's", () => {
    const model = start(declared);
    const reference = createInterpreter(declared, { seed: 1 });
    for (const name of ["online", "slow"])
      expect([...reference.parameters[name]!]).toEqual([...model.parameters[name]!]);
    expect([...reference.states.slower!]).toEqual([...model.states.slower!]);
  });
});

test("a chain of 20,000 nodes is checked without recursion", () => {
  let node: Tensor = mul(x, parameter([3], 1)) as Tensor;
  for (let i = 0; i < 20_000; i++) node = add(node, 1) as Tensor;
  expect(entriesOf(network("long", { batch: 1, loss: mean(node), optimizer })).length).toBe(4);
});
