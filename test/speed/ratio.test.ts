// A guard against losing speed, by ratios within one run: a step of the digits network beside the plain loops of the bench. The
// bounds are far below what is reached, so that no busy machine fails them and no lost optimisation passes.

import { expect, test } from "vitest";
import digits from "../../examples/digits/digits.net.js";
import { median, medianRatio } from "../../bench/src/statistics.js";
import { loops } from "../../bench/src/peers/loops.js";
import { digits as description } from "../../bench/src/networks.js";
import { initialParameters, oneHot, uniform, type Task } from "../../bench/src/task.js";
import { compile } from "../../compiler/compile.js";

const ROWS = 32;
const ROUNDS = 7;

const random = uniform(1);
const classes = Int32Array.from({ length: ROWS }, (_, row) => row % 10);
const batch = {
  inputs: Float32Array.from({ length: ROWS * 784 }, random),
  targets: oneHot(classes, 10),
  classes,
};
const task: Task = {
  network: description,
  mode: "training",
  rows: ROWS,
  parameters: initialParameters(description),
  batches: [batch],
};

type Step = () => number;

const plain = async (): Promise<Step> => (await loops.open(task)).step as Step;

function emitted(target: "wasm" | "typescript"): Step {
  const model = compile(digits, { target }).create({ seed: 1 });
  // In process, parameters are named by the calls that made them: each has a role and a size that no other has.
  for (const [name, view] of Object.entries(model.parameters)) {
    const role = name.slice(name.lastIndexOf("."));
    const { values } = task.parameters.find((each) => each.name.endsWith(role) && each.values.length === view.length)!;
    (view as Float32Array).set(values);
  }
  (model.inputs["image"] as Float32Array).set(batch.inputs);
  (model.targets["digit"] as Int32Array).set(classes);
  return () => model.step(ROWS);
}

/** The median of the ratios of blocks that take turns. */
function speedup(of: Step, over: Step): number {
  const block = (step: Step, steps: number): number => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) step();
    return (performance.now() - start) / steps;
  };
  const [slow, fast] = [over, of].map((step) => ({ step, steps: 1, times: [] as number[] }));
  // Until both are optimised; then as many steps as take some 20 ms.
  for (const side of [slow!, fast!]) {
    block(side.step, 6);
    side.steps = Math.max(1, Math.round(20 / median([1, 2, 3].map(() => block(side.step, 1)))));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { step, steps, times } of [slow!, fast!]) times.push(block(step, steps));
  }
  return medianRatio(slow!.times, fast!.times);
}

test.each([
  ["wasm", 5],
  ["typescript", 1.5],
] as const)("a step on %s is at least %d times as fast as plain loops", async (target, least) => {
  const [ours, theirs] = [emitted(target), await plain()];
  // Fast and wrong is no speed.
  for (let i = 0; i < 3; i++) expect(ours()).toBeCloseTo(theirs(), 4);
  expect(speedup(ours, theirs)).toBeGreaterThan(least);
});

test("control: plain loops pass no bound, not even beside loops that run twice", async () => {
  const [once, again] = [await plain(), await plain()];
  const twice = (): number => once() + once();
  expect(speedup(twice, again)).toBeLessThan(1.5);
});
