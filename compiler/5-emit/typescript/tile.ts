// Register tiles: a pair of parallel loops around sums of products is run in blocks of 4 x 4 (or so) outputs whose sums
// live in locals, so that each loaded element serves several outputs. Sums go through a small scratch array into the
// epilogue, which is written once. Rows that are left over are a smaller block (of one row where their number is not known);
// columns beyond the border are the block's first one again, and are not stored.

import { evaluateDim, type Dim } from "../../../src/graph/shape.js";
import type { Affine } from "../../../src/graph/affine.js";
import type { Loop, Reduction, Slot, SlotLoad, Statement } from "../../ir/kernel.js";
import type { Nest } from "../../ir/schedule.js";
import { forEachLeaf } from "../../ir/walk.js";
import { printAffine, printDim, printValue, viewOf } from "./expression.js";
import { nest, type Writing } from "./loops.js";

export interface Tile {
  readonly outer: Loop;
  readonly inner: Loop;
  /** The inner loop's statements up to and including the last tiled reduction, then the epilogue. */
  readonly reductions: readonly Reduction[];
  readonly epilogue: readonly Statement[];
}

/** Below this many terms a plain loop is as good. */
const SHORT = 8;

/** The loops as a tile, if they are a pair around nothing but sums whose loads repeat along one of the two. */
export function tileOf(outer: Loop, slots: readonly Slot[]): Tile | undefined {
  const inner = outer.body[0];
  if (outer.body.length !== 1 || inner?.kind !== "loop") return undefined;
  const count = inner.body.findLastIndex((s) => s.kind === "reduction") + 1;
  const reductions = inner.body.slice(0, count);
  const epilogue = inner.body.slice(count);
  if (count === 0 || epilogue.some((s) => s.kind === "loop")) return undefined;
  for (const reduction of reductions) {
    if (reduction.kind !== "reduction" || !isTileable(reduction, outer, inner, slots)) return undefined;
  }
  return { outer, inner, reductions: reductions as Reduction[], epilogue };
}

function isTileable(reduction: Reduction, outer: Loop, inner: Loop, slots: readonly Slot[]): boolean {
  const terms = reduction.loops.reduce((n, { size }) => (size.power > 0 ? Infinity : n * size.times), 1);
  if (terms < SHORT || reduction.lets.length > 0 || reduction.accumulators.some((a) => a.combiner !== "sum"))
    return false;
  const loads = loadsOf(reduction);
  const along = (load: SlotLoad, loop: Loop): boolean => load.at.affine.some((t) => t.axis === loop.variable);
  const simple = (load: SlotLoad): boolean => load.at.loaded.length === 0 && slots[load.slot]!.dtype === "float32";
  return (
    loads.every((l) => simple(l) && !(along(l, outer) && along(l, inner))) &&
    loads.some((l) => along(l, outer)) &&
    loads.some((l) => along(l, inner)) &&
    reduction.accumulators.every(({ value }) => !mentionsIndex(value))
  );
}

function mentionsIndex(value: Parameters<typeof forEachLeaf>[0]): boolean {
  let mentions = false;
  forEachLeaf(value, (leaf) => {
    if (leaf.kind === "index" || leaf.kind === "accumulator") mentions = true;
  });
  return mentions;
}

function loadsOf(reduction: Reduction): SlotLoad[] {
  const loads = new Set<SlotLoad>();
  for (const { value } of reduction.accumulators) forEachLeaf(value, (leaf) => leaf.kind === "load" && loads.add(leaf));
  return [...loads];
}

function nestOf({ outer, inner, reductions }: Tile, capacity: number): Nest {
  const count = (size: Dim): number => evaluateDim(size, capacity);
  const terms = reductions.map((r) => r.loops.reduce((n, { size }) => n * count(size), 1));
  return {
    rows: count(outer.size),
    columns: count(inner.size),
    rowsVary: outer.size.power > 0,
    columnsVary: inner.size.power > 0,
    terms: Math.max(...terms),
    sums: reductions.reduce((n, { accumulators }) => n + accumulators.length, 0),
    form: "columns",
  };
}

export function writeTile(tile: Tile, scope: Writing): void {
  const { writer } = scope;
  const [i, j] = [scope.variables[tile.outer.variable]!, scope.variables[tile.inner.variable]!];
  const { rows: height, columns: width, order, unroll } = scope.tile(tile.outer, nestOf(tile, scope.capacity));
  const [rows, columns] = [printDim(tile.outer.size).text, printDim(tile.inner.size).text];
  const across = (body: () => void): void =>
    void writer.write(`for (let ${j}0 = 0; ${j}0 < ${columns}; ${j}0 += ${width})`).block(body);
  const sums = (lines: number): void => {
    for (const reduction of tile.reductions) writeSums(tile, reduction, lines, width, unroll, scope);
    writeEpilogue(tile, lines, width, columns, scope);
  };
  const down = (block: (lines: number) => void): void => {
    if (divides(tile.outer.size, height)) {
      writer.write(`for (let ${i}0 = 0; ${i}0 < ${rows}; ${i}0 += ${height})`).block(() => block(height));
      return;
    }
    const left = tile.outer.size.power === 0 ? tile.outer.size.times % height : 1;
    writer.writeLine(`let ${i}0 = 0;`);
    writer.write(`for (; ${i}0 + ${height} <= ${rows}; ${i}0 += ${height})`).block(() => block(height));
    writer.write(`for (; ${i}0 < ${rows}; ${left === 1 ? `${i}0++` : `${i}0 += ${left}`})`).block(() => block(left));
  };
  if (order === "rows") down((lines) => across(() => sums(lines)));
  else across(() => down(sums));
}

function writeSums(
  tile: Tile,
  reduction: Reduction,
  height: number,
  width: number,
  unroll: number,
  scope: Writing,
): void {
  const { writer } = scope;
  const points = Array.from({ length: height * width }, (_, n) => [Math.floor(n / width), n % width] as const);
  const sumName = (accumulator: number, p: number, q: number): string => `s${accumulator}_${p}${q}`;
  for (const { accumulator } of reduction.accumulators) {
    writer.writeLine(`let ${points.map(([p, q]) => `${sumName(accumulator, p, q)} = 0`).join(", ")};`);
  }
  const walks = loadsOf(reduction).map((load, index) => walkOf(load, index, tile, height, width, scope));
  const last = reduction.loops[reduction.loops.length - 1]!;
  const innermost = (): void => {
    for (const walk of walks) walk.start(last.variable);
    const k = scope.variables[last.variable]!;
    const terms = printDim(last.size).text;
    const term = (): void => {
      for (const walk of walks) walk.load();
      for (const [p, q] of points) {
        const held = (load: SlotLoad): string => walks.find((walk) => walk.of === load)!.held(p, q);
        for (const { accumulator, value } of reduction.accumulators) {
          writer.writeLine(`${sumName(accumulator, p, q)} += ${printValue(value, { ...scope, held }, "number")};`);
        }
      }
      for (const walk of walks) walk.advance(last.variable);
    };
    if (unroll === 1) {
      writer.write(`for (let ${k} = 0; ${k} < ${terms}; ${k}++)`).block(term);
      return;
    }
    writer.writeLine(`let ${k} = 0;`);
    writer.write(`for (; ${k} + ${unroll} <= ${terms}; ${k} += ${unroll})`).block(() => {
      for (let n = 0; n < unroll; n++) writer.inlineBlock(term).newLine();
    });
    if (!divides(last.size, unroll)) writer.write(`for (; ${k} < ${terms}; ${k}++)`).block(term);
  };
  nest(reduction.loops.slice(0, -1), scope, innermost);
  const position = tile.reductions.flatMap((r) => r.accumulators);
  for (const { accumulator } of reduction.accumulators) {
    const base = position.findIndex((a) => a.accumulator === accumulator) * 16;
    for (const [n, [p, q]] of points.entries()) writer.writeLine(`tile[${base + n}] = ${sumName(accumulator, p, q)};`);
  }
}

/** A load's pointer through the innermost sum, and the tile's elements at fixed distances from it. */
function walkOf(load: SlotLoad, index: number, tile: Tile, height: number, width: number, scope: Writing) {
  const { writer } = scope;
  const name = String.fromCharCode(97 + (index % 26));
  const pointer = `${name}At`;
  const alongRows = strideText(load.at.affine, tile.outer.variable) !== "0";
  const alongColumns = strideText(load.at.affine, tile.inner.variable) !== "0";
  const stride = strideText(load.at.affine, alongRows ? tile.outer.variable : tile.inner.variable);
  const count = alongRows ? height : alongColumns ? width : 1;
  const hangs = alongColumns && !divides(tile.inner.size, width);
  const isFixed = /^\d+$/.test(stride);
  const distance = (n: number): string => (isFixed && !hangs ? String(Number(stride) * n) : `${name}${n}Off`);
  const variables = [...scope.variables];
  for (const loop of [tile.outer, tile.inner]) variables[loop.variable] = `${variables[loop.variable]}0`;
  const first = variables[tile.inner.variable]!;
  const elements = Array.from({ length: count }, (_, n) => n);
  return {
    of: load,
    held: (p: number, q: number): string => `${name}${alongRows ? p : alongColumns ? q : ""}`,
    start(innermost: number): void {
      // Columns beyond the border are the first one again; what they sum is not stored.
      for (const n of elements.slice(1)) {
        if (isFixed && !hangs) continue;
        const far = n === 1 ? stride : isFixed ? String(Number(stride) * n) : `${n} * (${stride})`;
        writer.writeLine(
          `const ${name}${n}Off = ${hangs ? `${first} + ${n} < ${printDim(tile.inner.size).text} ? ${far} : 0` : far};`,
        );
      }
      const fixed = load.at.affine.filter((t) => t.axis !== innermost);
      const base = [scope.slotNames[load.slot]!, ...(fixed.length > 0 ? [printAffine(fixed, { variables }).text] : [])];
      const moves = strideText(load.at.affine, innermost) !== "0";
      writer.writeLine(`${moves ? "let" : "const"} ${pointer} = ${base.join(" + ").replaceAll("+ -", "- ")};`);
    },
    load(): void {
      const view = viewOf(scope.slots[load.slot]!);
      for (const n of elements) {
        const suffix = alongRows || alongColumns ? String(n) : "";
        writer.writeLine(`const ${name}${suffix} = ${view}[${n === 0 ? pointer : `${pointer} + ${distance(n)}`}]!;`);
      }
    },
    advance(innermost: number): void {
      const step = strideText(load.at.affine, innermost);
      if (step === "1") writer.writeLine(`${pointer}++;`);
      else if (step !== "0") writer.writeLine(`${pointer} += ${step};`);
    },
  };
}

const divides = (size: Dim, width: number): boolean => size.power === 0 && size.times % width === 0;

function strideText(affine: Affine, variable: number): string {
  const terms = affine.filter((t) => t.axis === variable);
  if (terms.length === 0) return "0";
  return terms.map((t) => printDim({ times: t.times, power: t.power }).text).join(" + ");
}

function writeEpilogue(tile: Tile, height: number, width: number, columns: string, scope: Writing): void {
  const { writer } = scope;
  const [i, j] = [scope.variables[tile.outer.variable]!, scope.variables[tile.inner.variable]!];
  const accumulators = tile.reductions.flatMap((r) => r.accumulators);
  scope.needScratch(accumulators.length * 16);
  const exact = divides(tile.inner.size, width);
  const end = exact ? `${j}0 + ${width}` : `Math.min(${j}0 + ${width}, ${columns})`;
  const body = (): void => {
    if (height === 1) writer.writeLine(`const ${i} = ${i}0;`);
    writer.write(`for (let ${j} = ${j}0, ${j}End = ${end}; ${j} < ${j}End; ${j}++)`).block(() => {
      for (const [n, { accumulator }] of accumulators.entries()) {
        const line = height === 1 ? "" : `(${i} - ${i}0) * ${width} + `;
        writer.writeLine(`const s${accumulator} = tile[${n === 0 ? "" : `${n * 16} + `}${line}${j} - ${j}0]!;`);
      }
      scope.statements(tile.epilogue);
    });
  };
  if (height === 1) body();
  else writer.write(`for (let ${i} = ${i}0; ${i} < ${i}0 + ${height}; ${i}++)`).block(body);
}
