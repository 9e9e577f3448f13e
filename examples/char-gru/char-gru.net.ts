// The next letter of a text: an embedding, a GRU over 64 letters, a softmax at each of them.
import {
  adam,
  clipByGlobalNorm,
  cosineDecay,
  crossEntropy,
  dense,
  embedding,
  input,
  labels,
  gru,
  network,
  softmax,
} from "tapeless";
import { ALPHABET } from "../data/alphabet.js";

const text = input("text", ["batch", 64], { dtype: "int32", below: ALPHABET.length });
const next = labels("next", ["batch", 64], ALPHABET.length);
const letter = embedding(text, ALPHABET.length, 24);
const hidden = gru(letter, 96, { returnSequences: true });
const logits = dense(hidden, ALPHABET.length);

export default network("char-gru", {
  batch: 16,
  outputs: { probability: softmax(logits) },
  loss: crossEntropy(logits, next),
  optimizer: adam({ rate: 0.01, schedule: cosineDecay(3200, { end: 0.05 }), clip: clipByGlobalNorm(1) }),
});
