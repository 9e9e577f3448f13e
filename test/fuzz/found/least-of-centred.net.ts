// The least of numbers that are computed anew and compared with one that was stored.

import { mean, min, network, parameter, sgd, sub } from "tapeless";

const p = parameter([3], 0.5);
export default network("found", { batch: 2, loss: min(sub(p, mean(p))), optimizer: sgd({ rate: 0.125 }) });
