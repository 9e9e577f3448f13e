// Laws of contractions: transposes and repeated axes become labels, sums move inside, and a contraction that sums nothing
// is a product.

import type { Node } from "../../../src/graph/node.js";
import type { Origin } from "../../../src/graph/origin.js";
import { isOne, sameDim } from "../../../src/graph/shape.js";
import { mul, neg } from "../../../src/ops/pointwise/arithmetic.js";
import { makeBroadcast, makeSum, sumDef } from "../../../src/ops/adjoint-pairs.js";
import { contractDef, makeContract, type ContractAttrs } from "../../../src/ops/contract/contract.js";
import { makeScalar } from "../../../src/ops/leaf/leaves.js";
import { makeTranspose, reshapeDef, transposeDef } from "../../../src/ops/view/views.js";
import { algebra, housekeeping, ofOnlyUse, type Law } from "../law.js";
import { filledWith, repeated, under } from "../match.js";
import { axesOf } from "./reductions.js";
import { permutationOf } from "./views.js";

type Labels = readonly number[];

/** An operand with a label for each axis. */
interface Operand {
  readonly node: Node;
  readonly labels: Labels;
}

interface Contraction {
  readonly left: Operand;
  readonly right: Operand;
  readonly output: Labels;
}

function contraction(node: Node): Contraction {
  const { left, right, output } = node.attrs as ContractAttrs;
  return { left: { node: node.inputs[0]!, labels: left }, right: { node: node.inputs[1]!, labels: right }, output };
}

const contract = (origin: Origin, { left, right, output }: Contraction): Node =>
  makeContract(origin, left.node, right.node, { left: left.labels, right: right.labels, output });

const swapped = ({ left, right, output }: Contraction): Contraction => ({ left: right, right: left, output });

/** Tries a change of the left operand on either side. */
function onEitherSide(node: Node, change: (from: Contraction) => Contraction | undefined): Contraction | undefined {
  const from = contraction(node);
  const left = change(from);
  if (left) return left;
  const right = change(swapped(from));
  return right && swapped(right);
}

/** An operand whose values do not change along some labels, as one without them. */
function withoutCopies({ node, labels }: Operand, origin: Origin): Operand | undefined {
  const value = filledWith(node);
  if (value !== undefined) return labels.length === 0 ? undefined : { node: makeScalar(origin, value), labels: [] };
  const whole = repeated(node);
  if (whole) return { node: whole.of, labels: whole.axes.map((axis) => labels[axis]!) };
  const x = under(node, reshapeDef)?.[0];
  if (!x || x.shape.length >= node.shape.length) return undefined;
  const big = node.shape.flatMap((d, i) => (isOne(d) ? [] : [i]));
  const same = x.shape.length === big.length && x.shape.every((d, i) => sameDim(d, node.shape[big[i]!]!));
  return same ? { node: x, labels: big.map((i) => labels[i]!) } : undefined;
}

/** Sums an operand over some of its labels. */
function summed(origin: Origin, { node, labels }: Operand, over: Labels): Operand {
  const axes = labels.flatMap((label, i) => (over.includes(label) ? [i] : []));
  return { node: makeSum(origin, node, axes), labels: labels.filter((label) => !over.includes(label)) };
}

/** The operand with its axes in the order of `output`, repeated along the labels it lacks. */
function spreadTo(origin: Origin, { node, labels }: Operand, output: Labels, shape: Node["shape"]): Node {
  const order = labels.map((_, i) => i).sort((i, j) => output.indexOf(labels[i]!) - output.indexOf(labels[j]!));
  const axes = order.map((i) => output.indexOf(labels[i]!));
  return makeBroadcast(origin, makeTranspose(origin, node, order), shape, axes);
}

export const contractionLaws: readonly Law[] = [
  housekeeping(
    "transpose-into-contraction",
    "transpose(x) @ y: the labels move instead",
    contractDef,
    (node, { origin }) => {
      const changed = onEitherSide(node, ({ left, right, output }) => {
        const x = under(left.node, transposeDef)?.[0];
        if (!x) return undefined;
        const permutation = permutationOf(left.node);
        return {
          left: { node: x, labels: x.shape.map((_, i) => left.labels[permutation.indexOf(i)]!) },
          right,
          output,
        };
      });
      return changed && contract(origin, changed);
    },
  ),
  ofOnlyUse(
    housekeeping(
      "transpose-of-contraction",
      "transpose(x @ y): the labels move instead",
      transposeDef,
      (node, { origin, isShared }) => {
        const [product] = node.inputs;
        if (product!.def !== contractDef || isShared(product!)) return undefined;
        const from = contraction(product!);
        return contract(origin, { ...from, output: permutationOf(node).map((axis) => from.output[axis]!) });
      },
    ),
  ),
  algebra("minus-out-of-contraction", "(-x) @ y = -(x @ y)", contractDef, (node, { origin }) => {
    const changed = onEitherSide(node, (from) => {
      const x = under(from.left.node, neg.def)?.[0];
      return x && { ...from, left: { ...from.left, node: x } };
    });
    return changed && neg.at(origin, contract(origin, changed));
  }),
  algebra(
    "contraction-without-sum",
    "a contraction that sums nothing is a product",
    contractDef,
    (node, { origin }) => {
      const { left, right, output } = contraction(node);
      if (left.labels.some((label) => !output.includes(label))) return undefined;
      const factor = (operand: Operand): Node => spreadTo(origin, operand, output, node.shape);
      return mul.at(origin, factor(left), factor(right));
    },
  ),
  algebra(
    "broadcast-out-of-contraction",
    "broadcast(x) @ y = broadcast(x @ sum(y))",
    contractDef,
    (node, { origin }) => {
      const changed = onEitherSide(node, ({ left, right, output }) => {
        const fewer = withoutCopies(left, origin);
        if (!fewer) return undefined;
        const dropped = left.labels.filter((label) => !fewer.labels.includes(label));
        const inRight = dropped.filter((label) => right.labels.includes(label));
        const inSum = inRight.filter((label) => !output.includes(label));
        const only = dropped.filter((label) => !inRight.includes(label));
        return {
          left: fewer,
          right: summed(origin, right, inSum),
          output: output.filter((label) => !only.includes(label)),
        };
      });
      if (!changed) return undefined;
      const { output } = node.attrs as ContractAttrs;
      const axes = changed.output.map((label) => output.indexOf(label));
      return makeBroadcast(origin, contract(origin, changed), node.shape, axes);
    },
  ),
  ofOnlyUse(
    algebra(
      "sum-into-contraction",
      "sum(x @ y): the labels are summed instead",
      sumDef,
      (node, { origin, isShared }) => {
        const [product] = node.inputs;
        if (product!.def !== contractDef || isShared(product!)) return undefined;
        const { left, right, output } = contraction(product!);
        const over = axesOf(node).map((axis) => output[axis]!);
        const shared = (label: number): boolean => left.labels.includes(label) && right.labels.includes(label);
        const alone = over.filter((label) => !shared(label));
        return contract(origin, {
          left: summed(origin, left, alone),
          right: summed(origin, right, alone),
          output: output.filter((label) => !over.includes(label)),
        });
      },
    ),
  ),
];
