// What randomness starts from: the seed of a run and its clock, one leaf each for every network.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { originOf } from "../../graph/origin.js";
import type { Shape } from "../../graph/shape.js";
import { leafRecord } from "./leaves.js";

const scalarInt = { shape: Object.freeze([]) as Shape, dtype: "int32" } as const;

export const seedDef: OpDef = leafRecord("seed", "The seed of the run.");

export const clockDef: OpDef = leafRecord("clock", "The number of training steps done so far.");

const LIBRARY = originOf(Object.freeze({ call: "random" }));

/** The seed of the run: one leaf for every network. */
export const SEED: Node = createNode(seedDef, [], scalarInt, LIBRARY);

/** The number of training steps done so far. A step that reaches it counts it up. */
export const CLOCK: Node = createNode(clockDef, [], scalarInt, LIBRARY);
