// The next letter of a text: four transformer blocks in which a letter sees those before it. It learns from windows of 64 letters,
// and writes one letter a call: what the blocks have seen is kept in caches.
import {
  adam,
  add,
  attentionCache,
  dense,
  embedding,
  gelu,
  input,
  labels,
  layer,
  layerNorm,
  learnedEncoding,
  network,
  sequenceCrossEntropy,
  softmax,
  take,
  transformerEncoder,
  type AttentionCache,
  type Tensor,
} from "tapeless";
import { ALPHABET } from "../data/alphabet.js";

const reader = layer((text: Tensor<["batch", number]>, caches?: readonly AttentionCache[]) => {
  const letter = embedding(text, ALPHABET.length, 48);
  const places = learnedEncoding(64, 48);
  const place = caches ? take(places, caches[0]!.position) : places;
  let x: Tensor<["batch", number, 48]> = add(letter, place);
  for (let i = 0; i < 4; i++) {
    const cache = caches && { cache: caches[i]! };
    const block = transformerEncoder(x, 4, { norm: "pre", causal: true, activation: gelu, ...cache });
    x = block;
  }
  const last = layerNorm(x);
  return dense(last, ALPHABET.length);
});

const text = input("text", ["batch", 64], { dtype: "int32", below: ALPHABET.length });
const next = labels("next", ["batch", 64], ALPHABET.length);
const logits = reader(text);

// The same layers, a letter a call.
const letter = input("letter", ["batch", 1], { dtype: "int32", below: ALPHABET.length });
const caches = Array.from({ length: 4 }, (_, i) => attentionCache(`seen[${i}]`, 64, 48));

export default network("char-transformer", {
  batch: 16,
  outputs: { probability: softmax(logits) },
  entries: { next: { outputs: { probability: softmax(reader(letter, caches)) } } },
  loss: sequenceCrossEntropy(logits, next),
  optimizer: adam({ rate: 0.003 }),
});
