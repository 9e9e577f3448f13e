// An index that is looked up under a guard, into what is padded under another.

import { add, input, mean, network, pad, parameter, sgd, stack, take } from "tapeless";

const v1 = input("x1", ["batch", 2]);
const v2 = pad(v1, [
  [0, 0],
  [1, 1],
]);
const v3 = stack([v2, v2], { axis: 2 });
const v4 = input("n4", [1], { dtype: "int32", below: 1 });
const v5 = take(v3, v4, { axis: 1 });
const v6 = mean(v5);
const v7 = parameter([], 0.5);
const v8 = add(v6, v7);
export default network("found", { batch: 1, loss: v8, optimizer: sgd({ rate: 0.125 }) });
