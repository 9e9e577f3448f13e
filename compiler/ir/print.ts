// Kernels and programs as text: what `tapeless print kernels` shows and what the fusion tests read.

import type { Affine } from "../../src/graph/affine.js";
import { printDim } from "../../src/graph/shape.js";
import { printScalar } from "../../src/scalar/print.js";
import type {
  Kernel,
  KernelExpr,
  KernelLeaf,
  Loop,
  Position,
  Reduction,
  Slot,
  Statement,
  StoreMode,
} from "./kernel.js";
import type { Program, ProgramItem } from "./program.js";

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

/** The kernel's header and body, line by line. */
export function printKernel(kernel: Kernel): string[] {
  const slots = kernel.slots.map((slot) => `${slot.access} ${slot.name}`).join(", ");
  return [`kernel ${kernel.name} (${slots})`, ...printStatements(kernel.body, kernel, "  ")];
}

/** A loop and what is in it, with the slots' names. */
export const printNest = (loop: Loop, slots: readonly Slot[]): string =>
  printStatements([loop], { name: "", slots, body: [], computes: [] }, "").join("\n");

const ASSIGN = { set: "=", add: "+=", max: "max=", min: "min=" } satisfies Record<StoreMode, string>;

function printStatements(statements: readonly Statement[], kernel: Kernel, indent: string): string[] {
  return statements.flatMap((statement) => {
    switch (statement.kind) {
      case "loop":
        return [
          `${indent}for i${statement.variable} < ${printDim(statement.size)} (${statement.axis}):`,
          ...printStatements(statement.body, kernel, `${indent}  `),
        ];
      case "reduction":
        return printReduction(statement, kernel, indent);
      case "let":
        return [`${indent}t${statement.local} = ${printExpr(statement.value, kernel)}`];
      case "store": {
        const target = `${kernel.slots[statement.slot]!.name}[${printPosition(statement.at, kernel)}]`;
        return [`${indent}${target} ${ASSIGN[statement.mode]} ${printExpr(statement.value, kernel)}`];
      }
    }
  });
}

function printReduction(reduction: Reduction, kernel: Kernel, indent: string): string[] {
  const loops = reduction.loops.map((loop) => `i${loop.variable} < ${printDim(loop.size)}`).join(", ");
  const lets = reduction.lets.map((l) => `${indent}  t${l.local} = ${printExpr(l.value, kernel)}`);
  const over = lets.length > 0 ? [`${indent}over ${loops}:`, ...lets] : [];
  return [
    ...over,
    ...reduction.accumulators.map(
      (a) => `${indent}a${a.accumulator} = ${a.combiner} over ${loops} of ${printExpr(a.value, kernel)}`,
    ),
  ];
}

function printExpr(expr: KernelExpr, kernel: Kernel): string {
  return printScalar<KernelLeaf>(expr, (leaf) => {
    switch (leaf.kind) {
      case "load":
        return `${kernel.slots[leaf.slot]!.name}[${printPosition(leaf.at, kernel)}]`;
      case "index": {
        const text = printAffine(leaf.affine);
        return text.includes(" ") ? `(${text})` : text;
      }
      case "size":
        return leaf.dim.times !== 1 && leaf.dim.power > 0 ? `(${printDim(leaf.dim)})` : printDim(leaf.dim);
      case "accumulator":
        return `a${leaf.accumulator}`;
      case "local":
        return `t${leaf.local}`;
    }
  });
}

function printPosition(position: Position, kernel: Kernel): string {
  const parts = position.affine.length > 0 || position.loaded.length === 0 ? [printAffine(position.affine)] : [];
  for (const { stride, value } of position.loaded) {
    const text = printExpr(value, kernel);
    parts.push(stride.times === 1 && stride.power === 0 ? text : `${printDim(stride)}*(${text})`);
  }
  return parts.join(" + ");
}

function printAffine(affine: Affine): string {
  if (affine.length === 0) return "0";
  return affine
    .toSorted((a, b) => (a.axis ?? Infinity) - (b.axis ?? Infinity))
    .map((term, i) => {
      const size = printDim({ times: Math.abs(term.times), power: term.power });
      const text = term.axis === undefined ? size : size === "1" ? `i${term.axis}` : `${size}*i${term.axis}`;
      return i === 0 ? (term.times < 0 ? `-${text}` : text) : `${term.times < 0 ? " - " : " + "}${text}`;
    })
    .join("");
}
