// The next letter of a text: an embedding, a GRU, a softmax at each position. It learns from windows of 64 letters, and writes
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
  gru,
  network,
  softmax,
  updating,
  type Tensor,
} from "tapeless";
import { ALPHABET } from "../data/alphabet.js";

const reader = layer((text: Tensor<["batch", number]>, before?: Tensor) => {
  const letter = embedding(text, ALPHABET.length, 24);
  const initial = before && { initialState: before };
  const [hidden, h] = gru(letter, 96, { returnSequences: true, returnState: true, ...initial });
  return { logits: dense(hidden, ALPHABET.length), h };
});

const text = input("text", ["batch", 64], { dtype: "int32", below: ALPHABET.length });
const next = labels("next", ["batch", 64], ALPHABET.length);
const { logits } = reader(text);

// The same layers, a letter a call.
const letter = input("letter", ["batch", 1], { dtype: "int32", below: ALPHABET.length });
const h = carry("h", ["batch", 96]);
const read = reader(letter, h);
const following = updating(softmax(read.logits), [[h, read.h]]);

export default network("char-gru", {
  batch: 16,
  outputs: { probability: softmax(logits) },
  entries: { next: { outputs: { probability: following } } },
  loss: crossEntropy(logits, next),
  optimizer: adam({ rate: 0.01, schedule: cosineDecay(3200, { end: 0.05 }), clip: clipByGlobalNorm(1) }),
});
