// examples/gradient-penalty/gradient-penalty.net.ts
import {
  accuracy,
  adam,
  add,
  dense,
  gradient,
  hyper,
  input,
  labels,
  logSoftmax,
  max,
  mean,
  mul,
  network,
  silu,
  softmax,
  softmaxCrossEntropy,
  square,
  sum,
} from "tapeless";

const image = input("image", ["batch", 784]);
const digit = labels("digit", ["batch"], 10);
const hidden = silu(dense(image, 64));
const logits = dense(hidden, 10);
const entropy = softmaxCrossEntropy(logits, digit);

// Double backpropagation (Drucker & LeCun, 1992): the loss shall change little where a pixel does. A training step
// differentiates `steepness`, which is made of a gradient itself.
const steepness = sum(square(gradient(sum(entropy), image)), { axis: 1 });
const certainty = sum(max(logSoftmax(logits), { axis: 1 }));

export default network("gradient-penalty", {
  batch: 32,
  outputs: { probability: softmax(logits), slope: gradient(certainty, image) },
  loss: mean(add(entropy, mul(hyper("smoothness", 1), steepness))),
  optimizer: adam(),
  metrics: { accuracy: accuracy(logits, digit) },
});
