import { add, dense, input, network, parameter, matmul, relu } from "tapeless";

const x = input("x", ["batch", 8]);
const attention = { query: dense(x, 8), "the key": 0, key: relu(dense(dense(x, 8), 8)) };
const pair = (v: typeof x) => [dense(v, 8), dense(v, 8)] as const;
const [left, right] = pair(x);
const both = pair(x);
const { value, ...rest } = { value: dense(x, 8), other: 1 };
let late = add(left, right);
late = dense(late, 8);
const w = parameter([8, 8], 0);
const product = matmul(matmul(late, w), parameter([8, 8], 0));
const sum = [attention.query, attention.key, value, both[0], both[1]].reduce((a, b) => add(a, b), product);

export default network("destructured", { batch: 4, outputs: { sum: rest.other > 0 ? sum : x } });
