// `gradcheck` of networks: those that are right pass on every target, a rule that is off by 1 % is refused and named.

import { describe, expect, test } from "vitest";
import * as t from "tapeless";
import { gradcheck, printGradcheck } from "tapeless/compiler";
import { createNode, type Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { rewrite } from "../../src/graph/walk.js";
import { mul } from "../../src/ops/pointwise/arithmetic.js";

const tensor = (x: unknown): t.Tensor => x as t.Tensor;
const optimizer = t.sgd({ rate: 0.1 });
const x = (features = 4): t.Tensor => tensor(t.input("x", ["batch", features]));
const y = (features = 2): t.Tensor => tensor(t.target("y", ["batch", features]));
const error = (value: t.Tensor): t.Tensor =>
  tensor(t.meanSquaredError(value as never, y(Number(value.shape[1]!.times)) as never));
const network = (loss: t.Tensor, outputs = {}): t.Network => t.network("net", { batch: 4, loss, optimizer, outputs });

const builds = [
  { target: "typescript", dtype: "float64" },
  { target: "wasm", dtype: "float32" },
] as const;

/** A straight-through rounding, a stopped factor, and a gradient that is meant to be another. */
const meant: Readonly<Record<string, (h: t.Tensor) => t.Tensor>> = {
  "a stopped value": (h) => tensor(t.mul(h as never, t.stopGradient(t.tanh(h)) as never)),
  "straight through": (h) => tensor(t.straightThrough(t.round(t.mul(h, 4)) as never, t.mul(h, 4) as never)),
  "a reversed gradient": (h) =>
    t.customGradient(
      (v) => tensor(t.tanh(v!)),
      (g) => [tensor(t.neg(g))],
      { check: false },
    )(h),
  "a stopped value in a loop": (h) => {
    const steps = tensor(t.reshape(t.concat([h, h, h] as never, { axis: 1 }) as never, [3, "batch", 5]));
    const { carries } = t.scan(
      ([c], [e]) => {
        const next = tensor(
          t.tanh(t.add(t.mul(c!, t.stopGradient(tensor(t.sigmoid(c!))) as never) as never, e! as never)),
        );
        return { carries: [next], outputs: [] };
      },
      [h],
      [steps],
    );
    return carries[0]!;
  },
};

const right: Readonly<Record<string, () => t.Network>> = {
  "two layers and dropout": () =>
    network(error(tensor(t.dense(t.dropout(tensor(t.relu(t.dense(x() as never, 5))), 0.4) as never, 2)))),
  "an output beside a loss": () => {
    const h = tensor(t.dense(x() as never, 2));
    return network(error(h), { h });
  },
  "no loss": () => t.network("net", { batch: 4, outputs: { h: tensor(t.dense(x() as never, 2)) } }),
  "batch normalisation": () =>
    network(error(tensor(t.dense(t.batchNorm(t.dense(x() as never, 5) as never) as never, 2)))),
  classes: () =>
    network(tensor(t.crossEntropy(t.dense(x() as never, 3) as never, t.labels("c", ["batch"], 3) as never))),
  "a gradient in the loss": () => {
    const input = x();
    const score = tensor(t.tanh(t.dense(input as never, 1)));
    return network(tensor(t.mean(t.square(t.gradient(tensor(t.sum(score)), input)))));
  },
  "two steps": () => {
    const made = tensor(t.dense(x() as never, 2));
    const judged = tensor(t.dense(made as never, 1));
    const [loss, other] = [error(made), tensor(t.mean(t.square(judged)))];
    return t.network("net", { batch: 4, steps: { maker: { loss, optimizer }, judge: { loss: other, optimizer } } });
  },
  ...Object.fromEntries(
    Object.entries(meant).map(([name, f]) => [name, () => network(error(f(tensor(t.dense(x() as never, 5)))))]),
  ),
};

describe("networks that are right pass", () => {
  test.each(Object.entries(right))("%s", (_, make) => {
    const report = gradcheck(make(), { builds });
    expect(report.passes, printGradcheck(report)).toBe(true);
    for (const { kinks, entries } of report.steps) expect(kinks).toBeLessThan(entries);
    expect(report.builds.every(({ numbers }) => numbers > 0)).toBe(true);
  });

  test("the report says what is taken as stated", () => {
    const report = gradcheck(right["a reversed gradient"]!(), { builds: [] });
    expect(printGradcheck(report)).toMatch(
      /taken as stated, \{ check: false \}: the gradient of customGradient at .*gradcheck\.test\.ts:\d+:\d+/,
    );
  });
});

/** The network with each call of an op replaced by one whose adjoints are off by a factor. */
function withWrongRule(net: t.Network, name: string, factor: number): t.Network {
  const step = net.steps["step"]!;
  const replaced = new Map<OpDef, OpDef>();
  const wrong = (def: OpDef): OpDef => {
    const times = (g: Node | null): Node | null => g && (mul(g as t.Tensor, factor) as Node);
    const { vjp } = def;
    if (!replaced.has(def)) replaced.set(def, { ...def, vjp: (call) => vjp!(call).map(times) });
    return replaced.get(def)!;
  };
  const [loss] = rewrite([step.loss], (node) =>
    node.def.name === name ? createNode(wrong(node.def), node.inputs, node.attrs, node.origin, node.regions) : node,
  );
  return t.network("net", { batch: 4, loss: loss as t.Tensor, optimizer });
}

describe("negative controls", () => {
  const hidden = (features: number): t.Network => {
    const h = tensor(t.tanh(t.dense(x(features) as never, 6)));
    return network(
      error(tensor(t.dense(t.concat([h, tensor(t.slice(h, [null, [0, 2]]))] as never, { axis: 1 }) as never, 2))),
    );
  };

  test("a rule that is off by 1 % is refused; parameter, op and line are named", () => {
    expect(gradcheck(hidden(4), { builds: [] }).passes).toBe(true);
    const report = gradcheck(withWrongRule(hidden(4), "concat", 1.01), { builds, constNames: "ordinals" });
    expect(report.passes).toBe(false);
    expect(report.builds).toEqual([]);
    const [wrong] = report.steps[0]!.wrong;
    expect(wrong!.parameter).toBe("dense1.weight");
    expect(wrong!.derived / wrong!.measured).toBeCloseTo(1.01, 5);
    expect(wrong!.ops.map(({ op }) => op)).toEqual(["concat"]);
    expect(printGradcheck(report)).toMatch(/WRONG: dense1\.weight\[\d, \d\] derived/);
    expect(printGradcheck(report)).toMatch(/goes wrong in concat at .*gradcheck\.test\.ts:\d+:\d+/);
  });

  test("of a large network too, where directions find it", () => {
    expect(gradcheck(hidden(500), { builds: [] }).passes).toBe(true);
    const report = gradcheck(withWrongRule(hidden(500), "slice", 1.01), { builds: [] });
    expect(report.passes).toBe(false);
    expect(report.steps[0]!.directions).toBe(2);
    expect(report.steps[0]!.wrong[0]!.ops.map(({ op }) => op)).toEqual(["slice"]);
  });

  test("a single wrong entry of a large network is found by its directions and named", () => {
    // The gradient of one weight alone is off: nothing says where but the search.
    const wide = t.parameter([2500], 0.5, { name: "w" }) as t.Tensor;
    const wrongAt = t.constant(Array.from({ length: 2500 }, (_, i) => (i === 1234 ? 2 : 1)));
    const used = t.customGradient(
      (v) => tensor(t.mul(v!, 1)),
      (g) => [tensor(t.mul(g, wrongAt as never))],
    )(wide);
    const report = gradcheck(network(tensor(t.mean(t.square(t.sin(used))))), { builds: [] });
    expect(report.steps[0]!.wrong.map(({ parameter, index }) => [parameter, ...index])).toEqual([["w", 1234]]);
  });
});

describe("kinks", () => {
  test("are counted and not compared", () => {
    const w = t.parameter([30], 0.5, { name: "w" }) as t.Tensor;
    const moved = tensor(
      t.relu(t.sub(w, t.constant(Array.from({ length: 30 }, (_, i) => (i < 2 ? 0.25 : 0.1))) as never)),
    );
    const net = network(tensor(t.mean(moved)));
    const at = { builds: [], parameters: { w: Array.from({ length: 30 }, (_, i) => (i < 2 ? 0.25 : 0.5)) } };
    const report = gradcheck(net, at);
    expect(report.passes).toBe(true);
    expect(report.steps[0]!.kinks).toBe(2);
    expect(printGradcheck(report)).toContain("at a kink, not compared: 2 entries");
  });

  test("too many of them are no pass", () => {
    const w = t.parameter([30], 0.5, { name: "w" }) as t.Tensor;
    const report = gradcheck(network(tensor(t.mean(t.relu(t.sub(w, 0.5))))), {
      builds: [],
      parameters: { w: new Array(30).fill(0.5) },
    });
    expect(report.passes).toBe(false);
    expect(printGradcheck(report)).toContain("too many");
  });
});

describe("what is refused", () => {
  const net = right["classes"]!();
  test.each([
    [{ rows: 5 }, /rows must be an integer from 1 to 4/],
    [{ seed: 1.5 }, /seed must be/],
    [{ seconds: 0 }, /seconds must be a positive number/],
    [{ row: 1 }, /no option "row"/],
    [{ inputs: { z: [1] } }, /no "z" in inputs/],
    [{ inputs: { x: [1] } }, /the number of values of "x" must be 12/],
    [{ targets: { c: [0, 1, "2"] } }, /value 2 of "c" must be a number/],
    [{ parameters: { w: [1] } }, /no "w" in parameters/],
  ])("%j", (options, sentence) => {
    expect(() => gradcheck(net, options as never)).toThrow(sentence);
  });

  test("a loss that is nowhere finite", () => {
    const lost = network(tensor(t.mean(t.log(t.sub(t.mul(t.dense(x() as never, 2), 0), 1)))));
    expect(() => gradcheck(lost)).toThrow(/POINT_NOT_FINITE: the loss of step is NaN/);
  });
});
