// 784-256-128-10 with ReLU, softmax cross-entropy and plain stochastic gradient descent.
import { accuracy, crossEntropy, dense, input, labels, network, relu, sgd, softmax } from "tapeless";

const image = input("image", ["batch", 784]);
const digit = labels("digit", ["batch"], 10);
const h1 = relu(dense(image, 256));
const h2 = relu(dense(h1, 128));
const logits = dense(h2, 10);

export default network("digits", {
  batch: 32,
  outputs: { probability: softmax(logits) },
  loss: crossEntropy(logits, digit),
  optimizer: sgd({ rate: 0.1 }),
  metrics: { accuracy: accuracy(logits, digit) },
});
