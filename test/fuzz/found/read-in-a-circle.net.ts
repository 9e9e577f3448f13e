// Kernels that would each have to wait for the other.

import { add, heNormal, matmul, mean, network, pad, parameter, sgd, square, sum, variance } from "tapeless";

const v1 = parameter([2], heNormal);
const v2 = parameter([2, 2], 0.125);
const v3 = matmul(v1, v2);
const v4 = pad(v3, [[1, 1]]);
const v5 = sum(v3);
const v6 = mean(v4);
const v7 = add(v5, v6);
const v8 = variance(v2, { axis: [1] });
const v9 = mean(v8);
const v10 = square(v7);
const v11 = add(v9, v10);
export default network("found", { batch: 1, loss: v11, optimizer: sgd({ rate: 0.125 }) });
