// A scalar from outside in the step of a loop over [batch, time], whose first carry is one number everywhere.

import { add, broadcast, input, mul, network, parameter, scan } from "tapeless";

const x = input("x", ["batch", 2]);
const share = parameter([], 0.5);
const start = broadcast(input("start", []), ["batch"]);
const { carries } = scan(
  ([h], [e]) => {
    const next = add(mul(h!, share), e!);
    return { carries: [next], outputs: [next] };
  },
  [start],
  [x],
  { axis: 1 },
);
export default network("found", { batch: 3, outputs: { h: carries[0]! } });
