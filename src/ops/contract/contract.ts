// Contraction: the product of two tensors, summed over shared axes. Matrix products of every kind are this one record;
// its derivatives are contractions again.

import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { isOne, sameDim, type Dim, type Shape } from "../../graph/shape.js";
import type { DimsOf, MatmulCompatible, MatmulDims, Float32, Tensor } from "../../graph/tensor.js";
import { invariant, shapeMismatch, wrongRank } from "../../messages.js";
import { applyScalar } from "../../scalar/expression.js";
import { float, record, ruleOrigin, shapeOf, tensorOperand } from "../define.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makeReshape } from "../view/views.js";
import { rule } from "../../graph/rules.js";

/** A label for each axis. Labels of the output appear once; those that are summed appear in both operands. */
export interface ContractAttrs {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly output: readonly number[];
}

/** The size behind each label. */
function labelSizes(left: Shape, right: Shape, attrs: ContractAttrs, origin: Origin): Map<number, Dim> {
  const sizes = new Map<number, Dim>();
  attrs.left.forEach((label, i) => sizes.set(label, left[i]!));
  attrs.right.forEach((label, i) => {
    const leftSize = sizes.get(label);
    if (leftSize && !sameDim(leftSize, right[i]!)) {
      const why = "the axes that are multiplied and summed differ";
      throw shapeMismatch({ op: origin.site.call, left, right, why, site: origin.site });
    }
    sizes.set(label, right[i]!);
  });
  return sizes;
}

const summedLabels = ({ left, output }: ContractAttrs): number[] => left.filter((label) => !output.includes(label));

const distinct = (labels: readonly number[]): boolean => new Set(labels).size === labels.length;

/** Labels as indices are written: 0 is i, 1 is j. */
const letters = (labels: readonly number[]): string =>
  labels.map((label) => "ijklmnopqrstuvwxyzabcdefgh"[label] ?? `{i_{${label}}}`).join(" ");

export const contractDef: OpDef<ContractAttrs> = record<ContractAttrs>({
  name: "contract",
  family: "contract",
  doc: "The product of two tensors, summed over the axes that they share and the result lacks.",
  operands: ["left", "right"],
  infer({ inputs: [left, right], attrs, origin }) {
    const sizes = labelSizes(left!.shape, right!.shape, attrs, origin);
    invariant(
      distinct(attrs.left) && distinct(attrs.right) && distinct(attrs.output),
      "a contraction names each axis of an operand once",
    );
    invariant(
      [...sizes.keys()].every((l) => attrs.output.includes(l) || (attrs.left.includes(l) && attrs.right.includes(l))),
      "a contraction sums only axes that both operands have",
    );
    return float(attrs.output.map((label) => sizes.get(label)!));
  },
  lower({ inputs: [left, right], attrs, origin }) {
    const sizes = labelSizes(left!.shape, right!.shape, attrs, origin);
    const summed = summedLabels(attrs);
    const order = [...attrs.output, ...summed];
    const at = (labels: readonly number[]) => labels.map((label) => axis(order.indexOf(label)));
    const body = applyScalar("mul", load(0, at(attrs.left)), load(1, at(attrs.right)));
    if (summed.length === 0) return { kind: "map", body };
    return { kind: "reduce", combiner: "sum", axes: summed.map((label) => sizes.get(label)!), body };
  },
  rule: [
    rule("product.left", "algebra", "product", String.raw`C = A\,B \;\Rightarrow\; \delta_{A} = \delta_{C}\,B^{\top}`),
    rule("product.right", "algebra", "product", String.raw`C = A\,B \;\Rightarrow\; \delta_{B} = A^{\top}\,\delta_{C}`),
  ],
  vjp(adjoint) {
    const [left, right] = adjoint.inputs as [Node, Node];
    const { attrs, gradient } = adjoint;
    const origin = ruleOrigin(adjoint);
    return [
      makeContract(origin, gradient, right, { left: attrs.output, right: attrs.right, output: attrs.left }),
      makeContract(origin, left, gradient, { left: attrs.left, right: attrs.output, output: attrs.right }),
    ];
  },
  differentiable: true,
  tex: ([a, b], { left, right, output }) =>
    `\\operatorname{contract}_{${letters(left)},\\, ${letters(right)} \\to ${letters(output)}}\\left(${a}, ${b}\\right)`,
  samples: () =>
    (
      [
        [shapeOf(2, 3), shapeOf(3, 4), { left: [0, 2], right: [2, 1], output: [0, 1] }],
        [shapeOf(1, 3), shapeOf(3, 1), { left: [0, 2], right: [2, 1], output: [0, 1] }],
        [shapeOf(3), shapeOf(3), { left: [0], right: [0], output: [] }],
        [shapeOf(2), shapeOf(3), { left: [0], right: [1], output: [0, 1] }],
        [shapeOf(2, 3, 4), shapeOf(2, 4, 2), { left: [0, 1, 3], right: [0, 3, 2], output: [0, 1, 2] }],
        [shapeOf("b", 3), shapeOf(3, 2), { left: [0, 2], right: [2, 1], output: [0, 1] }],
        [shapeOf("b", 3), shapeOf("b", 2), { left: [2, 0], right: [2, 1], output: [0, 1] }],
        [shapeOf("b", 3), shapeOf(2, 3), { left: [0, 2], right: [1, 2], output: [1, 0] }],
        [shapeOf("b", 2, 3), shapeOf(3, 2), { left: [0, 1, 3], right: [3, 2], output: [0, 1, 2] }],
      ] as const
    ).map(([left, right, attrs]): Sample => ({
      inputs: [
        { ...float(left), range: [-2, 2] },
        { ...float(right), range: [-2, 2] },
      ],
      build: ([a, b]) => makeContract(a!.origin, a!, b!, attrs),
    })),
});

export const makeContract = (origin: Origin, left: Node, right: Node, attrs: ContractAttrs): Node =>
  createNode(
    contractDef,
    [left, right],
    {
      left: Object.freeze([...attrs.left]),
      right: Object.freeze([...attrs.right]),
      output: Object.freeze([...attrs.output]),
    },
    origin,
  );

/** NumPy's matmul of nodes: the last axis of `a` with the last but one of `b`; leading axes broadcast. */
export function makeMatmul(origin: Origin, a: Node, b: Node): Node {
  const [M, K, N] = [-1, -2, -3];
  const rows = a.shape.length > 1 ? [M] : [];
  const columns = b.shape.length > 1 ? [N] : [];
  const batchA = a.shape.slice(0, -1 - rows.length);
  const batchB = b.shape.slice(0, -1 - columns.length);
  const rank = Math.max(batchA.length, batchB.length);
  // A leading axis of size 1 against a larger one is left out: the operand then has no such label, which repeats it.
  const keeps = (own: Shape, other: Shape, position: number): boolean => {
    const [mine, theirs] = [own[position - rank + own.length], other[position - rank + other.length]];
    if (mine === undefined) return false;
    if (theirs === undefined || sameDim(mine, theirs)) return true;
    if (!isOne(mine) && !isOne(theirs)) {
      const why = "the leading axes do not combine";
      throw shapeMismatch({ op: "matmul", left: a.shape, right: b.shape, why, site: origin.site });
    }
    return !isOne(mine);
  };
  const positions = Array.from({ length: rank }, (_, i) => i);
  const labelsA = positions.filter((i) => keeps(batchA, batchB, i));
  const labelsB = positions.filter((i) => keeps(batchB, batchA, i));
  const drop = (x: Node, batch: Shape, labels: readonly number[]): Node =>
    makeReshape(origin, x, [...labels.map((i) => batch[i - rank + batch.length]!), ...x.shape.slice(batch.length)]);
  if (!sameDim(a.shape.at(-1)!, b.shape[b.shape.length - 1 - columns.length]!)) {
    const why = "the last axis of the first must equal the last but one of the second";
    throw shapeMismatch({ op: "matmul", left: a.shape, right: b.shape, why, site: origin.site });
  }
  return makeContract(origin, drop(a, batchA, labelsA), drop(b, batchB, labelsB), {
    left: [...labelsA, ...rows, K],
    right: [...labelsB, K, ...columns],
    output: [...positions, ...rows, ...columns],
  });
}

/**
 * The matrix product, by NumPy's rules: `[..., m, k]` with `[..., k, n]` gives `[..., m, n]`. Leading axes are
 * broadcast. An operand of one axis is a vector, whose axis vanishes.
 * @param a a tensor with one axis or more; int32 and bool are converted to float32
 * @param b as a; its last axis but one (its only one) is as long as a's last
 * @returns float32
 * @throws WRONG_RANK for a scalar, SHAPE_MISMATCH where the shapes do not fit
 * @example
 * ```ts
 * const a = constant([[1, 2], [3, 4]]);
 * const net = network("example", { batch: 1, outputs: { product: matmul(a, constant([[1, 0], [1, 1]])), withVector: matmul(a, constant([1, 10])) } });
 * interpret(net, {}).outputs; // { product: [3, 2, 7, 4], withVector: [21, 43] }
 * ```
 */
export function matmul<A extends Tensor, B extends Tensor>(
  a: A,
  b: MatmulCompatible<DimsOf<A>, DimsOf<B>> & B,
): Float32<MatmulDims<DimsOf<A>, DimsOf<B>>> {
  const origin = originOf(callSite("matmul"));
  const [left, right] = [tensorOperand("matmul", "a", a, origin), tensorOperand("matmul", "b", b, origin)];
  for (const [operand, node] of [
    ["a", left],
    ["b", right],
  ] as const) {
    if (node.shape.length === 0) {
      const hint = "multiply by a scalar with mul";
      throw wrongRank({
        op: "matmul",
        operand,
        shape: node.shape,
        expected: "at least one axis",
        hint,
        site: origin.site,
      });
    }
  }
  return makeMatmul(origin, asFloat(origin, left), asFloat(origin, right)) as Tensor<
    MatmulDims<DimsOf<A>, DimsOf<B>>,
    "float32"
  >;
}
