// The public functions of src/ops, in one place for its tests.

export * from "../../src/ops/pointwise/activations.js";
export * from "../../src/ops/pointwise/arithmetic.js";
export * from "../../src/ops/view/broadcast.js";
export * from "../../src/ops/view/concat.js";
export * from "../../src/ops/contract/contract.js";
export * from "../../src/ops/composite/cumulative.js";
export * from "../../src/ops/marker/custom-gradient.js";
export * from "../../src/ops/contract/einsum.js";
export * from "../../src/ops/composite/entropy.js";
export * from "../../src/ops/pointwise/formula.js";
export * from "../../src/ops/gather/pick.js";
export * from "../../src/ops/view/iota.js";
export { constant, input, labels, parameter, size, state, target } from "../../src/ops/leaf/leaves.js";
export * from "../../src/ops/pointwise/logic.js";
export * from "../../src/ops/marker/markers.js";
export * from "../../src/ops/view/pad.js";
export * from "../../src/ops/random/random.js";
export * from "../../src/ops/reduce/reduce.js";
export * from "../../src/ops/view/roll.js";
export * from "../../src/ops/scan/scan.js";
export * from "../../src/ops/scatter/segments.js";
export * from "../../src/ops/view/slicing.js";
export * from "../../src/ops/composite/softmax.js";
export * from "../../src/ops/composite/sort.js";
export * from "../../src/ops/gather/take-along.js";
export * from "../../src/ops/view/views.js";
export * from "../../src/ops/reduce/statistics.js";
