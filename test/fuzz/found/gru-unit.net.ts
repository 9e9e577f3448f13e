// One unit, the reset gate before the product: the compiler stopped.

import { gru, input, network, sgd, sum } from "tapeless";

const x = input("x", ["batch", 1, 1]);
const h = gru(x, 1, { resetAfter: false });
export default network("found", { batch: 3, loss: sum(h), optimizer: sgd({ rate: 0.125 }) });
