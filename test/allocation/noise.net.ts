// A network of what was once a function call in every element: hashes, the error function, rounding.

import { adam, add, crossEntropy, dense, dropout, gelu, input, labels, network, randomNormal, round } from "tapeless";

const point = input("point", ["batch", 64]);
const kind = labels("kind", ["batch"], 10);
const hidden = dropout(gelu(dense(point, 64)), 0.3);
const noisy = round(add(hidden, randomNormal(["batch", 64])));
const logits = dense(noisy, 10);

export default network("noise", { batch: 32, loss: crossEntropy(logits, kind), optimizer: adam({ rate: 0.001 }) });
