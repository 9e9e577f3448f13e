// An LSTM decoder that attends to the states of an encoder (Bahdanau et al. 2015, arXiv:1409.0473), as a scan over a cell. `next`
// translates a word a call.
import {
  adam,
  add,
  carry,
  concat,
  constant,
  crossEntropy,
  dense,
  embedding,
  expandDims,
  input,
  labels,
  layer,
  lstm,
  lstmCell,
  mul,
  network,
  scan,
  softmax,
  squeeze,
  sum,
  tanh,
  updating,
  type Tensor,
} from "tapeless";

type State = readonly [h: Tensor<["batch", 6]>, c: Tensor<["batch", 6]>];

const states = lstm(embedding(input("source", ["batch", 4], { dtype: "int32", below: 9 }), 9, 5), 6, {
  returnSequences: true,
});

const decode = layer((word: Tensor, [h, c]: State) => {
  const asked = expandDims(dense(h, 6, { bias: false }), 1);
  const scores = dense(tanh(add(states, asked)), 1);
  const context = sum(mul(softmax(scores, { axis: 1 }), states), { axis: 1 });
  return lstmCell(concat([word, context], { axis: 1 }), [h, c]);
});
const words = layer((ids: Tensor) => embedding(ids, 9, 5));
const answer = layer((h: Tensor) => dense(h, 9));

const given = words(input("given", ["batch", 3], { dtype: "int32", below: 9 }));
const start = constant(0, { shape: ["batch", 6] });
const { outputs } = scan(
  ([h, c], [word]) => {
    const next = decode(word, [h, c]);
    return { carries: next, outputs: [next[0]] };
  },
  [start, start],
  [given],
  { axis: 1 },
);

const h = carry("h", ["batch", 6]);
const c = carry("c", ["batch", 6]);
const one = words(input("word", ["batch", 1], { dtype: "int32", below: 9 }));
const next = decode(squeeze(one, 1), [h, c]);

export default network("translator", {
  batch: 4,
  outputs: { logits: answer(outputs[0]!) },
  loss: crossEntropy(answer(outputs[0]!), labels("word2", ["batch", 3], 9)),
  optimizer: adam(),
  entries: {
    next: {
      outputs: {
        logits: updating(answer(next[0]), [
          [h, next[0]],
          [c, next[1]],
        ]),
      },
    },
  },
});
