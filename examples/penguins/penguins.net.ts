// Softmax regression: four measures and the sex of a penguin, three species.
import { accuracy, crossEntropy, dense, input, labels, network, sgd, softmax } from "tapeless";

const penguin = input("penguin", ["batch", 5]);
const species = labels("species", ["batch"], 3);
const logits = dense(penguin, 3);

export default network("penguins", {
  batch: 32,
  outputs: { probability: softmax(logits) },
  loss: crossEntropy(logits, species),
  optimizer: sgd({ rate: 0.1 }),
  metrics: { accuracy: accuracy(logits, species) },
});
