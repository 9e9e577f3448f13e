// The functions under test, in one place.

export { add, exp, mul, pow, tanh } from "../../src/ops/pointwise/arithmetic.js";
export { takeAlong } from "../../src/ops/gather/take-along.js";
export { relu } from "../../src/ops/pointwise/activations.js";
export { matmul } from "../../src/ops/contract/contract.js";
export { cumsum } from "../../src/ops/composite/cumulative.js";
export { constant, input, parameter } from "../../src/ops/leaf/leaves.js";
export { equal, greater, where } from "../../src/ops/pointwise/logic.js";
export { sum } from "../../src/ops/reduce/reduce.js";
export { roll } from "../../src/ops/view/roll.js";
export { segmentMax, segmentSum } from "../../src/ops/scatter/segments.js";
export { segmentSoftmax } from "../../src/ops/composite/segment-softmax.js";
export { softmax } from "../../src/ops/composite/softmax.js";
export { argSort, sort, topK } from "../../src/ops/composite/sort.js";
export { reshape } from "../../src/ops/view/views.js";
