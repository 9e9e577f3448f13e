// Laws of windowed contractions: what nobody reads is neither computed nor stored.

import { addAffine, axesOf, offset, type Affine } from "../../../src/graph/affine.js";
import { isA, type Node } from "../../../src/graph/node.js";
import { dim, sameDim } from "../../../src/graph/shape.js";
import { convolveDef, makeConvolve, rangeOf, type ConvolveAttrs } from "../../../src/ops/contract/convolve.js";
import { makePad, padDef, sliceDef, type SliceAttrs } from "../../../src/ops/view/slicing.js";
import { memory, ofOnlyUse, type Law } from "../law.js";

/** A constant position; undefined where it counts the batch. */
const constantOf = (affine: Affine): number | undefined => {
  if (affine.length === 0) return 0;
  const [only] = affine;
  return affine.length === 1 && only!.axis === undefined && only!.power === 0 ? only!.times : undefined;
};

export const windowLaws: readonly Law[] = [
  ofOnlyUse(
    memory("fewer-windows", "slice(convolve(x, w)): fewer windows", sliceDef, (node, { origin, isShared }) => {
      const [product] = node.inputs;
      if (!isA(product!, convolveDef) || isShared(product!)) return undefined;
      const { starts, steps } = node.attrs as SliceAttrs;
      const { attrs } = product;
      const [left, right] = product!.inputs as [Node, Node];
      const moved = new Map<number, number>();
      for (const [i, size] of node.shape.entries()) {
        const start = constantOf(starts[i]!);
        if (start === 0 && steps[i] === 1 && sameDim(size, product!.shape[i]!)) continue;
        const label = attrs.output[i]!;
        const whole = attrs.left.every((affine, k) => !axesOf(affine).includes(label) || left.shape[k]!.power === 0);
        if (start === undefined || steps[i] !== 1 || size.power > 0 || attrs.right.includes(label) || !whole)
          return undefined;
        moved.set(label, start);
      }
      const shift = (affine: Affine): Affine =>
        addAffine(
          affine,
          ...affine.map((t) => offset(t.times * (t.axis === undefined ? 0 : (moved.get(t.axis) ?? 0)))),
        );
      const sizes = attrs.sizes.map((size, label) =>
        moved.has(label) ? node.shape[attrs.output.indexOf(label)]! : size,
      );
      return makeConvolve(origin, left, right, { ...attrs, sizes, left: attrs.left.map(shift) });
    }),
  ),
  memory(
    "less-padding",
    "convolve(pad(x), w): less padding, where no window reaches it",
    convolveDef,
    (node, { origin }) => {
      const [left, right] = node.inputs as [Node, Node];
      if (!isA(left, padDef)) return undefined;
      const { starts, steps, value } = left.attrs;
      const attrs = node.attrs as ConvolveAttrs;
      const [x] = left.inputs;
      const cuts = left.shape.map((size, i): readonly [front: number, back: number] => {
        const before = constantOf(starts[i]!);
        if (size.power > 0 || before === undefined || steps[i] !== 1) return [0, 0];
        const [low, high] = rangeOf(attrs.left[i]!, attrs.sizes);
        const after = size.times - before - x!.shape[i]!.times;
        return [Math.min(low, before), Math.min(size.times - 1 - high, after)];
      });
      if (cuts.every(([front, back]) => front + back === 0)) return undefined;
      const padded = makePad(origin, x!, {
        starts: starts.map((start, i) => addAffine(start, offset(-cuts[i]![0]))),
        steps,
        shape: left.shape.map((size, i) => {
          const [front, back] = cuts[i]!;
          return front + back === 0 ? size : dim(size.times - front - back);
        }),
        value,
      });
      const reading = attrs.left.map((affine, i) => addAffine(affine, offset(-cuts[i]![0])));
      return makeConvolve(origin, padded, right, { ...attrs, left: reading });
    },
  ),
];
