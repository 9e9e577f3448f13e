// Products and sums named by letters, as NumPy's einsum.

import type { Node } from "../graph/node.js";
import { callSite, originOf, type Origin } from "../graph/origin.js";
import type { Dims, Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { makeSum } from "./broadcast.js";
import { makeContract } from "./contract.js";
import { tensorOperand } from "./define.js";
import { asFloat } from "./pointwise.js";
import { makeTranspose } from "./views.js";

/** A tensor with a letter for each axis. */
interface Labelled {
  readonly node: Node;
  readonly labels: readonly string[];
}

/** Sums away the axes whose letters nobody else uses. */
function reduceTo(origin: Origin, { node, labels }: Labelled, used: readonly string[]): Labelled {
  const alone = labels.flatMap((label, i) => (used.includes(label) ? [] : [i]));
  return { node: makeSum(origin, node, alone), labels: labels.filter((label) => used.includes(label)) };
}

function multiply(origin: Origin, left: Labelled, right: Labelled, used: readonly string[]): Labelled {
  const a = reduceTo(origin, left, [...used, ...right.labels]);
  const b = reduceTo(origin, right, [...used, ...left.labels]);
  const labels = [...new Set([...a.labels, ...b.labels])].filter((label) => used.includes(label));
  const code = (list: readonly string[]): number[] => list.map((label) => label.charCodeAt(0));
  const attrs = { left: code(a.labels), right: code(b.labels), output: code(labels) };
  return { node: makeContract(origin, a.node, b.node, attrs), labels };
}

/**
 * Einstein's summation: `einsum("bqd,bkd->bqk", q, k)`. One letter for each axis; letters missing from the result are summed.
 * A letter stands once in each operand. Several operands are multiplied from the left.
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor<Dims, "float32"> {
  const origin = originOf(callSite("einsum"));
  const refuse = (expected: string): never => {
    throw badArgument({ op: "einsum", argument: "the equation", value: equation, expected, site: origin.site });
  };
  const match = /^([A-Za-z]*(?:,[A-Za-z]*)*)->([A-Za-z]*)$/.exec(String(equation).replace(/\s/g, ""));
  if (!match) return refuse('of the form "ij,jk->ik"');
  const terms = match[1]!.split(",").map((term) => [...term]);
  const result = [...match[2]!];
  if (terms.length !== operands.length) refuse(`about ${operands.length} operands`);
  for (const labels of [...terms, result]) {
    if (new Set(labels).size < labels.length) refuse("free of letters that repeat within an operand");
  }
  if (result.some((label) => !terms.flat().includes(label)))
    refuse("without a letter in the result that no operand has");
  const labelled = terms.map((labels, i): Labelled => {
    const node = asFloat(origin, tensorOperand("einsum", "each operand", operands[i], origin));
    if (node.shape.length !== labels.length) refuse(`with ${node.shape.length} letters for operand ${i}`);
    return { node, labels };
  });
  const product = labelled.slice(1).reduce((left, right, i) => {
    const later = labelled.slice(i + 2).flatMap((term) => term.labels);
    return multiply(origin, left, right, [...result, ...later]);
  }, labelled[0]!);
  const { node, labels } = reduceTo(origin, product, result);
  return makeTranspose(
    origin,
    node,
    result.map((label) => labels.indexOf(label)),
  ) as Tensor<Dims, "float32">;
}
