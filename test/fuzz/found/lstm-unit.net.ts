// One unit and one position: the way back of the gates.

import { input, lstm, network, sgd, sum } from "tapeless";

const x = input("x", ["batch", 1, 1]);
const [, h] = lstm(x, 1, { returnState: true });
export default network("found", { batch: 3, loss: sum(h), optimizer: sgd({ rate: 0.125 }) });
