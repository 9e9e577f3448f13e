// Kernels and programs as text: what `tapeless print kernels` shows and what the fusion tests read.

import type { Affine } from "../../src/graph/affine.js";
import { printDim } from "../../src/graph/shape.js";
import { printScalar } from "../../src/scalar/print.js";
import type {
  Kernel,
  KernelExpr,
  KernelLeaf,
  Let,
  Loop,
  Position,
  Reduction,
  Run,
  Slot,
  Statement,
  StoreMode,
} from "./kernel.js";
import type { Program, ProgramItem } from "./program.js";
import type { Tile, TiledNest } from "./tile.js";

export function printProgram(program: Program): string {
  const lines = [`entry ${program.entry}`];
  for (const note of program.notes) lines.push(`  note: ${note}`);
  lines.push(...printItems(program.items, "  "));
  return lines.join("\n");
}

function printItems(items: readonly ProgramItem[], indent: string): string[] {
  return items.flatMap((item) => {
    if (item.kind === "call") return printKernel(item.kernel).map((line) => indent + line);
    const head = `${indent}repeat ${printDim(item.count)} times${item.reverse ? ", last first" : ""}:`;
    return [head, ...printItems(item.body, `${indent}  `)];
  });
}

/** What is said of how loops run: nothing, whether in any order, or all that is known. */
type Runs = "nothing" | "order" | "all";

/** What has a number in a kernel: an accumulator, a loop's variable, a slot, a local. */
export type Numbered = "a" | "i" | "s" | "t";

/** What is printed, and of what kernel. */
interface Printed {
  /** What is called how; asked in the order of the text. */
  readonly nameOf: (kind: Numbered, number: number) => string;
  readonly runs: Runs;
}

const named =
  (slots: readonly Slot[]): Printed["nameOf"] =>
  (kind, number) =>
    kind === "s" ? slots[number]!.name : `${kind}${number}`;

/** The kernel's header and body, line by line. */
export function printKernel({ name, slots, body, precision }: Kernel): string[] {
  const list = slots.map((slot) => `${slot.access} ${slot.name}`).join(", ");
  const inDoubles = precision === undefined ? "" : ` in ${precision}`;
  return [
    `kernel ${name} (${list})${inDoubles}`,
    ...printStatements(body, { nameOf: named(slots), runs: "all" }, "  "),
  ];
}

/** What a kernel computes, as fusion made it, line by line. */
export const printMeaning = ({ slots, body, fused = body }: Kernel): string[] =>
  printStatements(fused, { nameOf: named(slots), runs: "nothing" }, "");

/** A loop and what is in it, with names of one's own. */
export const printNest = (loop: Loop, nameOf: Printed["nameOf"]): string =>
  printStatements([loop], { nameOf, runs: "order" }, "").join("\n");

function printRun({ order, shared, lanes, tile }: Run, runs: Runs): string {
  if (runs === "nothing") return "";
  const words: string[] = [order];
  if (runs === "all") {
    if (shared)
      words.push(
        shared.parts === 1
          ? "shared"
          : `shared in ${shared.parts} parts${shared.fromRows > 1 ? ` from ${shared.fromRows} rows` : ""}`,
      );
    if (lanes !== undefined) words.push(`${lanes} lanes`);
    if (tile) words.push(printTile(tile));
  }
  return ` (${words.join(", ")})`;
}

/** `tile 4 x 8, packed, columns first`. */
function printTile({ tile, byTerms, stage }: TiledNest): string {
  const words = [`tile ${tileText(tile)}`];
  if (byTerms) words.push("by terms");
  if (stage?.holds === "block") words.push("a block at a time");
  if (stage?.outside !== undefined) words.push(`copied outside of loop ${stage.outside + 1}`);
  if (stage?.sharedBy === "columns") words.push("columns shared");
  return words.join(", ");
}

/** `4 x 8, packed, columns first`. */
export function tileText({ rows, columns, order, pack, unroll }: Tile): string {
  const words = [`${rows} x ${columns}`];
  if (pack) words.push("packed");
  if (order === "columns") words.push("columns first");
  if (unroll > 1) words.push(`${unroll} terms`);
  return words.join(", ");
}

const ASSIGN = { set: "=", add: "+=", max: "max=", min: "min=" } satisfies Record<StoreMode, string>;

function printStatements(statements: readonly Statement[], kernel: Printed, indent: string): string[] {
  return statements.flatMap((statement) => {
    switch (statement.kind) {
      case "loop":
        return [
          `${indent}for ${kernel.nameOf("i", statement.variable)} < ${printDim(statement.size)}${printRun(statement.run, kernel.runs)}:`,
          ...printStatements(statement.body, kernel, `${indent}  `),
        ];
      case "reduction":
        return printReduction(statement, kernel, indent);
      case "let":
        return [`${indent}${kernel.nameOf("t", statement.local)} = ${printExpr(statement.value, kernel)}`];
      case "store": {
        const target = `${kernel.nameOf("s", statement.slot)}[${printPosition(statement.at, kernel)}]`;
        return [`${indent}${target} ${ASSIGN[statement.mode]} ${printExpr(statement.value, kernel)}`];
      }
    }
  });
}

function printReduction(reduction: Reduction, kernel: Printed, indent: string): string[] {
  const { nameOf } = kernel;
  const loops = (): string =>
    reduction.loops.map((loop) => `${nameOf("i", loop.variable)} < ${printDim(loop.size)}`).join(", ");
  const { lanes, parts } = kernel.runs === "all" ? (reduction.run ?? {}) : {};
  const how =
    (lanes ? ` in ${lanes.count} lanes along ${nameOf("i", lanes.variable)}` : "") +
    (parts ? ` in parts of ${parts}` : "");
  const bound = (l: Let): string => `${indent}  ${nameOf("t", l.local)} = ${printExpr(l.value, kernel)}`;
  const over = reduction.lets.length > 0 ? [`${indent}over ${loops()}:`, ...reduction.lets.map(bound)] : [];
  return [
    ...over,
    ...reduction.accumulators.map((a) => {
      const name = nameOf("a", a.accumulator);
      const of = reduction.loops.length === 0 ? "" : `${a.combiner}${how} over ${loops()} of `;
      return `${indent}${name} = ${of}${printExpr(a.value, kernel)}`;
    }),
  ];
}

function printExpr(expr: KernelExpr, kernel: Printed): string {
  return printScalar<KernelLeaf>(expr, (leaf) => {
    switch (leaf.kind) {
      case "load":
        return `${kernel.nameOf("s", leaf.slot)}[${printPosition(leaf.at, kernel)}]`;
      case "index": {
        const text = printAffine(leaf.affine, kernel);
        return text.includes(" ") ? `(${text})` : text;
      }
      case "size":
        return leaf.dim.times !== 1 && leaf.dim.power > 0 ? `(${printDim(leaf.dim)})` : printDim(leaf.dim);
      case "accumulator":
        return kernel.nameOf("a", leaf.accumulator);
      case "local":
        return kernel.nameOf("t", leaf.local);
    }
  });
}

function printPosition(position: Position, kernel: Printed): string {
  const parts =
    position.affine.length > 0 || position.loaded.length === 0 ? [printAffine(position.affine, kernel)] : [];
  for (const { stride, value } of position.loaded) {
    const text = printExpr(value, kernel);
    parts.push(stride.times === 1 && stride.power === 0 ? text : `${printDim(stride)}*(${text})`);
  }
  return parts.join(" + ");
}

function printAffine(affine: Affine, { nameOf }: Printed): string {
  if (affine.length === 0) return "0";
  return affine
    .toSorted((a, b) => (a.axis ?? Infinity) - (b.axis ?? Infinity))
    .map((term, i) => {
      const size = printDim({ times: Math.abs(term.times), power: term.power });
      const name = term.axis === undefined ? undefined : nameOf("i", term.axis);
      const text = name === undefined ? size : size === "1" ? name : `${size}*${name}`;
      return i === 0 ? (term.times < 0 ? `-${text}` : text) : `${term.times < 0 ? " - " : " + "}${text}`;
    })
    .join("");
}
