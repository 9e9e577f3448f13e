// The functions under test, in one place.

export { add, exp, mul, pow, tanh } from "../../src/ops/arithmetic.js";
export { takeAlong } from "../../src/ops/along.js";
export { relu } from "../../src/ops/activations.js";
export { matmul } from "../../src/ops/contract.js";
export { cumsum } from "../../src/ops/cumulative.js";
export { constant, input, parameter } from "../../src/ops/leaves.js";
export { equal, greater, where } from "../../src/ops/logic.js";
export { sum } from "../../src/ops/reduce.js";
export { roll } from "../../src/ops/roll.js";
export { segmentMax, segmentSoftmax, segmentSum } from "../../src/ops/segments.js";
export { softmax } from "../../src/ops/softmax.js";
export { argSort, sort, topK } from "../../src/ops/sort.js";
export { reshape } from "../../src/ops/views.js";
