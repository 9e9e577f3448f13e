// A product amid padding.

import { add, input, matmul, network, pad, parameter, sgd, sum } from "tapeless";

const x = input("x", [2]);
const w = input("w", [2, 1]);
const padded = pad(matmul(x, w), [[1, 1]]);
const loss = add(sum(padded), parameter([], 0.5));
export default network("found", { batch: 2, loss, optimizer: sgd({ rate: 0.125 }) });
