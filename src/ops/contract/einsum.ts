// Products and sums named by letters, as NumPy's einsum.

import type { Node } from "../../graph/node.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { isOne, sameDim, type Dim } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch } from "../../messages.js";
import { makeSum } from "../adjoint-pairs.js";
import { tensorOperand } from "../define.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makeDiagonal } from "../view/diagonal.js";
import { makeReshape, makeTranspose } from "../view/views.js";
import { makeContract } from "./contract.js";

/** A tensor with a label for each axis: a letter, or for the axes of an ellipsis their number counted from its end. */
interface Labelled {
  readonly node: Node;
  readonly labels: readonly string[];
}

interface Equation {
  readonly terms: readonly (readonly string[])[];
  readonly result: readonly string[];
}

/** Sums away the axes whose labels nobody else uses. */
function reduceTo(origin: Origin, { node, labels }: Labelled, used: readonly string[]): Labelled {
  const alone = labels.flatMap((label, i) => (used.includes(label) ? [] : [i]));
  return { node: makeSum(origin, node, alone), labels: labels.filter((label) => used.includes(label)) };
}

function multiply(origin: Origin, left: Labelled, right: Labelled, used: readonly string[]): Labelled {
  const a = reduceTo(origin, left, [...used, ...right.labels]);
  const b = reduceTo(origin, right, [...used, ...left.labels]);
  const all = [...new Set([...a.labels, ...b.labels])];
  const labels = all.filter((label) => used.includes(label));
  const code = (list: readonly string[]): number[] => list.map((label) => all.indexOf(label));
  const attrs = { left: code(a.labels), right: code(b.labels), output: code(labels) };
  return { node: makeContract(origin, a.node, b.node, attrs), labels };
}

/** A label that repeats within a term is a diagonal. */
function withoutRepeats(origin: Origin, { node, labels }: Labelled): Labelled {
  const other = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (other < 0) return { node, labels };
  const at = labels.indexOf(labels[other]!);
  if (!sameDim(node.shape[at]!, node.shape[other]!)) {
    const why = `the axes that ${labels[other]} names twice differ`;
    throw shapeMismatch({ op: "einsum", left: [node.shape[at]!], right: [node.shape[other]!], why, site: origin.site });
  }
  return withoutRepeats(origin, { node: makeDiagonal(origin, node, at, other), labels: labels.toSpliced(other, 1) });
}

/** The size behind each label: axes of size 1 stretch. */
function sizesOf(origin: Origin, operands: readonly Labelled[]): Map<string, Dim> {
  const sizes = new Map<string, Dim>();
  const owners = new Map<string, Node>();
  for (const { node, labels } of operands) {
    for (const [i, label] of labels.entries()) {
      const [size, earlier] = [node.shape[i]!, sizes.get(label)];
      if (earlier && !sameDim(earlier, size) && !isOne(earlier) && !isOne(size)) {
        const left = owners.get(label)!.shape;
        const why = `the axes that ${/^\d/.test(label) ? "the ellipsis" : label} names differ`;
        throw shapeMismatch({ op: "einsum", left, right: node.shape, why, site: origin.site });
      }
      if (earlier && !isOne(earlier)) continue;
      sizes.set(label, size);
      owners.set(label, node);
    }
  }
  return sizes;
}

/** Leaves out the axes of size 1 that stretch. */
function withoutStretched(origin: Origin, { node, labels }: Labelled, sizes: ReadonlyMap<string, Dim>): Labelled {
  const kept = labels.flatMap((label, i) => (isOne(node.shape[i]!) && !isOne(sizes.get(label)!) ? [] : [i]));
  const shape = kept.map((i) => node.shape[i]!);
  return { node: makeReshape(origin, node, shape), labels: kept.map((i) => labels[i]!) };
}

/**
 * Products and sums named by letters, by NumPy's rules: `einsum("bqd,bkd->bqk", q, k)`. There is one letter for each
 * axis; letters that the result lacks are summed.
 *
 * A letter that repeats within an operand takes the diagonal. Without `->` the result has the letters that stand once,
 * in alphabetical order. `...` stands for any number of axes, which are broadcast together, come first in a result
 * that is not written, and are summed by one that lacks them (PyTorch; NumPy refuses that). Axes of size 1 stretch.
 * Several operands are multiplied from the left.
 * @param equation letters for the axes of each operand, separated by commas, and `->` with those of the result
 * @param operands as many tensors as the equation has terms; int32 and bool are converted to float32
 * @returns float32, an axis for each letter of the result
 * @throws BAD_ARGUMENT for an equation that does not fit the operands, SHAPE_MISMATCH where a letter names different
 *   sizes
 * @example
 * ```ts
 * const a = constant([[1, 2], [3, 4]]);
 * const net = network("example", { batch: 1, outputs: { trace: einsum("ii->", a), outer: einsum("i,j->ij", constant([1, 2]), constant([1, 10])) } });
 * interpret(net, {}).outputs; // { trace: [5], outer: [1, 10, 2, 20] }
 * ```
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Float32<Dims> {
  const origin = originOf(callSite("einsum"));
  const nodes = operands.map((x) => asFloat(origin, tensorOperand("einsum", "each operand", x, origin)));
  const { terms, result } = parse(equation, nodes, origin);
  const square = nodes.map((node, i) => withoutRepeats(origin, { node, labels: terms[i]! }));
  const sizes = sizesOf(origin, square);
  const labelled = square.map((one) => withoutStretched(origin, one, sizes));
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

function parse(equation: string, nodes: readonly Node[], origin: Origin): Equation {
  const refuse = (expected: string): never => {
    throw badArgument({ op: "einsum", argument: "the equation", value: equation, expected, site: origin.site });
  };
  const TERM = "[A-Za-z]*(?:\\.\\.\\.)?[A-Za-z]*";
  const match = new RegExp(`^(${TERM}(?:,${TERM})*)(?:->(${TERM}))?$`).exec(String(equation).replace(/\s/g, ""));
  if (!match) return refuse('of the form "ij,jk->ik", with letters and one "..." in a term');
  const written = match[1]!.split(",");
  if (written.length !== nodes.length) refuse(`about ${nodes.length} operands`);
  const terms = written.map((term, i) => {
    const rank = nodes[i]!.shape.length;
    const letters = term.replace("...", "").length;
    if (term.includes("...") ? letters > rank : letters !== rank) refuse(`with ${rank} letters for operand ${i}`);
    return labelsOf(term, rank - letters);
  });
  const all = terms.flat();
  const hidden = [...new Set(all)].filter((label) => /^\d/.test(label)).length;
  const once = all.filter((label, i) => all.indexOf(label) === i && all.lastIndexOf(label) === i);
  const implicit = `${hidden > 0 ? "..." : ""}${once
    .filter((label) => /^[A-Za-z]/.test(label))
    .toSorted()
    .join("")}`;
  const target = match[2] ?? implicit;
  const result = labelsOf(target, hidden);
  if (new Set(result).size < result.length) refuse("free of letters that repeat in the result");
  if (result.some((label) => !all.includes(label))) refuse("without a letter in the result that no operand has");
  return { terms, result };
}

/** A label for each axis of a term whose ellipsis stands for `hidden` axes. */
const labelsOf = (term: string, hidden: number): string[] => {
  const [before, after] = term.split("...") as [string, string?];
  const between = after === undefined ? [] : Array.from({ length: hidden }, (_, i) => String(hidden - i));
  return [...before, ...between, ...(after ?? "")];
};
