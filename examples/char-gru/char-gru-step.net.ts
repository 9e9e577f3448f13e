// The same network, one letter at a time: the state goes in and comes out. Its parameters are those of char-gru.
import { dense, embedding, gru, input, network, softmax } from "tapeless";
import { ALPHABET } from "../data/alphabet.js";

const text = input("text", ["batch", 1], { dtype: "int32", below: ALPHABET.length });
const before = input("h", ["batch", 96]);
const letter = embedding(text, ALPHABET.length, 24);
const [hidden, h] = gru(letter, 96, { initialState: before, returnState: true });
const logits = dense(hidden, ALPHABET.length);

export default network("char-gru-step", { batch: 1, outputs: { probability: softmax(logits), h } });
