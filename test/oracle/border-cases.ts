// More of the same: rolls, and borders by every mode.

import type { PublicDim } from "../../src/graph/shape.js";
import * as ops from "../ops/api.js";
import { one, type Case } from "./cases.js";
import { get, make } from "./plain.js";

const modulo = (n: number, size: number): number => ((n % size) + size) % size;

const ROLLS: readonly (readonly [shape: readonly PublicDim[], shift: number, axis: number | undefined])[] = [
  [[4], 1, 0],
  [[4], -1, -1],
  [[4], 4, 0],
  [[4], -11, 0],
  [[1], 3, 0],
  [[2, 5], 2, 1],
  [[3, 1], 1, 1],
  [["batch", 3], 1, 1],
  [["batch", 3, 2], -1, -2],
  [[2, 3], 1, undefined],
  [[2, 3], -4, undefined],
  [[], 2, undefined],
];

export const rolls: readonly Case[] = ROLLS.map(([shape, shift, axis]) =>
  one(
    `roll of [${shape.join(", ")}] by ${shift}${axis === undefined ? "" : ` along ${axis}`}`,
    shape,
    (x) => ops.roll(x, shift, axis === undefined ? {} : { axis }),
    (x) => {
      if (axis === undefined) return { ...x, data: x.data.map((_, i) => x.data[modulo(i - shift, x.data.length)]!) };
      const at = modulo(axis, x.shape.length);
      return make(x.shape, (index) => get(x, index.with(at, modulo(index[at]! - shift, x.shape[at]!))));
    },
  ),
);

type Widths = readonly (readonly [before: number, after: number])[];

/** Where the element at a position of the bordered axis comes from. */
const SOURCES = {
  edge: (i: number, n: number) => Math.min(Math.max(i, 0), n - 1),
  reflect: (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
  wrap: (i: number, n: number) => modulo(i, n),
};

const BORDERS: readonly (readonly [
  shape: readonly PublicDim[],
  widths: Widths,
  modes: readonly (keyof typeof SOURCES)[],
])[] = [
  [[4], [[3, 2]], ["edge", "reflect", "wrap"]],
  [[4], [[0, 3]], ["edge", "reflect", "wrap"]],
  [[3], [[3, 3]], ["edge", "wrap"]],
  [[1], [[2, 3]], ["edge"]],
  [[1], [[1, 1]], ["wrap"]],
  [[1, 2], [[0, 0], [1, 0]], ["edge", "reflect", "wrap"]], // prettier-ignore
  [[2, 3], [[1, 0], [1, 2]], ["edge", "reflect", "wrap"]], // prettier-ignore
  [["batch", 3], [[0, 0], [2, 1]], ["edge", "reflect", "wrap"]], // prettier-ignore
  [["batch", 3, 2], [[0, 0], [2, 1], [1, 1]], ["edge", "reflect", "wrap"]], // prettier-ignore
  [["batch", 1], [[0, 0], [1, 2]], ["edge"]], // prettier-ignore
  [["batch", 2], [[0, 0], [0, 0]], ["edge", "reflect"]], // prettier-ignore
];

export const borders: readonly Case[] = BORDERS.flatMap(([shape, widths, modes]) =>
  modes.map((mode) =>
    one(
      `pad of [${shape.join(", ")}] by ${JSON.stringify(widths)}, ${mode}`,
      shape,
      (x) => ops.pad(x, widths, { mode }),
      (x) =>
        make(
          x.shape.map((n, i) => n + widths[i]![0] + widths[i]![1]),
          (index) => get(x, index.map((n, i) => SOURCES[mode](n - widths[i]![0], x.shape[i]!))), // prettier-ignore
        ),
    ),
  ),
);
