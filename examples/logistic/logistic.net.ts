// Logistic regression, two features to one probability, by full-batch gradient descent on up to 100 points.
import { accuracy, binaryCrossEntropy, dense, input, network, sgd, sigmoid, target } from "tapeless";

const point = input("point", ["batch", 2]);
const label = target("label", ["batch", 1]);
const logit = dense(point, 1);

export default network("logistic", {
  batch: 100,
  outputs: { probability: sigmoid(logit) },
  loss: binaryCrossEntropy(logit, label, { from: "logits" }),
  optimizer: sgd({ rate: 0.5 }),
  metrics: { accuracy: accuracy(logit, label, { threshold: 0 }) },
});
