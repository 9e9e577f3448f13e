// The best of one product.

import { input, matmul, network, topK } from "tapeless";

const x = input("x", [1]);
const w = input("w", [1, 1]);
const y = matmul(x, w);
const { values } = topK(y, 1);
export default network("found", { batch: 2, outputs: { y, values } });
