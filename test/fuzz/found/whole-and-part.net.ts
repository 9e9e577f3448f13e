// A product that is read whole and in part by one kernel, which read it before it stored it.

import { add, dense, input, mean, network, sgd, sin, slice, sum, tanh } from "tapeless";

const x = input("x", ["batch", 2]);
const z = dense(x, 2);
const loss = add(mean(tanh(z)), sum(sin(slice(z, [null, [1, 2]]))));
export default network("found", { batch: 3, loss, optimizer: sgd({ rate: 0.125 }) });
