// The next letter of a text: an embedding, an LSTM, a softmax at each position. It learns from windows of 64 letters, and writes
// one letter a call.
import {
  adam,
  carry,
  clipByGlobalNorm,
  cosineDecay,
  crossEntropy,
  dense,
  embedding,
  input,
  labels,
  layer,
  lstm,
  network,
  softmax,
  updating,
  type Tensor,
} from "tapeless";
import { ALPHABET } from "../data/alphabet.js";

const reader = layer((text: Tensor<["batch", number]>, before?: readonly [h: Tensor, c: Tensor]) => {
  const letter = embedding(text, ALPHABET.length, 24);
  const initial = before && { initialState: before };
  const [hidden, h, c] = lstm(letter, 96, { returnSequences: true, returnState: true, ...initial });
  return { logits: dense(hidden, ALPHABET.length), h, c };
});

const text = input("text", ["batch", 64], { dtype: "int32", below: ALPHABET.length });
const next = labels("next", ["batch", 64], ALPHABET.length);
const { logits } = reader(text);

// The same layers, a letter a call.
const letter = input("letter", ["batch", 1], { dtype: "int32", below: ALPHABET.length });
const h = carry("h", ["batch", 96]);
const c = carry("c", ["batch", 96]);
const read = reader(letter, [h, c]);
const following = updating(softmax(read.logits), [
  [h, read.h],
  [c, read.c],
]);

export default network("char-lstm", {
  batch: 16,
  outputs: { probability: softmax(logits) },
  entries: { next: { outputs: { probability: following } } },
  loss: crossEntropy(logits, next),
  optimizer: adam({ rate: 0.01, schedule: cosineDecay(3200, { end: 0.05 }), clip: clipByGlobalNorm(1) }),
});
