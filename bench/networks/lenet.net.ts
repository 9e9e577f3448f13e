// LeNet-5 as it is built today: ReLU and max pools, padding at the first window.
import { conv2d, crossEntropy, dense, flatten, input, labels, maxPool, network, relu, sgd, softmax } from "tapeless";

const image = input("image", ["batch", 28, 28, 1]);
const digit = labels("digit", ["batch"], 10);
const conv1 = conv2d(image, 6, 5, { padding: "same", activation: relu });
const pool1 = maxPool(conv1, 2);
const conv2 = conv2d(pool1, 16, 5, { activation: relu });
const pool2 = maxPool(conv2, 2);
const hidden1 = relu(dense(flatten(pool2), 120));
const hidden2 = relu(dense(hidden1, 84));
const logits = dense(hidden2, 10);

export default network("lenet", {
  batch: 32,
  outputs: { probability: softmax(logits) },
  loss: crossEntropy(logits, digit),
  optimizer: sgd({ rate: 0.05 }),
});
