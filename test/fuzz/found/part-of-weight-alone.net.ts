// The same between parameters.

import { matmul, mean, network, parameter, sgd, slice, square, uniform } from "tapeless";

const a = parameter([2, 2], uniform(-0.5, 0.75));
const b = parameter([2, 3], 0.5);
const y = matmul(a, slice(b, [null, [2, 3]]));
export default network("found", { batch: 3, loss: mean(square(y)), optimizer: sgd({ rate: 0.125 }) });
