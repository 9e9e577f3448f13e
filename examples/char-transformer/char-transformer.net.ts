// The next letter of a text: four transformer blocks in which a letter sees those before it, over windows of 64 letters.
import {
  adam,
  add,
  dense,
  embedding,
  gelu,
  input,
  labels,
  layerNorm,
  learnedEncoding,
  network,
  sequenceCrossEntropy,
  softmax,
  transformerEncoder,
  type Tensor,
} from "tapeless";
import { ALPHABET } from "../data/alphabet.js";

const text = input("text", ["batch", 64], { dtype: "int32", below: ALPHABET.length });
const next = labels("next", ["batch", 64], ALPHABET.length);
const letter = embedding(text, ALPHABET.length, 48);
const place = learnedEncoding(64, 48);

let x: Tensor<readonly ["batch", 64, 48]> = add(letter, place);
for (let i = 0; i < 4; i++) {
  const block = transformerEncoder(x, 4, { norm: "pre", causal: true, activation: gelu });
  x = block;
}
const last = layerNorm(x);
const logits = dense(last, ALPHABET.length);

export default network("char-transformer", {
  batch: 16,
  outputs: { probability: softmax(logits) },
  loss: sequenceCrossEntropy(logits, next),
  optimizer: adam({ rate: 0.003 }),
});
