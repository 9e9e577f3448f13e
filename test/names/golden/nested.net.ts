import { add, batchNorm, dense, input, network, relu, softmax } from "tapeless";

const x = input("x", ["batch", 8]);
const residual = (v: typeof x) => add(v, dense(relu(dense(v, 4)), 8));
const code = dense(relu(batchNorm(dense(x, 8))), 8);
const sum = add(dense(code, 8), dense(code, 8));
const y = residual(residual(sum));

export default network("nested", { batch: 4, outputs: { y: softmax(dense(y, 2)) } });
