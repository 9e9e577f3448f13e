// The public functions of src/ops, in one place for its tests.

export * from "../../src/ops/activations.js";
export * from "../../src/ops/arithmetic.js";
export * from "../../src/ops/broadcast.js";
export * from "../../src/ops/concat.js";
export * from "../../src/ops/contract.js";
export * from "../../src/ops/cumulative.js";
export * from "../../src/ops/custom-gradient.js";
export * from "../../src/ops/einsum.js";
export * from "../../src/ops/entropy.js";
export * from "../../src/ops/formula.js";
export * from "../../src/ops/gather.js";
export * from "../../src/ops/iota.js";
export { constant, input, labels, parameter, size, state, target } from "../../src/ops/leaves.js";
export * from "../../src/ops/logic.js";
export * from "../../src/ops/markers.js";
export * from "../../src/ops/pad.js";
export * from "../../src/ops/random.js";
export * from "../../src/ops/reduce.js";
export * from "../../src/ops/roll.js";
export * from "../../src/ops/scan.js";
export * from "../../src/ops/segments.js";
export * from "../../src/ops/slicing.js";
export * from "../../src/ops/softmax.js";
export * from "../../src/ops/sort.js";
export * from "../../src/ops/along.js";
export * from "../../src/ops/views.js";
export * from "../../src/ops/statistics.js";
