// What `tapeless print` shows: the declared graph, the derived and simplified gradient graph, the kernels, the memory plan.

import type { Entry } from "../src/graph/network.js";
import type { Node } from "../src/graph/node.js";
import { callSite } from "../src/graph/origin.js";
import { printEquations, printGraph } from "../src/graph/print.js";
import { badArgument } from "../src/messages.js";
import { entryNames } from "./0-declare/entry-names.js";
import { printPasses, type LoopContext } from "./4-loops/index.js";
import type { MemoryTable } from "./4-plan/table.js";
import { PRINTABLE, type Printable } from "./ir/choices.js";
import type { Plan } from "./ir/layout.js";
import { printProgram } from "./ir/print.js";
import type { Program } from "./ir/program.js";
import type { Names } from "./names/index.js";

export interface Stages {
  readonly declared: readonly Entry[];
  readonly simple: readonly Entry[];
  /** The programs before the passes over loops. */
  readonly kernels: readonly Program[];
  readonly context: LoopContext;
  readonly layout: Plan;
  readonly memory: MemoryTable;
  readonly names: Names;
}

export function printCompilation(what: Exclude<Printable, "wat">, stages: Stages): string {
  switch (what) {
    case "graph": {
      const namesOf = entryNames(stages.declared, stages.names);
      return stages.declared
        .filter(({ kind }) => ["predict", "own", "loss", "evaluate"].includes(kind))
        .map((entry) => section(entry, "graph", printGraph, namesOf(entry)))
        .join("\n\n");
    }
    case "gradient": {
      const namesOf = entryNames(stages.simple, stages.names);
      const derived = stages.simple.filter((entry) => entry.kind === "gradients" || entry.kind === "step");
      const sections = derived.flatMap((entry) => [
        section(entry, "equations", printEquations, namesOf(entry)),
        section(entry, "graph", printGraph, namesOf(entry)),
      ]);
      return sections.join("\n\n");
    }
    case "kernels":
      return stages.kernels.map(printProgram).join("\n\n");
    case "loops":
      return printPasses(stages.kernels, stages.context);
    case "plan":
      return printPlan(stages);
    default:
      throw badArgument({
        op: "print",
        argument: "what",
        value: what,
        expected: PRINTABLE.join(", "),
        site: callSite("print"),
      });
  }
}

type Printer = (roots: Readonly<Record<string, Node>>, options: { readonly name: (node: Node) => string }) => string;

function section(entry: Entry, form: string, print: Printer, nameOf: (node: Node) => string): string {
  const roots: Record<string, Node> = {};
  for (const { kind, name, value } of entry.results) roots[kind === "gradient" ? `∂loss/∂${name}` : name] = value;
  for (const { leaf, value } of entry.updates) roots[`next ${nameOf(leaf)}`] = value;
  const mode = entry.mode === "train" ? "training" : "inference";
  return `${entry.name}: ${form} in ${mode} mode\n${print(roots, { name: nameOf })}`;
}

function printPlan({ layout, memory }: Stages): string {
  const places = (
    title: string,
    list: readonly { buffer: { name: string }; offset: number; bytes: number }[],
  ): string =>
    [
      title,
      ...list.map((p) => `  ${String(p.offset).padStart(10)} ${String(p.bytes).padStart(10)}  ${p.buffer.name}`),
    ].join("\n");
  const entries = layout.entries
    .filter((entry) => entry.workspace.length > 0)
    .map((entry) => places(`workspace of ${entry.program.entry}: offset, bytes`, entry.workspace));
  const notes = layout.entries.flatMap((entry) =>
    entry.program.notes.map((note) => `note (${entry.program.entry}): ${note}`),
  );
  return [memory.print(), places("persistent: offset, bytes", layout.persistent), ...entries, ...notes].join("\n\n");
}
