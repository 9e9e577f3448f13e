// The part of a factory that makes the model: views of the arena, entries that check their arguments and then run, and
// the way back to the initial values.

import type CodeBlockWriter from "code-block-writer";
import { bytesPerElement } from "../../ir/layout.js";
import type { Buffer } from "../../ir/program.js";
import { numeral } from "../identifier.js";
import { rowsOfStates } from "../../ir/module.js";
import { membersOf } from "./members.js";
import { hasDtype, offsetIn, type ModuleContext, type Target } from "./target.js";

export { countText } from "./members.js";

/** Writes what makes a model on `arena` and returns it. */
export function writeModel(writer: CodeBlockWriter, context: ModuleContext, target: Target): void {
  const { plan, type, floats } = context;
  writer.writeLine(`const f = new ${floats}(arena, 0, ARENA_BYTES / ${bytesPerElement("float32", plan.float)});`);
  if (hasDtype(plan, "int32")) writer.writeLine(`const i32 = new Int32Array(arena, 0, ARENA_BYTES / 4);`);
  if (hasDtype(plan, "bool")) writer.writeLine(`const u8 = new Uint8Array(arena, 0, ARENA_BYTES);`);
  writer.writeLine(`let disposed = false;`);
  writer.writeLine(`let seed = seedOf(options.seed ?? 0);`);
  writeInitialize(writer, context, target);
  writer
    .write(`const model: ${type} =`)
    .write(" ")
    .inlineBlock(() => {
      for (const member of membersOf(context, target)) {
        member.value(writer);
        writer.write(",").newLine();
      }
    });
  writer.write(";").newLine();
  // All or nothing: memory that the caller owns is not touched by a call that is refused.
  writer.writeLine(`const { parameters } = options;`);
  writer.writeLine(`if (parameters !== undefined) checkParameters(model.parameters, parameters);`);
  writer.writeLine(`initialize();`);
  writer.writeLine(
    `if (parameters) for (const [name, view] of Object.entries(model.parameters)) view.set(parameters[name]!);`,
  );
  // Nobody takes the place of a view, or sets what is no hyper-parameter.
  writer.writeLine(`return Object.freeze(model);`);
}

function writeInitialize(writer: CodeBlockWriter, { spec, plan }: ModuleContext, target: Target): void {
  const program = spec.entries.find(({ name }) => name === "initialize")?.program;
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
      target.writeRun(writer, program, rowsOfStates(spec));
    });
  writer.write(";").newLine();
}

const VIEWS: Readonly<Record<Buffer["dtype"], string>> = { float32: "f", int32: "i32", bool: "u8" };
