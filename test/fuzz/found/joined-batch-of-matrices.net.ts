// The same with a matrix for each example.

import { concat, input, matmul, network, parameter } from "tapeless";

const x = input("x", ["batch", 1, 2]);
const w = parameter([2, 1], 0.5);
const joined = concat([matmul(x, w), x], { axis: 2 });
export default network("found", { batch: 3, outputs: { joined } });
