// A load amid padding, outside of its guard.

import { dense, input, network, pad, sgd, square, sum } from "tapeless";

const x = input("x", ["batch", 1]);
const padded = pad(square(x), [
  [0, 0],
  [1, 0],
]);
export default network("found", { batch: 3, loss: sum(dense(padded, 2)), optimizer: sgd({ rate: 0.125 }) });
