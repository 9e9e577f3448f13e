// Smaller graphs: as small as what is asked for allows, always buildable, and written in order.

import { expect, test } from "vitest";
import { build } from "./build.js";
import { generate } from "./generate.js";
import { printSketch } from "./print.js";
import { costOf, renumbered, shrink } from "./shrink.js";
import { exportsOf, type Sketch } from "./sketch.js";
import { traitsOf } from "./traits.js";

const SEED = 20250117;

const builds = (sketch: Sketch): boolean => {
  try {
    build(sketch);
    return true;
  } catch {
    return false;
  }
};

const calls = (sketch: Sketch, ...names: readonly string[]): boolean =>
  names.every((name) => exportsOf(sketch).has(name));

/** Some graph that calls all of them. */
function graphWith(...names: readonly string[]): Sketch {
  for (let index = 0; index < 3000; index++) {
    const { sketch } = generate(SEED, index);
    if (calls(sketch, ...names)) return sketch;
  }
  throw new Error(`no graph calls ${names.join(" and ")}`);
}

/** Time that is counted in questions. */
const shrunk = (sketch: Sketch, fails: (sketch: Sketch) => boolean, questions = 20_000): Sketch => {
  let now = 0;
  return shrink(sketch, {
    now: () => now,
    until: questions,
    fails: (candidate) => (now++, builds(candidate) && fails(candidate)),
  });
};

test.each([["concat", "tanh"], ["scan"], ["softmax", "matmul"], ["adamw"], ["conv2d"]])(
  "what %s needs is left",
  (...names) => {
    const sketch = graphWith(...names);
    const small = shrunk(sketch, (candidate) => calls(candidate, ...names));
    expect(calls(small, ...names)).toBe(true);
    expect(builds(small)).toBe(true);
    expect(costOf(small)).toBeLessThan(costOf(sketch));
    expect(printSketch(small).split("\n").length, printSketch(small)).toBeLessThanOrEqual(14);
  },
);

test("of the entries of a network's own what is needed is left", () => {
  const carries = (candidate: Sketch): boolean => traitsOf(candidate).has("carry of each row");
  const small = shrunk(graphWith("carry", "updating"), carries);
  expect(Object.keys(small.entries)).toHaveLength(1);
  expect([small.outputs, small.training, small.metrics]).toEqual([{}, {}, {}]);
  expect(printSketch(small).split("\n").length, printSketch(small)).toBeLessThanOrEqual(7);
});

test("sizes become small together", () => {
  const small = shrunk(graphWith("matmul"), (candidate) => calls(candidate, "matmul"));
  expect(printSketch(small)).not.toMatch(/[4-9]\d*\]/);
});

test("what fails in no smaller form stays, and no time changes nothing", () => {
  const { sketch } = generate(SEED, 3);
  const text = printSketch(renumbered(sketch));
  expect(printSketch(shrunk(sketch, () => false))).toBe(text);
  expect(printSketch(shrunk(sketch, () => true, 0))).toBe(text);
});

test("numbers in order say the same", () => {
  for (const index of [4, 9, 14]) {
    const { sketch } = generate(SEED, index);
    const ordered = renumbered(sketch);
    expect(builds(ordered)).toBe(true);
    expect(exportsOf(ordered)).toEqual(exportsOf(sketch));
    expect(printSketch(renumbered(ordered))).toBe(printSketch(ordered));
  }
});
