// The same in a pool.

import { input, maxPool, mul, network, parameter, sgd, softmax, sum } from "tapeless";

const x = input("x", ["batch", 2, 1]);
const y = softmax(mul(x, parameter([1], 0.5)), { axis: 1 });
export default network("found", { batch: 3, loss: sum(maxPool(y, 2)), optimizer: sgd({ rate: 0.125 }) });
