// Gathers and scatters by indices of every origin, order, positions.

import { BATCH, sameDim, type PublicDim } from "../../../src/graph/shape.js";
import {
  call,
  find,
  float,
  indices,
  isFixed,
  rankOf,
  shaped,
  size,
  step,
  take,
  toShape,
  written,
  writtenShape,
  type Canvas,
  type Value,
} from "../canvas.js";
import { value, type Table } from "./kinds.js";
import { asWritten } from "./shapes.js";

/** A float tensor with a fixed axis, and that axis. */
function along(c: Canvas, most = 64): readonly [Value, number] {
  const x = float(
    c,
    (v) => rankOf(v) <= 4 && v.node.shape.some((d) => isFixed(d) && d.times <= most),
    () => ["batch", size(c)],
  );
  const axes = x.node.shape.flatMap((d, i) => (isFixed(d) && d.times <= most ? [i] : []));
  return [x, c.draw.pick(axes)];
}

const listShape = (c: Canvas): PublicDim[] =>
  c.draw.weighted<() => PublicDim[]>([
    [3, () => ["batch"]],
    [4, () => [size(c)]],
    [2, () => ["batch", size(c)]],
    [1, () => []],
  ])();

/** Int32 values that are in the graph already, or drawn. */
function ints(c: Canvas, below: number): Value {
  const known = c.draw.chance(0.3)
    ? find(c, ({ node }) => node.dtype === "int32" && writtenShape(node.shape) !== undefined)
    : undefined;
  if (!known) return indices(c, listShape(c), below);
  return call(c, "cast", call(c, "minimum", call(c, "maximum", known.ref, 0).ref, below - 1).ref, "int32");
}

/** A reduction by segment along an axis whose size an id can be written for. */
function bySegment(c: Canvas, name: string, options: { readonly empty?: number } = {}): Value {
  const sized = ({ node }: Value): number[] =>
    node.shape.flatMap((d, i) => (written(d) === undefined || d.times > 32 ? [] : [i]));
  const x = float(
    c,
    (v) => rankOf(v) <= 4 && sized(v).length > 0,
    () => ["batch", size(c)],
  );
  const axis = c.draw.pick(sized(x));
  const count = size(c);
  const ids = indices(c, [written(x.node.shape[axis]!)!], count);
  const at = axis === 0 && c.draw.chance(0.5) ? {} : { axis: asWritten(c, axis, x) };
  return call(c, name, x.ref, ids.ref, count, { ...at, ...options });
}

/** Other entries at indices, of each dtype; where a list is longer than the axis, some name one place. */
function overwritten(c: Canvas): Value {
  const [base, axis] = along(c, 32);
  const list = listShape(c);
  const ids = indices(c, list, base.node.shape[axis]!.times);
  const parts = base.node.shape.toSpliced(axis, 1, ...toShape(list));
  const at = axis === 0 && c.draw.chance(0.5) ? [] : [{ axis: asWritten(c, axis, base) }];
  const set = (x: Value, updates: Value): Value => call(c, "setAt", x.ref, ids.ref, updates.ref, ...at);
  const [dims, own] = [writtenShape(parts), writtenShape(base.node.shape)];
  if (!dims || !own || c.draw.chance(0.7)) return set(base, shaped(c, parts));
  if (c.draw.chance(0.5)) return set(indices(c, own, 4), indices(c, dims, 4));
  const truths = [base, shaped(c, parts)].map((x) => call(c, "greater", x.ref, 0)) as [Value, Value];
  return call(c, "where", set(...truths).ref, base.ref, 0.5);
}

export const gathers: Table = {
  take: value(2, (c) => {
    const [x, axis] = along(c);
    return call(
      c,
      "take",
      x.ref,
      ints(c, x.node.shape[axis]!.times).ref,
      ...(axis === 0 && c.draw.chance(0.5) ? [] : [{ axis }]),
    );
  }),
  pick: value(1.5, (c) => {
    const x = float(
      c,
      (v) => rankOf(v) >= 1 && isFixed(v.node.shape.at(-1)!) && v.node.shape.every((d) => written(d) !== undefined),
      () => ["batch", size(c)],
    );
    const shape = x.node.shape.map((d) => written(d)!);
    return call(c, "pick", x.ref, indices(c, shape.slice(0, -1), x.node.shape.at(-1)!.times).ref);
  }),
  takeAlong: value(1.5, (c) => {
    const [x, axis] = along(c, 16);
    const shape = writtenShape(x.node.shape);
    if (!shape) return x;
    const ids = indices(c, shape.with(axis, size(c)), x.node.shape[axis]!.times);
    return call(c, "takeAlong", x.ref, ids.ref, { axis: asWritten(c, axis, x) });
  }),
  scatterAdd: value(1, (c) => {
    const x = float(
      c,
      (v) => rankOf(v) >= 1 && written(v.node.shape[0]!) !== undefined,
      () => ["batch", size(c)],
    );
    const count = size(c);
    return call(c, "scatterAdd", x.ref, indices(c, [written(x.node.shape[0]!)!], count).ref, count);
  }),
  segmentSum: value(1, (c) => bySegment(c, "segmentSum")),
  segmentMean: value(0.7, (c) => bySegment(c, "segmentMean")),
  segmentMax: value(1, (c) => bySegment(c, "segmentMax", { empty: c.draw.pick([0, -1.5]) })),
  segmentMin: value(0.7, (c) => bySegment(c, "segmentMin", { empty: c.draw.pick([0, 2]) })),
  segmentSoftmax: value(1, (c) => bySegment(c, "segmentSoftmax")),
  addAt: value(1, (c) => {
    const [x, axis] = along(c, 32);
    const list: readonly PublicDim[] = c.draw.chance(0.6) ? [size(c)] : ["batch"];
    const ids = indices(c, list, x.node.shape[axis]!.times);
    const updates = shaped(c, x.node.shape.with(axis, toShape(list)[0]!));
    return call(c, "addAt", x.ref, ids.ref, updates.ref, { axis });
  }),
  setAt: value(3, overwritten),
  oneHot: value(1, (c) => {
    const depth = size(c);
    return call(c, "oneHot", ints(c, depth).ref, depth);
  }),
  range: value(0.7, (c) => {
    const count: PublicDim = c.draw.chance(0.4) ? "batch" : size(c);
    const whole = take(c, step(c, "range", count));
    const x = float(
      c,
      (v) => rankOf(v) >= 1 && sameDim(v.node.shape.at(-1)!, count === "batch" ? BATCH : { times: count, power: 0 }),
      () => [count],
    );
    return call(c, "mul", x.ref, call(c, "cast", whole.ref, "float32").ref);
  }),
  argSort: value(0.7, (c) => {
    const [x, axis] = along(c, 9);
    const order = call(c, "argSort", x.ref, { axis, ...(c.draw.chance(0.4) && { descending: true }) });
    return c.draw.chance(0.5) ? call(c, "takeAlong", x.ref, order.ref, { axis }) : order;
  }),
  sort: value(1, (c) => {
    const [x, axis] = along(c, 9);
    return call(c, "sort", x.ref, { axis: asWritten(c, axis, x), ...(c.draw.chance(0.4) && { descending: true }) });
  }),
  topK: value(1, (c) => {
    const [x, axis] = along(c, 17);
    const k = c.draw.between(1, Math.min(x.node.shape[axis]!.times, 9));
    const best = step(c, "topK", x.ref, k, { axis, ...(c.draw.chance(0.3) && { largest: false }) });
    if (c.draw.chance(0.5)) take(c, best, "indices");
    return take(c, best, "values");
  }),
};
