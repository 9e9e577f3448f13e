import { crossEntropy, dense, input, labels, lstm, network, sgd, softmax } from "tapeless";

const sequence = input("sequence", ["batch", 32, 64]);
const kind = labels("kind", ["batch"], 10);
const memory = lstm(sequence, 64, { forgetBias: 0 });
const logits = dense(memory, 10);

export default network("lstm", {
  batch: 16,
  outputs: { probability: softmax(logits) },
  loss: crossEntropy(logits, kind),
  optimizer: sgd({ rate: 0.1 }),
});
