// Warnings about networks that run but are probably not meant that way, with the place of the call.

import type { LintCode } from "../../../src/graph/lint-codes.js";
import type { Node } from "../../../src/graph/node.js";
import { userFrames, type CallSite } from "../../../src/graph/origin.js";
import { everyNode, topological } from "../../../src/graph/walk.js";
import { initialValues } from "../../../src/initial-values.js";
import { gradientReach } from "../../../src/reach.js";
import type { Suspicion, Warning } from "../../../src/warnings.js";
import type { FloatType } from "../../ir/choices.js";
import { columnAndRow } from "./batch.js";
import { uncarried } from "./carried.js";
import { integersAsAmounts, roundedConstant } from "./numbers.js";
import { logitsAsProbabilities, probabilitiesAsLogits, softmaxTwice } from "./probabilities.js";
import { withoutSlope } from "./slopes.js";
import { unselectedNaN } from "./where.js";

/** A graph as it was declared. */
export interface Linted {
  /** What its entries compute. */
  readonly roots: readonly Node[];
  /** Of its steps. */
  readonly losses: readonly Node[];
  /** What each entry of the network's own computes. */
  readonly own: readonly (readonly Node[])[];
  /** What its metrics add up. */
  readonly measured: readonly Node[];
  readonly float: FloatType;
  readonly silence: readonly LintCode[];
  readonly nameOf: (leaf: Node) => string;
}

/** What is suspicious in a graph. One warning for each call and code. */
export function lint({ roots, losses, own, measured, float, silence, nameOf }: Linted): readonly Warning[] {
  const reached = gradientReach(...roots);
  const outside = new Set(topological(roots));
  const suspicious = everyNode(roots).flatMap((node) => [
    softmaxTwice(node),
    probabilitiesAsLogits(node),
    logitsAsProbabilities(node),
    integersAsAmounts(node),
    // What no gradient passes through, such as the next value of a running mean, cannot spoil one.
    reached.has(node) || !outside.has(node) ? unselectedNaN(node) : undefined,
  ]);
  const summed = everyNode([...losses, ...measured]).map(columnAndRow);
  const numbers = float === "float32" ? withInitial(roots).map(roundedConstant) : [];
  const all = [
    ...suspicious,
    ...summed,
    ...numbers,
    ...withoutSlope(losses, nameOf),
    ...uncarried(own, losses, nameOf),
  ];
  const found = onceEach(all.filter((one) => one !== undefined && !silence.includes(one.code)) as Suspicion[]);
  return found.map((one) => ({ ...one, at: userFrames(one.site)[0] }));
}

function withInitial(roots: readonly Node[]): readonly Node[] {
  const nodes = everyNode(roots);
  return [...nodes, ...everyNode(initialValues(nodes).map(({ value }) => value))];
}

function onceEach(warnings: readonly Suspicion[]): readonly Suspicion[] {
  const told = new Map<CallSite, Set<LintCode>>();
  return warnings.filter(({ site, code }) => {
    const codes = told.get(site) ?? new Set();
    told.set(site, codes);
    return codes.size < codes.add(code).size;
  });
}
