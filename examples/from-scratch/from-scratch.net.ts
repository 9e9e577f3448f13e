// The network that courses write from scratch: one hidden layer of sigmoid units, mean squared error on one-hot targets.
import { accuracy, dense, input, meanSquaredError, network, sgd, sigmoid, target } from "tapeless";

const image = input("image", ["batch", 784]);
const digit = target("digit", ["batch", 10]);
const hidden = sigmoid(dense(image, 64));
const activation = sigmoid(dense(hidden, 10));

export default network("from-scratch", {
  batch: 32,
  outputs: { activation },
  loss: meanSquaredError(activation, digit),
  optimizer: sgd({ rate: 5 }),
  metrics: { accuracy: accuracy(activation, digit) },
});
