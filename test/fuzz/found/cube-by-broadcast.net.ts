// The same where three axes of the batch meet in an addition.

import { add, input, matmul, mean, network, parameter, sgd, square } from "tapeless";

const w = parameter([1], 0.5);
const row = matmul(w, input("row", [1, "batch"]));
const all = add(input("x", ["batch", "batch", 1]), row);
export default network("found", { batch: 3, loss: mean(square(all)), optimizer: sgd({ rate: 0.125 }) });
