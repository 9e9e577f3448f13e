// What is picked along an axis of one is read before it is stored.

import { add, concat, dense, input, mean, network, pick, sgd, sum } from "tapeless";

const z = dense(input("x", ["batch", 1]), 1);
const picked = pick(z, input("place", ["batch"], { dtype: "int32", below: 1 }));
const loss = add(mean(concat([input("y", ["batch"]), picked])), sum(z));
export default network("found", { batch: 2, loss, optimizer: sgd({ rate: 0.125 }) });
