// Register tiles: two loops around sums of products run in blocks of rows by vectors of columns whose sums are in locals, so
// that what is loaded once serves several sums. Two forms: where columns are neighbours in memory, a block takes one term
// of all its sums at a time; where the terms are (a product with a transposed matrix), four terms of each sum.

import { evaluateDim } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import type { Loop, Reduction, SlotLoad } from "../../ir/kernel.js";
import { isAlong, loadsOf, nestParts, type NestParts } from "../../ir/nest.js";
import type { Stage, Tile, TiledNest } from "../../ir/tile.js";
import { valueOf } from "./expression.js";
import { addedProduct } from "./fused.js";
import { countUp, factors, inParts, nest, once, shifted, withLanes, withVariable } from "./loops.js";
import { packPanel, Panels, type Panel } from "./panel.js";
import { memory } from "./access.js";
import { dimValue, type Scope, type Variable } from "./scope.js";
import { f32x4, i32, i32x4, LANES, shuffle } from "./text.js";
import { oncePerKernel } from "./threads.js";

const BYTES = 4;

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

/** A nest as it is written. */
interface Blocks {
  readonly parts: NestParts;
  readonly tile: Tile;
  readonly byTerms: boolean;
}

export function writeTile(loop: Loop, tiled: TiledNest, scope: Scope): void {
  const { tile, byTerms, left, stage } = tiled;
  const parts = nestParts(loop);
  invariant(parts, "what is tiled is a nest");
  const [first, ...rest] = stretches(loop, [tile.rows], scope);
  const whole: Blocks = { parts, tile, byTerms };
  const isKnown = first!.steps !== undefined;
  if (stage && isKnown) return writePacked(whole, stage, [first!, ...rest], scope);
  if (stage) {
    const some = `(i32.gt_s ${first!.limit} ${first!.first})`;
    scope.writer.guard(some, () => writePacked(whole, stage, [first!], scope));
  } else writeBlocks(whole, first!, scope);
  // Rows that are left over are a smaller block, whose columns are read as they lie.
  for (const high of rest) writeBlocks({ parts, tile: left!, byTerms: tiled.nest.form === "terms" }, high, scope);
}

/** The inner loop in blocks. */
const blocksAcross = ({ parts: { inner }, tile: { columns } }: Blocks, scope: Scope): Stretch[] =>
  stretches(inner, inner.size.power > 0 ? [columns, LANES] : [columns], scope);

/** Rows of one height, operands as they lie. */
function writeBlocks(blocks: Blocks, high: Stretch, scope: Scope): void {
  const { outer, inner } = blocks.parts;
  const wides = blocksAcross(blocks, scope);
  const block = (deep: Scope, row: Variable, column: Variable, width: number): void =>
    writeBlock(blocks, deep, row, high.width, column, width, undefined);
  if (!blocks.byTerms && blocks.tile.order === "columns") {
    for (const wide of wides) {
      eachBlock(inner.variable, wide, scope, (across, column) =>
        eachBlock(outer.variable, high, across, (deep, row) => block(deep, row, column, wide.width)),
      );
    }
    return;
  }
  eachBlock(outer.variable, high, scope, (down, row) => {
    for (const wide of wides)
      eachBlock(inner.variable, wide, down, (deep, column) => block(deep, row, column, wide.width));
  });
}

/** Blocks of which all rows read the same copies of their columns. */
function writePacked(blocks: Blocks, stage: Stage, highs: readonly Stretch[], scope: Scope): void {
  const { outer, inner } = blocks.parts;
  const wides = blocksAcross(blocks, scope);
  const block = (deep: Scope, row: Variable, height: number, column: Variable, width: number, panel: Panel): void =>
    writeBlock(blocks, deep, row, height, column, width, panel);
  if (stage.holds === "block") {
    const shared = stage.sharedBy === "columns" ? { ...scope, divided: inner.variable } : scope;
    const panels = new Panels(blocks.parts, blocks.tile.columns, scope);
    for (const wide of wides) {
      eachBlock(inner.variable, wide, shared, (across, column) => {
        const panel = panels.one(wide.width, across);
        packPanel(blocks.parts, across, column, wide.width, panel);
        for (const high of highs) {
          eachBlock(outer.variable, high, across, (deep, row) =>
            block(deep, row, high.width, column, wide.width, panel),
          );
        }
      });
    }
    return;
  }
  const panels = new Panels(blocks.parts, evaluateDim(inner.size, scope.capacity), scope);
  const panelAt = (column: Variable, wide: Stretch, deep: Scope): Panel =>
    panels.of(column, wide.width, wide.first, deep);
  const pack = (): void => {
    for (const wide of wides) {
      eachBlock(inner.variable, wide, scope, (across, column) =>
        packPanel(blocks.parts, across, column, wide.width, panelAt(column, wide, across)),
      );
    }
  };
  const { outside = scope.writer.level } = stage;
  const packOnce = (): void => (outside === 0 ? oncePerKernel(scope, pack) : pack());
  if (outside < scope.writer.level) scope.writer.outside(outside, packOnce);
  else packOnce();
  for (const high of highs) {
    const inRow = (down: Scope, row: Variable): void => {
      for (const wide of wides) {
        eachBlock(inner.variable, wide, down, (deep, column) =>
          block(deep, row, high.width, column, wide.width, panelAt(column, wide, deep)),
        );
      }
    };
    eachBlock(outer.variable, high, scope, inRow);
  }
}

/** One block: its sums, then for each vector of outputs what follows them. */
function writeBlock(
  { parts, tile: { unroll }, byTerms }: Blocks,
  scope: Scope,
  row: Variable,
  height: number,
  column: Variable,
  width: number,
  panel: Panel | undefined,
): void {
  const { outer, inner } = parts;
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
  const sums = parts.reductions.map((reduction, n) =>
    byTerms
      ? termSums(reduction, parts, scope, row, height, column, width)
      : columnSums(reduction, parts, unroll, scope, at, height, vectors, panel?.starts[n]),
  );
  for (let p = 0; p < height; p++) {
    for (let q = 0; q < vectors; q++) {
      parts.reductions.forEach((reduction, n) => {
        reduction.accumulators.forEach(({ accumulator }, a) => {
          const text = sums[n]!(a, p, q);
          scope.accumulators.set(accumulator, { text, type: "float", vector: true, level: scope.writer.level });
        });
      });
      scope.statements(parts.epilogue, at(p, q));
    }
  }
}

type SumText = (accumulator: number, p: number, q: number) => string;

const points = (height: number, width: number): [number, number][] =>
  Array.from({ length: height * width }, (_, n) => [Math.floor(n / width), n % width]);

/** Sums of which each takes one term at a time. */
function columnSums(
  reduction: Reduction,
  { outer, inner }: NestParts,
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
  // What is used once is loaded where it is used: all registers may hold sums.
  const isUsedOnce = height === 1 && reduction.accumulators.length === 1 && panel === undefined;
  const addTerm = (deep: Scope): void => {
    // A block's variables at the present term.
    const placed = (p: number, q: number): Scope => {
      const block = at(p, q);
      return { ...block, variables: new Map([...deep.variables, ...pick(block, [outer.variable, inner.variable])]) };
    };
    const held = new Map<SlotLoad, string[]>();
    const vectorOf = (load: SlotLoad, n: number): string =>
      from !== undefined && isAlong(load, inner)
        ? `(v128.load ${memory(scope.access.loadScratch({ text: `(local.get ${from})`, offset: packed++ * LANES * BYTES }, LANES * BYTES))})`
        : valueOf(load, "float", isAlong(load, outer) ? placed(n, 0) : placed(0, n));
    for (const load of loads) {
      const byRow = isAlong(load, outer);
      const count = byRow ? height : isAlong(load, inner) ? vectors : 1;
      const list = Array.from({ length: count }, (_, n) => vectorOf(load, n));
      held.set(load, isUsedOnce && !byRow ? list : list.map((text) => writer.let(byRow ? "x" : "w", "v128", text)));
    }
    for (const [p, q] of points(height, vectors)) {
      const block: Scope = {
        ...placed(p, q),
        held: (load) => held.get(load)?.[isAlong(load, outer) ? p : isAlong(load, inner) ? q : 0],
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
  return withParts(reduction, names, scope, unroll, turn, text, addSome);
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

/** The loops of a sum, the last one in steps of `width` terms, and in parts where it is long. */
function withParts(
  reduction: Reduction,
  names: readonly string[][],
  scope: Scope,
  width: number,
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
  zero(all);
  const part = reduction.run?.parts;
  const isLong = part !== undefined;
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
  { outer, inner }: NestParts,
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
  const addMasked = (deep: Scope, lanes: number): void => {
    const placed = (p: number, q: number): Scope => {
      const variables = new Map(deep.variables)
        .set(outer.variable, shifted(row, p))
        .set(inner.variable, shifted(column, q));
      return withLanes({ ...deep, variables }, last.variable, lanes);
    };
    const held = new Map<SlotLoad, string[]>();
    for (const load of loads) {
      const byRow = isAlong(load, outer);
      const count = byRow ? height : isAlong(load, inner) ? width : 1;
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
        held: (load) => held.get(load)?.[isAlong(load, outer) ? p : isAlong(load, inner) ? q : 0],
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
