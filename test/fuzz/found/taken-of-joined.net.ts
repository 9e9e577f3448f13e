// An index into what is joined of joined parts.

import { concat, input, matmul, network, parameter, sgd, sum, take, tanh } from "tapeless";

const x = input("x", ["batch", 2]);
const twice = concat([x, x], { axis: 1 });
const w = parameter([4, 1], 0.5);
const all = concat([tanh(twice), matmul(twice, w)], { axis: 1 });
const id = input("id", ["batch"], { dtype: "int32", below: 1 });
const taken = take(all, id, { axis: 1 });
export default network("found", { batch: 1, loss: sum(taken), optimizer: sgd({ rate: 0.125 }) });
