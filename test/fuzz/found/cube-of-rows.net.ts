// [batch, batch, batch] on WebAssembly.

import { add, input, mean, network, parameter, sgd } from "tapeless";

const x = input("x", ["batch", "batch", "batch"]);
const loss = add(mean(x), parameter([], 0.5));
export default network("found", { batch: 4, outputs: { x }, loss, optimizer: sgd({ rate: 0.125 }) });
