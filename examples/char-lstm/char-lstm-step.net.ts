// The same network, one letter at a time: the state goes in and comes out. Its parameters are those of char-lstm.
import { dense, embedding, input, lstm, network, softmax } from "tapeless";
import { ALPHABET } from "../data/alphabet.js";

const text = input("text", ["batch", 1], { dtype: "int32", below: ALPHABET.length });
const before = [input("h", ["batch", 96]), input("c", ["batch", 96])] as const;
const letter = embedding(text, ALPHABET.length, 24);
const [hidden, h, c] = lstm(letter, 96, { initialState: before, returnState: true });
const logits = dense(hidden, ALPHABET.length);

export default network("char-lstm-step", { batch: 1, outputs: { probability: softmax(logits), h, c } });
