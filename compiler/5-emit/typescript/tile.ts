// Register tiles: a pair of parallel loops around sums of products is run in blocks of 4 x 4 (or so) outputs whose sums
// live in locals, so that each loaded element serves several outputs. Sums go through a small scratch array into the
// epilogue, which is written once. Rows that are left over are a smaller block (of one row where their number is not known);
// columns beyond the border are the block's first one again, and are not stored.

import type { Affine } from "../../../src/graph/affine.js";
import type { Dim } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import type { Loop, Reduction, SlotLoad } from "../../ir/kernel.js";
import { loadsOf, nestParts, type NestParts } from "../../ir/nest.js";
import type { Tile } from "../../ir/tile.js";
import { printAffine, printDim, printValue, viewOf } from "./expression.js";
import { block, nest, type Writing } from "./loops.js";

export function writeTile(loop: Loop, { rows: height, columns: width, order, unroll }: Tile, scope: Writing): void {
  const { writer } = scope;
  const tile = nestParts(loop);
  invariant(tile, "what is tiled is a nest");
  const [rows, columns] = [printDim(tile.outer.size).text, printDim(tile.inner.size).text];
  const start = (loop: Loop): string => scope.names.declare(`${scope.variableHint(loop.variable)}0`);
  const across = (at: Partial<Starts>, body: (at: Starts) => void): void => {
    let column = "";
    block(
      scope,
      () => {
        column = start(tile.inner);
        return `for (let ${column} = 0; ${column} < ${columns}; ${column} += ${width})`;
      },
      () => body({ ...at, column } as Starts),
    );
  };
  const sums = (lines: number, at: Starts): void => {
    if (scope.access.startScratch !== undefined) writer.writeLine(scope.access.startScratch);
    for (const reduction of tile.reductions) writeSums(tile, reduction, lines, width, unroll, at, scope);
    writeEpilogue(tile, lines, width, columns, at, scope);
  };
  const down = (at: Partial<Starts>, body: (lines: number, at: Starts) => void): void => {
    let row = "";
    const run = (lines: number) => (): void => body(lines, { ...at, row } as Starts);
    if (divides(tile.outer.size, height)) {
      const head = (): string => {
        row = start(tile.outer);
        return `for (let ${row} = 0; ${row} < ${rows}; ${row} += ${height})`;
      };
      return block(scope, head, run(height));
    }
    const left = tile.outer.size.power === 0 ? tile.outer.size.times % height : 1;
    row = start(tile.outer);
    writer.writeLine(`let ${row} = 0;`);
    block(scope, () => `for (; ${row} + ${height} <= ${rows}; ${row} += ${height})`, run(height));
    block(scope, () => `for (; ${row} < ${rows}; ${left === 1 ? `${row}++` : `${row} += ${left}`})`, run(left));
  };
  if (order === "rows") down({}, (lines, at) => across(at, (both) => sums(lines, both)));
  else across({}, (at) => down(at, sums));
}

/** What the first row and the first column of the present block are called. */
interface Starts {
  readonly row: string;
  readonly column: string;
}

function writeSums(
  tile: NestParts,
  reduction: Reduction,
  height: number,
  width: number,
  unroll: number,
  at: Starts,
  scope: Writing,
): void {
  const { writer } = scope;
  const points = Array.from({ length: height * width }, (_, n) => [Math.floor(n / width), n % width] as const);
  const sums = reduction.accumulators.map(({ accumulator }) => {
    const names = points.map(([p, q]) => scope.names.declare(`s${accumulator}_${p}${q}`));
    writer.writeLine(`let ${names.map((name) => `${name} = 0`).join(", ")};`);
    return names;
  });
  const walks = loadsOf(reduction).map((load, index) => walkOf(load, index, tile, height, width, at, scope));
  const last = reduction.loops[reduction.loops.length - 1]!;
  const innermost = (): void => {
    for (const walk of walks) walk.start(last.variable);
    const terms = printDim(last.size).text;
    const term = (): void => {
      for (const walk of walks) walk.load();
      for (const [n, [p, q]] of points.entries()) {
        const held = (load: SlotLoad): string => walks.find((walk) => walk.of === load)!.held(p, q);
        for (const [a, { value }] of reduction.accumulators.entries()) {
          writer.writeLine(`${sums[a]![n]!} += ${printValue(value, { ...scope, held }, "number")};`);
        }
      }
      for (const walk of walks) walk.advance(last.variable);
    };
    if (unroll === 1) {
      const head = (k: string): string => `for (let ${k} = 0; ${k} < ${terms}; ${k}++)`;
      return block(scope, () => head(scope.declareVariable(last.variable)), term);
    }
    const k = scope.declareVariable(last.variable);
    writer.writeLine(`let ${k} = 0;`);
    const turn = (): void => {
      for (let n = 0; n < unroll; n++) scope.names.block(() => writer.block("", term));
    };
    block(scope, () => `for (; ${k} + ${unroll} <= ${terms}; ${k} += ${unroll})`, turn);
    if (!divides(last.size, unroll)) block(scope, () => `for (; ${k} < ${terms}; ${k}++)`, term);
  };
  nest(reduction.loops.slice(0, -1), scope, innermost);
  const position = tile.reductions.flatMap((r) => r.accumulators);
  for (const [a, { accumulator }] of reduction.accumulators.entries()) {
    const base = position.findIndex((other) => other.accumulator === accumulator) * 16;
    for (const [n, sum] of sums[a]!.entries()) writer.writeLine(scope.access.storeScratch(String(base + n), sum));
  }
}

/** A load's pointer through the innermost sum, and the tile's elements at fixed distances from it. */
function walkOf(
  load: SlotLoad,
  index: number,
  tile: NestParts,
  height: number,
  width: number,
  at: Starts,
  scope: Writing,
) {
  const { writer, names } = scope;
  const letter = String.fromCharCode(97 + (index % 26));
  const alongRows = strideText(load.at.affine, tile.outer.variable) !== "0";
  const alongColumns = strideText(load.at.affine, tile.inner.variable) !== "0";
  const stride = strideText(load.at.affine, alongRows ? tile.outer.variable : tile.inner.variable);
  const count = alongRows ? height : alongColumns ? width : 1;
  const hangs = alongColumns && !divides(tile.inner.size, width);
  const isFixed = /^\d+$/.test(stride);
  const elements = Array.from({ length: count }, (_, n) => n);
  let pointer = "";
  let distances: readonly string[] = [];
  let elementNames: readonly string[] = [];
  return {
    of: load,
    held: (p: number, q: number): string => elementNames[alongRows ? p : alongColumns ? q : 0]!,
    start(innermost: number): void {
      // Columns beyond the border are the first one again; what they sum is not stored.
      distances = elements.map((n) => {
        if (n === 0 || (isFixed && !hangs)) return String(Number(stride) * n);
        const far = n === 1 ? stride : isFixed ? String(Number(stride) * n) : `${n} * (${stride})`;
        const name = names.declare(`${letter}${n}Off`);
        const chosen = `${at.column} + ${n} < ${printDim(tile.inner.size).text} ? ${far} : 0`;
        writer.writeLine(`const ${name} = ${hangs ? chosen : far};`);
        return name;
      });
      const variables = [...scope.variables];
      variables[tile.outer.variable] = at.row;
      variables[tile.inner.variable] = at.column;
      const fixed = load.at.affine.filter((t) => t.axis !== innermost);
      const base = [scope.slotNames[load.slot]!, ...(fixed.length > 0 ? [printAffine(fixed, { variables }).text] : [])];
      const moves = strideText(load.at.affine, innermost) !== "0";
      pointer = names.declare(`${letter}At`);
      writer.writeLine(`${moves ? "let" : "const"} ${pointer} = ${base.join(" + ").replaceAll("+ -", "- ")};`);
    },
    load(): void {
      const view = viewOf(scope.slots[load.slot]!);
      elementNames = elements.map((n) => names.declare(`${letter}${alongRows || alongColumns ? n : ""}`));
      for (const n of elements) {
        const position = n === 0 ? pointer : `${pointer} + ${distances[n]!}`;
        writer.writeLine(`const ${elementNames[n]!} = ${scope.access.load(view, load.slot, position)};`);
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

function writeEpilogue(
  tile: NestParts,
  height: number,
  width: number,
  columns: string,
  { row, column }: Starts,
  scope: Writing,
): void {
  const { writer } = scope;
  const accumulators = tile.reductions.flatMap((r) => r.accumulators);
  scope.needScratch(accumulators.length * 16);
  const exact = divides(tile.inner.size, width);
  const end = exact ? `${column} + ${width}` : `Math.min(${column} + ${width}, ${columns})`;
  const body = (i: string): void => {
    if (height === 1) writer.writeLine(`const ${i} = ${row};`);
    let j = "";
    const head = (): string => {
      j = scope.declareVariable(tile.inner.variable);
      const limit = scope.names.declare(`${j}End`);
      return `for (let ${j} = ${column}, ${limit} = ${end}; ${j} < ${limit}; ${j}++)`;
    };
    block(scope, head, () => {
      for (const [n, { accumulator }] of accumulators.entries()) {
        const line = height === 1 ? "" : `(${i} - ${row}) * ${width} + `;
        const sum = scope.declareAccumulator(accumulator);
        const index = `${n === 0 ? "" : `${n * 16} + `}${line}${j} - ${column}`;
        writer.writeLine(`const ${sum} = ${scope.access.loadScratch(index)};`);
      }
      scope.statements(tile.epilogue);
    });
  };
  if (height === 1) return body(scope.declareVariable(tile.outer.variable));
  let i = "";
  const head = (): string => {
    i = scope.declareVariable(tile.outer.variable);
    return `for (let ${i} = ${row}; ${i} < ${row} + ${height}; ${i}++)`;
  };
  block(scope, head, () => body(i));
}
