// A load in one part of what is joined, outside of its guard.

import { concat, input, network, relu } from "tapeless";

const x = input("x", [1]);
export default network("found", { batch: 2, outputs: { y: concat([x, relu(x)]) } });
