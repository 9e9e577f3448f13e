// Warnings: each where it should be and not where it should not.

import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import { userFrames } from "../../src/graph/origin.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { add, div, log, maximum, mul, sigmoid, sqrt, square } from "../../src/ops/pointwise/arithmetic.js";
import { softmaxCrossEntropy } from "../../src/ops/composite/entropy.js";
import { sigmoidCrossEntropy } from "../../src/ops/pointwise/entropy.js";
import { input, labels } from "../../src/ops/leaf/leaves.js";
import { greater, where } from "../../src/ops/pointwise/logic.js";
import { mean, sum } from "../../src/ops/reduce/reduce.js";
import { logSoftmax, softmax } from "../../src/ops/composite/softmax.js";
import { reshape } from "../../src/ops/view/views.js";
import { linted } from "./linted.js";

const x = input("x", ["batch", 4]);
const t = labels("t", ["batch"], 4);
const row = input("row", ["batch"]);
const over = { axis: 1 };

const codes = (root: Node): string[] => linted([root]).map((warning) => warning.code);

describe("lint", () => {
  test.each([
    ["softmax of softmax", softmax(softmax(x)), ["SOFTMAX_TWICE"]],
    ["logSoftmax of softmax", logSoftmax(softmax(x)), ["SOFTMAX_TWICE"]],
    ["under a reshape", softmax(reshape(softmax(x), ["batch", 2, 2])), ["SOFTMAX_TWICE"]],
    ["softmax of scores", softmax(x), []],
    ["softmax of scaled probabilities (attention on them)", softmax(mul(softmax(x), 3)), []],
    ["softmax into cross-entropy", softmaxCrossEntropy(softmax(x), t), ["PROBABILITIES_AS_LOGITS"]],
    ["sigmoid into its cross-entropy", sigmoidCrossEntropy(sigmoid(row), row), ["PROBABILITIES_AS_LOGITS"]],
    ["logits into cross-entropy", softmaxCrossEntropy(x, t), []],
    ["targets that are probabilities", softmaxCrossEntropy(x, softmax(x)), []],
    ["a sum of logarithms in a branch", where(greater(row, 0), sum(log(x), over), 0), ["WHERE_BEHIND_REDUCTION"]],
    ["and one more pointwise op", where(greater(row, 0), sqrt(sum(div(1, x), over)), 0), ["WHERE_BEHIND_REDUCTION"]],
    ["a logarithm in a branch", where(greater(x, 0), log(x), 0), []],
    ["a norm in a branch", where(greater(row, 0), sqrt(sum(square(x), over)), 0), []],
    ["a mean in a branch", where(greater(row, 0), mean(x, over), 0), []],
    ["by at least one", where(greater(row, 0), sum(div(x, maximum(x, 1)), over), 0), []],
    ["by at least nothing", where(greater(row, 0), sum(div(x, maximum(x, 0)), over), 0), ["WHERE_BEHIND_REDUCTION"]],
    ["kept away from the pole", where(greater(row, 0), sum(log(add(square(x), 0.1)), over), 0), []],
  ] as const)("%s", (_, root, expected) => {
    expect(codes(root)).toEqual(expected);
  });

  test("tells the place of the call, once for each call", () => {
    const twice: Tensor = softmax(softmax(x));
    const [warning, ...rest] = linted([twice, mul(twice, 2)]);
    expect(rest).toEqual([]);
    expect(userFrames(warning!.site)[0]!.file).toMatch(/lint\.test\.ts$/);
    expect(warning!.sentence).toContain("softmax");
  });
});
