// Skip-grams with negative sampling: a word's vector should point the way of the words that stand near it, and not the way
// of words drawn at random. An update touches only the rows of the words that it sees.
import { einsum, embedding, input, labels, negativeSampling, network, sgd, slice, squeeze } from "tapeless";
import { NEGATIVES, VOCABULARY } from "../data/vocabulary.js";

const center = input("center", ["batch"], { dtype: "int32", below: VOCABULARY });
const context = labels("context", ["batch", 1 + NEGATIVES], VOCABULARY);
const word = embedding(center, VOCABULARY, 64);
const others = embedding(context, VOCABULARY, 64, { weightInitializer: 0 });
const scores = einsum("bd,bnd->bn", word, others);
const near = squeeze(slice(scores, [null, [0, 1]]), 1);
const random = slice(scores, [null, [1, null]]);

export default network("word2vec", {
  batch: 32,
  outputs: { word },
  loss: negativeSampling(near, random),
  optimizer: sgd({ rate: 1.5 }),
});
