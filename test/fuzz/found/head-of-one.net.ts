// A head of one unit behind a recurrent layer of one unit, and a rate that falls.

import { adagrad, dense, input, mean, network, rnn, square, stepDecay } from "tapeless";

const x = input("x", ["batch", 1, 1]);
const head = dense(rnn(x, 1, { returnSequences: true }), 1);
export default network("found", {
  batch: 1,
  loss: mean(square(head)),
  optimizer: adagrad({ initialSum: 0.25, schedule: stepDecay(1) }),
});
