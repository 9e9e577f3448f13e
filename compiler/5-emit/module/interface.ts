// The module's interface: its constants, the model as data, and the types that its user sees.

import type CodeBlockWriter from "code-block-writer";
import { printDim, printShape } from "../../../src/graph/shape.js";
import type { Formula, ModuleSpec, View } from "../../ir/module.js";
import type { Buffer } from "../../ir/program.js";
import { literal, numeral, property } from "../identifier.js";
import { partsOf, roleType, writeBlocks, type Part } from "./parts.js";
import { callable, type ModuleContext, type Target } from "./target.js";

export function writeSpec(writer: CodeBlockWriter, { spec, plan }: ModuleContext): void {
  writer.blankLine();
  writer.writeLine(`/** The largest number of rows. */`);
  writer.writeLine(`export const CAPACITY = ${spec.capacity};`);
  writer.writeLine(`/** The size of a model's memory. */`);
  writer.writeLine(`export const ARENA_BYTES = ${plan.arenaBytes};`).blankLine();
  writer.writeLine(`/** The model's interface as data. */`);
  writer.write(`const spec = `).inlineBlock(() => {
    writer.writeLine(`name: ${literal(spec.name)},`);
    writer.writeLine(`capacity: CAPACITY,`);
    writer.writeLine(`dtype: ${literal(plan.float)},`);
    for (const [field, views] of viewGroups(spec)) {
      writer.write(`${field}: `).inlineBlock(() => {
        for (const part of partsIn(field, views)) {
          if (part.kind === "blocks")
            writeBlocks(writer, part, ({ views }) => `() => (${viewSpec(views[0]!, plan.float)})`);
          else writer.writeLine(`${property(part.view.name)}: ${viewSpec(part.view, plan.float)},`);
        }
      });
      writer.write(",").newLine();
    }
    if (spec.metrics.length > 0) writeMetrics(writer, spec);
    const partial = callable(spec).filter((entry) => entry.unread.length > 0);
    if (partial.length > 0) {
      const lists = partial.map((entry) => `${property(entry.name)}: [${entry.unread.map(literal).join(", ")}]`);
      writer.writeLine(`unread: { ${lists.join(", ")} },`);
    }
    writer.writeLine(`steps: [${spec.steps.map(literal).join(", ")}],`);
    writer.writeLine(`arenaBytes: ARENA_BYTES,`);
    writer.writeLine(`workspace: { offset: ${plan.workspaceOffset}, bytes: ${plan.workspaceBytes} },`);
  });
  writer.write(" as const;").newLine().blankLine();
}

export function viewGroups({
  inputs,
  targets,
  outputs,
  parameters,
  states,
  statistics,
}: ModuleSpec): [string, readonly View[]][] {
  return [
    ["inputs", inputs],
    ["targets", targets],
    ["outputs", outputs],
    ["parameters", parameters],
    ["states", states],
    ...(statistics.length > 0 ? [["statistics", statistics] as [string, readonly View[]]] : []),
  ];
}

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

/** The views of a field; blocks together where their names are the compiler's, not the user's own. */
export const partsIn = (field: string, views: readonly View[]): readonly Part[] =>
  ["inputs", "targets", "outputs"].includes(field) ? views.map((view) => ({ kind: "view", view })) : partsOf(views);

function viewSpec({ buffer, below, ignoreIndex }: View, float: string): string {
  const shape = buffer.shape.map((d) => (d.power === 0 ? String(d.times) : literal(printDim(d))));
  const dtype = buffer.dtype === "float32" ? float : buffer.dtype;
  const bounds = [
    below === undefined ? "" : `, below: ${below}`,
    ignoreIndex === undefined ? "" : `, ignoreIndex: ${ignoreIndex}`,
  ];
  return `{ shape: [${shape.join(", ")}], dtype: ${literal(dtype)}${bounds.join("")} }`;
}

/** `[batch, 784]`, and what its numbers must be. */
const viewDoc = ({ buffer, below, ignoreIndex }: View): string =>
  `${printShape(buffer.shape)}${below === undefined ? "" : `: integers from 0 to ${below - 1}`}` +
  (ignoreIndex === undefined ? "" : `, or ${ignoreIndex}`);

export const arrayType = (buffer: Buffer, floats: string): string =>
  buffer.dtype === "float32" ? floats : buffer.dtype === "int32" ? "Int32Array" : "Uint8Array";

export function writeInterface(writer: CodeBlockWriter, { spec, type, floats }: ModuleContext, target: Target): void {
  writer.write(`export interface ${type}Options`).block(() => {
    writer.writeLine(`/** An integer; equal seeds give equal models. Default 0. */`);
    writer.writeLine(`readonly seed?: number;`);
    writer.writeLine(`/** Values for all parameters, by name, in place of the seeded initial ones. */`);
    writer.writeLine(`readonly parameters?: Readonly<Record<string, ArrayLike<number>>>;`);
    target.writeOptions(writer);
  });
  writer.blankLine();
  writer.write(`export interface ${type}`).block(() => {
    writer.writeLine(`readonly spec: typeof spec;`);
    const groups: [string, readonly View[]][] = [...viewGroups(spec), ["grads", spec.gradients]];
    for (const [field, views] of groups) {
      writer.writeLine(`/** ${VIEW_DOCS[field]!} */`);
      writer
        .write(`readonly ${field}: `)
        .inlineBlock(() => {
          for (const part of partsIn(field, views)) {
            if (part.kind === "view") {
              writer.writeLine(`/** ${viewDoc(part.view)} */`);
              writer.writeLine(`readonly ${property(part.view.name)}: ${arrayType(part.view.buffer, floats)};`);
              continue;
            }
            for (const role of part.roles) {
              const view = role.views[0]!;
              writer.writeLine(`/** ${viewDoc(view)}; from ${role.first} to ${role.first + part.count - 1} */`);
              writer.writeLine(`readonly [name: ${roleType(role)}]: ${arrayType(view.buffer, floats)};`);
            }
          }
        })
        .write(";")
        .newLine();
    }
    for (const hyper of spec.hypers) {
      writer.writeLine(`/** ${numeral(hyper.initial)} at first; may be changed between steps, to a finite number. */`);
      writer.writeLine(`${property(hyper.name)}: number;`);
    }
    for (const entry of callable(spec)) {
      writer.writeLine(`/** ${entry.doc} */`);
      writer.writeLine(`${property(entry.name)}(rows: number): ${entry.returns ? "number" : "void"};`);
    }
    target.writeMemberTypes?.(writer);
    writer.writeLine(`/** The seed of the parameters and of all randomness. */`);
    writer.writeLine(`readonly seed: number;`);
    writer.writeLine(`/** Back to the initial parameters and state, with this seed or the same one. */`);
    writer.writeLine(`reset(seed?: number): void;`);
    writer.writeLine(`/** Lets go of the memory; every later call throws. */`);
    writer.writeLine(`dispose(): void;`);
  });
  writer.blankLine();
}

const VIEW_DOCS: Readonly<Record<string, string>> = {
  inputs: "Fill the first `rows` rows before a call; row-major views of capacity length.",
  targets: "The right answers, row by row.",
  outputs: "What `predict` wrote; rows at and above its `rows` are stale.",
  parameters: "The parameters themselves: to read, to save, to set.",
  states: "What steps carry on beside the parameters.",
  statistics: "What `evaluate` wrote; `spec.metrics` says what follows from their sums over batches.",
  grads: "What the last call of a gradients function wrote.",
};
