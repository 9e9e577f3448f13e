// What the fuzzer sees: nothing in a network that is right, and each kind of planted fault.

import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { mul } from "../../src/ops/pointwise/arithmetic.js";
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
  entries: {},
};

/** Entries that carry a value of each row, and how many calls there were. */
const carrying: Sketch = {
  capacity: 5,
  steps: [
    step(1, "input", "x1", ["batch", 3]),
    step(2, "carry", "c2", ["batch", 3], { initial: 0.5 }),
    step(3, "add", ref(1), { $call: "mul", args: [ref(2), 0.5] }),
    step(4, "updating", ref(3), [[ref(2), ref(3)]]),
    step(5, "carry", "c5", [], { dtype: "int32", initial: 2 }),
    step(6, "cast", { $call: "add", args: [ref(5), 1] }, "int32"),
    step(7, "updating", ref(5), [[ref(5), ref(6)]]),
    step(8, "randomUniform", ["batch"]),
  ],
  outputs: {},
  training: {},
  metrics: {},
  entries: { next: { z: ref(4), n: ref(7) }, peek: { z: ref(2), noise: ref(8) } },
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

test("entries that carry are right in every variant", () => {
  const checked = check(carrying, { seed: 1, slopes: true, variants: VARIANTS });
  expect(checked.failure).toBeUndefined();
  expect(checked.compared).toBeGreaterThan(60);
  expect(checked.unsteady).toBe(0);
});

describe("negative controls: what is seen", () => {
  test.each([
    ["the values of rows", /^ *f\[c2_at \+ 3 \* i\] = t\d+;\n/m],
    ["a number of calls", /^ *i32\[c5_at\] = t\d+;\n/m],
  ])("an entry that forgets to store what is carried: %s", (_, store) => {
    const spoil = (source: string): string => source.replace(store, "");
    expect(failureOf({ spoil }, carrying)).toMatchObject({ kind: "differs", what: "states" });
  });

  test("carries that are not set back, and one that peek changes", () => {
    const stays = (source: string): string => source.replace(/resetCarries\(\) \{/, "$& return;");
    expect(failureOf({ spoil: stays }, carrying)?.sentence).toBe(
      "after resetCarries states.c2[0] is not 0.5, as it was at first",
    );
    const spoil = (source: string): string => source.replace(/peek\(rows\) \{/, '$& model.states["c2"][0] += 1;');
    expect(failureOf({ spoil }, carrying)?.sentence).toMatch(/^peek changes states.c2\[0\]/);
  });

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
