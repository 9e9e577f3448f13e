// A product with one column of a weight: its gradient is written amid zeros.

import { input, matmul, mean, network, parameter, sgd, slice, square } from "tapeless";

const x = input("x", ["batch", 2]);
const w = parameter([2, 3], 0.5);
const y = matmul(x, slice(w, [null, [2, 3]]));
export default network("found", { batch: 3, loss: mean(square(y)), optimizer: sgd({ rate: 0.125 }) });
