// What is sorted is read before it is stored: an axis of one.

import { lion, network, parameter, sort, sum, tanh } from "tapeless";

const p = parameter([1], 0.5);
export default network("found", { batch: 2, loss: sum(sort(tanh(p))), optimizer: lion({}) });
