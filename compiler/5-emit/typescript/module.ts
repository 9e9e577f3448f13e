// The TypeScript target: kernels are functions over the arena's views, and an entry calls them one by one.

import type CodeBlockWriter from "code-block-writer";
import type { Plan } from "../../ir/layout.js";
import type { Kernel } from "../../ir/kernel.js";
import type { ModuleSpec } from "../../ir/module.js";
import type { BufferUse, Call, LoopIdentity, Program, ProgramItem } from "../../ir/program.js";
import { callsOf } from "../../ir/walk.js";
import { Identifiers } from "../identifier.js";
import { callComment, kernelComment } from "../module/comments.js";
import { countText } from "../module/model.js";
import { contextOf, functionNames, writeModule } from "../module/skeleton.js";
import { offsetIn, type ModuleContext, type Target } from "../module/target.js";
import { newWriter, printKernel, type KernelText } from "./kernel.js";
import { helpers, type Helper } from "./scalars.js";

interface Function {
  readonly name: string;
  readonly text: KernelText;
  /** Its docstring, or nothing. */
  readonly comment: string;
  readonly slotNames: readonly string[];
}

/** Prints the module's text. */
export function emitTypescript(spec: ModuleSpec, plan: Plan): string {
  const writer = newWriter();
  const context = contextOf(spec, plan);
  writeModule(writer, context, new TypescriptTarget(context));
  return writer.toString();
}

class TypescriptTarget implements Target {
  private readonly names: Identifiers;
  private readonly functions = new Map<string, Function>();
  private readonly byKernel = new Map<Kernel, Function>();
  private readonly callers = new Map<Function, readonly { readonly call: Call; readonly program: Program }[]>();

  constructor(private readonly context: ModuleContext) {
    this.names = functionNames(context, ["tile", "numbers", "arenaFor", ...Object.keys(helpers)]);
    for (const { program } of context.spec.entries) {
      for (const call of callsOf(program.items)) {
        const made = this.functionOf(call);
        this.callers.set(made, [...(this.callers.get(made) ?? []), { call, program }]);
      }
    }
  }

  /** The function of a kernel; kernels that differ only in their buffers share one. */
  private functionOf(call: Call): Function {
    const { kernel } = call;
    const known = this.byKernel.get(kernel);
    if (known) return known;
    // Printed once with placeholders for the slots, which tell whether the function exists already.
    const canonical = printKernel(
      kernel,
      kernel.slots.map((_, i) => `\u0000${i}\u0000`),
      this.context.plan.float,
    );
    const key = `${kernel.slots.map((s) => s.dtype).join()}|${canonical.body}`;
    const made = this.functions.get(key) ?? this.newFunction(kernel, canonical);
    this.functions.set(key, made);
    this.byKernel.set(kernel, made);
    return made;
  }

  private newFunction(kernel: Kernel, canonical: KernelText): Function {
    const local = new Identifiers();
    const slotNames = kernel.slots.map((slot) => local.unique(`${slot.name} at`));
    // eslint-disable-next-line no-control-regex -- the placeholders above
    const body = canonical.body.replace(/\u0000(\d+)\u0000/g, (_, slot: string) => slotNames[Number(slot)]!);
    const comment = kernelComment(kernel, body.length);
    return { name: this.names.unique(kernel.name), text: { ...canonical, body }, comment, slotNames };
  }

  writeOptions(writer: CodeBlockWriter): void {
    writer.writeLine(`/** Memory to live in: at least ARENA_BYTES. */`);
    writer.writeLine(`readonly buffer?: ArrayBuffer;`);
  }

  writeCode(writer: CodeBlockWriter): void {
    const used = new Set<Helper>();
    let scratch = 0;
    for (const { text } of this.functions.values()) {
      text.helpers.forEach((h) => used.add(h));
      scratch = Math.max(scratch, text.scratch);
    }
    if (scratch > 0)
      writer
        .writeLine(`/** The sums of one register tile. */`)
        .writeLine(`const tile = new Float64Array(${scratch});`)
        .blankLine();
    for (const helper of used) writer.writeLine(helpers[helper]).blankLine();
    const types: Record<string, string> = {
      f: this.context.floats,
      i32: "Int32Array",
      u8: "Uint8Array",
      rows: "number",
    };
    for (const made of this.functions.values()) {
      const { name, text, comment, slotNames } = made;
      const offsets = this.fixedOffsets(made);
      const parameters = text.arguments.map((a) => `${a}: ${types[a]}`);
      if (!offsets) parameters.push(...slotNames.map((s) => `${s}: number`));
      if (comment !== "") writer.writeLine(comment);
      writer.write(`function ${name}(${parameters.join(", ")}): void`).block(() => {
        slotNames.forEach((slot, i) => offsets && writer.writeLine(`const ${slot} = ${offsets[i]};`));
        writer.write(text.body.trimEnd());
      });
      writer.blankLine();
    }
  }

  /** Where the slots of a function lie that is called in one place only: constants, which the engine folds. */
  private fixedOffsets(made: Function): readonly number[] | undefined {
    const [only, ...others] = this.callers.get(made) ?? [];
    if (!only || others.length > 0 || only.call.uses.some((use) => use.advance.length > 0)) return undefined;
    return only.call.uses.map((use) => offsetIn(this.context.plan, use.buffer, only.program));
  }

  writeFactories(writer: CodeBlockWriter, body: () => void): void {
    const { type } = this.context;
    writer.writeLine(arenaFor).blankLine();
    writer.writeLine(`/** Makes a model: its own memory, sharing the code. */`);
    writer.write(`export function create${type}(options: ${type}Options = {}): ${type}`).block(() => {
      writer.writeLine(`const arena = arenaFor(options.buffer);`);
      body();
    });
  }

  writeRun(writer: CodeBlockWriter, program: Program, rows: string): void {
    this.writeItems(writer, program.items, program, new Map(), rows);
  }

  private writeItems(
    writer: CodeBlockWriter,
    items: readonly ProgramItem[],
    program: Program,
    loops: Map<LoopIdentity, string>,
    rows: string,
  ): void {
    for (const item of items) {
      if (item.kind === "call") {
        const made = this.functionOf(item);
        const fixed = this.fixedOffsets(made);
        const offsets = fixed ? [] : item.uses.map((use) => this.useText(use, program, loops, rows));
        const leading = made.text.arguments.map((a) => (a === "rows" ? rows : a));
        writer.writeLine(`${made.name}(${[...leading, ...offsets].join(", ")}); // ${callComment(item)}`);
        continue;
      }
      const variable = `time${loops.size === 0 ? "" : loops.size + 1}`;
      const count = countText(item.count, rows);
      const inner = new Map(loops).set(item.loop, variable);
      const head = item.reverse
        ? `for (let ${variable} = ${count} - 1; ${variable} >= 0; ${variable}--)`
        : `for (let ${variable} = 0; ${variable} < ${count}; ${variable}++)`;
      writer.write(head).block(() => this.writeItems(writer, item.body, program, inner, rows));
    }
  }

  private useText(use: BufferUse, program: Program, loops: ReadonlyMap<LoopIdentity, string>, rows: string): string {
    const parts = [String(offsetIn(this.context.plan, use.buffer, program))];
    for (const { loop, stride } of use.advance) parts.push(`${loops.get(loop)!} * ${countText(stride, rows)}`);
    return parts.join(" + ");
  }
}

const arenaFor = `function arenaFor(buffer: ArrayBuffer | undefined): ArrayBuffer {
  if (buffer === undefined) return new ArrayBuffer(ARENA_BYTES);
  if (buffer.byteLength >= ARENA_BYTES) return buffer;
  throw new RangeError(\`buffer holds \${buffer.byteLength} bytes; the model needs \${ARENA_BYTES}\`);
}`;
