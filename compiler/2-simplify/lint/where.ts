// A branch that is not selected, and whose slope is infinite somewhere.

import { isA, type Node } from "../../../src/graph/node.js";
import type { OpDef } from "../../../src/graph/op.js";
import {
  add,
  div,
  log,
  maximum,
  pow,
  powerDef,
  reciprocal,
  rsqrt,
  sqrt,
} from "../../../src/ops/pointwise/arithmetic.js";
import { constantDef, sizeDef } from "../../../src/ops/leaf/leaves.js";
import { where } from "../../../src/ops/pointwise/logic.js";
import { whereBehindReduction, type Suspicion } from "../../../src/warnings.js";
import { meant } from "./meant.js";

const BETWEEN: ReadonlySet<string> = new Set(["reduce", "contract", "view", "gather"]);

/**
 * A branch that is not selected passes gradient 0 through pointwise ops, whatever their slope. Behind a reduction or a
 * broadcast that zero meets the slope as a number: 0 * infinity.
 */
export function unselectedNaN(node: Node): Suspicion | undefined {
  if (node.def !== where.def) return undefined;
  const branches = node.inputs.slice(1).filter((branch) => branch.dtype === "float32");
  for (const mixing of branches.flatMap((branch) => firstBehindPointwise(branch))) {
    if (!BETWEEN.has(mixing.def.family)) continue;
    const pole = mixing.inputs.flatMap((input) => pointwiseFrom(input)).find(hasPole);
    if (!pole) continue;
    const { name: reduction } = mixing.def;
    return whereBehindReduction({ reduction, pole: pole.def.name, site: node.origin.site });
  }
  return undefined;
}

/** The pointwise nodes under a node, itself included, up to what is not pointwise. */
function pointwiseFrom(root: Node): Node[] {
  const seen = new Set<Node>([root]);
  // A set that grows while it is walked.
  for (const node of seen) if (node.def.family === "pointwise") node.inputs.forEach((input) => seen.add(input));
  return [...seen].filter((node) => node.def.family === "pointwise");
}

function firstBehindPointwise(root: Node): Node[] {
  if (root.def.family !== "pointwise") return [root];
  const inner = pointwiseFrom(root);
  return [...new Set(inner.flatMap((node) => node.inputs))].filter((node) => node.def.family !== "pointwise");
}

const POLES: readonly OpDef[] = [log.def, sqrt.def, rsqrt.def, reciprocal.def, pow.def];

/** Has it an infinite slope somewhere? A sum or a maximum with a positive number is taken to stay away from there. */
function hasPole(node: Node): boolean {
  if (node.def === powerDef) {
    const { exponent } = node.attrs as { readonly exponent: number };
    return exponent < 1 && exponent !== 0;
  }
  if (node.def === div.def) return !isSafe(node.inputs[1]!);
  return POLES.includes(node.def) && !isSafe(node.inputs[0]!);
}

function isSafe(node: Node): boolean {
  const source = meant(node);
  if (isA(source, constantDef) || isA(source, sizeDef)) return true;
  const constants = source.inputs.map(meant).filter((term) => isA(term, constantDef));
  if (source.def === maximum.def) return constants.some((term) => term.attrs.values.every((v) => v > 0));
  return source.def === add.def && constants.length > 0;
}
