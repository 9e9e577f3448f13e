// The networks around calls of ops, by the op's name: an op's calls share one.

import type { OpDef, Sample } from "../../src/graph/op.js";
import { registry } from "../../src/ops/registry.js";
import { drawFrom, randomNumbers } from "../oracle/leaves.js";
import { networkOf } from "./called.js";

export const samplesOf = (def: OpDef): readonly Sample[] => def.samples(drawFrom(randomNumbers(31)));

/** The ops that single calls can show; the others are in unsampled.ts. */
export const sampled = registry.filter((def) => samplesOf(def).length > 0);

export const calls = sampled.map((def) => [def.name, networkOf(samplesOf(def), def.differentiable)] as const);
