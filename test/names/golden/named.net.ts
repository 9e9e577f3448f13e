import { dense, embedding, gru, input, lstm, network, reshape } from "tapeless";

const ids = input("ids", ["batch", 6], { dtype: "int32", below: 9 });
const letters = embedding(ids, 9, 4, { name: "letters" });
const hidden = lstm(gru(letters, 4, { returnSequences: true }), 4, { returnSequences: true });
const flat = reshape(hidden, ["batch", 24]);
const head = dense(dense(flat, 4, { name: "tail.first" }), 2);

export default network("named", { batch: 4, outputs: { y: dense(head, 2) } });
