// A gradient inside of a loop, of a product with a parameter from outside: the outer gradient was lost.

import { gradient, input, mul, network, parameter, scan, sgd, sum } from "tapeless";

const x = input("x", [1]);
const w = parameter([1], 0.5);
const { carries } = scan(
  ([h]) => {
    const slope = gradient(sum(mul(h!, w)), h!);
    return { carries: [slope], outputs: [slope] };
  },
  [w],
  [x],
);
export default network("found", { batch: 2, loss: sum(carries[0]!), optimizer: sgd({ rate: 0.125 }) });
