// The interpreter with errors put on: none where none is asked for, and honest ones where they are.

import { expect, test } from "vitest";
import { resolveScalar } from "../../compiler/formula/resolve.js";
import { rootsOf } from "../../compiler/0-declare/entry-names.js";
import { interpreterOf } from "../../src/graph/interpret.js";
import { randomNumbers } from "../oracle/random.js";
import { build } from "./build.js";
import { wantedOf } from "./compare.js";
import { factsOf } from "./facts.js";
import { generate } from "./generate.js";
import { interpreted } from "./interpreted.js";
import { scriptOf } from "./play.js";
import { roundedInterpreterOf, toFloat32, type Rounding } from "./rounded.js";
import { nextIndex, type Stretch } from "./record.js";
import type { Arg, Sketch } from "./sketch.js";

const SEED = 20250117;

const networks = [0, 3, 8, 13, 21, 34].map((index) => factsOf(build(generate(SEED, index).sketch)));

function valuesOf(facts: (typeof networks)[number], rounding: Rounding | undefined): Float64Array[] {
  const rows = facts.capacity;
  const machine = interpreted(facts, 1);
  machine.give(scriptOf(facts, 5).data[0]!, rows);
  const roots = facts.entries.filter(({ kind }) => kind !== "initialize").flatMap(rootsOf);
  const values = roundedInterpreterOf(roots, { rows, mode: { rounding } })((leaf) => machine.memory.get(leaf)!);
  return roots.map((root) => values.get(root)!);
}

test("without rounding it is the interpreter, bit for bit", () => {
  for (const facts of networks) {
    const rows = facts.capacity;
    const machine = interpreted(facts, 1);
    machine.give(scriptOf(facts, 5).data[0]!, rows);
    const roots = facts.entries.filter(({ kind }) => kind !== "initialize").flatMap(rootsOf);
    const values = interpreterOf(roots, { rows, scalarOf: resolveScalar })((leaf) => machine.memory.get(leaf)!);
    expect(valuesOf(facts, undefined)).toEqual(roots.map((root) => values.get(root)!));
  }
});

test("rounded to float32 every result is a float32, next to the exact one", () => {
  for (const facts of networks) {
    const exact = valuesOf(facts, undefined);
    const rounded = valuesOf(facts, toFloat32(randomNumbers(1), 0));
    rounded.forEach((list, k) =>
      list.forEach((value, i) => {
        expect(Object.is(value, Math.fround(value)) || Number.isInteger(value)).toBe(true);
        expect(Math.abs(value - exact[k]![i]!)).toBeLessThan(1e-3 * Math.max(1, Math.abs(value)));
      }),
    );
  }
});

test("what rounding alone decides is found out: a sign of nothing", () => {
  // The bias under a mean that is taken off: its gradient is nothing, and lion takes its sign.
  const ref = ($ref: number): Arg => ({ $ref });
  const sketch: Sketch = {
    capacity: 3,
    steps: [
      { id: 1, call: "input", args: ["x1", ["batch", 1]] },
      { id: 2, call: "dense", args: [ref(1), 1] },
      { id: 3, call: "batchNorm", args: [ref(2), { epsilon: 0.25 }] },
      { id: 4, call: "sigmoid", args: [ref(3)] },
      { id: 5, call: "binaryCrossEntropy", args: [ref(4), ref(3)] },
    ],
    outputs: {},
    training: { step: { loss: ref(5), optimizer: { $call: "lion", args: [{}] } } },
    metrics: {},
    entries: {},
  };
  const facts = factsOf(build(sketch));
  for (const seed of [1, 2, 3, 4]) {
    const last = wantedOf(facts, scriptOf(facts, seed), 1, ["float64"]).findLast(
      ({ group }) => group === "parameters",
    )!;
    expect(last.bound.float64).toBeUndefined();
  }
});

test("bounds are those of the types, or wider for float32 where rounding says so", () => {
  for (const facts of networks) {
    for (const { bound, values } of wantedOf(facts, scriptOf(facts, 5), 1, ["float32", "float64"])) {
      const size = Math.max(...Object.values(values).flatMap((list) => Array.from(list, Math.abs)));
      if (bound.float64 !== undefined) expect(bound.float64).toBeLessThanOrEqual(1e-11 * Math.max(1, size));
      if (bound.float32 !== undefined) expect(bound.float32).toBeGreaterThanOrEqual(2e-6 * Math.min(size, 1) * 0.99);
    }
  }
});

test("a run goes on where its record ends", () => {
  const stretch = (seed: number, from: number, to: number): Stretch => ({
    seed,
    from,
    to,
    compared: 0,
    unsteady: 0,
    found: [],
  });
  const record = [stretch(1, 50, 100), stretch(1, 0, 50), stretch(2, 100, 150), stretch(1, 200, 250)];
  expect(nextIndex(record, 1, 0)).toBe(100);
  expect(nextIndex(record, 1, 210)).toBe(250);
  expect(nextIndex(record, 2, 0)).toBe(0);
  expect(nextIndex([], 1, 7)).toBe(7);
});
