// Skip-grams with negative sampling: a word's vector should point the way of the words that stand near it, and not the way
// of words drawn at random. An update touches only the rows of the words that it sees.
import { constant, einsum, embedding, input, labels, logSigmoid, mean, mul, neg, network, sgd, sum } from "tapeless";
import { NEGATIVES, VOCABULARY } from "../data/vocabulary.js";

const center = input("center", ["batch"], { dtype: "int32", below: VOCABULARY });
const context = labels("context", ["batch", 1 + NEGATIVES], VOCABULARY);
const word = embedding(center, VOCABULARY, 64);
const others = embedding(context, VOCABULARY, 64, { weightInitializer: 0 });
const scores = einsum("bd,bnd->bn", word, others);
const near = constant([1, ...Array.from({ length: NEGATIVES }, () => -1)]);

export default network("word2vec", {
  batch: 32,
  outputs: { word },
  loss: neg(mean(sum(logSigmoid(mul(scores, near)), { axes: 1 }))),
  optimizer: sgd({ rate: 1.5 }),
});
