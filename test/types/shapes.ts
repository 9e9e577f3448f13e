// What the editor says about shapes. Compiled by the type check; each @ts-expect-error is a control that fails when the
// mistake beneath it becomes legal.

import {
  add,
  argSort,
  constant,
  cumsum,
  equal,
  exp,
  greater,
  input,
  matmul,
  mul,
  parameter,
  pow,
  relu,
  reshape,
  roll,
  segmentMax,
  segmentSoftmax,
  segmentSum,
  softmax,
  sort,
  sum,
  takeAlong,
  tanh,
  topK,
  where,
} from "./api.js";
import { expectType } from "./expect.js";
import type { Dims, Tensor } from "../../src/graph/tensor.js";

const x = input("x", ["batch", 784]);
const w = parameter([784, 10], 0);
const b = parameter([10], 0);

// Literal shapes pass through.
const logits = add(matmul(x, w), b);
expectType<typeof logits, Tensor<readonly ["batch", 10], "float32">>(true);
const shapely: Tensor<readonly ["batch", 10]> = softmax(relu(logits));
const half: Tensor<readonly ["batch", 10]> = mul(logits, 0.5);
const negated: Tensor<readonly ["batch", 10]> = add(1, logits);
const squared: Tensor<readonly ["batch", 10]> = pow(logits, 2);
const total: Tensor<readonly []> = sum(logits);
const column: Tensor<readonly [2, 3]> = add(parameter([2, 1], 0), parameter([1, 3], 0));
const batched: Tensor<readonly [4, "batch", 5]> = matmul(input("q", [4, "batch", 3]), parameter([3, 5], 0));
const sorted: Tensor<readonly ["batch", 10], "float32"> = sort(cumsum(logits, { reverse: true }), { descending: true });
const places: Tensor<readonly ["batch", 10], "int32"> = argSort(logits);
const best: Tensor<Dims, "int32"> = topK(logits, 3).indices;
const read: Tensor<readonly ["batch", 10], "float32"> = takeAlong(sorted, places);
const rolled: Tensor<readonly ["batch", 10], "float32"> = roll(logits, 2, { axis: 1 });
const classes = input("classes", ["batch"], { dtype: "int32", below: 4 });
const perClass = segmentSum(logits, classes, 4);
expectType<typeof perClass, Tensor<readonly [4, 10], "float32">>(true);
const perLoose: Tensor<Dims, "float32"> = segmentMax(logits, classes, 4, { axis: 0, empty: 0 });
const shares: Tensor<readonly ["batch", 10], "float32"> = segmentSoftmax(logits, classes, 4);
const chosen: Tensor<readonly ["batch", 10]> = where(greater(logits, 0), logits, 0);
const rows: Tensor<readonly ["batch", 28, 28]> = reshape(x, ["batch", 28, 28]);

// A wrong operand is red.
// @ts-expect-error matmul: [batch, 784] has 784 columns but [10] has 10 rows
matmul(x, b);
// @ts-expect-error shapes [batch, 784] and [10] do not combine
add(x, b);
// @ts-expect-error shapes [batch, 784] and [10] do not combine
equal(x, b);
// @ts-expect-error "batch" is not a number of rows
add(input("u", ["batch", 3]), parameter([5, 3], 0));
// @ts-expect-error the leading axes do not combine
matmul(input("v", [2, "batch", 3]), parameter([4, 3, 5], 0));
// @ts-expect-error how many?
topK(logits);
// @ts-expect-error one axis is sorted
sort(logits, { axis: [0, 1] });
// @ts-expect-error a roll is along one axis
roll(logits, 1, { axis: [0, 1] });
// @ts-expect-error how many segments?
segmentSum(logits, classes);
// @ts-expect-error a sum of nothing is 0
segmentSum(logits, classes, 4, { empty: 1 });
// @ts-expect-error no tensor at all
tanh("x");
// @ts-expect-error the result has another shape
const wrong: Tensor<readonly ["batch", 11]> = logits;
// @ts-expect-error a parameter has no batch axis
parameter(["batch", 3], 0);

// A plain tensor is accepted everywhere: a loop, a generic block.
let y: Tensor = x;
for (let i = 0; i < 3; i++) y = tanh(add(mul(y, y), 1));
y = matmul(y, w);
const block = (h: Tensor, u: Tensor): Tensor => relu(add(matmul(h, u), b));
y = block(x, w);
const generic = <S extends readonly ("batch" | number)[]>(h: Tensor<S>): Tensor<S> => tanh(exp(h));
const kept: Tensor<readonly ["batch", 784]> = generic(x);

export {
  best,
  batched,
  chosen,
  column,
  half,
  kept,
  negated,
  perClass,
  perLoose,
  read,
  rolled,
  rows,
  shares,
  shapely,
  squared,
  total,
  wrong,
  y,
};

// A constant has the shape that is written, that of a number, or any.
const zero = constant(0);
expectType<typeof zero, Tensor<readonly [], "float32">>(true);
const whole = constant(1, { dtype: "int32" });
expectType<typeof whole, Tensor<readonly [], "int32">>(true);
const table = constant([1, 2], { shape: [2, 1], dtype: "int32" });
expectType<typeof table, Tensor<readonly [2, 1], "int32">>(true);
const nested = constant([[1, 2]]);
expectType<typeof nested, Tensor<Dims, "float32">>(true);
