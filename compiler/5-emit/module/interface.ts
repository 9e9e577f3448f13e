// The module's interface: its constants, the model as data, what it is made with, and the types that its user sees.

import type CodeBlockWriter from "code-block-writer";
import { VIEW_GROUPS } from "../../../src/graph/members.js";
import { printDim } from "../../../src/graph/shape.js";
import type { Formula, ModuleSpec, View } from "../../ir/module.js";
import { literal, numeral, property } from "../identifier.js";
import { membersOf } from "./members.js";
import { writeBlocks } from "./parts.js";
import { callable, type ModelOption, type ModuleContext, type Target } from "./target.js";
import { partsIn, viewsIn } from "./views.js";

export function writeSpec(writer: CodeBlockWriter, { spec, plan }: ModuleContext): void {
  writer.blankLine();
  writer.writeLine(`/** The largest number of rows. */`);
  writer.writeLine(`export const CAPACITY = ${spec.capacity};`);
  writer.writeLine(`/** The size of a model's memory. */`);
  writer.writeLine(`export const ARENA_BYTES = ${plan.arenaBytes};`).blankLine();
  writer.writeLine(`/** The model's interface as data. */`);
  writer.write(`const spec = `).inlineBlock(() => {
    writer.writeLine(`name: ${literal(spec.name)},`);
    writer.writeLine(`naming: ${literal(spec.naming)},`);
    writer.writeLine(`capacity: ${spec.capacity},`);
    writer.writeLine(`dtype: ${literal(plan.float)},`);
    const views = viewsIn(spec);
    for (const group of VIEW_GROUPS) {
      // Gradients have the shapes of their parameters.
      if (views[group] === undefined || group === "grads") continue;
      const parts = partsIn(group, views[group]!);
      writer.write(`${group}: `).inlineBlock(() => {
        for (const part of parts) {
          if (part.kind === "blocks")
            writeBlocks(writer, part, ({ views }) => `() => (${viewSpec(views[0]!, plan.float)})`);
          else writer.writeLine(`${property(part.view.name)}: ${viewSpec(part.view, plan.float)},`);
        }
      });
      // Declarations that are made file by file cannot know what a call gives.
      if (parts.some(({ kind }) => kind === "blocks")) writer.write(` as ${MANY_VIEWS}`);
      writer.write(",").newLine();
    }
    if (spec.metrics.length > 0) writeMetrics(writer, spec);
    const partial = callable(spec).filter((entry) => entry.unread.length > 0);
    if (partial.length > 0) {
      const lists = partial.map((entry) => `${property(entry.name)}: [${entry.unread.map(literal).join(", ")}]`);
      writer.writeLine(`unread: { ${lists.join(", ")} },`);
    }
    writer.writeLine(`steps: [${spec.steps.map(literal).join(", ")}],`);
    writer.writeLine(`arenaBytes: ${plan.arenaBytes},`);
    writer.writeLine(`workspace: { offset: ${plan.workspaceOffset}, bytes: ${plan.workspaceBytes} },`);
  });
  writer.write(" as const;").newLine().blankLine();
}

const MANY_VIEWS = "Readonly<Record<string, { readonly shape: readonly (number | string)[]; readonly dtype: string }>>";

function writeMetrics(writer: CodeBlockWriter, { metrics }: ModuleSpec): void {
  writer.write(`metrics: `).inlineBlock(() => {
    for (const { name, statistics, totals, result, shape } of metrics) {
      writer.write(`${property(name)}: `).inlineBlock(() => {
        writer.writeLine(`shape: [${shape.join(", ")}],`);
        const views = statistics.map((each) => `${property(each.name)}: ${literal(each.view)}`);
        writer.writeLine(`statistics: { ${views.join(", ")} },`);
        if (totals) {
          const added = Object.entries(totals).map(([total, formula]) => `${property(total)}: ${formulaText(formula)}`);
          writer.writeLine(`totals: { ${added.join(", ")} },`);
        }
        writer.writeLine(`result: ${formulaText(result)},`);
      });
      writer.write(",").newLine();
    }
  });
  writer.write(",").newLine();
}

function formulaText(formula: Formula): string {
  if (typeof formula === "number") return numeral(formula);
  return typeof formula === "string" ? literal(formula) : `[${formula.map(formulaText).join(", ")}]`;
}

function viewSpec({ buffer, below, ignoreIndex, entry }: View, float: string): string {
  const shape = buffer.shape.map((d) => (d.power === 0 ? String(d.times) : literal(printDim(d))));
  const dtype = buffer.dtype === "float32" ? float : buffer.dtype;
  const bounds = [
    below === undefined ? "" : `, below: ${below}`,
    ignoreIndex === undefined ? "" : `, ignoreIndex: ${ignoreIndex}`,
  ];
  const own = entry === undefined ? "" : `, entry: ${literal(entry)}`;
  return `{ shape: [${shape.join(", ")}], dtype: ${literal(dtype)}${bounds.join("")}${own} }`;
}

const COMMON_OPTIONS: readonly ModelOption[] = [
  {
    name: "seed",
    doc: ["An integer from -2147483648 to 2147483647; equal seeds give equal models. Default 0."],
    type: "number",
  },
  {
    name: "parameters",
    doc: ["Values for all parameters, by name, in place of the seeded initial ones."],
    type: "Readonly<Record<string, ArrayLike<number>>>",
  },
];

/** What a model is made with. */
export const optionsOf = (target: Target): readonly ModelOption[] => [...COMMON_OPTIONS, ...target.options];

export function writeInterface(writer: CodeBlockWriter, context: ModuleContext, target: Target): void {
  const { type } = context;
  writer.write(`export interface ${type}Options`).block(() => {
    for (const option of optionsOf(target)) {
      writeDoc(writer, option.doc);
      writer.writeLine(`readonly ${option.name}?: ${option.type};`);
    }
  });
  writer.blankLine();
  writer.write(`export interface ${type}`).block(() => {
    for (const member of membersOf(context, target)) {
      writeDoc(writer, [member.doc]);
      member.type(writer);
      writer.write(";").newLine();
    }
  });
  writer.blankLine();
}

function writeDoc(writer: CodeBlockWriter, lines: readonly string[]): void {
  if (lines.length === 1) return void writer.writeLine(`/** ${lines[0]} */`);
  writer.writeLine("/**");
  for (const line of lines) writer.writeLine(` * ${line}`);
  writer.writeLine(" */");
}
