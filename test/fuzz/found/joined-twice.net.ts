// A joined column that is joined again.

import { add, concat, input, matmul, nesterov, network, parameter, sum } from "tapeless";

const x = input("x", ["batch", 1]);
const w = input("w", [1, 1]);
const once = concat([x, matmul(x, w)], { axis: 1 });
const twice = concat([once, once]);
const loss = add(sum(twice), parameter([], 0.5));
export default network("found", { batch: 3, loss, optimizer: nesterov({ rate: 0.125 }) });
