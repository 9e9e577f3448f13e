import * as nn from "tapeless";
import { dense as fullyConnected, input, network } from "tapeless";
import { plain as stemOf, block as residual, type Rows } from "./parts.js";

const x: Rows = input("x", ["batch", 8]);
const stem = stemOf(x);
let body = stem;
for (let i = 0; i < 2; i++) body = residual(body, 4);
const twice = residual(residual(body, 4), 4);
const out = nn.dense(nn.relu(fullyConnected(twice, 4)), 2);

export default network("imported", { batch: 4, outputs: { out } });
