// The named views of a model: their types, their place in the interface, and how they are made.

import type CodeBlockWriter from "code-block-writer";
import type { ViewGroup } from "../../../src/graph/members.js";
import { evaluateDim, printShape, sizeOf } from "../../../src/graph/shape.js";
import type { ModuleSpec, View } from "../../ir/module.js";
import type { Buffer } from "../../ir/program.js";
import { property } from "../identifier.js";
import { seriesOf, seriesText } from "../runs.js";
import { partsOf, roleType, writeBlocks, type Part, type Role } from "./parts.js";
import type { ModuleContext } from "./target.js";

/** The views of each group; a group that the model has not is absent. */
export const viewsIn = (spec: ModuleSpec): Readonly<Record<ViewGroup, readonly View[] | undefined>> => ({
  inputs: spec.inputs,
  targets: spec.targets,
  outputs: spec.outputs,
  parameters: spec.parameters,
  states: spec.states,
  statistics: spec.statistics.length > 0 ? spec.statistics : undefined,
  grads: spec.gradients,
});

/** The views of a group; blocks together where their names are the compiler's, not the user's own. */
export const partsIn = (group: ViewGroup, views: readonly View[]): readonly Part[] =>
  ["inputs", "targets", "outputs"].includes(group) ? views.map((view) => ({ kind: "view", view })) : partsOf(views);

/** `[batch, 784]`, and what its numbers must be. */
const viewDoc = ({ buffer, below, ignoreIndex }: View): string =>
  `${printShape(buffer.shape)}${below === undefined ? "" : `: integers from 0 to ${below - 1}`}` +
  (ignoreIndex === undefined ? "" : `, or ${ignoreIndex}`);

const arrayType = (buffer: Buffer, floats: string): string =>
  buffer.dtype === "float32" ? floats : buffer.dtype === "int32" ? "Int32Array" : "Uint8Array";

/** The type of a group, as an object type. */
export function writeGroupType(writer: CodeBlockWriter, parts: readonly Part[], floats: string): void {
  writer.inlineBlock(() => {
    for (const part of parts) {
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
  });
}

/** A group, as an object of views of `arena` that nobody can put others in place of. */
export function writeGroupValue(
  writer: CodeBlockWriter,
  parts: readonly Part[],
  { spec, plan, floats }: ModuleContext,
): void {
  const places = new Map(plan.persistent.map((place) => [place.buffer, place]));
  const offsetOf = ({ buffer }: View): number => places.get(buffer)!.offset;
  const view = ({ buffer }: View, offset: string): string => {
    const elements = evaluateDim(sizeOf(buffer.shape), spec.capacity);
    return `new ${arrayType(buffer, floats)}(arena, ${offset}, ${elements})`;
  };
  writer.write("Object.freeze(").inlineBlock(() => {
    for (const part of parts) {
      if (part.kind === "view") {
        writer.writeLine(`${property(part.view.name)}: ${view(part.view, String(offsetOf(part.view)))},`);
        continue;
      }
      const series = new Map(part.roles.map((role) => [role, seriesOf(role.views.map(offsetOf))]));
      const offsets = (role: Role): string => seriesText(series.get(role)!, "part");
      writeBlocks(writer, part, (role) => `(part) => ${view(role.views[0]!, offsets(role))}`);
    }
  });
  writer.write(")");
}
