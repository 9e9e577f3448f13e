// Arrays of any rank in plain JavaScript: the other side of every comparison of values.

import type { PublicDim } from "../../src/graph/shape.js";

export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** All index tuples of a shape, row-major. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (tuples, size) => tuples.flatMap((tuple) => Array.from({ length: size }, (_, i) => [...tuple, i])),
    [[]],
  );
}

export const make = (shape: readonly number[], at: (index: number[]) => number): Plain => ({
  shape,
  data: indices(shape).map(at),
});

export function get({ shape, data }: Plain, index: readonly number[]): number {
  if (index.length !== shape.length || index.some((n, i) => !(n >= 0 && n < shape[i]!))) {
    throw new RangeError(`no element [${index.join(", ")}] in [${shape.join(", ")}]`);
  }
  return data[index.reduce((offset, n, i) => offset * shape[i]! + n, 0)]!;
}

export const sizes = (shape: readonly PublicDim[], rows: number): number[] =>
  shape.map((d) => (d === "batch" ? rows : d));

/** NumPy's broadcasting, from its rule. */
function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const padded = [a, b].map((s) => [...Array.from({ length: rank - s.length }, () => 1), ...s]);
  return padded[0]!.map((n, i) => (n === 1 ? padded[1]![i]! : n));
}

/** The element that stands at an index of the shape it is broadcast to. */
export const getBroadcast = (x: Plain, index: readonly number[]): number =>
  get(
    x,
    index.slice(index.length - x.shape.length).map((n, i) => (x.shape[i] === 1 ? 0 : n)),
  );

export const zip = (a: Plain, b: Plain, f: (x: number, y: number) => number): Plain =>
  make(broadcastShape(a.shape, b.shape), (index) => f(getBroadcast(a, index), getBroadcast(b, index)));

/** For each position of the other axes, `f` of the elements along `axes`, in row-major order. */
export function reduce(x: Plain, axes: readonly number[], keep: boolean, f: (list: number[]) => number): Plain {
  const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const reduced = x.shape.map((n, i) => (axes.includes(i) ? n : 1));
  const full = make(kept, (index) =>
    f(
      indices(reduced).map((inner) =>
        get(
          x,
          index.map((n, i) => n + inner[i]!),
        ),
      ),
    ),
  );
  return keep ? full : { shape: x.shape.filter((_, i) => !axes.includes(i)), data: full.data };
}

/** For each element a value computed from the line through it along an axis. */
export function alongAxis(x: Plain, axis: number, f: (line: number[], position: number) => number): Plain {
  return make(x.shape, (index) => {
    const line = Array.from({ length: x.shape[axis]! }, (_, k) => get(x, index.with(axis, k)));
    return f(line, index[axis]!);
  });
}
