// What the fuzzer sees: nothing in a network that is right, and each kind of planted fault.

import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { mul } from "../../src/ops/arithmetic.js";
import { check, type CheckOptions, type Failure } from "./check.js";
import type { Facts } from "./facts.js";
import type { Arg, Sketch, Step } from "./sketch.js";
import { VARIANTS } from "./variants.js";

const ref = ($ref: number): Arg => ({ $ref });
const step = (id: number, call: string, ...args: readonly Arg[]): Step => ({ id, call, args });

/** Two layers with something kept between them. */
const layers: Sketch = {
  capacity: 5,
  steps: [
    step(1, "input", "x1", ["batch", 3]),
    step(2, "dense", ref(1), 4),
    step(3, "tanh", ref(2)),
    step(4, "dense", ref(3), 2),
    step(5, "softmax", ref(4)),
  ],
  outputs: { y: ref(5), h: ref(3) },
  training: {
    step: {
      loss: { $call: "mean", args: [{ $call: "square", args: [ref(4)] }] },
      optimizer: { $call: "adam", args: [{ rate: 0.1 }] },
    },
  },
  metrics: { size: { $call: "average", args: [ref(4)] } },
};

const [typescript64, typescript32, plain] = VARIANTS;

const failureOf = (options: Partial<CheckOptions>, sketch = layers): Failure | undefined =>
  check(sketch, { seed: 1, slopes: true, variants: [typescript64!], ...options }).failure;

test("a network that is right is right in every variant", () => {
  const checked = check(layers, { seed: 1, slopes: true, variants: VARIANTS });
  expect(checked.failure).toBeUndefined();
  expect(checked.compared).toBeGreaterThan(100);
  expect(checked.unsteady).toBe(0);
});

describe("negative controls: what is seen", () => {
  test("another number in a module", () => {
    const spoil = (source: string): string => source.replace("Math.tanh(", "1.0000001 * Math.tanh(");
    expect(failureOf({ spoil })).toMatchObject({ where: "typescript float64", kind: "differs" });
    expect(
      failureOf({ spoil: (source) => source.replace("Math.tanh(", "1.00001 * Math.tanh("), variants: [typescript32!] }),
    ).toMatchObject({
      kind: "differs",
    });
  });

  test("a value that is read before it is written", () => {
    // The first store of a kernel becomes an addition to what is there.
    const spoil = (source: string): string => source.replace(/^( *)f\[([^\]]+)\] = /m, "$1f[$2] += ");
    expect(failureOf({ spoil })).toMatchObject({ kind: "differs" });
  });

  test("an entry that changes a parameter", () => {
    const spoil = (source: string): string =>
      source.replace(/predict\(rows(: number)?\)(: void)? \{/, '$& this.parameters["dense1.weight"][0] += 1;');
    const failure = failureOf({ spoil });
    expect(failure?.sentence).toMatch(/predict changes parameters.dense1.weight/);
  });

  test("a module that is no module, and one that throws", () => {
    expect(
      failureOf({ spoil: (source) => source.replace("export", "const twice = 1; const twice = 2; export") }),
    ).toMatchObject({ kind: "invalid" });
    expect(failureOf({ spoil: (source) => source.replace("Math.tanh(", "Math.tan_h(") })).toMatchObject({
      kind: "fails",
    });
  });

  test("a gradient that is off by a percent in the interpreter itself", () => {
    const change = (facts: Facts): Facts => ({
      ...facts,
      entries: facts.entries.map((entry) => ({
        ...entry,
        results: entry.results.map((result) =>
          result.kind === "gradient" ? { ...result, value: mul(result.value as Tensor, 1.01) as Node } : result,
        ),
      })),
    });
    expect(failureOf({ change, variants: [] })).toMatchObject({ where: "interpreter", kind: "slope" });
  });

  test("a definition that the language refuses", () => {
    const refused: Sketch = { ...layers, steps: layers.steps.with(3, step(4, "reshape", ref(3), [7])) };
    expect(failureOf({}, refused)).toMatchObject({ kind: "refused" });
  });

  test.each([typescript64!, typescript32!, plain!])("$name that is off by a little", (variant) => {
    const change = (facts: Facts): Facts => ({
      ...facts,
      entries: facts.entries.map((entry) => ({
        ...entry,
        results: entry.results.map((result) =>
          result.kind === "output" ? { ...result, value: mul(result.value as Tensor, 1.00001) as Node } : result,
        ),
      })),
    });
    expect(failureOf({ change, variants: [variant] })).toMatchObject({
      where: variant.name,
      kind: "differs",
      what: "outputs",
    });
  });
});
