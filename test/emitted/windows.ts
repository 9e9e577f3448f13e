// Networks of convolutions and pools: every layer, with strides, groups, dilation and padding, as they are trained.

import type { Network } from "../../src/graph/network.js";
import * as t from "../../src/index.js";
import { once } from "./once.js";

/** A loss over what `y` makes of images ["batch", 7, 6, 2] with parameters of its own. */
const of =
  (y: (x: t.Tensor) => t.Tensor) =>
  (batch: number): Network => {
    const image = t.input("x", ["batch", 7, 6, 2]) as t.Tensor;
    const scale = t.parameter([2], 0.7, { name: "scale" });
    const value = y(t.mul(image, scale) as t.Tensor);
    const loss = t.mean(t.square(t.sin(t.add(value, 0.3) as t.Tensor) as t.Tensor));
    return t.network("windows", { batch, outputs: { value }, loss, optimizer: t.sgd({ rate: 0.1, momentum: 0.5 }) });
  };

export const windows = once<(capacity: number) => Network>({
  "two convolutions, pools, a dense layer": of((x) => {
    const h1 = t.maxPool(t.conv2d(x, 4, 3, { padding: "same", activation: t.tanh, name: "c1" }), 2);
    const h2 = t.avgPool(t.conv2d(h1, 5, 2, { activation: t.relu, name: "c2" }), [1, 2]);
    return t.dense(t.flatten(h2 as t.Tensor) as t.Tensor, 3, { name: "head" });
  }),
  "a strided convolution with groups": of((x) => {
    const h = t.conv2d(x, 6, [3, 2], { stride: 2, padding: 1, groups: 2, activation: t.tanh, name: "c1" });
    return t.conv2d(h as t.Tensor, 6, 3, { padding: "same", groups: 6, name: "depthwise" });
  }),
  "a dilated convolution with weights as PyTorch keeps them": of((x) => {
    const options = { dilation: 2, stride: [1, 2], weightLayout: "pytorch", activation: t.sigmoid } as const;
    return t.conv2d(x, 3, 2, { ...options, name: "c1" });
  }),
  "an encoder and a decoder": of((x) => {
    const code = t.conv2d(x, 4, 3, { stride: 2, padding: "same", activation: t.relu, name: "encode" });
    const wide = t.convTranspose2d(code, 2, 4, { stride: 2, padding: 1, groups: 2, name: "decode" });
    return t.upsample(wide as t.Tensor, [1, 2]) as t.Tensor;
  }),
  "channels first, one axis": of((x) => {
    const lines = t.reshape(x, ["batch", 14, 6]) as t.Tensor;
    const h = t.conv1d(lines, 4, 3, { padding: [[2, 0]], layout: "channelsFirst", activation: t.relu, name: "c" });
    return t.maxPool(h as t.Tensor, 3, { stride: 2, padding: 1, ceilMode: true, layout: "channelsFirst" }) as t.Tensor;
  }),
  "pooled, bent and put back": of((x) => {
    const h = t.tanh(t.conv2d(x, 3, 1, { name: "c" })) as t.Tensor;
    const { values, indices } = t.maxPoolWithIndices(h, [3, 2], { stride: [3, 2], padding: [[1, 1], [0, 0]] }); // prettier-ignore
    const back = t.maxUnpool(t.sin(values) as t.Tensor, indices, [7, 6]);
    const where = t.cast(t.flatten(indices as t.Tensor), "float32");
    return t.concat([t.flatten(back as t.Tensor), where as t.Tensor], { axis: 1 }) as t.Tensor;
  }),
  "a volume": of((x) => {
    const volume = t.reshape(x, ["batch", 3, 4, 1, 7]) as t.Tensor;
    const h = t.conv3d(volume, 3, [2, 3, 1], { padding: "same", activation: t.tanh, name: "c" });
    return t.maxPool(h as t.Tensor, [2, 2, 1], { stride: 1 }) as t.Tensor;
  }),
  "overlapping means, and the largest of each channel": of((x) => {
    const means = t.avgPool(x, 3, { stride: 1, padding: "same" }) as t.Tensor;
    return t.globalMaxPool(t.conv2d(means, 3, 1, { name: "c" })) as t.Tensor;
  }),
});
