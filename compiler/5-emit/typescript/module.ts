// The standalone module: interface, constants, kernels, and a factory whose entries check their arguments and then call
// kernels on views of one arena. It imports nothing and allocates nothing once a model is made.

import { evaluateDim, printDim, printShape, sizeOf } from "../../../src/graph/shape.js";
import { bytesPerElement, type Plan } from "../../ir/layout.js";
import type { Kernel } from "../../ir/kernel.js";
import type { EntrySpec, ModuleSpec, View } from "../../ir/module.js";
import type { Buffer, BufferUse, Call, LoopIdentity, Program, ProgramItem } from "../../ir/program.js";
import { callsOf } from "../../ir/walk.js";
import { identifier, Identifiers, literal, numeral, property } from "../identifier.js";
import { printDim as dimText } from "./expression.js";
import { newWriter, printKernel, type KernelText } from "./kernel.js";
import { helpers, type Helper } from "./scalars.js";
import { CHECKS, runtimeChecks } from "./checks.js";
import { callComment, kernelComment } from "./comments.js";

interface Function {
  readonly name: string;
  readonly text: KernelText;
  /** Its docstring, or nothing. */
  readonly comment: string;
  readonly slotNames: readonly string[];
}

/** Prints the module's text. */
export function emitTypescript(spec: ModuleSpec, plan: Plan): string {
  return new ModuleWriter(spec, plan).print();
}

class ModuleWriter {
  private readonly writer = newWriter();
  private readonly names = new Identifiers();
  private readonly functions = new Map<string, Function>();
  private readonly byKernel = new Map<Kernel, Function>();
  private readonly callers = new Map<Function, readonly { readonly call: Call; readonly program: Program }[]>();
  private readonly type: string;
  private readonly floats: string;
  private readonly buffers: readonly Buffer[];

  constructor(
    private readonly spec: ModuleSpec,
    private readonly plan: Plan,
  ) {
    this.type = identifier(pascalCase(spec.name));
    this.floats = plan.float === "float64" ? "Float64Array" : "Float32Array";
    this.buffers = plan.persistent.map((p) => p.buffer);
    for (const taken of [
      this.type,
      `create${this.type}`,
      `${this.type}Options`,
      "spec",
      "tile",
      ...CHECKS,
      // Variables of the factory, which would hide a function of that name.
      "arena",
      "disposed",
      "initialize",
      "model",
      "options",
      "parameters",
      "seed",
      "CAPACITY",
      "ARENA_BYTES",
      ...Object.keys(helpers),
    ]) {
      this.names.unique(taken);
    }
  }

  print(): string {
    for (const { program } of this.spec.entries) {
      for (const call of callsOf(program.items)) {
        const made = this.functionOf(call);
        this.callers.set(made, [...(this.callers.get(made) ?? []), { call, program }]);
      }
    }
    this.writeSpec();
    this.writeInterface();
    this.writeKernels();
    this.writeFactory();
    return this.writer.toString();
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
      this.plan.float,
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

  private writeSpec(): void {
    const { spec, plan, writer } = this;
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
      for (const [field, views] of this.viewGroups()) {
        writer.write(`${field}: `).inlineBlock(() => {
          for (const view of views) writer.writeLine(`${property(view.name)}: ${this.viewSpec(view)},`);
        });
        writer.write(",").newLine();
      }
      writer.writeLine(`steps: [${spec.steps.map(literal).join(", ")}],`);
      writer.writeLine(`arenaBytes: ARENA_BYTES,`);
      writer.writeLine(`workspace: { offset: ${plan.workspaceOffset}, bytes: ${plan.workspaceBytes} },`);
    });
    writer.write(" as const;").newLine().blankLine();
  }

  private viewGroups(): [string, readonly View[]][] {
    const { inputs, targets, outputs, parameters, states } = this.spec;
    return [
      ["inputs", inputs],
      ["targets", targets],
      ["outputs", outputs],
      ["parameters", parameters],
      ["states", states],
    ];
  }

  private viewSpec({ buffer, below }: View): string {
    const shape = buffer.shape.map((d) => (d.power === 0 ? String(d.times) : literal(printDim(d))));
    const dtype = buffer.dtype === "float32" ? this.plan.float : buffer.dtype;
    return `{ shape: [${shape.join(", ")}], dtype: ${literal(dtype)}${below === undefined ? "" : `, below: ${below}`} }`;
  }

  /** `[batch, 784]`, and what its numbers must be. */
  private viewDoc({ buffer, below }: View): string {
    return `${printShape(buffer.shape)}${below === undefined ? "" : `: integers from 0 to ${below - 1}`}`;
  }

  private arrayType(buffer: Buffer): string {
    return buffer.dtype === "float32" ? this.floats : buffer.dtype === "int32" ? "Int32Array" : "Uint8Array";
  }

  private writeInterface(): void {
    const { spec, writer, type } = this;
    writer.write(`export interface ${type}Options`).block(() => {
      writer.writeLine(`/** An integer; equal seeds give equal models. Default 0. */`);
      writer.writeLine(`readonly seed?: number;`);
      writer.writeLine(`/** Values for all parameters, by name, in place of the seeded initial ones. */`);
      writer.writeLine(`readonly parameters?: Readonly<Record<string, ArrayLike<number>>>;`);
      writer.writeLine(`/** Memory to live in: at least ARENA_BYTES. */`);
      writer.writeLine(`readonly buffer?: ArrayBuffer;`);
    });
    writer.blankLine();
    writer.write(`export interface ${type}`).block(() => {
      writer.writeLine(`readonly spec: typeof spec;`);
      const groups: [string, readonly View[]][] = [...this.viewGroups(), ["grads", spec.gradients]];
      for (const [field, views] of groups) {
        writer.writeLine(`/** ${VIEW_DOCS[field]!} */`);
        writer
          .write(`readonly ${field}: `)
          .inlineBlock(() => {
            for (const view of views) {
              writer.writeLine(`/** ${this.viewDoc(view)} */`);
              writer.writeLine(`readonly ${property(view.name)}: ${this.arrayType(view.buffer)};`);
            }
          })
          .write(";")
          .newLine();
      }
      for (const hyper of spec.hypers) {
        writer.writeLine(
          `/** ${numeral(hyper.initial)} at first; may be changed between steps, to a finite number. */`,
        );
        writer.writeLine(`${property(hyper.name)}: number;`);
      }
      for (const entry of this.callable()) {
        writer.writeLine(`/** ${entry.doc} */`);
        writer.writeLine(`${property(entry.name)}(rows: number): ${entry.returns ? "number" : "void"};`);
      }
      writer.writeLine(`/** The seed of the parameters and of all randomness. */`);
      writer.writeLine(`readonly seed: number;`);
      writer.writeLine(`/** Back to the initial parameters and state, with this seed or the same one. */`);
      writer.writeLine(`reset(seed?: number): void;`);
      writer.writeLine(`/** Lets go of the memory; every later call throws. */`);
      writer.writeLine(`dispose(): void;`);
    });
    writer.blankLine();
  }

  private callable(): readonly EntrySpec[] {
    return this.spec.entries.filter((entry) => entry.kind !== "initialize");
  }

  private writeKernels(): void {
    const { writer } = this;
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
    for (const made of this.functions.values()) {
      const { name, text, comment, slotNames } = made;
      const types: Record<string, string> = { f: this.floats, i32: "Int32Array", u8: "Uint8Array", rows: "number" };
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
    return only.call.uses.map((use) => this.offsetOf(use.buffer, only.program));
  }

  private offsetOf(buffer: Buffer, program: Program): number {
    return this.plan.placeOf(buffer, program).offset / bytesPerElement(buffer.dtype, this.plan.float);
  }

  private writeFactory(): void {
    const { spec, plan, writer, type } = this;
    runtimeChecks(writer, spec);
    writer.writeLine(`/** Makes a model: its own memory, sharing the code. */`);
    writer.write(`export function create${type}(options: ${type}Options = {}): ${type}`).block(() => {
      writer.writeLine(`const arena = arenaFor(options.buffer);`);
      writer.writeLine(
        `const f = new ${this.floats}(arena, 0, ARENA_BYTES / ${bytesPerElement("float32", plan.float)});`,
      );
      if (this.hasDtype("int32")) writer.writeLine(`const i32 = new Int32Array(arena, 0, ARENA_BYTES / 4);`);
      if (this.hasDtype("bool")) writer.writeLine(`const u8 = new Uint8Array(arena, 0, ARENA_BYTES);`);
      writer.writeLine(`let disposed = false;`);
      writer.writeLine(`let seed = seedOf(options.seed ?? 0);`);
      this.writeInitialize();
      writer
        .write(`const model: ${type} =`)
        .write(" ")
        .inlineBlock(() => {
          writer.writeLine(`spec,`);
          for (const [field, views] of [...this.viewGroups(), ["grads", spec.gradients] as const]) {
            writer.write(`${field}: `).inlineBlock(() => {
              for (const view of views) writer.writeLine(`${property(view.name)}: ${this.viewText(view.buffer)},`);
            });
            writer.write(",").newLine();
          }
          for (const entry of this.callable()) this.writeEntry(entry);
          for (const hyper of spec.hypers) this.writeHyper(hyper.name, hyper.buffer);
          writer
            .write(`get seed()`)
            .write(" ")
            .inlineBlock(() => writer.writeLine(`return seed;`));
          writer.write(",").newLine();
          writer
            .write(`reset(next = seed)`)
            .write(" ")
            .inlineBlock(() => {
              writer.writeLine(`alive(disposed);`);
              writer.writeLine(`seed = seedOf(next);`);
              writer.writeLine(`initialize();`);
            });
          writer.write(",").newLine();
          writer
            .write(`dispose()`)
            .write(" ")
            .inlineBlock(() => writer.writeLine(`disposed = true;`));
          writer.write(",").newLine();
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
    });
  }

  private hasDtype(dtype: Buffer["dtype"]): boolean {
    const workspace = this.plan.entries.flatMap((e) => e.workspace.map((w) => w.buffer));
    return [...this.buffers, ...workspace].some((buffer) => buffer.dtype === dtype);
  }

  private viewText(buffer: Buffer): string {
    const elements = evaluateDim(sizeOf(buffer.shape), this.spec.capacity);
    const offset = this.plan.persistent.find((p) => p.buffer === buffer)!.offset;
    return `new ${this.arrayType(buffer)}(arena, ${offset}, ${elements})`;
  }

  private writeInitialize(): void {
    const { spec, writer } = this;
    const program = spec.entries.find((e) => e.kind === "initialize")?.program;
    writer
      .write(`const initialize = (): void =>`)
      .write(" ")
      .inlineBlock(() => {
        if (program) {
          if (spec.seed) writer.writeLine(`i32[${this.offsetOf(spec.seed, program)}] = seed;`);
          for (const { buffer, values } of spec.constants) {
            const view = buffer.dtype === "float32" ? "f" : buffer.dtype === "int32" ? "i32" : "u8";
            writer.writeLine(`${view}.set([${values.map(numeral).join(", ")}], ${this.offsetOf(buffer, program)});`);
          }
          for (const { buffer, initial } of spec.hypers)
            writer.writeLine(`f[${this.offsetOf(buffer, program)}] = ${numeral(initial)};`);
          this.writeItems(program.items, program, new Map(), "1");
        }
      });
    writer.write(";").newLine();
  }

  private writeHyper(name: string, buffer: Buffer): void {
    const { writer } = this;
    const element = `f[${this.plan.persistent.find((p) => p.buffer === buffer)!.offset / bytesPerElement("float32", this.plan.float)}]`;
    writer
      .write(`get ${property(name)}()`)
      .write(" ")
      .inlineBlock(() => writer.writeLine(`return ${element}!;`));
    writer.write(",").newLine();
    writer
      .write(`set ${property(name)}(value)`)
      .write(" ")
      .inlineBlock(() => writer.writeLine(`${element} = finite(${literal(name)}, value);`));
    writer.write(",").newLine();
  }

  private writeEntry(entry: EntrySpec): void {
    const { writer } = this;
    writer
      .write(`${property(entry.name)}(rows)`)
      .write(" ")
      .inlineBlock(() => {
        writer.writeLine(`alive(disposed);`);
        writer.writeLine(`checkRows(rows);`);
        for (const view of entry.checks) {
          const count = dimText(sizeOf(view.buffer.shape)).text;
          writer.writeLine(
            `checkBelow(${literal(view.name)}, i32, ${this.offsetOf(view.buffer, entry.program)}, ${count}, ${view.below});`,
          );
        }
        this.writeItems(entry.program.items, entry.program, new Map(), "rows");
        if (entry.returns) writer.writeLine(`return f[${this.offsetOf(entry.returns, entry.program)}]!;`);
      });
    writer.write(",").newLine();
  }

  private writeItems(
    items: readonly ProgramItem[],
    program: Program,
    loops: Map<LoopIdentity, string>,
    rows: string,
  ): void {
    const { writer } = this;
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
      const count = dimText(item.count).text.replace(/\brows\b/g, rows);
      const inner = new Map(loops).set(item.loop, variable);
      const head = item.reverse
        ? `for (let ${variable} = ${count} - 1; ${variable} >= 0; ${variable}--)`
        : `for (let ${variable} = 0; ${variable} < ${count}; ${variable}++)`;
      writer.write(head).block(() => this.writeItems(item.body, program, inner, rows));
    }
  }

  private useText(use: BufferUse, program: Program, loops: ReadonlyMap<LoopIdentity, string>, rows: string): string {
    const parts = [String(this.offsetOf(use.buffer, program))];
    for (const { loop, stride } of use.advance)
      parts.push(`${loops.get(loop)!} * ${dimText(stride).text.replace(/\brows\b/g, rows)}`);
    return parts.join(" + ");
  }
}

const VIEW_DOCS: Readonly<Record<string, string>> = {
  inputs: "Fill the first `rows` rows before a call; row-major views of capacity length.",
  targets: "The right answers, row by row.",
  outputs: "What `predict` wrote; rows at and above its `rows` are stale.",
  parameters: "The parameters themselves: to read, to save, to set.",
  states: "What steps carry on beside the parameters.",
  grads: "What the last call of a gradients function wrote.",
};

const pascalCase = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== "")
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join("");
