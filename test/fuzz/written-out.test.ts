// Loops and their steps one after the other: equal where they are right, and each planted fault is seen.

import { expect, test } from "vitest";
import { count } from "../extent.js";
import { api, type Language } from "./build.js";
import { generate } from "./generate.js";
import type { Arg, Sketch, Step } from "./sketch.js";
import { exportsOf } from "./sketch.js";
import { loopProblem } from "./written-out.js";

const ref = ($ref: number, ...path: readonly (string | number)[]): Arg => ({ $ref, path });
const step = (id: number, call: string, ...args: readonly Arg[]): Step => ({ id, call, args });

/** h + gradient(sum(h * w * 2), w) + x, whose gradient goes through what is outside of the loop. */
const descending: Sketch = {
  capacity: 3,
  steps: [
    step(1, "input", "x", ["batch", 4, 2]),
    step(2, "parameter", [2], 0.5),
    step(3, "mul", ref(2), 2),
    step(4, "constant", 0.25),
    step(5, "broadcast", ref(4), ["batch", 2]),
    step(
      6,
      "scan",
      {
        $lambda: [[7], [8]],
        body: [
          step(9, "mul", ref(7), ref(3)),
          step(10, "sum", ref(9)),
          step(11, "gradient", ref(10), ref(2)),
          step(12, "add", ref(8), ref(11)),
          step(13, "mul", ref(12), 0.25),
          step(14, "add", ref(13), ref(7)),
        ],
        result: { carries: [ref(14)], outputs: [ref(12)] },
      },
      [ref(5)],
      [ref(1)],
      { axis: 1 },
    ),
  ],
  outputs: { y: ref(6, "outputs", 0), z: ref(6, "carries", 0) },
  training: {},
  metrics: {},
  entries: {},
};

type Scan = (
  step: (carries: readonly unknown[], elements: readonly unknown[]) => object,
  initial: readonly unknown[],
  sequences: readonly unknown[],
  options?: object,
) => { carries: unknown[]; outputs: unknown[] };

const scan = api["scan"] as unknown as Scan;
const withScan = (other: Scan): Language => ({ ...api, scan: other as unknown as Language[string] });

test("a loop is what its steps are", () => {
  expect(loopProblem(descending, 1)).toBeUndefined();
});

test("loops that are drawn are what their steps are", () => {
  let loops = 0;
  for (let index = 0; loops < count(8, 100); index++) {
    const { sketch } = generate(5, index);
    if (!exportsOf(sketch).has("scan")) continue;
    loops++;
    expect(loopProblem(sketch, index), `seed 5, graph ${index}`).toBeUndefined();
  }
});

test("negative control: a loop that runs the other way", () => {
  const language = withScan((body, initial, sequences, options) =>
    scan(body, initial, sequences, { ...options, reverse: true }),
  );
  expect(loopProblem(descending, 1, language)).toMatch(/^a loop gives/);
});

test("negative control: a gradient in a loop that does not see what lies between", () => {
  let isOutside = true;
  const language: Language = {
    ...withScan((...given) => {
      isOutside = false;
      const made = scan(...given);
      isOutside = true;
      return made;
    }),
    gradient: (y, x) => {
      const whole = api["gradient"]!(y, x);
      return isOutside ? whole : api["mul"]!(whole, 0);
    },
  };
  expect(loopProblem(descending, 1, language)).toMatch(/^a loop gives/);
});
