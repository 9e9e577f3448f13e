// Parts beside their whole, at the length of a vector: a load in one of them, outside of its guard.

import { concat, input, network, split } from "tapeless";

const x = input("x", ["batch", 8]);
const [left, right] = split(x, [3, 5], { axis: 1 });
export default network("found", { batch: 2, outputs: { y: concat([x, left!, right!], { axis: 1 }) } });
