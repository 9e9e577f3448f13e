// What normalisation layers refuse: a stable code, a sentence with the values, and the user's line.

import { describe, expect, test } from "vitest";
import {
  batchNorm,
  groupNorm,
  input,
  instanceNorm,
  layerNorm,
  mean,
  network,
  parameter,
  rmsNorm,
  sgd,
  standardize,
  state,
  TapelessError,
  type Tensor,
} from "tapeless";

const x = input("x", ["batch", 6]) as Tensor;
const image = input("image", ["batch", 4, 4, 6]) as Tensor;
const wrong = (value: unknown): never => value as never;

const cases: readonly (readonly [what: string, call: () => unknown, code: string, sentence: RegExp])[] = [
  ["no tensor", () => layerNorm(wrong(3)), "BAD_ARGUMENT", /layerNorm: x must be a tensor, but it is 3/],
  ["an axis that is not there", () => layerNorm(x, { axis: 2 }), "BAD_ARGUMENT", /axis.*from -2 to 1, but it is 2/],
  ["one axis twice", () => layerNorm(x, { axis: [1, -1] }), "BAD_ARGUMENT", /distinct/],
  ["parameters along the batch", () => layerNorm(x, { axis: [0, 1] }), "BAD_ARGUMENT", /without the batch/],
  ["a scalar", () => rmsNorm(input("s", []) as Tensor), "WRONG_RANK", /at least one axis/],
  ["a negative epsilon", () => rmsNorm(x, { epsilon: -1 }), "BAD_ARGUMENT", /epsilon must be at least 0.*-1/],
  ["no number", () => standardize(x, { epsilon: NaN }), "BAD_ARGUMENT", /epsilon must be a finite number/],
  [
    "a weight of another shape",
    () => layerNorm(x, { parameters: { weight: parameter([5], 1) } }),
    "SHAPE_MISMATCH",
    /layerNorm cannot combine \[batch, 6\] and \[5\]: weight must be float32 \[6\]/,
  ],
  ["groups that do not divide", () => groupNorm(image, 4), "BAD_GROUPS", /6 channels of \[batch, 4, 4, 6\] into 4/],
  ["no groups", () => groupNorm(image, 0), "BAD_ARGUMENT", /groups must be a positive integer, but it is 0/],
  ["half a group", () => groupNorm(image, 1.5), "BAD_ARGUMENT", /groups must be a positive integer/],
  ["examples as channels", () => groupNorm(image, 1, { axis: 0 }), "BAD_ARGUMENT", /neither the first nor the batch/],
  ["channels alone", () => groupNorm(input("v", [6]) as Tensor, 2), "WRONG_RANK", /examples and channels/],
  ["no positions", () => instanceNorm(x), "WRONG_RANK", /one axis of positions, but its shape is \[batch, 6\]/],
  ["batch norm of channels alone", () => batchNorm(input("v", [6]) as Tensor), "WRONG_RANK", /at least one other axis/],
  ["the batch as channels", () => batchNorm(x, { axis: 0 }), "BAD_ARGUMENT", /not the batch, but it is 0/],
  ["an axis beyond", () => batchNorm(x, { axis: -3 }), "BAD_ARGUMENT", /from -2 to 1/],
  ["a momentum above 1", () => batchNorm(x, { momentum: 1.1 }), "BAD_ARGUMENT", /momentum must be from 0 to 1/],
  [
    "a running mean that no state holds",
    () => batchNorm(x, { parameters: { runningMean: parameter([6], 0) } }),
    "BAD_ARGUMENT",
    /state/,
  ],
  [
    "a running mean of another size",
    () => batchNorm(x, { parameters: { runningMean: state("m", [5], 0) } }),
    "SHAPE_MISMATCH",
    /\[5\]/,
  ],
  [
    "statistics that two calls move",
    () => {
      const runningMean = state("m", [6], 0);
      const twice = batchNorm(batchNorm(x, { parameters: { runningMean }, name: "a" }), {
        parameters: { runningMean },
        name: "b",
      });
      return network("n", { batch: 1, loss: mean(twice), optimizer: sgd({ rate: 1 }) });
    },
    "UPDATED_TWICE",
    /two next values/,
  ],
];

describe("refused", () => {
  test.each(cases)("%s", (_, call, code, sentence) => {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TapelessError);
    const { code: given, message, at } = error as TapelessError;
    expect(given).toBe(code);
    expect(message).toMatch(sentence);
    expect(at?.file).toMatch(/norm-errors\.test\.ts$/);
  });
});
