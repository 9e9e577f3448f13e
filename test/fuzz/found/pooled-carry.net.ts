// A carry and a value from outside that are the same pool.

import { add, input, maxPool, mul, network, parameter, scan, sgd, sum, tanh } from "tapeless";

const x = input("x", [1]);
const pooled = maxPool(input("image", ["batch", 1, 1]), 1);
const { outputs } = scan(
  ([h]) => {
    const next = mul(h!, tanh(sum(pooled)));
    return { carries: [next], outputs: [next] };
  },
  [pooled],
  [x],
);
const loss = add(sum(outputs[0]!), parameter([], 0.5));
export default network("found", { batch: 2, loss, optimizer: sgd({ rate: 0.125 }) });
