// What the editor says about layers, losses and networks. Compiled by the type check; each @ts-expect-error is a control
// that fails when the mistake beneath it becomes legal.

import {
  adam,
  batchNorm,
  bidirectional,
  binaryCrossEntropy,
  conv1d,
  conv2d,
  conv3d,
  convTranspose2d,
  crossEntropy,
  dense,
  dropout,
  embedding,
  globalAvgPool,
  glorotNormal,
  groupNorm,
  gru,
  huber,
  input,
  instanceNorm,
  labels,
  layerNorm,
  maxPool,
  maxPoolWithIndices,
  maxUnpool,
  lstm,
  meanAbsoluteError,
  meanSquaredError,
  network,
  parameter,
  relu,
  rmsNorm,
  rnn,
  sgd,
  softmax,
  stopGradient,
  target,
  type Tensor,
} from "tapeless";
import { expectType } from "./expect.js";

const image = input("image", ["batch", 784]);
const digit = labels("digit", ["batch"], 10);
const tokens = input("tokens", ["batch", 16, 32]);

// Literal shapes pass through.
const hidden = relu(dense(image, 256));
expectType<typeof hidden, Tensor<readonly ["batch", 256], "float32">>(true);
const logits = dense(dropout(hidden, 0.5), 10);
expectType<typeof logits, Tensor<readonly ["batch", 10], "float32">>(true);
const projected: Tensor<readonly ["batch", 16, 8]> = dense(tokens, 8, { bias: false, activation: relu });
const loss = crossEntropy(logits, digit, { labelSmoothing: 0.1 });
expectType<typeof loss, Tensor<readonly [], "float32">>(true);
crossEntropy(logits, target("soft", ["batch", 10]));
crossEntropy(dense(tokens, 50), labels("next", ["batch", 16], 50));
meanSquaredError(logits, target("y", ["batch", 10]), { weights: input("weights", ["batch"]) });

// Norms keep the shape; an embedding adds an axis.
const normal: Tensor<readonly ["batch", 16, 32], "float32"> = layerNorm(tokens, { axis: [-2, -1] });
expectType<ReturnType<typeof batchNorm<readonly ["batch", 256]>>, Tensor<readonly ["batch", 256], "float32">>(true);
const grouped: Tensor<readonly ["batch", 16, 32]> = groupNorm(instanceNorm(rmsNorm(normal)), 4);
const ids = input("ids", ["batch", 16], { dtype: "int32", below: 50 });
const vectors = embedding(ids, 50, 8, { paddingIndex: 0 });
expectType<typeof vectors, Tensor<readonly ["batch", 16, 8], "float32">>(true);
batchNorm(dense(grouped, 4) as Tensor, { axis: 1, momentum: 0.01 });
// @ts-expect-error how many groups?
groupNorm(tokens);
// @ts-expect-error one axis holds the channels
batchNorm(tokens, { axis: [1, 2] });
// @ts-expect-error the shapes [50, 8] and [50, 9] must be the same
embedding(ids, 50, 8, { parameters: { weight: parameter([50, 9], 0) } });

// Shared parameters.
const weight = parameter([784, 256], glorotNormal);
const bias = parameter([256], 0);
const shared: Tensor<readonly ["batch", 256]> = dense(image, 256, { parameters: { weight, bias } });

// Convolutions (test/types/axes.ts has more of them).
const picture = input("picture", ["batch", 28, 28, 1]);
const maps = conv2d(picture, 6, 5, { padding: "same", activation: relu });
expectType<typeof maps, Tensor<["batch", 28, 28, 6], "float32">>(true);
const half: Tensor<readonly ["batch", number, number, number]> = maxPool(maps, 2);
const line: Tensor<readonly ["batch", number, 4]> = conv1d(tokens, 4, [3], { stride: 2 });
const volumes = conv3d(input("volume", ["batch", 8, 8, 8, 1]), 2, [3, 3, 1]);
expectType<typeof volumes, Tensor<["batch", 6, 6, 8, 2], "float32">>(true);
const found = maxPoolWithIndices(maps, 2);
const places: Tensor<readonly ["batch", number, number, number], "int32"> = found.indices;
const unpooled: Tensor<readonly ["batch", number, number, number], "float32"> = maxUnpool(found.values, places, 28);
const channels: Tensor<readonly ["batch", number]> = globalAvgPool(convTranspose2d(half, 3, 2, { stride: 2 }));

// A wrong operand is red.
// @ts-expect-error conv2d: the input has four axes: rows, height, width, channels
conv2d(tokens, 6, 3);
// @ts-expect-error conv1d: the input has three axes: rows, length, channels
conv1d(picture, 6, 3);
// @ts-expect-error conv3d: the input has five axes: rows, depth, height, width, channels
conv3d(picture, 6, 3);
// @ts-expect-error a layer needs its kernel's size
conv2d(picture, 6, {});
// @ts-expect-error no such padding
conv2d(picture, 6, 3, { padding: "full" });
// @ts-expect-error dense: the last axis of the input holds the features; it cannot be the batch
dense(input("rows", ["batch"]), 3);
// @ts-expect-error dense: the input needs at least one axis; a scalar has none
dense(parameter([], 0), 3);
// @ts-expect-error units is a number
dense(image, "batch");
// @ts-expect-error the shapes [784, 256] and [784, 128] must be the same
dense(image, 128, { parameters: { weight } });
// @ts-expect-error the shapes [256] and [128] must be the same
dense(image, 128, { parameters: { bias } });
// @ts-expect-error the shapes [batch, 10] and [batch, 9] must be the same
meanSquaredError(logits, target("a", ["batch", 9]));
// @ts-expect-error a column does not stretch to rows
meanAbsoluteError(input("column", ["batch", 1]), target("b", ["batch"]));
// @ts-expect-error nor to ten columns
huber(logits, target("c", ["batch", 1]));
// @ts-expect-error "batch" is not a number of rows
binaryCrossEntropy(logits, target("d", [32, 10]), { from: "logits" });
// @ts-expect-error one class for each row
crossEntropy(logits, labels("e", ["batch", 3], 10));
// @ts-expect-error probabilities of eleven classes for ten
crossEntropy(logits, target("f", ["batch", 11]));
// @ts-expect-error one class for each position
crossEntropy(dense(tokens, 50), labels("g", ["batch"], 50));
// @ts-expect-error the optimizer itself, not its maker
network("n", { batch: 1, loss, optimizer: adam });
// @ts-expect-error a rate is a number
sgd({ rate: "fast" });
// @ts-expect-error no such setting
adam({ learningRate: 0.1 });

// Recurrent layers: the last state, every state, the state as well.
const last = lstm(tokens, 5);
expectType<typeof last, Tensor<readonly ["batch", 5], "float32">>(true);
const every = gru(tokens, 5, { returnSequences: true });
expectType<typeof every, Tensor<readonly ["batch", 16, 5], "float32">>(true);
const [states, h, c] = lstm(every, 4, { returnSequences: true, returnState: true });
expectType<typeof states, Tensor<readonly ["batch", 16, 4], "float32">>(true);
expectType<typeof c, Tensor<readonly ["batch", 4], "float32">>(true);
const both: Tensor = bidirectional(lstm, tokens, 4, { returnSequences: true, backward: { initialState: [h, c] } });
const [merged, ahead]: readonly Tensor[] = bidirectional(gru, tokens, 4, { returnState: true });
// @ts-expect-error the input needs three axes: [batch, time, features]
lstm(image, 5);
// @ts-expect-error the last axis of the input holds the features; it cannot be the batch
gru(input("last", [3, 4, "batch"]), 5);
// @ts-expect-error no such option
rnn(tokens, 5, { returnSequence: true });
// @ts-expect-error an LSTM's state is h and c
lstm(tokens, 4, { initialState: h });
// @ts-expect-error nor do both directions take a single one
bidirectional(lstm, tokens, 4, { forward: { initialState: h } });

// A plain tensor is accepted everywhere: a loop, a generic block, in any depth.
let y: Tensor = image;
for (let i = 0; i < 4; i++) y = relu(dense(y, 64));
let deep: Tensor = tokens;
for (let i = 0; i < 3; i++) deep = lstm(deep, 8, { returnSequences: true });
y = maxPool(conv2d(y, 4, 3), 2);
const mlp = (x: Tensor, widths: readonly number[]): Tensor => widths.reduce((h: Tensor, n) => relu(dense(h, n)), x);
const block = <S extends readonly ("batch" | number)[]>(x: Tensor<S>): Tensor => dense(x as Tensor, 3);
const anyLoss: Tensor<readonly []> = crossEntropy(mlp(y, [8, 4]), digit);
meanSquaredError(y, target("h", ["batch", 64]));
meanSquaredError(block(image), y);
dense(y, 256, { parameters: { weight: stopGradient(weight) } });

export const declared = network("n", {
  batch: 32,
  outputs: { probability: softmax(logits), projected, shared },
  steps: { one: { loss, optimizer: adam({ groups: [{ parameters: [bias], weightDecay: 0 }] }), parameters: [weight] } },
});
export { ahead, anyLoss, both, channels, deep, line, merged, unpooled };

// What a layer cannot do without stands by itself, and options may be left out.
const bare = conv2d(input("bare", ["batch", 8, 8, 3]), 4, 3);
expectType<typeof bare, Tensor<["batch", 6, 6, 4], "float32">>(true);
conv2d(input("twice", ["batch", 8, 8, 3]), 4, [3, 1], { padding: "same" });
// @ts-expect-error a kernel stands by itself
conv2d(input("named", ["batch", 8, 8, 3]), 4, { kernel: 3 });
// @ts-expect-error there is no convolution without a kernel
conv2d(input("none", ["batch", 8, 8, 3]), 4);
sgd();
// @ts-expect-error a rate has a name
sgd(0.1);
