// One unit in each direction: the joined states of two loops.

import { bidirectional, input, network, rnn, sgd, sum } from "tapeless";

const x = input("x", ["batch", 1, 1]);
const y = bidirectional(rnn, x, 1);
export default network("found", { batch: 3, outputs: { y }, loss: sum(y), optimizer: sgd({ rate: 0.125 }) });
