// What `--print` shows: the declared graph, the derived and simplified gradient graph, the kernels, the memory plan.

import type { Entry } from "../src/graph/network.js";
import { printGraph } from "../src/graph/print.js";
import type { MemoryTable } from "./4-plan/table.js";
import type { Plan } from "./ir/layout.js";
import type { ModuleSpec } from "./ir/module.js";
import { printProgram } from "./ir/print.js";
import type { Names } from "./names/index.js";

export type Printable = "graph" | "gradient" | "kernels" | "plan";

export interface Stages {
  readonly declared: readonly Entry[];
  readonly simple: readonly Entry[];
  readonly spec: ModuleSpec;
  readonly layout: Plan;
  readonly memory: MemoryTable;
  readonly names: Names;
}

export function printCompilation(what: Printable, stages: Stages): string {
  switch (what) {
    case "graph":
      return sections(
        stages.declared.filter((entry) => entry.kind === "predict" || entry.kind === "loss"),
        stages.names,
      );
    case "gradient":
      return sections(
        stages.simple.filter((entry) => entry.kind === "gradients" || entry.kind === "step"),
        stages.names,
      );
    case "kernels":
      return stages.spec.entries.map((entry) => printProgram(entry.program)).join("\n\n");
    case "plan":
      return printPlan(stages);
  }
}

function sections(entries: readonly Entry[], names: Names): string {
  return entries
    .map((entry) => {
      const roots: Record<string, Entry["results"][number]["value"]> = {};
      for (const result of entry.results)
        roots[result.kind === "gradient" ? `∂loss/∂${result.name}` : result.name] = result.value;
      for (const update of entry.updates) roots[`next ${names.of(update.leaf)}`] = update.value;
      return `${entry.name} (${entry.mode === "train" ? "training" : "inference"})\n${printGraph(roots, { name: names.of })}`;
    })
    .join("\n\n");
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
