// Register tiles: two loops around sums of products run in blocks of rows by vectors of columns whose sums are in locals, so
// that what is loaded once serves several sums. Two forms: where columns are neighbours in memory, a block takes one term
// of all its sums at a time; where the terms are (a product with a transposed matrix), four terms of each sum.

import type { Loop, Reduction, SlotLoad, Statement } from "../../ir/kernel.js";
import { isConstant } from "../../../src/scalar/expression.js";
import { forEachLeaf } from "../../ir/walk.js";
import { chooseTile, columnsFirst, iterations, WASM } from "./cost.js";
import { valueOf } from "./expression.js";
import { multiplyAdd } from "./math/function.js";
import { dimValue, strideOf, type Scope, type Variable } from "./scope.js";
import { countUp, factors, inParts, nest, withLanes, withVariable, writeStatements } from "./statements.js";
import { f32x4, i32, i32x4, shuffle } from "./text.js";

export interface Tile {
  readonly form: "columns" | "terms";
  readonly outer: Loop;
  readonly inner: Loop;
  readonly reductions: readonly Reduction[];
  readonly epilogue: readonly Statement[];
}

const LANES = WASM.lanes;
/** Shorter sums gain nothing. */
const SHORT = 3;
/** Terms that are written out in the innermost loop. */
const UNROLLED = 4;
/** A sum of more terms is taken in parts, so that its rounding errors stay small. */
const PART = 512;

/** The loops as a tile, if they are a pair around nothing but sums whose loads repeat along one of the two. */
export function tileOf(outer: Loop, scope: Scope): Tile | undefined {
  const inner = outer.body[0];
  if (outer.body.length !== 1 || inner?.kind !== "loop") return undefined;
  const count = inner.body.findLastIndex((s) => s.kind === "reduction") + 1;
  const sums = inner.body.slice(0, count);
  const epilogue = inner.body.slice(count);
  if (count === 0 || epilogue.some((s) => s.kind === "loop")) return undefined;
  const reductions = sums.filter((s): s is Reduction => s.kind === "reduction");
  if (reductions.length !== count || !reductions.every((r) => isPlain(r, scope))) return undefined;
  const loads = reductions.map(loadsOf);
  const along = (load: SlotLoad, loop: Loop): boolean => load.at.affine.some((t) => t.axis === loop.variable);
  for (const list of loads) {
    if (!list.some((l) => along(l, outer)) || !list.some((l) => along(l, inner))) return undefined;
    if (list.some((l) => along(l, outer) && along(l, inner))) return undefined;
  }
  const columns = loads.flat().filter((l) => along(l, inner));
  const tile = { outer, inner, reductions, epilogue };
  if (columns.every((l) => strideOf(l.at, inner.variable) === 1)) return { form: "columns", ...tile };
  const terms = reductions.every((r, n) => {
    const last = r.loops.at(-1)!;
    return (
      loads[n]!.every((l) => strideOf(l.at, last.variable) === 1) && iterations(last.size, scope.rowsHint) >= LANES
    );
  });
  return terms ? { form: "terms", ...tile } : undefined;
}

/** A sum of floats over loads of floats at positions known beforehand. */
function isPlain(reduction: Reduction, { slots, rowsHint }: Scope): boolean {
  const terms = reduction.loops.reduce((n, { size }) => n * iterations(size, rowsHint), 1);
  if (reduction.lets.length > 0 || reduction.loops.length === 0 || terms < SHORT) return false;
  return reduction.accumulators.every(({ combiner, value }) => {
    let plain = combiner === "sum" && !isConstant(value);
    forEachLeaf(value, (leaf) => {
      if (leaf.kind === "load") plain &&= leaf.at.loaded.length === 0 && slots[leaf.slot]!.dtype === "float32";
      else plain &&= leaf.kind === "size";
    });
    return plain;
  });
}

function loadsOf(reduction: Reduction): SlotLoad[] {
  const loads = new Set<SlotLoad>();
  for (const { value } of reduction.accumulators) forEachLeaf(value, (leaf) => leaf.kind === "load" && loads.add(leaf));
  return [...loads];
}

/** A stretch of a loop in steps: `width` values at a time. */
interface Stretch {
  readonly first: string;
  readonly limit: string;
  readonly width: number;
  /** The number of steps where it is known. */
  readonly steps: number | undefined;
  readonly start: number;
}

/** A loop cut into blocks of `width` and what is left of it. */
function stretches(loop: Loop, widths: readonly number[], scope: Scope): Stretch[] {
  const { times, power } = loop.size;
  const cut: Stretch[] = [];
  if (power === 0) {
    let start = 0;
    for (const width of widths) {
      const steps = Math.floor((times - start) / width);
      if (steps === 0) continue;
      cut.push({ first: i32(start), limit: i32(start + steps * width), width, steps, start });
      start += steps * width;
    }
    if (start < times) cut.push({ first: i32(start), limit: i32(times), width: times - start, steps: 1, start });
    return cut;
  }
  const count = dimValue(loop.size, scope);
  let first = i32(0);
  for (const width of [...widths, 1].filter((w, n, all) => all.indexOf(w) === n)) {
    const end =
      width === 1
        ? count
        : scope.writer.hoist(
            0,
            "end",
            "i32",
            `(i32.sub ${count} (i32.rem_s (i32.sub ${count} ${first}) ${i32(width)}))`,
          );
    cut.push({ first, limit: end, width, steps: undefined, start: 0 });
    first = end;
  }
  return cut;
}

/** Runs a stretch; `body` gets the first value of each block. */
function eachBlock(
  variable: number,
  { first, limit, width, steps, start }: Stretch,
  scope: Scope,
  body: (scope: Scope, at: Variable) => void,
): void {
  if (steps === 1) {
    const at: Variable = { text: i32(0), plus: start, level: scope.writer.level };
    return body(scope, at);
  }
  countUp(variable, first, limit, width, steps !== undefined, scope, (inner) =>
    body(inner, inner.variables.get(variable)!),
  );
}

export function writeTile(tile: Tile, scope: Scope): void {
  const { outer, inner, reductions } = tile;
  const rows = iterations(outer.size, scope.rowsHint);
  const columns = iterations(inner.size, scope.rowsHint);
  const sums = reductions.reduce((n, r) => Math.max(n, r.accumulators.length), 1);
  const total = reductions.reduce((n, r) => n + r.accumulators.length, 0);
  if (tile.form === "terms") {
    const height = Math.min(rows, Math.max(1, Math.floor(WASM.sums / LANES / total)));
    for (const high of stretches(outer, [height], scope)) {
      eachBlock(outer.variable, high, scope, (up, row) => {
        for (const wide of stretches(inner, [LANES], up)) {
          eachBlock(inner.variable, wide, up, (deep, column) =>
            writeBlock(tile, deep, row, high.width, column, wide.width),
          );
        }
      });
    }
    return;
  }
  const terms = Math.max(...reductions.map((r) => r.loops.reduce((n, l) => n * iterations(l.size, scope.rowsHint), 1)));
  const shape = chooseTile(rows, columns, Math.max(sums, total));
  for (const high of stretches(outer, [shape.rows], scope)) {
    const vectors = high.width === shape.rows ? shape.vectors : chooseTile(high.width, columns, total).vectors;
    const wides = stretches(inner, inner.size.power > 0 ? [vectors * LANES, LANES] : [vectors * LANES], scope);
    const block = (deep: Scope, row: Variable, column: Variable, width: number): void =>
      writeBlock(tile, deep, row, high.width, column, width);
    if (columnsFirst(rows, columns, terms)) {
      for (const wide of wides) {
        eachBlock(inner.variable, wide, scope, (across, column) =>
          eachBlock(outer.variable, high, across, (deep, row) => block(deep, row, column, wide.width)),
        );
      }
    } else {
      eachBlock(outer.variable, high, scope, (down, row) => {
        for (const wide of wides) {
          eachBlock(inner.variable, wide, down, (deep, column) => block(deep, row, column, wide.width));
        }
      });
    }
  }
}

const shifted = (at: Variable, by: number): Variable => ({ ...at, plus: at.plus + by });

/** One block: its sums, then for each vector of outputs what follows them. */
function writeBlock(tile: Tile, scope: Scope, row: Variable, height: number, column: Variable, width: number): void {
  const { outer, inner } = tile;
  const vectors = Math.ceil(width / LANES);
  const at = (p: number, q: number): Scope => {
    const lanes = Math.min(LANES, width - LANES * q);
    const placed = withVariable(
      withVariable(scope, outer.variable, shifted(row, p)),
      inner.variable,
      shifted(column, LANES * q),
    );
    return withLanes(placed, inner.variable, lanes);
  };
  const sums = tile.reductions.map((reduction) =>
    tile.form === "columns"
      ? columnSums(reduction, tile, scope, at, height, vectors)
      : termSums(reduction, tile, scope, row, height, column, width),
  );
  for (let p = 0; p < height; p++) {
    for (let q = 0; q < vectors; q++) {
      tile.reductions.forEach((reduction, n) => {
        reduction.accumulators.forEach(({ accumulator }, a) => {
          const text = sums[n]!(a, p, q);
          scope.accumulators.set(accumulator, { text, type: "float", vector: true, level: scope.writer.level });
        });
      });
      writeStatements(tile.epilogue, at(p, q));
    }
  }
}

type SumText = (accumulator: number, p: number, q: number) => string;

const points = (height: number, width: number): [number, number][] =>
  Array.from({ length: height * width }, (_, n) => [Math.floor(n / width), n % width]);

/** Sums of which each takes one term at a time. */
function columnSums(
  reduction: Reduction,
  { outer, inner }: Tile,
  scope: Scope,
  at: (p: number, q: number) => Scope,
  height: number,
  vectors: number,
): SumText {
  const { writer } = scope;
  const names = sumNames(reduction, points(height, vectors), "a", scope);
  const loads = loadsOf(reduction);
  const along = (load: SlotLoad, loop: Loop): boolean => load.at.affine.some((t) => t.axis === loop.variable);
  const add = (deep: Scope): void => {
    // A block's variables at the present term.
    const placed = (p: number, q: number): Scope => {
      const block = at(p, q);
      return { ...block, variables: new Map([...deep.variables, ...pick(block, [outer.variable, inner.variable])]) };
    };
    const held = new Map<SlotLoad, string[]>();
    for (const load of loads) {
      const byRow = along(load, outer);
      const count = byRow ? height : along(load, inner) ? vectors : 1;
      const list = Array.from({ length: count }, (_, n) =>
        writer.let(byRow ? "x" : "w", "v128", valueOf(load, "float", byRow ? placed(n, 0) : placed(0, n))),
      );
      held.set(load, list);
    }
    for (const [p, q] of points(height, vectors)) {
      const block: Scope = {
        ...placed(p, q),
        held: (load) => held.get(load)?.[along(load, outer) ? p : along(load, inner) ? q : 0],
      };
      addTerms(reduction, block, (a) => names[a]![p * vectors + q]!);
    }
  };
  return withParts(reduction, names, scope, 1, add, (a, p, q) => `(local.get ${names[a]![p * vectors + q]!})`);
}

const pick = (scope: Scope, variables: readonly number[]): [number, Variable][] =>
  variables.map((v) => [v, scope.variables.get(v)!]);

function sumNames(reduction: Reduction, list: readonly [number, number][], hint: string, scope: Scope): string[][] {
  return reduction.accumulators.map(() => list.map(() => scope.writer.local(hint, "v128")));
}

function addTerms(reduction: Reduction, block: Scope, name: (accumulator: number) => string, mask?: string): void {
  reduction.accumulators.forEach(({ value }, a) => {
    const before = `(local.get ${name(a)})`;
    const product = mask ? undefined : factors(value, block);
    const term = product ? "" : valueOf(value, "float", block);
    const sum = product
      ? multiplyAdd(product[0], product[1], before, block.relaxed)
      : `(f32x4.add ${before} ${mask ? `(v128.and ${term} ${mask})` : term})`;
    block.writer.line(`(local.set ${name(a)} ${sum})`);
  });
}

/** The loops of a sum: the last one unrolled, in steps of `width` terms, and in parts where it is long. */
function withParts(
  reduction: Reduction,
  names: readonly string[][],
  scope: Scope,
  width: number,
  add: (scope: Scope) => void,
  text: SumText,
  tail?: (scope: Scope, lanes: number) => void,
): SumText {
  const { writer } = scope;
  const all = names.flat();
  const zero = (list: readonly string[]): void =>
    list.forEach((name) => writer.line(`(local.set ${name} ${f32x4(0)})`));
  const last = reduction.loops.at(-1)!;
  const outer = reduction.loops.slice(0, -1);
  const count = iterations(last.size, scope.rowsHint);
  const step = UNROLLED * width;
  const several = (deep: Scope): void => {
    const at = deep.variables.get(last.variable)!;
    for (let u = 0; u < UNROLLED; u++) add(withVariable(deep, last.variable, shifted(at, u * width)));
  };
  zero(all);
  const isLong = count > PART * width;
  const totals = isLong ? all.map(() => writer.local("total", "v128")) : [];
  if (isLong) zero(totals);
  const flush = (): void => {
    all.forEach((name, n) => {
      writer.line(`(local.set ${totals[n]!} (f32x4.add (local.get ${totals[n]!}) (local.get ${name})))`);
    });
    zero(all);
  };
  nest(outer, scope, (deep) => {
    const whole = last.size.power > 0 ? undefined : last.size.times - (last.size.times % step);
    if (isLong) {
      inParts(last.variable, last.size, deep, PART * width, step, several, flush, step);
    } else if (whole === step) {
      several(withVariable(deep, last.variable, { text: i32(0), plus: 0, level: writer.level }));
    } else if (whole !== 0) {
      const limit = whole === undefined ? `(i32.and ${dimValue(last.size, deep)} ${i32(-step)})` : i32(whole);
      countUp(last.variable, i32(0), limit, step, whole !== undefined, deep, several);
    }
    writeRest(last, step, width, deep, add, tail);
  });
  if (isLong) {
    flush();
    all.forEach((name, n) => writer.line(`(local.set ${name} (local.get ${totals[n]!}))`));
  }
  return text;
}

/** The terms that the unrolled loop leaves. */
function writeRest(
  { variable, size }: Reduction["loops"][number],
  step: number,
  width: number,
  scope: Scope,
  add: (scope: Scope) => void,
  tail?: (scope: Scope, lanes: number) => void,
): void {
  const { writer } = scope;
  if (size.power > 0) {
    const count = dimValue(size, scope);
    const first = `(i32.and ${count} ${i32(-step)})`;
    if (width === 1) return countUp(variable, first, count, 1, false, scope, add);
    const vectors = `(i32.and ${count} ${i32(-width)})`;
    countUp(variable, first, vectors, width, false, scope, add);
    return countUp(variable, vectors, count, 1, false, scope, (inner) => tail!(inner, 1));
  }
  const at = (plus: number): Scope => withVariable(scope, variable, { text: i32(0), plus, level: writer.level });
  let start = size.times - (size.times % step);
  for (; start + width <= size.times; start += width) add(at(start));
  if (start < size.times) tail!(at(start), size.times - start);
}

/** Sums of which each takes four terms at a time; then the four lanes of four sums become one vector of sums. */
function termSums(
  reduction: Reduction,
  { outer, inner }: Tile,
  scope: Scope,
  row: Variable,
  height: number,
  column: Variable,
  width: number,
): SumText {
  const { writer } = scope;
  const names = sumNames(reduction, points(height, width), "a", scope);
  const loads = loadsOf(reduction);
  const last = reduction.loops.at(-1)!;
  const along = (load: SlotLoad, loop: Loop): boolean => load.at.affine.some((t) => t.axis === loop.variable);
  const addMasked = (deep: Scope, lanes: number): void => {
    const placed = (p: number, q: number): Scope => {
      const variables = new Map(deep.variables)
        .set(outer.variable, shifted(row, p))
        .set(inner.variable, shifted(column, q));
      return withLanes({ ...deep, variables }, last.variable, lanes);
    };
    const held = new Map<SlotLoad, string[]>();
    for (const load of loads) {
      const byRow = along(load, outer);
      const count = byRow ? height : along(load, inner) ? width : 1;
      held.set(
        load,
        Array.from({ length: count }, (_, n) =>
          writer.let(byRow ? "x" : "w", "v128", valueOf(load, "float", byRow ? placed(n, 0) : placed(0, n))),
        ),
      );
    }
    const mask = lanes === LANES ? undefined : i32x4(-1, lanes > 1 ? -1 : 0, lanes > 2 ? -1 : 0, 0);
    for (const [p, q] of points(height, width)) {
      const block: Scope = {
        ...placed(p, q),
        held: (load) => held.get(load)?.[along(load, outer) ? p : along(load, inner) ? q : 0],
      };
      addTerms(reduction, block, (a) => names[a]![p * width + q]!, mask);
    }
  };
  withParts(
    reduction,
    names,
    scope,
    LANES,
    (deep) => addMasked(deep, LANES),
    () => "",
    (deep, lanes) => addMasked(deep, lanes),
  );
  return (a, p) =>
    sumLanes(
      Array.from({ length: width }, (_, q) => `(local.get ${names[a]![p * width + q]!})`),
      scope,
    );
}

/** The sum of each vector's lanes, as the lanes of one. */
function sumLanes(vectors: readonly string[], { writer }: Scope): string {
  const [a, b, c, d] = [0, 1, 2, 3].map((n) => vectors[n] ?? f32x4(0)) as [string, string, string, string];
  const pair = (x: string, y: string): string =>
    writer.let("h", "v128", `(f32x4.add ${shuffle(x, y, [0, 4, 1, 5])} ${shuffle(x, y, [2, 6, 3, 7])})`);
  const [low, high] = [pair(a, b), pair(c, d)];
  return writer.let("a", "v128", `(f32x4.add ${shuffle(low, high, [0, 1, 4, 5])} ${shuffle(low, high, [2, 3, 6, 7])})`);
}
