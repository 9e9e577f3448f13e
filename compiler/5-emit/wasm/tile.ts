// Register tiles: two loops around sums of products run in blocks of rows by vectors of columns whose sums are in locals, so
// that what is loaded once serves several sums. Two forms: where columns are neighbours in memory, a block takes one term
// of all its sums at a time; where the terms are (a product with a transposed matrix), four terms of each sum.

import type { Loop, Reduction, SlotLoad, Statement } from "../../ir/kernel.js";
import { timesDim } from "../../../src/graph/shape.js";
import { isConstant } from "../../../src/scalar/expression.js";
import { forEachLeaf } from "../../ir/walk.js";
import type { Nest, Tile as Cut } from "../../ir/schedule.js";
import { iterations } from "./cost.js";
import { valueOf } from "./expression.js";
import { addedProduct } from "./fused.js";
import { dimValue, memory, strideOf, type Scope, type Variable } from "./scope.js";
import { countUp, factors, inParts, nest, once, withLanes, withVariable } from "./loops.js";
import { WASM } from "./machine.js";
import { add, f32x4, i32, i32x4, multiply, shuffle } from "./text.js";
import { chooseShape, takesTerms } from "./tile-cost.js";

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
    return once(variable, scope, () => body(scope, at));
  }
  countUp(variable, first, limit, width, steps !== undefined, scope, (inner) =>
    body(inner, inner.variables.get(variable)!),
  );
}

export function writeTile(tile: Tile, scope: Scope): void {
  const { outer, inner, reductions } = tile;
  const nest: Nest = {
    rows: iterations(outer.size, scope.rowsHint),
    columns: iterations(inner.size, scope.rowsHint),
    rowsVary: outer.size.power > 0,
    columnsVary: inner.size.power > 0,
    terms: Math.max(...reductions.map((r) => termsOf(r, scope))),
    sums: reductions.reduce((n, r) => n + r.accumulators.length, 0),
    form: tile.form,
  };
  const cut = scope.tile(outer, nest);
  const [first, ...rest] = stretches(outer, [cut.rows], scope);
  writeStretch(tile, first!, cut, nest, scope);
  // Rows that are left over are a smaller block, whose columns are read as they lie.
  for (const high of rest) {
    const { vectors } = chooseShape(high.width, nest.columns, nest.sums);
    const columns = nest.form === "terms" ? LANES : vectors * LANES;
    writeStretch(tile, high, { ...cut, columns, pack: false, unroll: 1 }, nest, scope);
  }
}

const termsOf = (reduction: Reduction, scope: Scope): number =>
  reduction.loops.reduce((n, loop) => n * iterations(loop.size, scope.rowsHint), 1);

/** Rows in blocks of one height. */
function writeStretch(tile: Tile, high: Stretch, cut: Cut, nest: Nest, scope: Scope): void {
  if (cut.pack && high.steps === undefined) {
    const some = `(i32.gt_s ${high.limit} ${high.first})`;
    return scope.writer.guard(some, () => writeBlocks(tile, high, cut, nest, scope));
  }
  writeBlocks(tile, high, cut, nest, scope);
}

function writeBlocks(tile: Tile, high: Stretch, cut: Cut, nest: Nest, scope: Scope): void {
  const { outer, inner } = tile;
  const packs = cut.pack;
  const byTerms = takesTerms(cut, nest);
  const wides = stretches(inner, inner.size.power > 0 ? [cut.columns, LANES] : [cut.columns], scope);
  const block = (deep: Scope, row: Variable, column: Variable, width: number, panel?: Panel): void =>
    writeBlock(tile, { byTerms, unroll: cut.unroll }, deep, row, high.width, column, width, panel);
  if (!byTerms && cut.order === "columns") {
    for (const wide of wides) {
      eachBlock(inner.variable, wide, scope, (across, column) => {
        const panel = packs ? packPanel(tile, across, column, wide.width, scope.scratch) : undefined;
        eachBlock(outer.variable, high, across, (deep, row) => block(deep, row, column, wide.width, panel));
      });
    }
    return;
  }
  // Panels lie one behind the other, each column as wide as all its terms.
  const panelAt = (column: Variable, inside: Scope): string => {
    const first = add(column.text, i32(column.plus));
    return add(scope.scratch, multiply(first, columnBytes(tile, inside)));
  };
  if (packs) {
    scope.needScratch(
      padded(nest.columns) *
        BYTES *
        tile.reductions.reduce((n, r) => n + loadsAlong(r, inner).length * termsOf(r, scope), 0),
    );
    for (const wide of wides) {
      eachBlock(
        inner.variable,
        wide,
        scope,
        (across, column) => void packPanel(tile, across, column, wide.width, panelAt(column, across)),
      );
    }
  }
  eachBlock(outer.variable, high, scope, (down, row) => {
    for (const wide of wides) {
      eachBlock(inner.variable, wide, down, (deep, column) =>
        block(
          deep,
          row,
          column,
          wide.width,
          packs ? panelOf(tile, deep, wide.width, panelAt(column, deep)) : undefined,
        ),
      );
    }
  });
}

const BYTES = 4;

const padded = (columns: number): number => Math.ceil(columns / LANES) * LANES;

/** Bytes of one column's terms in a panel. */
const columnBytes = ({ reductions, inner }: Tile, scope: Scope): string =>
  reductions.map((r) => multiply(termCount(r, scope), i32(BYTES * loadsAlong(r, inner).length))).reduce(add);

const termCount = (reduction: Reduction, scope: Scope): string =>
  dimValue(reduction.loops.map(({ size }) => size).reduce(timesDim), scope);

const loadsAlong = (reduction: Reduction, { variable }: Loop): SlotLoad[] =>
  loadsOf(reduction).filter((load) => load.at.affine.some((t) => t.axis === variable));

/** Where the copies begin that a block reads, for each of its sums. */
interface Panel {
  readonly starts: readonly string[];
}

function panelOf(tile: Tile, scope: Scope, width: number, start: string): Panel {
  let at = start;
  const starts = tile.reductions.map((reduction) => {
    const begin = at;
    const bytes = i32(padded(width) * BYTES * loadsAlong(reduction, tile.inner).length);
    at = add(at, multiply(termCount(reduction, scope), bytes));
    return begin;
  });
  return { starts };
}

/** Copies the columns' operands of a block: for each term its vectors, one behind the other. */
function packPanel(tile: Tile, scope: Scope, column: Variable, width: number, start: string): Panel {
  const { writer } = scope;
  const panel = panelOf(tile, scope, width, start);
  let bytes = 0;
  tile.reductions.forEach((reduction, n) => {
    const loads = loadsAlong(reduction, tile.inner);
    const vectors = padded(width) / LANES;
    const slab = loads.length * vectors * LANES * BYTES;
    bytes += slab * termsOf(reduction, scope);
    const to = writer.local("to", "i32");
    const get = `(local.get ${to})`;
    writer.line(`(local.set ${to} ${panel.starts[n]!})`);
    const at = (deep: Scope, q: number): Scope => {
      const lanes = Math.min(LANES, width - LANES * q);
      return withLanes(withVariable(deep, tile.inner.variable, shifted(column, LANES * q)), tile.inner.variable, lanes);
    };
    const store = (value: string, offset: number): void =>
      writer.line(`(v128.store ${memory({ text: get, offset })} ${value})`);
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
  scope.needScratch(bytes);
  return panel;
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

const shifted = (at: Variable, by: number): Variable => ({ ...at, plus: at.plus + by });

/** One block: its sums, then for each vector of outputs what follows them. */
function writeBlock(
  tile: Tile,
  { byTerms, unroll }: { readonly byTerms: boolean; readonly unroll: number },
  scope: Scope,
  row: Variable,
  height: number,
  column: Variable,
  width: number,
  panel: Panel | undefined,
): void {
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
  const sums = tile.reductions.map((reduction, n) =>
    byTerms
      ? termSums(reduction, tile, scope, row, height, column, width)
      : columnSums(reduction, tile, unroll, scope, at, height, vectors, panel?.starts[n]),
  );
  for (let p = 0; p < height; p++) {
    for (let q = 0; q < vectors; q++) {
      tile.reductions.forEach((reduction, n) => {
        reduction.accumulators.forEach(({ accumulator }, a) => {
          const text = sums[n]!(a, p, q);
          scope.accumulators.set(accumulator, { text, type: "float", vector: true, level: scope.writer.level });
        });
      });
      scope.statements(tile.epilogue, at(p, q));
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
  unroll: number,
  scope: Scope,
  at: (p: number, q: number) => Scope,
  height: number,
  vectors: number,
  panel: string | undefined,
): SumText {
  const { writer } = scope;
  const from = panel === undefined ? undefined : writer.local("from", "i32");
  if (from !== undefined) writer.line(`(local.set ${from} ${panel})`);
  let packed = 0;
  const names = sumNames(reduction, points(height, vectors), "a", scope);
  const loads = loadsOf(reduction);
  const along = (load: SlotLoad, loop: Loop): boolean => load.at.affine.some((t) => t.axis === loop.variable);
  const addTerm = (deep: Scope): void => {
    // A block's variables at the present term.
    const placed = (p: number, q: number): Scope => {
      const block = at(p, q);
      return { ...block, variables: new Map([...deep.variables, ...pick(block, [outer.variable, inner.variable])]) };
    };
    const held = new Map<SlotLoad, string[]>();
    const vectorOf = (load: SlotLoad, n: number): string =>
      from !== undefined && along(load, inner)
        ? `(v128.load ${memory({ text: `(local.get ${from})`, offset: packed++ * LANES * BYTES })})`
        : valueOf(load, "float", along(load, outer) ? placed(n, 0) : placed(0, n));
    for (const load of loads) {
      const byRow = along(load, outer);
      const count = byRow ? height : along(load, inner) ? vectors : 1;
      const list = Array.from({ length: count }, (_, n) => writer.let(byRow ? "x" : "w", "v128", vectorOf(load, n)));
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
  const last = reduction.loops.at(-1)!.variable;
  const addSome = (deep: Scope, count: number): void => {
    packed = 0;
    for (let n = 0; n < count; n++)
      addTerm(n === 0 ? deep : withVariable(deep, last, shifted(deep.variables.get(last)!, n)));
    if (from !== undefined)
      writer.line(`(local.set ${from} (i32.add (local.get ${from}) ${i32(packed * LANES * BYTES)}))`);
  };
  const turn = (deep: Scope): void => addSome(deep, unroll);
  const text: SumText = (a, p, q) => `(local.get ${names[a]![p * vectors + q]!})`;
  return withParts(reduction, names, scope, { width: unroll, part: PART }, turn, text, addSome);
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
      ? addedProduct(product[0], product[1], before)
      : `(f32x4.add ${before} ${mask ? `(v128.and ${term} ${mask})` : term})`;
    block.writer.line(`(local.set ${name(a)} ${sum})`);
  });
}

/** The loops of a sum, the last one in steps of `width` terms, and in parts of `part` terms where it is long. */
function withParts(
  reduction: Reduction,
  names: readonly string[][],
  scope: Scope,
  { width, part }: { readonly width: number; readonly part: number },
  addTerms: (scope: Scope) => void,
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
  zero(all);
  const isLong = count > part;
  const totals = isLong ? all.map(() => writer.local("total", "v128")) : [];
  if (isLong) zero(totals);
  const flush = (): void => {
    all.forEach((name, n) => {
      writer.line(`(local.set ${totals[n]!} (f32x4.add (local.get ${totals[n]!}) (local.get ${name})))`);
    });
    zero(all);
  };
  nest(outer, scope, (deep) => {
    const whole = last.size.power > 0 ? undefined : last.size.times - (last.size.times % width);
    if (isLong) inParts(last.variable, last.size, deep, part, width, addTerms, flush, width);
    else if (whole === width)
      addTerms(withVariable(deep, last.variable, { text: i32(0), plus: 0, level: writer.level }));
    else if (whole !== 0) {
      const limit = whole === undefined ? `(i32.and ${dimValue(last.size, deep)} ${i32(-width)})` : i32(whole);
      countUp(last.variable, i32(0), limit, width, whole !== undefined, deep, addTerms);
    }
    if (width > 1) writeRest(last, width, deep, tail!);
  });
  if (isLong) {
    flush();
    all.forEach((name, n) => writer.line(`(local.set ${name} (local.get ${totals[n]!}))`));
  }
  return text;
}

/** The terms that do not fill a vector. */
function writeRest(
  { variable, size }: Reduction["loops"][number],
  width: number,
  scope: Scope,
  tail: (scope: Scope, lanes: number) => void,
): void {
  const { writer } = scope;
  if (size.power > 0) {
    const count = dimValue(size, scope);
    const vectors = `(i32.and ${count} ${i32(-width)})`;
    return countUp(variable, vectors, count, 1, false, scope, (inner) => tail(inner, 1));
  }
  const rest = size.times % width;
  if (rest === 0) return;
  tail(withVariable(scope, variable, { text: i32(0), plus: size.times - rest, level: writer.level }), rest);
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
    { width: LANES, part: PART * LANES },
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
