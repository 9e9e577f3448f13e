// The largest of squares, which are computed anew in the gradient.

import { dense, input, maxPool, network, reshape, sgd, square, sum } from "tapeless";

const x = input("x", ["batch", 1]);
const image = reshape(square(dense(x, 2)), ["batch", 2, 1]);
export default network("found", { batch: 2, loss: sum(maxPool(image, 2)), optimizer: sgd({ rate: 0.125 }) });
