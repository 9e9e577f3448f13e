// Packing: a copy of a tile's columns in the order in which it reads them, for each term its vectors one behind the other.
// It is made outside the loops that it does not depend on.

import type { Reduction } from "../../ir/kernel.js";
import { loadsAlong, termsOf, type NestParts } from "../../ir/nest.js";
import { strideOf } from "../../ir/strides.js";
import { timesDim } from "../../../src/graph/shape.js";
import { valueOf } from "./expression.js";
import { countUp, nest, shifted, withLanes, withVariable } from "./loops.js";
import { memory } from "./access.js";
import { dimValue, type Scope, type Variable } from "./scope.js";
import { add, f32x4, i32, LANES, multiply, shuffle } from "./text.js";

const BYTES = 4;

const padded = (columns: number): number => Math.ceil(columns / LANES) * LANES;

/** Where the copies begin that a block reads, for each of its sums. */
export interface Panel {
  readonly starts: readonly string[];
}

/** Panels of so many columns next to each other, from a place in memory on. */
export class Panels {
  private readonly base: string;

  /** `columns`: the widest block, or all columns where every block has a panel of its own. */
  constructor(
    private readonly tile: NestParts,
    columns: number,
    scope: Scope,
  ) {
    const { reductions, inner } = tile;
    const perColumn = reductions.reduce((n, r) => n + loadsAlong(r, inner).length * termsOf(r, scope.capacity), 0);
    this.base = scope.takeScratch((padded(columns) + SINGLES) * BYTES * perColumn);
  }

  /** The one panel that each block has in its turn. */
  one(width: number, scope: Scope): Panel {
    return this.from(this.base, width, scope);
  }

  /** The panel of the block at `column`. `first`: where blocks of this width begin. */
  of(column: Variable, width: number, first: string, scope: Scope): Panel {
    const at = add(column.text, i32(column.plus));
    // A panel is as wide as a vector at least.
    const place = width === 1 ? `(i32.sub ${multiply(at, i32(LANES))} ${multiply(first, i32(LANES - 1))})` : at;
    const { reductions, inner } = this.tile;
    const bytes = reductions.map((r) => multiply(termCount(r, scope), i32(BYTES * loadsAlong(r, inner).length)));
    return this.from(add(this.base, multiply(place, bytes.reduce(add))), width, scope);
  }

  private from(start: string, width: number, scope: Scope): Panel {
    let at = start;
    const starts = this.tile.reductions.map((reduction) => {
      const begin = at;
      const bytes = i32(padded(width) * BYTES * loadsAlong(reduction, this.tile.inner).length);
      at = add(at, multiply(termCount(reduction, scope), bytes));
      return begin;
    });
    return { starts };
  }
}

/** Columns that panels of single columns take beyond their number. */
const SINGLES = (LANES - 1) * (LANES - 1);

const termCount = (reduction: Reduction, scope: Scope): string =>
  dimValue(reduction.loops.map(({ size }) => size).reduce(timesDim), scope);

/** Copies the columns' operands of a block: for each term its vectors, one behind the other. */
export function packPanel(tile: NestParts, scope: Scope, column: Variable, width: number, panel: Panel): void {
  const { writer } = scope;
  tile.reductions.forEach((reduction, n) => {
    const loads = loadsAlong(reduction, tile.inner);
    const vectors = padded(width) / LANES;
    const slab = loads.length * vectors * LANES * BYTES;
    const to = writer.local("to", "i32");
    const get = `(local.get ${to})`;
    writer.line(`(local.set ${to} ${panel.starts[n]!})`);
    const at = (deep: Scope, q: number): Scope => {
      const lanes = Math.min(LANES, width - LANES * q);
      return withLanes(withVariable(deep, tile.inner.variable, shifted(column, LANES * q)), tile.inner.variable, lanes);
    };
    const store = (value: string, offset: number): void => {
      const place = scope.access.storeScratch({ text: get, offset }, LANES * BYTES);
      writer.line(`(v128.store ${memory(place)} ${scope.access.stored(value, "v128", writer)})`);
    };
    const step = (terms: number): void => writer.line(`(local.set ${to} (i32.add ${get} ${i32(terms * slab)}))`);
    const one = (deep: Scope): void => {
      loads.forEach((load, l) => {
        for (let q = 0; q < vectors; q++) store(valueOf(load, "float", at(deep, q)), (l * vectors + q) * LANES * BYTES);
      });
      step(1);
    };
    const last = reduction.loops.at(-1)!;
    const turns =
      loads.every((l) => strideOf(l.at, last.variable) === 1) &&
      !loads.every((l) => strideOf(l.at, tile.inner.variable) === 1);
    const four = (deep: Scope): void => {
      loads.forEach((load, l) => {
        for (let q = 0; q < vectors; q++) {
          const lanes = Math.min(LANES, width - LANES * q);
          const list = Array.from({ length: lanes }, (_, lane) => {
            const placed = withVariable(deep, tile.inner.variable, shifted(column, LANES * q + lane));
            return writer.let("w", "v128", valueOf(load, "float", withLanes(placed, last.variable, LANES)));
          });
          transposed(list, scope).forEach((value, k) => store(value, k * slab + (l * vectors + q) * LANES * BYTES));
        }
      });
      step(LANES);
    };
    nest(reduction.loops.slice(0, -1), scope, (deep) => {
      if (!turns) return nest([last], deep, one);
      const count = dimValue(last.size, deep);
      const whole =
        last.size.power > 0 ? `(i32.and ${count} ${i32(-LANES)})` : i32(last.size.times - (last.size.times % LANES));
      countUp(last.variable, i32(0), whole, LANES, last.size.power === 0 && last.size.times >= LANES, deep, four);
      if (last.size.power > 0 || last.size.times % LANES > 0)
        countUp(last.variable, whole, count, 1, last.size.power === 0, deep, one);
    });
  });
}

/** Four rows of four as four columns. */
function transposed(rows: readonly string[], { writer }: Scope): string[] {
  const [a, b, c, d] = [0, 1, 2, 3].map((n) => rows[n] ?? f32x4(0)) as [string, string, string, string];
  const mix = (x: string, y: string, lanes: readonly number[]): string => writer.let("m", "v128", shuffle(x, y, lanes));
  const [low, high] = [mix(a, b, [0, 4, 1, 5]), mix(a, b, [2, 6, 3, 7])];
  const [low2, high2] = [mix(c, d, [0, 4, 1, 5]), mix(c, d, [2, 6, 3, 7])];
  return [
    shuffle(low, low2, [0, 1, 4, 5]),
    shuffle(low, low2, [2, 3, 6, 7]),
    shuffle(high, high2, [0, 1, 4, 5]),
    shuffle(high, high2, [2, 3, 6, 7]),
  ];
}
