// The windowed contraction: the product of two tensors, summed over labels, where the left one is read at affine positions
// such as `stride * o + dilation * k`. Convolutions are this one record, and so are their derivatives with respect to the
// weight (the same with other roles) and the input (the same over the padded gradient; where the stride is larger than
// one, one phase for each remainder). Nothing is read outside an operand: padding is a node of its own.

import { addAffine, axesOf, axis, isAxis, offset, scaleAffine, type Affine, type Term } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { dim, sameDim, type Dim, type Shape } from "../../graph/shape.js";
import { invariant } from "../../messages.js";
import { applyScalar } from "../../scalar/expression.js";
import { makeOverlapAdd } from "../adjoint-pairs.js";
import { float, record, ruleOrigin, shapeOf } from "../define.js";
import { makePad, makeSlice, padDef } from "../view/slicing.js";
import { makeReshape } from "../view/views.js";
import { addsLess, columnOrder, labelsOf } from "../window/window-columns.js";
import { rule } from "../../graph/rules.js";

/** Labels are 0, 1, ...; those that the output lacks are summed. */
export interface ConvolveAttrs {
  /** The size behind each label. */
  readonly sizes: Shape;
  /** The position along each axis of the left operand, the labels being the variables. */
  readonly left: readonly Affine[];
  /** The label of each axis of the right operand. */
  readonly right: readonly number[];
  /** The label of each axis of the result. */
  readonly output: readonly number[];
}

/** The affine expressions with each label replaced. */
const relabelled = (positions: readonly Affine[], label: (label: number) => number): Affine[] =>
  positions.map((affine) => affine.map((t): Term => (t.axis === undefined ? t : { ...t, axis: label(t.axis) })));

/** The smallest and the largest value of a position without the batch. */
export function rangeOf(affine: Affine, sizes: Shape): readonly [number, number] {
  let [low, high] = [0, 0];
  for (const { times, axis: label } of affine) {
    const span = label === undefined ? times : times * (sizes[label]!.times - 1);
    if (label === undefined || span < 0) low += span;
    if (label === undefined || span > 0) high += span;
  }
  return [low, high];
}

/** The whole axis under one label. */
const isPlain = (affine: Affine, size: Dim, sizes: Shape): boolean =>
  isAxis(affine) && sameDim(sizes[affine[0]!.axis!]!, size);

const distinct = (labels: readonly number[]): boolean => new Set(labels).size === labels.length;

export const convolveDef: OpDef<ConvolveAttrs> = record<ConvolveAttrs>({
  name: "convolve",
  family: "contract",
  doc: "The product of two tensors, the left one read through windows, summed over the labels that the result lacks.",
  operands: ["left", "right"],
  infer({ inputs: [left, right], attrs: { sizes, ...attrs } }) {
    const inside = (affine: Affine, i: number): boolean => {
      const size = left!.shape[i]!;
      const [low, high] = rangeOf(affine, sizes);
      return isPlain(affine, size, sizes) || (size.power === 0 && low >= 0 && high < size.times);
    };
    const operandLabels = [...labelsOf(attrs.left), ...attrs.right];
    invariant(attrs.left.length === left!.shape.length && attrs.left.every(inside), "windows lie inside their operand");
    invariant(
      attrs.right.length === right!.shape.length && attrs.right.every((l, i) => sameDim(sizes[l]!, right!.shape[i]!)),
      "each axis of the right operand has its label's size",
    );
    invariant(
      distinct(attrs.right) && distinct(attrs.output) && attrs.output.every((label) => operandLabels.includes(label)),
      "a windowed contraction names each axis once",
    );
    return float(attrs.output.map((label) => sizes[label]!));
  },
  lower({ attrs: { sizes, left, right, output } }) {
    const summed = sizes.flatMap((_, label) => (output.includes(label) ? [] : [label]));
    const order = [...output, ...summed];
    const variable = (label: number): number => order.indexOf(label);
    const body = applyScalar(
      "mul",
      load(0, relabelled(left, variable)),
      load(
        1,
        right.map((label) => axis(variable(label))),
      ),
    );
    if (summed.length === 0) return { kind: "map", body };
    return { kind: "reduce", combiner: "sum", axes: summed.map((label) => sizes[label]!), body };
  },
  rule: [
    rule(
      "convolve.input",
      "algebra",
      "convolution with flipped weights",
      String.raw`C = X * W \;\Rightarrow\; \delta_{X} = \delta_{C} * \operatorname{flip}(W)`,
    ),
    rule(
      "convolve.weight",
      "algebra",
      "correlation of input and adjoint",
      String.raw`C = X * W \;\Rightarrow\; (\delta_{W})_{u} = \textstyle\sum_{i} X_{i + u}\,(\delta_{C})_{i}`,
    ),
  ],
  vjp(adjoint) {
    const [left, right] = adjoint.inputs as [Node, Node];
    const { attrs, gradient } = adjoint;
    const origin = ruleOrigin(adjoint);
    const swapped = { sizes: attrs.sizes, left: attrs.left, right: attrs.output, output: attrs.right };
    return [
      convolveTransposed(
        origin,
        gradient,
        right,
        attrs,
        left.shape,
        (left.def === padDef ? left.inputs[0]! : left).shape,
      ),
      makeConvolve(origin, left, gradient, swapped),
    ];
  },
  differentiable: true,
  samples: () => SAMPLES.map(sampleOf),
});

export const makeConvolve = (origin: Origin, left: Node, right: Node, attrs: ConvolveAttrs): Node => {
  // Labels that nobody uses any more are left out.
  const used = [...new Set([...labelsOf(attrs.left), ...attrs.right, ...attrs.output])].sort((a, b) => a - b);
  const label = (old: number): number => used.indexOf(old);
  const frozen = {
    sizes: Object.freeze(used.map((old) => attrs.sizes[old]!)),
    left: Object.freeze(relabelled(attrs.left, label).map((affine) => Object.freeze(affine))),
    right: Object.freeze(attrs.right.map(label)),
    output: Object.freeze(attrs.output.map(label)),
  };
  return createNode(convolveDef, [left, right], frozen, origin);
};

/** One axis of the left operand as a window: `stride * solved + factor * other + start`. */
interface WindowAxis {
  /** The label that is expressed through the position. */
  readonly solved: number;
  readonly stride: number;
  readonly other: number | undefined;
  readonly factor: number;
  readonly start: number;
}

/** Reads an axis as a window whose `solved` label belongs to `mine` only and the other one to `theirs` only. */
function windowAxis(affine: Affine, mine: readonly number[], theirs: readonly number[]): WindowAxis | undefined {
  const terms = affine.filter((t) => t.axis !== undefined);
  const start = affine.find((t) => t.axis === undefined)?.times ?? 0;
  const mineAlone = terms.filter((t) => mine.includes(t.axis!) && !theirs.includes(t.axis!));
  const rest = terms.filter((t) => theirs.includes(t.axis!) && !mine.includes(t.axis!));
  if (mineAlone.length !== 1 || mineAlone.length + rest.length !== terms.length || rest.length > 1) return undefined;
  const [{ axis: solved, times: stride }, other] = [mineAlone[0]!, rest[0]];
  const phased = stride > 1 && (other === undefined || other.times === 1);
  if (Math.abs(stride) !== 1 && !phased) return undefined;
  return { solved: solved!, stride, other: other?.axis, factor: other?.times ?? 0, start };
}

/**
 * The adjoint of a windowed contraction's left operand, which has the shape `shape`: a transposed convolution of `gradient`
 * (the contraction's result) with `right`. Elements that no window covers get 0. `read`: how many of them are read along
 * each axis, where the others are cut off again.
 */
export function convolveTransposed(
  origin: Origin,
  gradient: Node,
  right: Node,
  attrs: ConvolveAttrs,
  shape: Shape,
  read: Shape,
): Node {
  const { sizes, left, output } = attrs;
  const windows = left.flatMap((affine, i) => (isPlain(affine, shape[i]!, sizes) ? [] : [i]));
  const held = left.flatMap(axesOf);
  const carriers = [
    { carrier: gradient, labels: output, partner: right, partnerLabels: attrs.right },
    { carrier: right, labels: attrs.right, partner: gradient, partnerLabels: output },
  ].flatMap(({ labels, partnerLabels, ...nodes }) => {
    const axes = windows.map((i) => windowAxis(left[i]!, labels, partnerLabels));
    if (!distinct(held) || axes.some((a) => a === undefined)) return [];
    const solved = axes as WindowAxis[];
    const steps = solved.reduce((product, { solved: label }) => product * sizes[label]!.times, 1);
    return [{ ...nodes, labels, partnerLabels, axes: solved, steps }];
  });
  // The label that is solved for is not summed: the larger one.
  const best = carriers.sort((a, b) => b.steps - a.steps)[0];
  if (
    !best ||
    addsLess(
      best.axes,
      attrs,
      windows.map((i) => read[i]!),
    )
  ) {
    const order = columnOrder(attrs);
    const columns = makeConvolve(origin, gradient, right, {
      sizes,
      left: output.map((label) => axis(label)),
      right: attrs.right,
      output: order,
    });
    return makeOverlapAdd(origin, columns, { at: relabelled(left, (label) => order.indexOf(label)), shape });
  }
  return solvedFor(origin, best, { sizes, left, windows }, shape);
}

interface Solvable {
  readonly carrier: Node;
  readonly labels: readonly number[];
  readonly partner: Node;
  readonly partnerLabels: readonly number[];
  readonly axes: readonly WindowAxis[];
}

interface Windows {
  readonly sizes: Shape;
  readonly left: readonly Affine[];
  readonly windows: readonly number[];
}

/** The transposed convolution, each solved label being expressed through the position and the other label. */
function solvedFor(origin: Origin, from: Solvable, { sizes: old, left, windows }: Windows, shape: Shape): Node {
  const sizes = [...old];
  const read = new Map<number, Affine>();
  const split = new Map<number, { readonly turns: number; readonly phase: number }>();
  const output: number[] = [];
  const starts: number[] = [];
  const fullSizes: Dim[] = [];
  for (const [i, size] of shape.entries()) {
    const w = windows.includes(i) ? from.axes[windows.indexOf(i)]! : undefined;
    if (!w) {
      const label = left[i]![0]!.axis!;
      output.push(label);
      starts.push(0);
      fullSizes.push(old[label]!);
      continue;
    }
    const { solved, stride, other, factor, start } = w;
    const rest = other === undefined ? [] : [axis(other, factor)];
    if (Math.abs(stride) === 1) {
      // solved = (position - factor * other - start) / stride
      const position = [axis(solved), offset(-start), ...rest.map((affine) => scaleAffine(affine, dim(-1)))];
      read.set(solved, scaleAffine(addAffine(...position), dim(stride)));
      sizes[solved] = size;
      output.push(solved);
      starts.push(0);
      fullSizes.push(size);
      continue;
    }
    // position = stride * (turn + first) + phase + start and other = stride * j + phase give solved = turn + first - j.
    const first = Math.floor(-start / stride);
    const turns = Math.floor((size.times - 1 - start) / stride) - first + 1;
    const phase = sizes.push(dim(stride)) - 1;
    const back = other === undefined ? [] : [axis(other, -1)];
    read.set(solved, addAffine(axis(solved), offset(first), ...back));
    sizes[solved] = dim(turns);
    if (other !== undefined) {
      sizes[other] = dim(Math.ceil(old[other]!.times / stride));
      split.set(other, { turns: sizes[other]!.times, phase });
    } else {
      invariant(false, "a window has a label for its inside");
    }
    output.push(solved, phase);
    starts.push(-(stride * first + start));
    fullSizes.push(dim(stride * turns));
  }
  const carrier = padded(origin, from.carrier, from.labels, read, sizes);
  const partner = inPhases(origin, from.partner, from.partnerLabels, split, sizes);
  const product = makeConvolve(origin, carrier.node, partner.node, {
    sizes,
    left: carrier.positions,
    right: partner.labels,
    output,
  });
  return makeSlice(origin, makeReshape(origin, product, fullSizes), {
    starts: starts.map((start) => offset(start)),
    steps: starts.map(() => 1),
    shape,
  });
}

/** A tensor amid as many zeros as its positions reach beyond it. */
function padded(
  origin: Origin,
  x: Node,
  labels: readonly number[],
  read: ReadonlyMap<number, Affine>,
  sizes: Shape,
): { readonly node: Node; readonly positions: readonly Affine[] } {
  const reach = labels.map((label, i) => {
    const affine = read.get(label);
    if (!affine) return { affine: axis(label), before: 0, size: x.shape[i]! };
    const [low, high] = rangeOf(affine, sizes);
    const before = Math.max(0, -low);
    const after = Math.max(0, high - (x.shape[i]!.times - 1));
    return { affine: addAffine(affine, offset(before)), before, size: dim(before + x.shape[i]!.times + after) };
  });
  const node = makePad(origin, x, {
    starts: reach.map(({ before }) => offset(before)),
    steps: reach.map(() => 1),
    shape: reach.map(({ size }) => size),
    value: 0,
  });
  return { node, positions: reach.map(({ affine }) => affine) };
}

/** A tensor whose split labels become a pair: `stride * turn + phase`, with zeros up to the last phase. */
function inPhases(
  origin: Origin,
  x: Node,
  labels: readonly number[],
  split: ReadonlyMap<number, { readonly turns: number; readonly phase: number }>,
  sizes: Shape,
): { readonly node: Node; readonly labels: readonly number[] } {
  const parts = labels.map((label, i) => {
    const pair = split.get(label);
    if (!pair) return { sizes: [x.shape[i]!], labels: [label], whole: x.shape[i]! };
    const stride = sizes[pair.phase]!;
    return {
      sizes: [dim(pair.turns), stride],
      labels: [label, pair.phase],
      whole: dim(pair.turns * stride.times),
    };
  });
  const none = parts.map(() => offset(0));
  const shape = parts.map(({ whole }) => whole);
  const filled = makePad(origin, x, { starts: none, steps: none.map(() => 1), shape, value: 0 });
  return {
    node: makeReshape(
      origin,
      filled,
      parts.flatMap((part) => part.sizes),
    ),
    labels: parts.flatMap((part) => part.labels),
  };
}

// Samples

interface ConvolveSample {
  readonly left: Shape;
  readonly right: Shape;
  readonly attrs: ConvolveAttrs;
}

/** One spatial axis: `[n, size, channels]` with `[window, channels, filters]`. */
function along(
  n: number | "b",
  size: number,
  window: number,
  options: {
    readonly stride?: number;
    readonly dilation?: number;
    readonly start?: number;
    readonly groups?: boolean;
    readonly filters?: number;
  },
): ConvolveSample {
  const { stride = 1, dilation = 1, start = 0, groups = false, filters = 2 } = options;
  const count = Math.floor((size - start - dilation * (window - 1) - 1) / stride) + 1;
  const [batch, o, k, c, f, g] = [0, 1, 2, 3, 4, 5];
  const position = addAffine(axis(o, stride), axis(k, dilation), offset(start));
  const sizes = [...shapeOf(n, count, window, 2, filters), ...(groups ? shapeOf(3) : [])];
  const group = groups ? [g] : [];
  return {
    left: [...shapeOf(n, size), ...(groups ? shapeOf(3) : []), ...shapeOf(2)],
    right: [...shapeOf(window, 2), ...(groups ? shapeOf(3) : []), ...shapeOf(filters)],
    attrs: {
      sizes,
      left: [axis(batch), position, ...group.map((label) => axis(label)), axis(c)],
      right: [k, c, ...group, f],
      output: [batch, o, ...group, f],
    },
  };
}

const PLANE: ConvolveSample = {
  left: shapeOf("b", 4, 5, 2),
  right: shapeOf(2, 3, 2, 2),
  attrs: {
    sizes: shapeOf("b", 2, 3, 2, 3, 2, 2),
    left: [axis(0), addAffine(axis(1, 2), axis(3)), addAffine(axis(2), axis(4)), axis(5)],
    right: [3, 4, 5, 6],
    output: [0, 1, 2, 6],
  },
};

const SAMPLES: readonly ConvolveSample[] = [
  along(1, 3, 1, {}),
  along("b", 4, 2, {}),
  along(2, 5, 5, {}),
  along("b", 6, 3, { stride: 2 }),
  along(2, 7, 2, { stride: 3, start: 1 }),
  along(1, 6, 2, { dilation: 3 }),
  along(1, 8, 2, { stride: 2, dilation: 2 }),
  along("b", 4, 2, { groups: true }),
  along("b", 5, 4, { filters: 16 }),
  PLANE,
];

const sampleOf = ({ left, right, attrs }: ConvolveSample): Sample => ({
  inputs: [
    { ...float(left), range: [-2, 2] },
    { ...float(right), range: [-2, 2] },
  ],
  build: ([x, w]) => makeConvolve(x!.origin, x!, w!, attrs),
});
