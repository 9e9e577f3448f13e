// A column that is computed in the kernel of what it is joined to: its sum kept the variable of the other's loop.

import { concat, dense, input, mean, network, sgd, square } from "tapeless";

const x = input("x", ["batch", 2]);
const column = dense(x, 1);
const joined = concat([x, column], { axis: 1 });
export default network("found", {
  batch: 3,
  outputs: { joined },
  loss: mean(square(joined)),
  optimizer: sgd({ rate: 0.125 }),
});
