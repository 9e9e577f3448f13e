// Graphs on which laws are used that no op's call and no layer gives occasion to: each as a user might have written it.

import type { Network } from "../../src/graph/network.js";
import { originOf } from "../../src/graph/origin.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { makeBroadcast } from "../../src/ops/adjoint-pairs.js";
import { makeFilled, makeSize } from "../../src/ops/leaf/leaves.js";

type Any = (...args: readonly unknown[]) => Tensor;
const t = tapeless as unknown as Readonly<Record<string, Any>>;
const { add, broadcast, concat, div, exp, log, log1p, logSoftmax, logSumExp, logicalNot, matmul } = t;
const { mul, neg, pad, pick, pow, reshape, scatterAdd, sigmoid, slice, softmax, sub, sum, transpose, where } = t;

const origin = originOf(Object.freeze({ call: "test" }));
const size = (): Tensor => makeSize(origin, BATCH) as Tensor;
const both = (f: (rows: Tensor) => Tensor): Tensor => f(makeBroadcast(origin, size(), [BATCH, dim(3)], []) as Tensor);

/** Values of x ["batch", 3], z ["batch", 3] and a condition. */
const plain: Readonly<Record<string, (x: Tensor, z: Tensor, c: Tensor) => Tensor>> = {
  "0 - x": (x) => sub!(0, x),
  "x + x": (x) => add!(x, x),
  "x * -1": (x) => mul!(x, -1),
  "x / -1": (x) => div!(x, -1),
  "x ^ 1": (x) => pow!(x, 1),
  "a - (-b)": (x, z) => sub!(x, neg!(z)),
  "-(a - b)": (x, z) => neg!(sub!(x, z)),
  "a - x * -c": (x, z) => sub!(x, mul!(z, -3)),
  "(x / c1) / c2": (x) => div!(div!(x, 4), 8),
  "(x / c1) * c2": (x) => mul!(div!(x, 4), 8),
  "size * size": (x) =>
    mul!(
      x,
      both((rows) => mul!(rows, rows)),
    ),
  "x / size * size": (x) => both((rows) => mul!(div!(x, rows), rows)),
  "x * size / size": (x) => mul!(x, div!(mul!(sum!(x), size()), size())),
  "where(not c, a, b)": (x, z, c) => where!(logicalNot!(c), x, z),
  "not not c": (x, z, c) => where!(logicalNot!(logicalNot!(c)), x, z),
  "slice of pad": (x) =>
    slice!(
      pad!(x, [
        [0, 0],
        [2, 1],
      ]),
      [null, [2, 5]],
    ),
  "slice of concat": (x, z) => slice!(concat!([x, z], { axis: 1 }), [null, [3, 5]]),
  "where(true, a, b)": (x, z) => where!(makeFilled(origin, 1, [BATCH, dim(3)], "bool"), x, z),
  "- of a scatter": (x) =>
    neg!(scatterAdd!(transpose!(x), t["constant"]!([2, 0, 2], { shape: [3], dtype: "int32" }), 4)),
  "sum of broadcast": (x) => sum!(broadcast!(reshape!(x, ["batch", 3, 1]), ["batch", 3, 4]), { axis: 1 }),
  "sum of a product": (x, z) => sum!(matmul!(x, transpose!(z)), { axis: 1 }),
};

/** Forms that are stable only as something else; p lies above 0. */
const stable: Readonly<Record<string, (x: Tensor, z: Tensor, id: Tensor) => Tensor>> = {
  "log softmax": (x) => log!(softmax!(x)),
  "log sigmoid": (x) => log!(sigmoid!(x)),
  "log(1 - sigmoid)": (x) => log!(sub!(1, sigmoid!(x))),
  "log sum exp": (x) => log!(sum!(exp!(x), { axis: 1 })),
  "log(1 + exp)": (x) => log!(add!(1, exp!(x))),
  "log(1 + x)": (x) => log!(add!(1, exp!(neg!(mul!(x, x))))),
  "log(1 + small)": (x) => log!(add!(1, mul!(x, x))),
  "log(1 - x)": (x) => log!(sub!(1, mul!(0.2, sigmoid!(x)))),
  "log1p exp": (x) => log1p!(exp!(x)),
  "exp - 1": (x) => sub!(exp!(x), 1),
  "exp / sum exp": (x) => {
    const power = exp!(x);
    return div!(power, sum!(power, { axis: 1, keepAxes: true }));
  },
  "x - logSumExp": (x) => sub!(x, logSumExp!(x, { axis: 1, keepAxes: true })),
  "logSumExp - pick": (x, _, id) => sub!(logSumExp!(x, { axis: 1 }), pick!(x, id)),
  "soft targets": (x, z) => neg!(sum!(mul!(softmax!(z), logSoftmax!(x)), { axis: 1 })),
  "entropy of a probability": (x, z) => t["binaryCrossEntropy"]!(sigmoid!(x), sigmoid!(z)),
  "binary entropy": (x, z) => {
    const [p, target] = [sigmoid!(x), sigmoid!(z)];
    return neg!(add!(mul!(target, log!(p)), mul!(sub!(1, target), log!(sub!(1, p)))));
  },
};

/** Each function's value is an output, and the mean of their squares is trained. */
function networkOf(name: string, values: (x: Tensor, z: Tensor, c: Tensor, id: Tensor) => readonly Tensor[]): Network {
  const x = add!(t["input"]!("x", ["batch", 3]), t["parameter"]!([3], 0.1, { name: "w" }));
  const z = t["input"]!("z", ["batch", 3]);
  const c = t["input"]!("c", ["batch", 3], { dtype: "bool" });
  const id = t["input"]!("id", ["batch"], { dtype: "int32", below: 3 });
  const all = values(x, z, c, id);
  const outputs = Object.fromEntries(all.map((value, i) => [`y${i}`, value]));
  const loss = all.map((value) => t["mean"]!(t["square"]!(value))).reduce((a, b) => add!(a, b));
  return tapeless.network(name, { batch: 4, outputs, loss, optimizer: tapeless.sgd({ rate: 0.1 }) });
}

export const lawNetworks: Readonly<Record<string, () => Network>> = {
  plain: () => networkOf("plain", (x, z, c) => Object.values(plain).map((f) => f(x, z, c))),
  stable: () => networkOf("stable", (x, z, _, id) => Object.values(stable).map((f) => f(x, z, id))),
};
