// Two targets over many steps: rounding differs from the first step on, and must not add up to anything else. A thousand steps
// with `npm run test:long`.
//
// Where an activation lies between the roundings of two targets at a ReLU's kink, one of them has a gradient that the other
// has not, a hundredth of the whole; networks then part, however good both are. That is rare, and does not happen here: with
// seed 1 there is one such step in a thousand (509), with seed 2 none.

import { expect, test } from "vitest";
import { compile, type Model, type TargetName } from "../../compiler/compile.js";
import { mnist } from "../../examples/data/mnist.js";
import * as t from "../../src/index.js";

const ROWS = 64;
// npm says which of its commands it runs.
const STEPS = process.env.npm_lifecycle_event === "test:long" ? 1000 : 100;
const SEED = 2;
/** Of each parameter tensor's norm. */
const BOUND = 2e-5;

const image = t.input("image", ["batch", 784]);
const h1 = t.relu(t.dense(image, 256, { name: "h1" }));
const h2 = t.relu(t.dense(h1, 128, { name: "h2" }));
const logits = t.dense(h2, 10, { name: "logits" });
const loss = t.crossEntropy(logits, t.labels("digit", ["batch"], 10));
const digits = t.network("digits", { batch: ROWS, loss, optimizer: t.sgd({ rate: 0.05 }) });

const data = mnist({ rows: STEPS * ROWS }).train;

function trained(target: TargetName, steps: number, rate = 0.05): Model["parameters"] {
  const model = compile(digits, { target, entries: ["step"] }).create({ seed: SEED });
  model.rate = rate;
  for (let step = 0; step < steps; step++) {
    const first = (step * ROWS) % (data.digits.length - ROWS);
    model.inputs.image!.set(data.images.subarray(784 * first, 784 * (first + ROWS)));
    model.targets.digit!.set(data.digits.subarray(first, first + ROWS));
    model.step(ROWS);
  }
  return model.parameters;
}

/** Math.hypot takes no more arguments than a call may have. */
function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

/** The largest distance between two tensors of one name, as a share of the tensor's norm. */
function apart(one: Model["parameters"], other: Model["parameters"]): number {
  const shares = Object.entries(one).map(([name, values]) => {
    const difference = Array.from(values, (value, i) => value - other[name]![i]!);
    return norm(difference) / norm(values);
  });
  return Math.max(...shares);
}

test("WebAssembly ends where TypeScript does", { timeout: 120_000 }, () => {
  expect(apart(trained("typescript", STEPS), trained("wasm", STEPS))).toBeLessThan(BOUND);
});

test("control: a rate that is off by a hundredth is seen", () => {
  expect(apart(trained("wasm", 20), trained("wasm", 20, 0.0505))).toBeGreaterThan(BOUND);
});
