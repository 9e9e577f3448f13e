// Warnings about networks that run but are probably not meant that way, with the place of the call.

import type { Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import type { CallSite } from "../../src/graph/origin.js";
import { everyNode, topological } from "../../src/graph/walk.js";
import { gradientReach } from "../../src/reach.js";
import { add, div, log, maximum, pow, powerDef, reciprocal, rsqrt, sigmoid, sqrt } from "../../src/ops/arithmetic.js";
import { constantDef, sizeDef, type ConstantAttrs } from "../../src/ops/leaves.js";
import { where } from "../../src/ops/logic.js";
import { logSoftmaxDef, softmaxDef } from "../../src/ops/softmax.js";

export interface Warning {
  /** Stable: SOFTMAX_TWICE. */
  readonly code: string;
  readonly sentence: string;
  readonly hint: string;
  readonly site: CallSite;
}

/** What is suspicious in a graph as it was declared. One warning for each call and kind. */
export function lint(roots: readonly Node[]): readonly Warning[] {
  const found = new Map<string, Warning>();
  const order = new Map<CallSite, number>();
  const reached = gradientReach(...roots);
  const outside = new Set(topological(roots));
  for (const node of everyNode(roots)) {
    if (!order.has(node.origin.site)) order.set(node.origin.site, order.size);
    // What no gradient passes through, such as the next value of a running mean, cannot spoil one.
    const flows = reached.has(node) || !outside.has(node);
    for (const warning of [softmaxTwice(node), probabilitiesAsLogits(node), flows && unselectedNaN(node)]) {
      if (warning) found.set(`${warning.code} ${order.get(warning.site) ?? 0}`, warning);
    }
  }
  return [...found.values()];
}

const SOFTMAXES: readonly OpDef[] = [softmaxDef, logSoftmaxDef];

/** What a value is, under views and markers that change no element. */
function meant(node: Node): Node {
  let at = node;
  while ((at.def.family === "view" || at.def.family === "marker") && at.inputs.length === 1) at = at.inputs[0]!;
  return at;
}

function softmaxTwice(node: Node): Warning | undefined {
  if (!SOFTMAXES.includes(node.def) || meant(node.inputs[0]!).def !== softmaxDef) return undefined;
  return {
    code: "SOFTMAX_TWICE",
    sentence: `${node.def.name} is applied to probabilities: what it is given is a softmax already`,
    hint: "leave one of the two out",
    site: node.origin.site,
  };
}

const PROBABILITIES: readonly OpDef[] = [softmaxDef, sigmoid.def];

function probabilitiesAsLogits(node: Node): Warning | undefined {
  const given = node.inputs.find((_, i) => node.def.operands[i] === "logits");
  const source = given && meant(given);
  if (!source || !PROBABILITIES.includes(source.def)) return undefined;
  return {
    code: "PROBABILITIES_AS_LOGITS",
    sentence: `${node.origin.site.call} wants logits, but it is given probabilities: the result of ${source.def.name}`,
    hint: `give it what ${source.def.name} was given; the loss applies ${source.def.name} itself`,
    site: node.origin.site,
  };
}

const BETWEEN: ReadonlySet<string> = new Set(["reduce", "contract", "view", "gather"]);

/**
 * A branch that is not selected passes gradient 0 through pointwise ops, whatever their slope. Behind a reduction or a
 * broadcast that zero meets the slope as a number: 0 * infinity.
 */
function unselectedNaN(node: Node): Warning | undefined {
  if (node.def !== where.def) return undefined;
  const branches = node.inputs.slice(1).filter((branch) => branch.dtype === "float32");
  for (const mixing of branches.flatMap((branch) => firstBehindPointwise(branch))) {
    if (!BETWEEN.has(mixing.def.family)) continue;
    const pole = mixing.inputs.flatMap((input) => pointwiseFrom(input)).find(hasPole);
    if (!pole) continue;
    return {
      code: "WHERE_BEHIND_REDUCTION",
      sentence:
        `where a branch of this ${node.origin.site.call} is not selected, the gradient may be NaN: ` +
        `${mixing.def.name} lies between it and ${pole.def.name}`,
      hint: `select the operand of ${pole.def.name} instead: ${pole.def.name}(where(condition, x, 1))`,
      site: node.origin.site,
    };
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
  if (source.def === (constantDef as OpDef) || source.def === (sizeDef as OpDef)) return true;
  const constants = source.inputs.map(meant).filter((term) => term.def === (constantDef as OpDef));
  if (source.def === maximum.def)
    return constants.some((term) => (term.attrs as ConstantAttrs).values.every((v) => v > 0));
  return source.def === add.def && constants.length > 0;
}
