// Laws of slices and pads.

import { addAffine, offset, sameAffine, scaleAffine, type Affine } from "../../../src/graph/affine.js";
import { isA, type Node } from "../../../src/graph/node.js";
import type { Origin } from "../../../src/graph/origin.js";
import { dim, sameDim, sameShape, type Dim } from "../../../src/graph/shape.js";
import { add } from "../../../src/ops/pointwise/arithmetic.js";
import { concatDef, makeConcat, type ConcatAttrs } from "../../../src/ops/view/concat.js";
import {
  makePad,
  makeSlice,
  padDef,
  sliceDef,
  type PadAttrs,
  type SliceAttrs,
  type Window,
} from "../../../src/ops/view/slicing.js";
import { housekeeping, type Law } from "../law.js";
import { under } from "../match.js";

const windowOf = (node: Node): SliceAttrs => node.attrs as SliceAttrs;

const sameWindow = (a: Window, b: Window): boolean =>
  a.starts.every((start, i) => sameAffine(start, b.starts[i]!)) && a.steps.every((step, i) => step === b.steps[i]);

/** `outer` applied to what `inner` selects. */
const composed = (outer: Window, inner: Window): Window => ({
  starts: outer.starts.map((start, i) => addAffine(inner.starts[i]!, scaleAffine(start, dim(inner.steps[i]!)))),
  steps: outer.steps.map((step, i) => step * inner.steps[i]!),
});

export const sliceLaws: readonly Law[] = [
  housekeeping("slice-of-pad", "slice(pad(x)) = x, where both mean the same part", sliceDef, (node) => {
    const [padded] = node.inputs;
    const x = under(padded, padDef)?.[0];
    return x && sameShape(x.shape, node.shape) && sameWindow(windowOf(node), padded!.attrs as PadAttrs) && x;
  }),
  housekeeping("slice-of-slice", "slice(slice(x)) = slice(x)", sliceDef, (node, { origin }) => {
    const [inner] = node.inputs;
    const x = under(inner, sliceDef)?.[0];
    return x && makeSlice(origin, x, { ...composed(windowOf(node), windowOf(inner!)), shape: node.shape });
  }),
  housekeeping("pad-of-pad", "pad(pad(x)) = pad(x)", padDef, (node, { origin }) => {
    const [inner] = node.inputs;
    const x = under(inner, padDef)?.[0];
    const { value, ...outer } = node.attrs as PadAttrs;
    if (!x || !Object.is(value, (inner!.attrs as PadAttrs).value)) return undefined;
    // A pad's window says where element i of the operand stands in the whole.
    return makePad(origin, x, { ...composed(inner!.attrs as PadAttrs, outer), shape: node.shape, value });
  }),
  housekeeping(
    "neighbours",
    "pad(x) + pad(y) = pad(concat(x, y)), for neighbours",
    add.def,
    ({ inputs: [a, b] }, { origin }) => {
      const [x, y] = [under(a, padDef)?.[0], under(b, padDef)?.[0]];
      if (!x || !y) return undefined;
      const [first, second] = [a!.attrs as PadAttrs, b!.attrs as PadAttrs];
      return (
        joined(origin, { x, window: first }, { x: y, window: second }) ??
        joined(origin, { x: y, window: second }, { x, window: first })
      );
    },
  ),
  housekeeping("concat-of-concat", "concat(concat(x, y), z) = concat(x, y, z)", concatDef, (node, { origin }) => {
    const { axis } = node.attrs as ConcatAttrs;
    const isInner = (part: Node): boolean => isA(part, concatDef) && part.attrs.axis === axis;
    if (!node.inputs.some(isInner)) return undefined;
    return makeConcat(
      origin,
      node.inputs.flatMap((part) => (isInner(part) ? part.inputs : [part])),
      axis,
    );
  }),
  housekeeping("slice-of-concat", "slice(concat(x, ...)) = slice(x), within one part", sliceDef, (node, { origin }) => {
    const [joined] = node.inputs;
    if (!isA(joined!, concatDef)) return undefined;
    const { axis } = joined.attrs;
    const { starts, steps } = windowOf(node);
    const [from, size] = [starts[axis]!, node.shape[axis]!];
    if (steps[axis] !== 1) return undefined;
    let before = 0;
    for (const part of joined!.inputs) {
      const own: Dim = part.shape[axis]!;
      const start = fixedStart(from, own.power);
      const inside = start !== undefined && start >= before && start + size.times <= before + own.times;
      if (inside && size.power === own.power) {
        const shifted = starts.with(axis, offset(start - before, own.power));
        return makeSlice(origin, part, { starts: shifted, steps, shape: node.shape });
      }
      before += own.times;
    }
    return undefined;
  }),
];

interface Padded {
  readonly x: Node;
  readonly window: PadAttrs;
}

/** The sum of two tensors amid zeros, where the second begins at the end of the first along one axis. */
function joined(origin: Origin, first: Padded, second: Padded): Node | undefined {
  const [a, b] = [first.window, second.window];
  if (![a, b].every(({ value, steps }) => value === 0 && steps.every((step) => step === 1))) return undefined;
  const moved = a.starts.flatMap((start, i) => (sameAffine(start, b.starts[i]!) ? [] : [i]));
  const [axis] = moved;
  if (axis === undefined || moved.length > 1) return undefined;
  const size = first.x.shape[axis]!;
  const meets = sameAffine(addAffine(a.starts[axis]!, offset(size.times, size.power)), b.starts[axis]!);
  const fits = first.x.shape.every((d, i) => i === axis || sameDim(d, second.x.shape[i]!));
  if (!meets || !fits || size.power !== second.x.shape[axis]!.power) return undefined;
  return makePad(origin, makeConcat(origin, [first.x, second.x], axis), a);
}

/** The start as a multiple of rows^power. */
function fixedStart(start: Affine, power: number): number | undefined {
  if (start.length === 0) return 0;
  const [term] = start;
  return start.length === 1 && term!.axis === undefined && sameDim(term!, { times: term!.times, power })
    ? term!.times
    : undefined;
}
