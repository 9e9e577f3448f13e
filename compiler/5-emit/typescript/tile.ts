// Register tiles: a pair of parallel loops around sums of products is run in blocks of 4 x 4 (or 1 x 4) outputs whose
// sums live in locals, so that each loaded element serves several outputs. Sums go through a small scratch array into
// the epilogue, which is written once. Borders re-read the last row or column and store only what exists.

import type { Dim } from "../../../src/graph/shape.js";
import type { Affine } from "../../../src/graph/affine.js";
import type { Loop, Reduction, Slot, SlotLoad, Statement } from "../../ir/kernel.js";
import { forEachLeaf } from "../../ir/walk.js";
import { printAffine, printDim, printValue, viewOf } from "./expression.js";
import { nest, writeStatements, type Writing } from "./kernel.js";

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
  if (terms < SHORT || reduction.lets.length > 0 || reduction.accumulators.some((a) => a.combiner !== "sum")) return false;
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

const widthOf = (size: Dim): number => (size.power === 0 ? Math.min(4, size.times) : 4);

export function writeTile(tile: Tile, scope: Writing): void {
  const { writer } = scope;
  const [i, j] = [scope.variables[tile.outer.variable]!, scope.variables[tile.inner.variable]!];
  const height = widthOf(tile.outer.size);
  const width = widthOf(tile.inner.size);
  const [rows, columns] = [printDim(tile.outer.size).text, printDim(tile.inner.size).text];
  const block = (lines: number): void => {
    writer.write(`for (let ${j}0 = 0; ${j}0 < ${columns}; ${j}0 += ${width})`).block(() => {
      writeBorder(tile.inner.size, `${j}0`, width, columns, scope);
      for (const reduction of tile.reductions) writeSums(tile, reduction, lines, width, scope);
      writeEpilogue(tile, lines, width, columns, scope);
    });
  };
  const whole = tile.outer.size.power === 0 && tile.outer.size.times % height === 0;
  if (whole) {
    writer.write(`for (let ${i}0 = 0; ${i}0 < ${rows}; ${i}0 += ${height})`).block(() => block(height));
    return;
  }
  writer.writeLine(`let ${i}0 = 0;`);
  writer.write(`for (; ${i}0 + ${height} <= ${rows}; ${i}0 += ${height})`).block(() => block(height));
  writer.write(`for (; ${i}0 < ${rows}; ${i}0++)`).block(() => block(1));
}

/** Columns of a tile that hangs over the border are those of the last column again. */
function writeBorder(size: Dim, first: string, width: number, limit: string, scope: Writing): void {
  for (let q = 1; q < width; q++) {
    const exact = size.power === 0 && size.times % width === 0;
    const clamped = exact ? `${first} + ${q}` : `${first} + ${q} < ${limit} ? ${first} + ${q} : ${first}`;
    scope.writer.writeLine(`const ${columnName(first, q)} = ${clamped};`);
  }
}

const columnName = (first: string, q: number): string => (q === 0 ? first : `${first.slice(0, -1)}${q}`);

function writeSums(tile: Tile, reduction: Reduction, height: number, width: number, scope: Writing): void {
  const { writer } = scope;
  const [i, j] = [tile.outer.variable, tile.inner.variable];
  const place = (p: number, q: number): string[] => {
    const variables = [...scope.variables];
    variables[i] = p === 0 ? `${scope.variables[i]}0` : `(${scope.variables[i]}0 + ${p})`;
    variables[j] = columnName(`${scope.variables[j]}0`, q);
    return variables;
  };
  const points = Array.from({ length: height * width }, (_, n) => [Math.floor(n / width), n % width] as const);
  const sumName = (accumulator: number, p: number, q: number): string => `s${accumulator}_${p}${q}`;
  for (const { accumulator } of reduction.accumulators) {
    writer.writeLine(`let ${points.map(([p, q]) => `${sumName(accumulator, p, q)} = 0`).join(", ")};`);
  }
  const loads = loadsOf(reduction);
  const heldName = (load: SlotLoad, p: number, q: number): string => {
    const along = (variable: number): boolean => load.at.affine.some((t) => t.axis === variable);
    return `${String.fromCharCode(97 + (loads.indexOf(load) % 26))}${along(i) ? p : along(j) ? q : ""}`;
  };
  const last = reduction.loops[reduction.loops.length - 1]!;
  const outerLoops = reduction.loops.slice(0, -1);
  // Each distinct load of the tile walks along the innermost sum with its own pointer.
  const distinct = new Map<string, { load: SlotLoad; variables: string[] }>();
  for (const load of loads) {
    for (const [p, q] of points) distinct.set(heldName(load, p, q), { load, variables: place(p, q) });
  }
  const innermost = (): void => {
    const advance: string[] = [];
    for (const [name, { load, variables }] of distinct) {
      const fixed = load.at.affine.filter((t) => t.axis !== last.variable);
      const start = fixed.length === 0 ? scope.slotNames[load.slot]! : `${scope.slotNames[load.slot]} + ${printAffine(fixed, { variables }).text}`;
      const step = strideText(load.at.affine, last.variable);
      writer.writeLine(`${step === "0" ? "const" : "let"} ${name}At = ${start.replaceAll("+ -", "- ")};`);
      if (step === "1") advance.push(`${name}At++`);
      else if (step !== "0") advance.push(`${name}At += ${step}`);
    }
    const k = scope.variables[last.variable]!;
    writer.write(`for (let ${k} = 0; ${k} < ${printDim(last.size).text}; ${k}++)`).block(() => {
      for (const [name, { load }] of distinct) writer.writeLine(`const ${name} = ${viewOf(scope.slots[load.slot]!)}[${name}At]!;`);
      for (const [p, q] of points) {
        const held = (load: SlotLoad): string => heldName(load, p, q);
        for (const { accumulator, value } of reduction.accumulators) {
          writer.writeLine(`${sumName(accumulator, p, q)} += ${printValue(value, { ...scope, held }, "number")};`);
        }
      }
      for (const line of advance) writer.writeLine(`${line};`);
    });
  };
  nest(outerLoops, scope, innermost);
  for (const { accumulator } of reduction.accumulators) {
    const base = tile.reductions.flatMap((r) => r.accumulators).findIndex((a) => a.accumulator === accumulator) * 16;
    for (const [n, [p, q]] of points.entries()) writer.writeLine(`tile[${base + n}] = ${sumName(accumulator, p, q)};`);
  }
}

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
  const exact = tile.inner.size.power === 0 && tile.inner.size.times % width === 0;
  const end = exact ? `${j}0 + ${width}` : `Math.min(${j}0 + ${width}, ${columns})`;
  const body = (): void => {
    if (height === 1) writer.writeLine(`const ${i} = ${i}0;`);
    writer.write(`for (let ${j} = ${j}0, ${j}End = ${end}; ${j} < ${j}End; ${j}++)`).block(() => {
      for (const [n, { accumulator }] of accumulators.entries()) {
        const line = height === 1 ? "" : `(${i} - ${i}0) * ${width} + `;
        writer.writeLine(`const s${accumulator} = tile[${n === 0 ? "" : `${n * 16} + `}${line}${j} - ${j}0]!;`);
      }
      writeStatements(tile.epilogue, scope);
    });
  };
  if (height === 1) body();
  else writer.write(`for (let ${i} = ${i}0; ${i} < ${i}0 + ${height}; ${i}++)`).block(body);
}

