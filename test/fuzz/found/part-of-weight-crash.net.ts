// A product of a row with one column of a weight: the compiler stopped with an error of its own.

import { matmul, mean, network, parameter, sgd, slice, square } from "tapeless";

const row = parameter([1, 2], 0.5);
const w = parameter([2, 2], 1);
const y = matmul(row, slice(w, [null, [0, 1]]));
export default network("found", { batch: 2, loss: mean(square(y)), optimizer: sgd({ rate: 0.125 }) });
