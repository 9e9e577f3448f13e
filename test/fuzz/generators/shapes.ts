// Views: the same numbers, whole and in parts, under other shapes.

import { isOne, sameDim, sameShape, type Shape } from "../../../src/graph/shape.js";
import {
  call,
  factors,
  find,
  float,
  isFixed,
  isFloat,
  rankOf,
  shaped,
  size,
  step,
  take,
  written,
  writtenShape,
  type Canvas,
  type Value,
} from "../canvas.js";
import type { Arg } from "../sketch.js";
import { value, type Table } from "./kinds.js";

/** A value of at least so many axes. Now and then an int or a bool: views take any. */
function ranked(c: Canvas, least: number): Value {
  if (c.draw.chance(0.06)) {
    const other = find(c, (v) => !isFloat(v) && rankOf(v) >= least);
    if (other) return other;
  }
  return float(
    c,
    (v) => rankOf(v) >= least,
    () => Array.from({ length: Math.max(least, 2) }, (_, i) => (i === 0 ? "batch" : size(c))),
  );
}

export const anyAxis = (c: Canvas, { node }: Value): number => c.draw.below(node.shape.length);

/** Negative numbers count from the end. */
export const asWritten = (c: Canvas, axis: number, { node }: Value): number =>
  c.draw.chance(0.2) ? axis - node.shape.length : axis;

function ranges(c: Canvas, { node }: Value): Arg[] {
  return node.shape.map((d): Arg => {
    if (c.draw.chance(0.35)) return null;
    if (!isFixed(d)) return d.power === 1 && d.times === 1 ? c.draw.pick<Arg>([null, [null, null, -1]]) : null;
    if (c.draw.chance(0.2)) return [null, null, c.draw.pick([-1, 2, -2])];
    const start = c.draw.below(d.times);
    const stop = c.draw.between(start + 1, d.times);
    return c.draw.pick<Arg>([
      [start, stop],
      [start, start + 1],
      [start, null, c.draw.pick([1, 2])],
      [null, stop],
    ]);
  });
}

/** A border of the value's own elements. */
function framed(c: Canvas, x: Value): Value {
  const mode = c.draw.pick(["edge", "reflect", "wrap"] as const);
  const widths = x.node.shape.map((d) => {
    const most = !isFixed(d) ? 0 : mode === "edge" ? 2 : Math.min(2, mode === "wrap" ? d.times : d.times - 1);
    return [c.draw.between(0, most), c.draw.between(0, most)];
  });
  return call(c, "pad", x.ref, widths, { mode });
}

/** Another value of the shape but for one axis: a part that can be joined. */
function mate(c: Canvas, x: Value, axis: number): Value {
  const fits = (shape: Shape): boolean =>
    shape.length === x.node.shape.length && shape.every((d, i) => i === axis || sameDim(d, x.node.shape[i]!));
  const found = c.draw.chance(0.7) ? find(c, (v) => v.node.dtype === x.node.dtype && fits(v.node.shape)) : undefined;
  if (found) return found;
  if (!isFloat(x) || c.draw.chance(0.3)) return x;
  const last = axis === x.node.shape.length - 1;
  // A computed column: what is joined is then made by a sum in the same kernel.
  if (last && x.node.shape.length >= 2 && isFixed(x.node.shape.at(-1)!) && c.draw.chance(0.6)) {
    const units = c.draw.chance(0.6) ? 1 : size(c);
    return call(c, "dense", x.ref, units);
  }
  const dims = writtenShape(x.node.shape);
  if (!dims) return x;
  return shaped(
    c,
    x.node.shape.map((d, i) => (i === axis && isFixed(d) ? { ...d, times: size(c) } : d)),
  );
}

export const shapes: Table = {
  broadcast: value(2, (c) => {
    const x = float(c, (v) => rankOf(v) <= 3);
    const dims = x.node.shape.map((d) =>
      isOne(d) && c.draw.chance(0.7) ? c.draw.pick([size(c), "batch" as const]) : written(d),
    );
    const extra = Array.from(
      { length: c.draw.between(dims.some((d, i) => d !== written(x.node.shape[i]!)) ? 0 : 1, 1) },
      () => (c.draw.chance(0.3) ? ("batch" as const) : size(c)),
    );
    return call(c, "broadcast", x.ref, [...extra, ...dims] as Arg);
  }),
  expandDims: value(2, (c) => {
    const x = ranked(c, 0);
    return call(c, "expandDims", x.ref, c.draw.below(rankOf(x) + 1));
  }),
  flatten: value(2, (c) => {
    const x = ranked(c, 1);
    return call(c, "flatten", x.ref, ...(c.draw.chance(0.5) ? [] : [anyAxis(c, x)]));
  }),
  reshape: value(4, (c) => {
    const x = ranked(c, 0);
    const { shape } = x.node;
    const batch = shape.findIndex((d) => !isFixed(d));
    const count = shape.filter(isFixed).reduce((n, d) => n * d.times, 1);
    const sizes = factors(c.draw, count, c.draw.between(count === 1 ? 0 : 1, 3));
    if (shape.filter((d) => !isFixed(d)).length > 1) return call(c, "reshape", x.ref, [-1]);
    if (batch < 0) return call(c, "reshape", x.ref, sizes);
    if (c.draw.chance(0.15) && sizes.length > 0) return call(c, "reshape", x.ref, [-1, ...sizes.slice(1)]);
    const at = shape[batch]!.times === 1 && batch === 0 ? 0 : c.draw.below(sizes.length + 1);
    return call(c, "reshape", x.ref, shape[batch]!.times === 1 ? sizes.toSpliced(at, 0, "batch" as never) : [-1]);
  }),
  squeeze: value(2, (c) => {
    const x = find(c, (v) => v.node.shape.some(isOne)) ?? call(c, "expandDims", ranked(c, 0).ref, 0);
    const axes = x.node.shape.flatMap((d, i) => (isOne(d) ? [i] : []));
    return call(c, "squeeze", x.ref, ...(c.draw.chance(0.5) ? [] : [c.draw.pick(axes)]));
  }),
  transpose: value(4, (c) => {
    const x = ranked(c, 2);
    if (c.draw.chance(0.4)) return call(c, "transpose", x.ref);
    return call(c, "transpose", x.ref, c.draw.shuffled(x.node.shape.map((_, i) => i)));
  }),
  flip: value(2, (c) => {
    const x = ranked(c, 1);
    return call(c, "flip", x.ref, ...(c.draw.chance(0.4) ? [] : [anyAxis(c, x)]));
  }),
  pad: value(4, (c) => {
    const x = ranked(c, 1);
    if (c.draw.chance(0.4)) return framed(c, x);
    const widths = x.node.shape.map((d) => (isFixed(d) ? [c.draw.below(3), c.draw.below(2)] : [0, 0]));
    return call(
      c,
      "pad",
      x.ref,
      widths,
      ...(c.draw.chance(0.25) && isFloat(x) ? [{ value: c.draw.pick([1, -0.5]) }] : []),
    );
  }),
  roll: value(1.5, (c) => {
    const x = ranked(c, 1);
    const fixed = x.node.shape.flatMap((d, i) => (isFixed(d) ? [i] : []));
    const shift = c.draw.between(-7, 7);
    if (fixed.length === 0) return call(c, "roll", call(c, "expandDims", x.ref, 0).ref, shift, { axis: 0 });
    if (fixed.length === rankOf(x) && c.draw.chance(0.4)) return call(c, "roll", x.ref, shift);
    return call(c, "roll", x.ref, shift, { axis: asWritten(c, c.draw.pick(fixed), x) });
  }),
  slice: value(6, (c) => {
    const x = ranked(c, 1);
    return call(c, "slice", x.ref, ranges(c, x));
  }),
  concat: value(6, (c) => {
    const x = ranked(c, 1);
    const axis = anyAxis(c, x);
    const parts = [x, mate(c, x, axis), ...(c.draw.chance(0.25) ? [mate(c, x, axis)] : [])];
    return call(
      c,
      "concat",
      c.draw.shuffled(parts).map(({ ref }) => ref),
      { axis: asWritten(c, axis, x) },
    );
  }),
  split: value(2, (c) => {
    const x = float(
      c,
      (v) => v.node.shape.some((d) => isFixed(d) && d.times >= 2),
      () => ["batch", c.draw.between(2, 5)],
    );
    const axis = c.draw.pick(x.node.shape.flatMap((d, i) => (isFixed(d) && d.times >= 2 ? [i] : [])));
    const { times } = x.node.shape[axis]!;
    const equal = c.draw.chance(0.4);
    const first = c.draw.between(1, times - 1);
    const list = step(c, "split", x.ref, equal ? times : [first, times - first], { axis });
    take(c, list, 0);
    return take(c, list, 1);
  }),
  stack: value(2, (c) => {
    const x = ranked(c, 0);
    const other = find(c, (v) => v.node.dtype === x.node.dtype && sameShape(v.node.shape, x.node.shape)) ?? x;
    return call(c, "stack", [x.ref, other.ref], { axis: c.draw.below(rankOf(x) + 1) });
  }),
  tile: value(1.5, (c) => {
    const x = ranked(c, 1);
    return call(
      c,
      "tile",
      x.ref,
      x.node.shape.map((d) => (isFixed(d) ? c.draw.pick([1, 1, 2, 3]) : c.draw.pick([1, 1, 1, 2]))),
    );
  }),
};
