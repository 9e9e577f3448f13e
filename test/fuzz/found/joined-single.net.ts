// Both of size 1: a position counted loops that are not around it, and the compiler stopped.

import { concat, dense, input, network } from "tapeless";

const x = input("x", ["batch", 1]);
const joined = concat([x, dense(x, 1)], { axis: -1 });
export default network("found", { batch: 3, outputs: { joined } });
