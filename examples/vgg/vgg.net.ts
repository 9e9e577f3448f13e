// A small stack in the manner of VGG (Simonyan & Zisserman, 2015): pairs of 3 x 3 convolutions, then a pool.
import * as t from "tapeless";

const pair = (x: t.Tensor, filters: number): t.Tensor => {
  const options = { padding: "same", activation: t.relu, weightInitializer: t.heNormal } as const;
  const first = t.conv2d(x, filters, 3, options);
  const second = t.conv2d(first, filters, 3, options);
  return t.maxPool(second, 2);
};

const image = t.input("image", ["batch", 784]);
const digit = t.labels("digit", ["batch"], 10);
const block1 = pair(t.reshape(image, ["batch", 28, 28, 1]), 8);
const block2 = pair(block1, 16);
const hidden = t.dropout(t.relu(t.dense(t.flatten(block2), 64)), 0.3);
const logits = t.dense(hidden as t.Tensor, 10);

export default t.network("vgg", {
  batch: 32,
  outputs: { probability: t.softmax(logits) },
  loss: t.crossEntropy(logits, digit),
  optimizer: t.adam({ rate: 0.001 }),
  metrics: { accuracy: t.accuracy(logits, digit) },
});
