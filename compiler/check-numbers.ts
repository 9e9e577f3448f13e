// Numbers of a definition that the module's own type has not.

import { labelOf } from "../src/check-parts.js";
import type { Entry } from "../src/graph/network.js";
import type { Node } from "../src/graph/node.js";
import { everyNode } from "../src/graph/walk.js";
import { notInFloat32, throwAll, type TapelessError } from "../src/messages.js";
import { constantDef, hyperDef, type ConstantAttrs, type HyperAttrs } from "../src/ops/leaf/leaves.js";
import type { FloatType } from "./ir/choices.js";

/** Throws NOT_IN_FLOAT32 for each constant and hyper-parameter that is finite and would become infinite. */
export function checkNumbers(entries: readonly Entry[], float: FloatType): void {
  if (float !== "float32") return;
  const roots = entries.flatMap(({ results, updates }) => [...results, ...updates].map(({ value }) => value));
  throwAll(everyNode(roots).flatMap(errorsOf));
}

const isLost = (value: number): boolean => Number.isFinite(value) && !Number.isFinite(Math.fround(value));

function errorsOf(node: Node): TapelessError[] {
  const { site } = node.origin;
  if (node.def === hyperDef) {
    const { name, initial } = node.attrs as HyperAttrs;
    return isLost(initial) ? [notInFloat32({ what: `the hyper-parameter ${name}`, value: initial, site })] : [];
  }
  if (node.def !== constantDef || node.dtype !== "float32") return [];
  const value = (node.attrs as ConstantAttrs).values.find(isLost);
  return value === undefined ? [] : [notInFloat32({ what: `a number of ${labelOf(node)}`, value, site })];
}
