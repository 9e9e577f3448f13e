// A small residual network (He et al., 2016): two convolutions with batch norm beside a shortcut, three times.
import * as t from "tapeless";

const convolution = (x: t.Tensor, filters: number, kernel: number, stride: number): t.Tensor => {
  const options = { stride, padding: "same", bias: false, weightInitializer: t.heNormal } as const;
  const conv = t.conv2d(x, filters, kernel, options);
  return t.batchNorm(conv);
};

const residual = (x: t.Tensor, filters: number, stride: number): t.Tensor => {
  const inner = t.relu(convolution(x, filters, 3, stride));
  const outer = convolution(inner, filters, 3, 1);
  const shortcut = stride === 1 ? x : convolution(x, filters, 1, stride);
  return t.relu(t.add(outer, shortcut));
};

const image = t.input("image", ["batch", 784]);
const digit = t.labels("digit", ["batch"], 10);
const stem = t.relu(convolution(t.reshape(image, ["batch", 28, 28, 1]), 12, 3, 2));
const block1 = residual(stem, 12, 1);
const block2 = residual(block1, 24, 2);
const block3 = residual(block2, 32, 2);
const logits = t.dense(t.globalAvgPool(block3), 10);

export default t.network("resnet", {
  batch: 32,
  outputs: { probability: t.softmax(logits) },
  loss: t.crossEntropy(logits, digit),
  optimizer: t.adam({ rate: 0.004, schedule: t.cosineDecay(5625, { end: 0.01 }) }),
  metrics: { accuracy: t.accuracy(logits, digit) },
});
