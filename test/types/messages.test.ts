// What the type checker says about a wrong shape: the sentence stands first in what the parameter must be, before all types.

import { beforeAll, expect, test } from "vitest";
import { complaints, type Complaint } from "./check-source.js";

const CASES = [
  ['dense(input("x", ["batch"]), 3)', "dense: the last axis of the input holds the features; it cannot be the batch"],
  ["dense(parameter([], 0), 3)", "dense: the input needs at least one axis; a scalar has none"],
  [
    "dense(image, 128, { parameters: { bias: parameter([9], 0) } })",
    "dense: the shapes [9] and [128] must be the same",
  ],
  ["matmul(image, parameter([10], 0))", "matmul: [batch, 784] has 784 columns but [10] has 10 rows"],
  ["add(image, parameter([10], 0))", "shapes [batch, 784] and [10] do not combine"],
  ["conv2d(image, 8, 3)", "conv2d: the input has four axes: rows, height, width, channels"],
  ["convTranspose2d(image, 8, 3)", "convTranspose2d: the input has four axes: rows, height, width, channels"],
  ["lstm(image, 8)", "lstm: the input needs three axes: [batch, time, features]"],
  ['reshape(image, ["batch", 27, 28])', "reshape: the elements of [batch, 784] do not fill [batch, 27, 28]"],
  [
    'crossEntropy(image, labels("y", ["batch", 3, 2], 784))',
    "crossEntropy: the shapes [batch] and [batch, 3, 2] must be the same",
  ],
  ['crossEntropy(image, target("y", ["batch"]))', "crossEntropy: class ids are int32"],
  ['crossEntropy(image, labels("y", ["batch", 784], 784))', "crossEntropy: class ids have one axis less"],
  [
    'meanSquaredError(image, target("y", ["batch", 9]))',
    "meanSquaredError: the shapes [batch, 784] and [batch, 9] must be the same",
  ],
  [
    'network("n", { batch: 1, loss: image, optimizer: adam() })',
    "network: a loss is a float scalar, not a tensor [batch, 784]",
  ],
  ["conv2d(image4, 8, 3, { stride: 2, paddng: 1 })", "there is no option paddng"],
] as const;

const NAMES =
  "adam, add, conv2d, convTranspose2d, crossEntropy, dense, input, labels, lstm, matmul, meanSquaredError, network, parameter, reshape, target";

let first: readonly string[];
let others: readonly Complaint[];

beforeAll(() => {
  const lines = CASES.map(([call]) => `${call};`);
  const head = `import { ${NAMES} } from "tapeless";
const image = input("image", ["batch", 784]);
const image4 = input("image", ["batch", 28, 28, 1]);
conv2d(image4, 8, 3);`;
  const found = complaints([head, ...lines].join("\n"));
  const before = head.split("\n").length;
  first = CASES.map((_, i) => found.find(({ line }) => line === before + i + 1)?.message ?? "");
  others = found.filter(({ line }) => line <= before);
}, 120_000);

test.each(CASES.map(([call, sentence], i) => [call, sentence, i] as const))("%s", (_call, sentence, i) => {
  // `Argument of type 'Tensor<…>' is not assignable to parameter of type '"sentence…`
  const [, expected] = /not assignable to (?:parameter of )?type '\(?["`](.*)$/.exec(first[i]!) ?? [];
  expect(expected ?? first[i]).toContain(sentence);
  expect((expected ?? "").indexOf(sentence)).toBe(0);
});

test("nothing is said of calls that are right", () => {
  expect(others).toEqual([]);
});
