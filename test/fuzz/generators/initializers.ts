// Initialisers: what parameters start from.

import type { Arg } from "../sketch.js";
import type { Generator, Table } from "./kinds.js";

const initializer = (leastRank: number, arg: Arg): Generator => ({ kind: "initializer", leastRank, make: () => arg });

export const initializers: Table = {
  filled: initializer(0, { $call: "filled", args: [0.25] }),
  glorotNormal: initializer(1, { $fn: "glorotNormal" }),
  glorotUniform: initializer(1, { $fn: "glorotUniform" }),
  heNormal: initializer(1, { $fn: "heNormal" }),
  heUniform: initializer(1, { $fn: "heUniform" }),
  normal: initializer(0, { $call: "normal", args: [0, 0.5] }),
  uniform: initializer(0, { $call: "uniform", args: [-0.5, 0.75] }),
  zeros: initializer(0, { $fn: "zeros" }),
  orthogonal: initializer(2, { $call: "orthogonal", args: [0.5] }),
};
