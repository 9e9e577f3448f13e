// 784-128-10 with ReLU, softmax cross-entropy and Adam.
import { accuracy, adam, crossEntropy, dense, input, labels, network, relu, softmax } from "tapeless";

const image = input("image", ["batch", 784]);
const digit = labels("digit", ["batch"], 10);
const hidden = relu(dense(image, 128));
const logits = dense(hidden, 10);

export default network("digits-adam", {
  batch: 32,
  outputs: { probability: softmax(logits) },
  loss: crossEntropy(logits, digit),
  optimizer: adam({ rate: 0.001 }),
  metrics: { accuracy: accuracy(logits, digit) },
});
