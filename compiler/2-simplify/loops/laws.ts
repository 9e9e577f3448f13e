// What the passes over loops do, as laws.

import { rule } from "../../../src/graph/rules.js";

export const KEPT = rule(
  "kept-for-the-way-back",
  "loop",
  "kept for the way back",
  String.raw`f(h_{t}) \;\text{is read where it was computed}`,
);

export const SUMMED = rule(
  "sum-over-time",
  "loop",
  "a sum over time",
  String.raw`S_{T} = S_{0} + \textstyle\sum_{t} a_{t}^{\top} b_{t}`,
);

export const LOOP_LAWS = [KEPT, SUMMED] as const;
