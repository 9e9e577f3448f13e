// An entry that is picked of an axis of one, compared with the whole.

import { constant, exp, lessEqual, network, pick } from "tapeless";

const v1 = constant([-0.5], { shape: [1, 1] });
const v2 = exp(v1);
const v3 = constant([0], { shape: [1], dtype: "int32" });
const v4 = pick(v2, v3);
const v5 = lessEqual(v4, v2);
export default network("found", { batch: 1, outputs: { y0: v5, y3: v2 } });
