// The 2-4-1 classifier: one hidden layer of four ReLU units, a sigmoid output, binary cross-entropy.
import { accuracy, binaryCrossEntropy, dense, heNormal, input, network, relu, sgd, sigmoid, target } from "tapeless";

const point = input("point", ["batch", 2]);
const label = target("label", ["batch", 1]);
const hidden = relu(dense(point, 4, { weightInitializer: heNormal }));
const probability = sigmoid(dense(hidden, 1));

export default network("classifier", {
  batch: 100,
  outputs: { probability },
  loss: binaryCrossEntropy(probability, label),
  optimizer: sgd({ rate: 0.5 }),
  metrics: { accuracy: accuracy(probability, label) },
});
