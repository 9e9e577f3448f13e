// The part of a factory that makes the model: views of the arena, entries that check their arguments and then run, and
// the way back to the initial values.

import type CodeBlockWriter from "code-block-writer";
import { evaluateDim, sizeOf, type Dim } from "../../../src/graph/shape.js";
import { bytesPerElement } from "../../ir/layout.js";
import type { EntrySpec, View } from "../../ir/module.js";
import type { Buffer } from "../../ir/program.js";
import { literal, numeral, property } from "../identifier.js";
import { seriesOf, seriesText } from "../runs.js";
import { arrayType, partsIn, viewGroups } from "./interface.js";
import { writeBlocks, type Role } from "./parts.js";
import { callable, hasDtype, offsetIn, type ModuleContext, type Target } from "./target.js";

/** Writes what makes a model on `arena` and returns it. */
export function writeModel(writer: CodeBlockWriter, context: ModuleContext, target: Target): void {
  const { spec, plan, type, floats } = context;
  const places = new Map(plan.persistent.map((place) => [place.buffer, place]));
  const floatBytes = bytesPerElement("float32", plan.float);
  writer.writeLine(`const f = new ${floats}(arena, 0, ARENA_BYTES / ${floatBytes});`);
  if (hasDtype(plan, "int32")) writer.writeLine(`const i32 = new Int32Array(arena, 0, ARENA_BYTES / 4);`);
  if (hasDtype(plan, "bool")) writer.writeLine(`const u8 = new Uint8Array(arena, 0, ARENA_BYTES);`);
  writer.writeLine(`let disposed = false;`);
  writer.writeLine(`let seed = seedOf(options.seed ?? 0);`);
  writeInitialize(writer, context, target);
  writer
    .write(`const model: ${type} =`)
    .write(" ")
    .inlineBlock(() => {
      writer.writeLine(`spec,`);
      for (const [field, views] of [...viewGroups(spec), ["grads", spec.gradients] as const]) {
        writer.write(`${field}: `).inlineBlock(() => {
          const view = ({ buffer }: View, offset: string): string => {
            const elements = evaluateDim(sizeOf(buffer.shape), spec.capacity);
            return `new ${arrayType(buffer, floats)}(arena, ${offset}, ${elements})`;
          };
          const offsetOf = ({ buffer }: View): number => places.get(buffer)!.offset;
          const single = (one: View): void =>
            void writer.writeLine(`${property(one.name)}: ${view(one, String(offsetOf(one)))},`);
          for (const part of partsIn(field, views)) {
            if (part.kind === "view") {
              single(part.view);
              continue;
            }
            const places = new Map(part.roles.map((role) => [role, seriesOf(role.views.map(offsetOf))]));
            const offsets = (role: Role): string => seriesText(places.get(role)!, "part");
            writeBlocks(writer, part, (role) => `(part) => ${view(role.views[0]!, offsets(role))}`);
          }
        });
        writer.write(",").newLine();
      }
      for (const entry of callable(spec)) writeEntry(writer, entry, context, target);
      for (const { name, buffer } of spec.hypers) {
        writeHyper(writer, name, `f[${places.get(buffer)!.offset / floatBytes}]`);
      }
      member(writer, `get seed()`, () => writer.writeLine(`return seed;`));
      member(writer, `reset(next = seed)`, () => {
        writer.writeLine(`alive(disposed);`);
        writer.writeLine(`seed = seedOf(next);`);
        writer.writeLine(`initialize();`);
      });
      target.writeMembers?.(writer);
      member(writer, `dispose()`, () => {
        if (target.writeDispose) {
          writer.write(`if (!disposed)`).block(() => target.writeDispose!(writer));
        }
        writer.writeLine(`disposed = true;`);
      });
    });
  writer.write(";").newLine();
  // All or nothing: memory that the caller owns is not touched by a call that is refused.
  writer.writeLine(`const { parameters } = options;`);
  writer.writeLine(`if (parameters) checkParameters(model.parameters, parameters);`);
  writer.writeLine(`initialize();`);
  writer.writeLine(
    `if (parameters) for (const [name, view] of Object.entries(model.parameters)) view.set(parameters[name]!);`,
  );
  writer.writeLine(`return model;`);
}

function member(writer: CodeBlockWriter, head: string, body: () => void): void {
  writer.write(head).write(" ").inlineBlock(body).write(",").newLine();
}

function writeInitialize(writer: CodeBlockWriter, { spec, plan }: ModuleContext, target: Target): void {
  const program = spec.entries.find((e) => e.kind === "initialize")?.program;
  writer
    .write(`const initialize = (): void =>`)
    .write(" ")
    .inlineBlock(() => {
      if (!program) return;
      if (spec.seed) writer.writeLine(`i32[${offsetIn(plan, spec.seed, program)}] = seed;`);
      for (const { buffer, values } of spec.constants) {
        const at = offsetIn(plan, buffer, program);
        writer.writeLine(`${VIEWS[buffer.dtype]}.set([${values.map(numeral).join(", ")}], ${at});`);
      }
      for (const { buffer, initial } of spec.hypers) {
        writer.writeLine(`f[${offsetIn(plan, buffer, program)}] = ${numeral(initial)};`);
      }
      target.writeRun(writer, program, "1");
    });
  writer.write(";").newLine();
}

const VIEWS: Readonly<Record<Buffer["dtype"], string>> = { float32: "f", int32: "i32", bool: "u8" };

function writeHyper(writer: CodeBlockWriter, name: string, element: string): void {
  member(writer, `get ${property(name)}()`, () => writer.writeLine(`return ${element}!;`));
  member(writer, `set ${property(name)}(value)`, () =>
    writer.writeLine(`${element} = finite(${literal(name)}, value);`),
  );
}

function writeEntry(writer: CodeBlockWriter, entry: EntrySpec, { plan }: ModuleContext, target: Target): void {
  member(writer, `${property(entry.name)}(rows)`, () => {
    writer.writeLine(`alive(disposed);`);
    writer.writeLine(`checkRows(rows);`);
    for (const view of entry.checks) {
      const at = offsetIn(plan, view.buffer, entry.program);
      const count = countText(sizeOf(view.buffer.shape));
      const bounds = [view.below, view.ignoreIndex].filter((bound) => bound !== undefined).join(", ");
      writer.writeLine(`checkBelow(${literal(view.name)}, i32, ${at}, ${count}, ${bounds});`);
    }
    target.writeRun(writer, entry.program, "rows");
    if (entry.returns) writer.writeLine(`return f[${offsetIn(plan, entry.returns, entry.program)}]!;`);
  });
}

/** A size as TypeScript text: `784 * rows`. */
export function countText({ times, power }: Dim, rows = "rows"): string {
  const factors = Array.from({ length: power }, () => rows);
  if (times !== 1 || power === 0) factors.unshift(String(times));
  return factors.join(" * ");
}
