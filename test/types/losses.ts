// What the editor says about losses over classes and about the loss of a network. Compiled by the type check; an expected error
// is a control that fails when the mistake beneath it becomes legal.

import {
  adam,
  argMax,
  cast,
  crossEntropy,
  dense,
  input,
  labels,
  mean,
  negativeLogLikelihood,
  logSoftmax,
  network,
  sequenceCrossEntropy,
  target,
  where,
  greater,
  type Tensor,
} from "tapeless";
import { expectType } from "./expect.js";

const image = input("image", ["batch", 784]);
const tokens = input("tokens", ["batch", 16, 32]);
const logits = dense(image, 10);
const digit = labels("digit", ["batch"], 10);
const plain: Tensor = logits;

// Class ids are int32 with one axis less, probabilities are floats with as many.
const loss = crossEntropy(logits, digit);
expectType<typeof loss, Tensor<[], "float32">>(true);
crossEntropy(logits, target("soft", ["batch", 10]));
crossEntropy(dense(tokens, 50), labels("next", ["batch", 16], 50));
crossEntropy(logits, argMax(logits));
crossEntropy(logits, cast(target("codes", ["batch"]), "int32"));
// @ts-expect-error crossEntropy: class ids are int32
crossEntropy(logits, target("a", ["batch"]));
// @ts-expect-error crossEntropy: class ids have one axis less
crossEntropy(logits, labels("b", ["batch", 10], 10));
// @ts-expect-error crossEntropy: the shapes [batch] and [batch, 3] must be the same
crossEntropy(dense(tokens, 50), labels("c", ["batch"], 50));
// @ts-expect-error crossEntropy: labels of three axes
crossEntropy(logits, labels("d", ["batch", 3, 3], 10));
// @ts-expect-error negativeLogLikelihood: class ids are int32
negativeLogLikelihood(logSoftmax(logits), target("e", ["batch"]));
// @ts-expect-error sequenceCrossEntropy: class ids are int32
sequenceCrossEntropy(dense(tokens, 50), target("f", ["batch", 16]));
// @ts-expect-error crossEntropy: one class for each row, also with options
crossEntropy(logits, labels("g", ["batch", 10], 10), { reduction: "sum" });
// @ts-expect-error there is no option labelSmooting
crossEntropy(logits, digit, { labelSmooting: 0.1, reduction: "sum" });

// With classes elsewhere, and of tensors that say nothing of themselves, the run judges.
crossEntropy(input("map", ["batch", 10, 5]), labels("h", ["batch", 5], 10), { axis: 1 });
crossEntropy(plain, target("i", ["batch"]));
crossEntropy(logits, where(greater(digit, 3), digit, digit));
const each = crossEntropy(logits, digit, { reduction: "none" });
expectType<typeof each, Tensor<readonly (number | "batch")[], "float32">>(true);

// The loss of a network is a scalar.
const optimizer = adam();
network("a", { batch: 4, loss, optimizer });
network("b", { batch: 4, loss: mean(plain), optimizer });
network("c", { batch: 4, loss: plain, optimizer });
network("d", { batch: 4, outputs: { logits } });
network("e", { batch: 4, steps: { one: { loss, optimizer }, two: { loss: plain, optimizer, parameters: [] } } });
// @ts-expect-error network: a loss is a float scalar, not a tensor [batch, 10]
network("f", { batch: 4, loss: logits, optimizer });
// @ts-expect-error network: a loss is a float scalar, not a tensor [batch, 10]
network("g", { batch: 4, steps: { one: { loss: logits, optimizer } } });
// @ts-expect-error network: a loss is a float scalar, not of int32
network("h", { batch: 4, loss: cast(loss, "int32"), optimizer });
// @ts-expect-error a step has no rate
network("i", { batch: 4, steps: { one: { loss, optimizer, rate: 1 } } });
// @ts-expect-error a network has no epochs
network("j", { batch: 4, loss, optimizer, epochs: 1 });
