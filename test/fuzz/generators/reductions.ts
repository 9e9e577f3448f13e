// Reductions, statistics and products.

import { BATCH, sameDim, type Dim, type PublicDim } from "../../../src/graph/shape.js";
import {
  call,
  combines,
  find,
  float,
  isFixed,
  isFloat,
  leaf,
  rankOf,
  size,
  step,
  take,
  written,
  type Canvas,
  type Value,
} from "../canvas.js";
import type { Arg } from "../sketch.js";
import { value, type Table } from "./kinds.js";
import { anyAxis, asWritten } from "./shapes.js";

function axesOf(c: Canvas, x: Value): Arg[] {
  const rank = rankOf(x);
  if (rank === 0 || c.draw.chance(0.2)) return [];
  const some = x.node.shape.map((_, i) => i).filter(() => c.draw.chance(0.45));
  const axes = c.draw.chance(0.4) ? anyAxis(c, x) : some;
  return [{ axis: axes, ...(c.draw.chance(0.4) && { keepAxes: true }) }];
}

const reduction = (name: string, weight: number) =>
  value(weight, (c) => {
    const x = float(c);
    return call(c, name, x.ref, ...axesOf(c, x));
  });

/** A maximum or a minimum, of distinct numbers as far as possible. */
const extreme = (name: string) =>
  value(3, (c) => {
    const x = float(c);
    if (c.draw.chance(0.2)) {
      const y = float(
        c,
        (v) => combines(v.node.shape, x.node.shape),
        () => [],
      );
      return call(c, name, x.ref, y.ref);
    }
    const wavy = c.draw.chance(0.5) ? call(c, c.draw.pick(["softmax", "sin", "tanh", "exp"]), ranked(c, x).ref) : x;
    return call(c, name, wavy.ref, ...axesOf(c, wavy));
  });

const ranked = (c: Canvas, x: Value): Value => (rankOf(x) > 0 ? x : call(c, "expandDims", x.ref, 0));

const position = (name: string) =>
  value(0.7, (c) => {
    const x = float(
      c,
      (v) => rankOf(v) >= 1,
      () => ["batch", size(c)],
    );
    const axis = anyAxis(c, x);
    return call(c, name, x.ref, { axis: asWritten(c, axis, x), ...(c.draw.chance(0.3) && { keepAxes: true }) });
  });

const last = (x: Value): Dim => x.node.shape.at(-1)!;

/** The second operand of a product: something that is there, perhaps after a view, or a parameter. */
function factor(c: Canvas, rows: Dim): Value {
  const fits = (v: Value): boolean =>
    isFloat(v) && rankOf(v) >= 2 && rankOf(v) <= 3 && sameDim(v.node.shape.at(-2)!, rows);
  const found = c.draw.chance(0.5) ? find(c, fits) : undefined;
  if (found) return found;
  const dim = written(rows);
  if (dim === undefined) throw new Error("unreachable: computed sizes are refused before");
  const columns = size(c);
  if (c.draw.chance(0.3)) {
    const wide = leaf(c, [dim, columns + c.draw.between(1, 2)]);
    return take(c, step(c, "slice", wide.ref, [null, [0, columns]]));
  }
  if (c.draw.chance(0.25)) return take(c, step(c, "transpose", leaf(c, [columns, dim]).ref));
  return leaf(c, [dim, columns]);
}

const EINSUMS: readonly string[] = [
  "ij,jk->ik",
  "ij,ij->i",
  "ij,kj->ik",
  "ij->j",
  "ij,j->i",
  "ij,ik->jk",
  "ii->i",
  "ij,jk,k->i",
  "ij,kj->",
  "ij->ji",
];

export const reductions: Table = {
  sum: reduction("sum", 6),
  mean: reduction("mean", 4),
  prod: value(1, (c) => {
    const x = float(c, (v) => v.node.shape.length <= 3);
    return call(c, "prod", x.ref, ...axesOf(c, x));
  }),
  logSumExp: reduction("logSumExp", 1.5),
  max: extreme("max"),
  min: extreme("min"),
  variance: reduction("variance", 1),
  norm: value(1, (c) => {
    const x = float(c);
    return call(c, "norm", call(c, "add", x.ref, 1.5).ref, ...axesOf(c, x));
  }),
  argMax: position("argMax"),
  argMin: position("argMin"),
  matmul: value(7, (c) => {
    const x = float(
      c,
      (v) => rankOf(v) >= 1 && written(last(v)) !== undefined,
      () => ["batch", size(c)],
    );
    return call(c, "matmul", x.ref, factor(c, last(x)).ref);
  }),
  einsum: value(2, (c) => {
    const equation = c.draw.pick(EINSUMS);
    const sizes = new Map<string, PublicDim>();
    const operands = equation
      .split("->")[0]!
      .split(",")
      .map((letters, n) => {
        const known = [...letters].map((letter) => sizes.get(letter));
        const rank = letters.length;
        const found =
          letters === "ii"
            ? undefined
            : find(
                c,
                (v) =>
                  isFloat(v) &&
                  rankOf(v) === rank &&
                  v.node.shape.every(
                    (d, i) => written(d) !== undefined && (known[i] === undefined || known[i] === written(d)),
                  ),
              );
        const x =
          found ??
          leaf(
            c,
            [...letters].map((letter, i) => {
              const dim = sizes.get(letter) ?? (n === 0 && i === 0 && letters !== "ii" ? ("batch" as const) : size(c));
              sizes.set(letter, dim);
              return dim;
            }),
          );
        [...letters].forEach((letter, i) => sizes.set(letter, written(x.node.shape[i]!)!));
        return x.ref;
      });
    return call(c, "einsum", equation, ...operands);
  }),
  softmax: value(2, (c) => axial(c, "softmax")),
  logSoftmax: value(1, (c) => axial(c, "logSoftmax")),
  standardize: value(1, (c) => {
    const x = float(
      c,
      (v) => rankOf(v) >= 1,
      () => ["batch", size(c)],
    );
    return call(c, "standardize", x.ref, { axis: anyAxis(c, x), epsilon: 0.25 });
  }),
  cumsum: value(1.5, (c) => {
    const x = float(
      c,
      (v) => rankOf(v) >= 1,
      () => ["batch", size(c)],
    );
    return call(c, "cumsum", x.ref, {
      axis: asWritten(c, anyAxis(c, x), x),
      ...(c.draw.chance(0.3) && { exclusive: true }),
      ...(c.draw.chance(0.3) && { reverse: true }),
    });
  }),
};

function axial(c: Canvas, name: string): Value {
  const x = float(
    c,
    (v) => rankOf(v) >= 1,
    () => ["batch", size(c)],
  );
  const axis = anyAxis(c, x);
  return call(c, name, x.ref, ...(c.draw.chance(0.5) && axis === rankOf(x) - 1 ? [] : [asWritten(c, axis, x)]));
}

/** [batch, batch], or with a third batch axis: distances and similarities of all rows. */
export function similarities(c: Canvas, power: 2 | 3): Value {
  const x = float(
    c,
    (v) => rankOf(v) === 2 && sameDim(v.node.shape[0]!, BATCH) && isFixed(v.node.shape[1]!),
    () => ["batch", size(c)],
  );
  const near = call(c, "matmul", x.ref, call(c, "transpose", x.ref).ref);
  if (power === 2) return near;
  const [a, b] = [call(c, "expandDims", near.ref, 2), call(c, "expandDims", near.ref, 1)];
  const all = call(c, c.draw.pick(["sub", "add", "mul"]), a.ref, b.ref);
  const shifted = c.draw.chance(0.6) ? call(c, "relu", call(c, "add", all.ref, 0.25).ref) : call(c, "tanh", all.ref);
  return shifted;
}
