// Probabilities where logits are wanted, and the reverse.

import { isA, type Node } from "../../../src/graph/node.js";
import type { OpDef } from "../../../src/graph/op.js";
import { add, div, mul, neg, sigmoid, sub } from "../../../src/ops/pointwise/arithmetic.js";
import { probabilityCrossEntropy } from "../../../src/ops/pointwise/entropy.js";
import { constantDef, parameterDef } from "../../../src/ops/leaf/leaves.js";
import { logSoftmaxDef, softmaxDef } from "../../../src/ops/composite/softmax.js";
import { isTrainable } from "../../../src/reach.js";
import * as warnings from "../../../src/warnings.js";
import type { Suspicion } from "../../../src/warnings.js";
import { meant } from "./meant.js";

const SOFTMAXES: readonly OpDef[] = [softmaxDef, logSoftmaxDef];

export function softmaxTwice(node: Node): Suspicion | undefined {
  if (!SOFTMAXES.includes(node.def) || meant(node.inputs[0]!).def !== softmaxDef) return undefined;
  return warnings.softmaxTwice({ op: node.def.name, site: node.origin.site });
}

const PROBABILITIES: readonly OpDef[] = [softmaxDef, sigmoid.def];

export function probabilitiesAsLogits(node: Node): Suspicion | undefined {
  const given = node.inputs.find((_, i) => node.def.operands[i] === "logits");
  const source = given && meant(given);
  if (!source || !PROBABILITIES.includes(source.def)) return undefined;
  return warnings.probabilitiesAsLogits({ source: source.def.name, site: node.origin.site });
}

export function logitsAsProbabilities(node: Node): Suspicion | undefined {
  if (node.def !== probabilityCrossEntropy.def) return undefined;
  const source = meant(node.inputs[0]!);
  return isUnbounded(source)
    ? warnings.logitsAsProbabilities({ source: source.origin.site.call, site: node.origin.site })
    : undefined;
}

const SUMS: readonly OpDef[] = [add.def, sub.def];
const MULTIPLES: readonly OpDef[] = [mul.def, div.def, neg.def];

/**
 * Takes it every value, whatever its input is? A product with a trained matrix does, and what adds a parameter or a number
 * to it or scales it. Of anything else nothing is said: two terms may be made to cancel.
 */
function isUnbounded(node: Node): boolean {
  const open = [node];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const source = meant(at);
    if (source.def.family === "contract" && source.inputs.some((input) => isTrainable(meant(input)))) return true;
    const varying = source.inputs.filter((input) => !isNumber(input) && !(SUMS.includes(source.def) && isLeaf(input)));
    if (varying.length === 1 && [...SUMS, ...MULTIPLES].includes(source.def)) open.push(varying[0]!);
  }
  return false;
}

const isNumber = (node: Node): boolean => isA(meant(node), constantDef);

const isLeaf = (node: Node): boolean => isA(meant(node), parameterDef);
