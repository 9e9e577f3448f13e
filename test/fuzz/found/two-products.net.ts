// Two sums of products of other lengths in one expression: a name was declared twice.

import { dense, input, mul, network } from "tapeless";

const a = dense(input("a", ["batch", 10]), 2);
const b = dense(input("b", ["batch", 11]), 2);
export default network("found", { batch: 3, outputs: { y: mul(a, b) } });
