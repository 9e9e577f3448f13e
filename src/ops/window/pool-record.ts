// The largest element of each window. Its gradient goes to the first one in row-major order (of equal ones, the others get
// none), as in PyTorch and TensorFlow: an int32 tensor of positions, found by a second sweep over the windows, says where.

import { addAffine, axesOf, axis, offset, scaleAffine, type Affine } from "../../graph/affine.js";
import { load, type Body, type BodyLeaf } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { ONE, dim, sizeOf, stridesOf, timesDim, type Shape } from "../../graph/shape.js";
import { applyScalar, constant } from "../../scalar/expression.js";
import { makeAddAlong } from "../adjoint-pairs.js";
import { float, int, record, ruleOrigin, shapeOf } from "../define.js";
import { constantDef } from "../leaf/leaves.js";
import { add } from "../pointwise/arithmetic.js";
import { makeReshape } from "../view/views.js";
import { rule } from "../../graph/rules.js";

/** x is [rows, spatial..., channels], and the result the same with other spatial sizes. */
export interface PoolAttrs {
  /** The position along each axis of x: the result's axes are variables 0.., the window's follow. */
  readonly at: readonly Affine[];
  readonly window: Shape;
  readonly shape: Shape;
}

/** What lies amid padding along one axis. */
export interface OwnPart {
  readonly start: number;
  readonly size: number;
}

export interface FirstOfWindowAttrs extends PoolAttrs {
  /** Along each spatial axis the part that is not padding: positions are counted over it, and those outside of it are none. */
  readonly own?: readonly OwnPart[];
}

/** The axes between the first and the last, as one. */
export const flattened = (shape: Shape): Shape => [shape[0]!, sizeOf(shape.slice(1, -1)), shape.at(-1)!];

export const maxPoolDef: OpDef<PoolAttrs> = record<PoolAttrs>({
  name: "maxPool",
  family: "window",
  doc: "The largest element of each window; the first of equal ones gets the gradient.",
  operands: ["x"],
  infer: ({ attrs }) => float(attrs.shape),
  lower: ({ attrs }) => ({ kind: "reduce", combiner: "max", axes: attrs.window, body: load(0, attrs.at) }),
  rule: rule(
    "pool",
    "algebra",
    "to the first largest of each window",
    String.raw`c_{i} = \max_{j \in W_{i}} a_{j} \;\Rightarrow\; (\delta_{a})_{j} = \textstyle\sum_{i} [j = \operatorname{first}(W_{i})]\,(\delta_{c})_{i}`,
  ),
  vjp(adjoint) {
    const x = adjoint.inputs[0]!;
    const { attrs, output, gradient } = adjoint;
    const origin = ruleOrigin(adjoint);
    const first = createNode(firstOfWindowDef, [x, output], attrs, origin);
    const flat = flattened(output.shape);
    const spread = makeAddAlong(
      origin,
      makeReshape(origin, gradient, flat),
      makeReshape(origin, first, flat),
      1,
      flattened(x.shape),
    );
    return [makeReshape(origin, spread, x.shape)];
  },
  differentiable: true,
  samples: () => CASES.map(sampleOf),
});

export const firstOfWindowDef: OpDef<FirstOfWindowAttrs> = record<FirstOfWindowAttrs>({
  name: "firstOfWindow",
  family: "window",
  doc: "Of each window the first position, counted over the spatial axes of x, at which x has a given value.",
  operands: ["x", "value"],
  infer: ({ attrs }) => int(attrs.shape),
  lower({ inputs: [x], attrs }) {
    if (attrs.own) return { kind: "reduce", combiner: "min", axes: attrs.window, body: amidPadding(attrs, attrs.own) };
    const rank = attrs.shape.length;
    const resultAxes = attrs.shape.map((_, i) => axis(i));
    const here = applyScalar<BodyLeaf>("eq", load(0, attrs.at), load(1, resultAxes));
    const strides = stridesOf([...x!.shape.slice(1, -1), ONE]);
    const position = addAffine(...attrs.at.slice(1, -1).map((affine, i) => scaleAffine(affine, strides[i]!)));
    // The last position of the window: where nothing is equal, which only NaN brings about.
    const last = addAffine(
      ...position.map((t): Affine => {
        const inside = t.axis !== undefined && t.axis >= rank;
        return inside ? [{ times: t.times * (attrs.window[t.axis! - rank]!.times - 1), power: 0 }] : [t];
      }),
    );
    const body = applyScalar<BodyLeaf>(
      "select",
      here,
      { kind: "index", affine: position },
      { kind: "index", affine: last },
    );
    return { kind: "reduce", combiner: "min", axes: attrs.window, body };
  },
  differentiable: false,
  samples: () =>
    CASES.flatMap((attrs) => [attrs, { ...attrs, own: middleOf(attrs) }]).map((attrs): Sample => ({
      inputs: [{ ...float(wholeOf(attrs)), range: [-2, 2] }],
      build: ([x]) => {
        const largest = makeMaxPool(x!.origin, x!, attrs);
        return createNode(firstOfWindowDef, [x!, largest], attrs, x!.origin);
      },
    })),
});

/** What a position of a window contributes to the smallest: itself if x has the value there, else the last one of the window. */
function amidPadding({ at, window, shape }: PoolAttrs, own: readonly OwnPart[]): Body {
  const index = (affine: Affine): Body => ({ kind: "index", affine });
  const clamped = (value: Body, size: number): Body =>
    applyScalar<BodyLeaf>("max", constant(0), applyScalar<BodyLeaf>("min", value, constant(size - 1)));
  const strides = own.map((_, i) => own.slice(i + 1).reduce((product, { size }) => product * size, 1));
  const within = own.map(({ start }, i) => addAffine(at[i + 1]!, offset(-start)));
  const here = own.reduce<Body>(
    (all, { size }, i) => {
      const after = applyScalar<BodyLeaf>("gt", index(within[i]!), constant(-1));
      const before = applyScalar<BodyLeaf>("lt", index(within[i]!), constant(size));
      return applyScalar<BodyLeaf>("and", all, applyScalar<BodyLeaf>("and", after, before));
    },
    applyScalar<BodyLeaf>(
      "eq",
      load(0, at),
      load(
        1,
        shape.map((_, i) => axis(i)),
      ),
    ),
  );
  const position = addAffine(...within.map((affine, i) => scaleAffine(affine, dim(strides[i]!))));
  const ends = within.map((affine) =>
    addAffine(
      ...affine.map((t): Affine => {
        const inside = t.axis !== undefined && t.axis >= shape.length;
        return inside ? [{ times: t.times * (window[t.axis! - shape.length]!.times - 1), power: 0 }] : [t];
      }),
    ),
  );
  const last = ends
    .map((end, i) => applyScalar<BodyLeaf>("mul", clamped(index(end), own[i]!.size), constant(strides[i]!)))
    .reduce((sum, next) => applyScalar<BodyLeaf>("add", sum, next));
  const count = own.reduce((product, { size }) => product * size, 1);
  return applyScalar<BodyLeaf>("select", here, clamped(index(position), count), last);
}

export const makeMaxPool = (origin: Origin, x: Node, attrs: PoolAttrs): Node =>
  createNode(
    maxPoolDef,
    [x],
    { at: Object.freeze([...attrs.at]), window: Object.freeze([...attrs.window]), shape: attrs.shape },
    origin,
  );

// Samples

/** All but the first and the last element along each axis, or all where there are no more than two. */
const middleOf = (attrs: PoolAttrs): readonly OwnPart[] =>
  wholeOf(attrs)
    .slice(1, -1)
    .map(({ times }) => (times > 2 ? { start: 1, size: times - 2 } : { start: 0, size: times }));

const windows = (stride: number, dilation: number, o: number, k: number): Affine =>
  addAffine(axis(o, stride), axis(k, dilation));

const CASES: readonly PoolAttrs[] = [
  { at: [axis(0), windows(1, 1, 1, 3), axis(2)], window: shapeOf(1), shape: shapeOf(1, 3, 1) },
  { at: [axis(0), windows(2, 1, 1, 3), axis(2)], window: shapeOf(2), shape: shapeOf("b", 2, 2) },
  { at: [axis(0), windows(1, 2, 1, 3), axis(2)], window: shapeOf(3), shape: shapeOf(2, 3, 2) },
  {
    at: [axis(0), windows(2, 1, 1, 4), windows(1, 1, 2, 5), axis(3)],
    window: shapeOf(3, 2),
    shape: shapeOf("b", 2, 3, 2),
  },
];

/** The smallest tensor that holds the windows. */
const wholeOf = ({ at, window, shape }: PoolAttrs): Shape =>
  at.map((affine) => {
    const sizes = [...shape, ...window];
    const [only] = affine;
    if (affine.length === 1 && only!.times === 1) return sizes[axesOf(affine)[0]!]!;
    return dim(1 + affine.reduce((sum, t) => sum + timesDim(dim(t.times), dim(sizes[t.axis!]!.times - 1)).times, 0));
  });

/** Values of which no two of a row are close: differences must not cross from one maximum to another. */
function apart(x: Node): Node {
  const shape = x.shape.slice(1);
  const count = sizeOf(shape).times;
  const values = Array.from({ length: count }, (_, i) => ((i * 11 + 3) % count) / 2);
  const steps = createNode(constantDef, [], { values: Object.freeze(values), shape, dtype: "float32" }, x.origin);
  return add.at(x.origin, x, steps);
}

const sampleOf = (attrs: PoolAttrs): Sample => ({
  inputs: [{ ...float(wholeOf(attrs)), range: [-0.2, 0.2] }],
  build: ([x]) => makeMaxPool(x!.origin, apart(x!), attrs),
});
