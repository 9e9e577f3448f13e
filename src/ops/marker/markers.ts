// Markers: nodes that stand for something a phase does with the graph.

import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import { createNode, isA, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { sameShape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch, wrongDtype, wrongRank } from "../../messages.js";
import { noSamples, record, tensorOperand } from "../define.js";
import { stateDef } from "../leaf/leaves.js";
import { markerRule, rule } from "../../graph/rules.js";

/** The first operand as it is. */
const identity = ({ inputs: [x] }: { readonly inputs: readonly Node[] }) =>
  ({
    kind: "map",
    body: load(
      0,
      x!.shape.map((_, i) => axis(i)),
    ),
  }) as const;

/** A value that a gradient in a region sees as it is computed, and the region's parameter that has the same value. */
export type Recomputed = readonly [computed: Node, parameter: Node];

/**
 * Inputs are [y, x], and in a region pairs of `Recomputed` values after them, which have been computed outside. When the
 * region's gradients are done, the parameters take the place of what was computed again.
 */
export const gradientDef: OpDef = record({
  name: "gradient",
  family: "marker",
  doc: "The gradient of a scalar with respect to a tensor, as a tensor of the graph.",
  operands: ["y", "x"],
  infer({ inputs: [y, x], origin }) {
    const { site } = origin;
    if (y!.shape.length > 0) {
      const hint = "reduce it first, with mean or sum";
      throw wrongRank({ op: "gradient", operand: "y", shape: y!.shape, expected: "no axes (a scalar)", hint, site });
    }
    for (const [operand, node] of [
      ["y", y!],
      ["x", x!],
    ] as const) {
      if (node.dtype !== "float32")
        throw wrongDtype({ op: "gradient", operand, dtype: node.dtype, expected: "float32", site });
    }
    return { shape: x!.shape, dtype: "float32" };
  },
  differentiable: true,
  tex: ([y, x]) => `\\frac{\\partial ${y}}{\\partial ${x}}`,
  samples: noSamples,
});

export const stopGradientDef: OpDef = record({
  name: "stopGradient",
  family: "marker",
  doc: "The value itself; no gradient passes.",
  operands: ["x"],
  infer: ({ inputs: [x] }) => ({ shape: x!.shape, dtype: x!.dtype }),
  lower: identity,
  differentiable: false,
  samples: noSamples,
});

export const straightThroughDef: OpDef = record({
  name: "straightThrough",
  family: "marker",
  doc: "The first value, with the gradient of the second: Bengio et al. (2013), arXiv:1308.3432.",
  operands: ["value", "surrogate"],
  infer({ inputs: [value, surrogate], origin }) {
    if (!sameShape(value!.shape, surrogate!.shape)) {
      throw shapeMismatch({ op: "straightThrough", left: value!.shape, right: surrogate!.shape, site: origin.site });
    }
    return { shape: value!.shape, dtype: value!.dtype };
  },
  lower: identity,
  rule: rule(
    "straight-through",
    "algebra",
    "straight through",
    String.raw`c = a \;\text{for}\; b \;\Rightarrow\; \delta_{b} = \delta_{c}`,
  ),
  vjp: ({ gradient }) => [null, gradient],
  differentiable: true,
  samples: noSamples,
});

export interface UpdatingAttrs {
  readonly states: readonly Node[];
}

export const updatingDef: OpDef<UpdatingAttrs> = record<UpdatingAttrs>({
  name: "updating",
  family: "marker",
  doc: "The value itself; in training each state takes its next value.",
  operands: ["value", "next..."],
  infer({ inputs: [value, ...next], attrs, origin }) {
    attrs.states.forEach((leaf, i) => {
      if (!sameShape(leaf.shape, next[i]!.shape)) {
        throw shapeMismatch({ op: "updating", left: leaf.shape, right: next[i]!.shape, site: origin.site });
      }
      if (leaf.dtype !== next[i]!.dtype) {
        throw wrongDtype({
          op: "updating",
          operand: "next",
          dtype: next[i]!.dtype,
          expected: leaf.dtype,
          site: origin.site,
        });
      }
    });
    return { shape: value!.shape, dtype: value!.dtype };
  },
  lower: identity,
  rule: markerRule,
  vjp: ({ gradient, attrs }) => [gradient, ...attrs.states.map(() => null)],
  inference: ({ inputs: [value] }) => value!,
  differentiable: true,
  samples: noSamples,
});

export const stopGradientAt = (origin: Origin, x: Node): Node => createNode(stopGradientDef, [x], {}, origin);

export const straightThroughAt = (origin: Origin, value: Node, surrogate: Node): Node =>
  createNode(straightThroughDef, [value, surrogate], {}, origin);

/** What a gradient marker was given beside its scalar and what it is taken with respect to. */
export const recomputedOf = (marker: Node): readonly Recomputed[] =>
  marker.inputs.flatMap((node, i): Recomputed[] => (i >= 2 && i % 2 === 0 ? [[node, marker.inputs[i + 1]!]] : []));

export const gradientAt = (origin: Origin, y: Node, x: Node): Node => createNode(gradientDef, [y, x], {}, origin);

/**
 * The gradient of a scalar with respect to a tensor, as a tensor of the graph. It can be differentiated again. In the
 * step of a {@link scan} it is that of this step: what the step was given does not depend on `x`.
 * @param y a float32 scalar
 * @param x a float32 tensor of any shape
 * @returns x's shape, float32; 0 where y does not depend on x
 * @throws WRONG_RANK where y has axes, WRONG_DTYPE where one of them is not float32
 * @example
 * ```ts
 * const x = input("x", [3]);
 * const net = network("example", { batch: 1, outputs: { slope: gradient(sum(pow(x, 3)), x) } });
 * interpret(net, { inputs: { x: [1, 2, 3] } }).outputs.slope; // [3, 12, 27]
 * ```
 */
export function gradient<S extends Dims>(y: Tensor, x: Tensor<S>): Float32<S> {
  const origin = originOf(callSite("gradient"));
  return gradientAt(
    origin,
    tensorOperand("gradient", "y", y, origin),
    tensorOperand("gradient", "x", x, origin),
  ) as Tensor<S, "float32">;
}

/**
 * The value itself; no gradient passes. Derivatives treat it as a constant.
 * @param x a tensor of any shape and dtype
 * @returns x's shape and dtype
 * @example
 * ```ts
 * const x = input("x", [2]);
 * const y = sum(mul(x, stopGradient(x)));
 * const net = network("example", { batch: 1, outputs: { slope: gradient(y, x) } });
 * interpret(net, { inputs: { x: [1, 2] } }).outputs.slope; // [1, 2]
 * ```
 */
export function stopGradient<T extends Tensor>(x: T): T {
  const origin = originOf(callSite("stopGradient"));
  return stopGradientAt(origin, tensorOperand("stopGradient", "x", x, origin)) as T;
}

/**
 * The first value, with the gradient of the second: Bengio et al. (2013), arXiv:1308.3432. It trains through a
 * function that has no slope, such as {@link round}.
 * @param value a tensor of any shape and dtype
 * @param surrogate of the same shape
 * @returns value's shape and dtype
 * @throws SHAPE_MISMATCH where the shapes differ
 * @example
 * ```ts
 * const x = input("x", [2]);
 * const rounded = straightThrough(round(x), x);
 * const net = network("example", { batch: 1, outputs: { rounded, slope: gradient(sum(square(rounded)), x) } });
 * interpret(net, { inputs: { x: [0.8, 2.1] } }).outputs; // { rounded: [1, 2], slope: [2, 4] }
 * ```
 */
export function straightThrough<S extends Dims>(value: Tensor<S>, surrogate: Tensor<NoInfer<S>>): Tensor<S> {
  const origin = originOf(callSite("straightThrough"));
  return straightThroughAt(
    origin,
    tensorOperand("straightThrough", "value", value, origin),
    tensorOperand("straightThrough", "surrogate", surrogate, origin),
  ) as Tensor<S>;
}

/**
 * The value itself; in training each state takes its next value. When a training step computes it, that happens at the
 * step's end. What is made by {@link carry} takes its next value at the end of an entry of the network's own as well.
 * @param value a tensor that the step's loss, or the entry, computes
 * @param updates pairs of a state and its next value, of the state's shape and dtype
 * @returns value's shape and dtype
 * @throws BAD_ARGUMENT for what is no state, SHAPE_MISMATCH and WRONG_DTYPE for a next value that is another,
 *   UPDATED_TWICE and UPDATE_IN_LOOP from the network
 * @example
 * ```ts
 * const seen = state("seen", [], 0);
 * const w = parameter([1], 2, { name: "w" });
 * const loss = updating(sum(square(w)), [[seen, add(seen, 1)]]);
 * const net = network("example", { batch: 1, loss, optimizer: sgd({ rate: 0.25 }) });
 * interpret(net, {}).after.step; // { parameters: { w: [1] }, states: { seen: [1] } }
 * ```
 */
export function updating<T extends Tensor>(value: T, updates: readonly (readonly [state: Tensor, next: Tensor])[]): T {
  const origin = originOf(callSite("updating"));
  const states = updates.map(([leaf]) => tensorOperand("updating", "each state", leaf, origin));
  const wrong = states.find((leaf) => !isA(leaf, stateDef));
  if (wrong) {
    const expected = "made by state(...) or carry(...)";
    throw badArgument({ op: "updating", argument: "each state", value: wrong.def.name, expected, site: origin.site });
  }
  const next = updates.map(([, node]) => tensorOperand("updating", "next", node, origin));
  const inputs = [tensorOperand("updating", "value", value, origin), ...next];
  return createNode(updatingDef, inputs, { states: Object.freeze(states) }, origin) as T;
}
