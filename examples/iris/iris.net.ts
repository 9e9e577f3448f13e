// Softmax regression: four measures of a flower, three species.
import { accuracy, crossEntropy, dense, input, labels, network, sgd, softmax } from "tapeless";

const flower = input("flower", ["batch", 4]);
const species = labels("species", ["batch"], 3);
const logits = dense(flower, 3);

export default network("iris", {
  batch: 30,
  outputs: { probability: softmax(logits) },
  loss: crossEntropy(logits, species),
  optimizer: sgd({ rate: 0.1 }),
  metrics: { accuracy: accuracy(logits, species) },
});
