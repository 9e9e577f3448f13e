// examples/fine-tune/fine-tune.net.ts
import {
  accuracy,
  adam,
  crossEntropy,
  dense,
  glorotUniform,
  input,
  labels,
  network,
  parameter,
  relu,
  softmax,
} from "tapeless";

const image = input("image", ["batch", 784]);
const digit = labels("digit", ["batch"], 10);
const h1 = relu(dense(image, 256));
const h2 = relu(dense(h1, 128));
const weight = parameter([128, 10], glorotUniform, { name: "head.weight" });
const bias = parameter([10], 0, { name: "head.bias" });
const logits = dense(h2, 10, { parameters: { weight, bias } });
const loss = crossEntropy(logits, digit);

// Two steps over one network: the second leaves everything below the last layer as it is, so that no gradient is derived there.
export default network("fine-tune", {
  batch: 32,
  outputs: { probability: softmax(logits) },
  steps: {
    pretrain: { loss, optimizer: adam() },
    tune: { loss, optimizer: adam(), parameters: [weight, bias] },
  },
  metrics: { accuracy: accuracy(logits, digit) },
});
