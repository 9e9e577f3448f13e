// Small arrangements in which decisions of the compiler meet: one value read whole and through views, columns that are computed
// and joined, similarities of all rows.

import {
  batched,
  call,
  combines,
  float,
  indices,
  isFixed,
  leaf,
  rankOf,
  size,
  step,
  take,
  written,
  type Canvas,
  type Value,
} from "../canvas.js";
import type { PublicDim } from "../../../src/graph/shape.js";
import type { Arg } from "../sketch.js";
import { similarities } from "./reductions.js";

type Make = (c: Canvas) => Value;

const BENT = ["tanh", "sin", "sigmoid", "square", "relu", "softplus"];

const bent = (c: Canvas, x: Value): Value => (c.draw.chance(0.75) ? call(c, c.draw.pick(BENT), x.ref) : x);

/** A part of a value, or all of it in another order; axes of the view are often of size 1. */
function viewed(c: Canvas, x: Value): Value {
  const { draw } = c;
  const { shape } = x.node;
  const axis = draw.below(shape.length);
  const d = shape[axis]!;
  const before: Arg[] = Array.from({ length: axis }, () => null);
  return draw.weighted<() => Value>([
    [
      isFixed(d) ? 4 : 1,
      () => {
        if (!isFixed(d)) return call(c, "flip", x.ref, axis);
        const start = draw.below(d.times);
        return call(c, "slice", x.ref, [...before, [start, draw.chance(0.6) ? start + 1 : null]]);
      },
    ],
    [1, () => call(c, "flip", x.ref, axis)],
    [shape.length > 1 ? 2 : 0, () => call(c, "transpose", x.ref)],
    [1, () => call(c, "reshape", x.ref, [-1])],
    [1, () => call(c, "expandDims", x.ref, draw.below(shape.length + 1))],
    [
      isFixed(d) ? 2 : 0,
      () =>
        call(
          c,
          "pad",
          x.ref,
          shape.map((_, i) => (i === axis ? [draw.below(2), 1] : [0, 0])),
        ),
    ],
    [1, () => call(c, "concat", [x.ref, x.ref], { axis })],
  ])();
}

/** A product, or something else that is not computed anew for each reader. */
function computed(c: Canvas): Value {
  const x = float(
    c,
    (v) => rankOf(v) >= 1 && rankOf(v) <= 3 && isFixed(v.node.shape.at(-1)!),
    () => ["batch", size(c)],
  );
  return c.draw.weighted<() => Value>([
    [4, () => call(c, "matmul", x.ref, leaf(c, [x.node.shape.at(-1)!.times, size(c)]).ref)],
    [2, () => call(c, "dense", x.ref, size(c))],
    [2, () => bent(c, x)],
    [1, () => call(c, "softmax", x.ref)],
  ])();
}

function reduced(c: Canvas, x: Value): Value {
  const rank = rankOf(x);
  if (rank === 0) return x;
  const axes = c.draw.chance(0.5)
    ? []
    : [{ axis: c.draw.chance(0.6) ? rank - 1 : c.draw.below(rank), ...(c.draw.chance(0.4) && { keepAxes: true }) }];
  return call(c, c.draw.pick(["sum", "sum", "mean", "max"]), x.ref, ...axes);
}

/** Both read the same value: f(z) beside g(view of z). */
function wholeAndPart(c: Canvas): Value {
  const z = computed(c);
  if (rankOf(z) === 0) return z;
  const a = bent(c, z);
  const b = bent(c, viewed(c, c.draw.chance(0.75) ? z : a));
  const [left, right] = c.draw.chance(0.6) ? [reduced(c, a), reduced(c, b)] : [a, b];
  if (!combines(left.node.shape, right.node.shape))
    return call(c, "add", call(c, "sum", left.ref).ref, call(c, "mean", right.ref).ref);
  return call(c, c.draw.pick(["add", "mul", "sub"]), left.ref, right.ref);
}

/** x beside a column that is a sum over it, then perhaps a view of both. */
function joined(c: Canvas): Value {
  const x = float(
    c,
    (v) => rankOf(v) >= 1 && rankOf(v) <= 3 && isFixed(v.node.shape.at(-1)!),
    () => ["batch", size(c)],
  );
  const last = rankOf(x) - 1;
  const column = c.draw.weighted<() => Value>([
    [4, () => call(c, "matmul", x.ref, leaf(c, [x.node.shape.at(-1)!.times, c.draw.chance(0.7) ? 1 : 2]).ref)],
    [2, () => call(c, "sum", bent(c, x).ref, { axis: last, keepAxes: true })],
    [2, () => call(c, "dense", x.ref, 1)],
    [1, () => call(c, "max", x.ref, { axis: last, keepAxes: true })],
  ])();
  const shown = bent(c, column);
  const parts = c.draw.shuffled([x, shown, ...(c.draw.chance(0.2) ? [bent(c, x)] : [])]);
  const whole = call(
    c,
    "concat",
    parts.map(({ ref }) => ref),
    { axis: last },
  );
  return c.draw.chance(0.3) ? viewed(c, whole) : whole;
}

/** Products with a part of a weight. */
function partOfWeight(c: Canvas): Value {
  const x = float(
    c,
    (v) => rankOf(v) >= 1 && rankOf(v) <= 3 && isFixed(v.node.shape.at(-1)!),
    () => ["batch", size(c)],
  );
  const rows = x.node.shape.at(-1)!.times;
  const columns = c.draw.between(1, 4);
  const w = leaf(c, [rows, columns]);
  const start = c.draw.below(columns);
  const part = take(c, step(c, "slice", w.ref, [null, [start, c.draw.chance(0.6) ? start + 1 : columns]]));
  const y = call(c, "matmul", x.ref, part.ref);
  return c.draw.chance(0.4) ? call(c, "add", y.ref, call(c, "sum", w.ref).ref) : y;
}

/** Lengths of sums that are cut into tiles. */
const LONG = [9, 10, 11, 14, 16, 17, 24, 32, 48];

/** Two sums of products in one expression, of equal or other lengths. */
function twoProducts(c: Canvas): Value {
  const units = size(c);
  if (c.draw.chance(c.profile.name === "wide" ? 0.7 : 0.4)) {
    const [m, n] = c.draw.shuffled(LONG);
    const [a, b] = [m!, n!].map((features) => call(c, "dense", leaf(c, ["batch", features]).ref, units)) as [
      Value,
      Value,
    ];
    return call(c, c.draw.pick(["add", "mul", "sub"]), a.ref, b.ref);
  }
  const x = float(
    c,
    (v) => rankOf(v) >= 1 && rankOf(v) <= 3 && isFixed(v.node.shape.at(-1)!),
    () => ["batch", size(c)],
  );
  const leading = x.node.shape.slice(0, -1).map(written);
  if (leading.includes(undefined)) return x;
  const y = c.draw.chance(0.3) ? x : leaf(c, [...(leading as PublicDim[]), size(c)]);
  const [a, b] = [call(c, "dense", x.ref, units), call(c, "dense", y.ref, units)];
  return call(c, c.draw.pick(["add", "add", "mul"]), a.ref, b.ref);
}

const NORMALIZED: readonly ((c: Canvas, x: Value) => Value)[] = [
  (c, x) => call(c, "softmax", x.ref, { axis: c.draw.below(rankOf(x)) }),
  (c, x) => call(c, "softmax", x.ref),
  (c, x) => call(c, "standardize", x.ref, { axis: rankOf(x) - 1, epsilon: 0.25 }),
  (c, x) => call(c, "sub", x.ref, call(c, "mean", x.ref).ref),
  (c, x) => call(c, "logSoftmax", x.ref),
];

/** The largest of numbers that each depend on all: chosen anew in the gradient, of numbers that are computed anew. */
function largest(c: Canvas): Value {
  const { draw } = c;
  const isVector = draw.chance(0.4);
  const x = isVector
    ? leaf(c, [draw.between(2, 7)])
    : draw.chance(0.6)
      ? batched(c, draw.between(3, 4))
      : float(
          c,
          (v) => rankOf(v) >= 1,
          () => ["batch", size(c)],
        );
  const shown = draw.chance(0.6) ? call(c, "mul", x.ref, leaf(c, [1]).ref) : x;
  const normal = draw.pick(NORMALIZED)(c, shown);
  const { shape } = normal.node;
  if (shape.length >= 3 && shape.slice(1).every(isFixed) && draw.chance(0.6)) {
    const room = Math.min(...shape.slice(1, -1).map((d) => d.times));
    return draw.chance(0.5) ? call(c, "globalMaxPool", normal.ref) : call(c, "maxPool", normal.ref, Math.min(2, room));
  }
  const axes = draw.chance(0.5) ? [] : [{ axis: draw.below(shape.length) }];
  return call(c, draw.pick(["max", "max", "min"]), normal.ref, ...axes);
}

const INNER: readonly ((c: Canvas, x: Value) => Value)[] = [
  (c, x) => call(c, "relu", x.ref),
  (c, x) => call(c, "square", x.ref),
  (c, x) => call(c, "clip", x.ref, 0, 1),
  (c, x) => call(c, "mul", x.ref, 0.5),
];

/** Something computed amid a border or beside its operand, at the start of what is read. */
function bordered(c: Canvas): Value {
  const { draw } = c;
  const x = draw.chance(0.6) ? leaf(c, ["batch", size(c), draw.between(1, 4)]) : batched(c, 3);
  const y = draw.chance(0.85) ? draw.pick(INNER)(c, x) : x;
  return draw.weighted<() => Value>([
    [
      3,
      () =>
        call(c, "pad", y.ref, [
          [0, 0],
          [draw.below(3), draw.below(2)],
          [draw.below(2), draw.below(2)],
        ]),
    ],
    [3, () => call(c, "conv1d", y.ref, draw.between(1, 3), 3, { padding: "same" })],
    [2, () => call(c, "concat", draw.shuffled([x.ref, y.ref]), { axis: draw.between(0, 2) })],
  ])();
}

/** A reduction of everything that is left over from pairs and triples of rows. */
function relations(c: Canvas): Value {
  const all = similarities(c, c.draw.chance(0.6) ? 2 : 3);
  return c.draw.chance(0.6)
    ? call(
        c,
        c.draw.pick(["mean", "sum", "max"]),
        all.ref,
        ...(c.draw.chance(0.4) ? [{ axis: c.draw.below(rankOf(all)) }] : []),
      )
    : all;
}

/** One entry of each row, and what is made of it, beside all of the row: computed once a row, from what the row's loop makes. */
function besideItsRow(c: Canvas): Value {
  const { draw } = c;
  const made = computed(c);
  const z = rankOf(made) >= 2 && made.node.shape.every((d) => written(d) !== undefined) ? made : leaf(c, ["batch", 3]);
  const shape = z.node.shape.map((d) => written(d)!);
  const last = shape.length - 1;
  const picked = call(c, "pick", z.ref, indices(c, shape.slice(0, last), z.node.shape[last]!.times).ref);
  const bends = draw.between(1, 4);
  let one = picked;
  for (let n = 0; n < bends; n++) one = call(c, draw.pick(BENT), one.ref);
  const spread = call(c, "expandDims", one.ref, last);
  const row = draw.chance(0.4) ? bent(c, z) : z;
  if (draw.chance(0.5)) return call(c, "where", call(c, "equal", spread.ref, row.ref).ref, z.ref, 0.5);
  call(c, draw.pick(["add", "mul"]), spread.ref, bent(c, z).ref);
  return call(c, draw.pick(["mul", "sub"]), spread.ref, row.ref);
}

export const motifs: readonly (readonly [weight: number, make: Make])[] = [
  [4, wholeAndPart],
  [3, joined],
  [1.5, partOfWeight],
  [2, twoProducts],
  [1.2, relations],
  [2, largest],
  [1.5, bordered],
  [1.5, besideItsRow],
];
