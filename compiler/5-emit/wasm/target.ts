// The WebAssembly target: the kernels as bytes within the same TypeScript module. A model is one instance with one memory,
// which the views look into; an entry is one call.

import type CodeBlockWriter from "code-block-writer";
import type { Plan } from "../../ir/layout.js";
import type { ModuleSpec } from "../../ir/module.js";
import type { Program } from "../../ir/program.js";
import { literal, property } from "../identifier.js";
import { contextOf, writeModule } from "../module/skeleton.js";
import type { ModuleContext, Target } from "../module/target.js";
import { newWriter } from "../typescript/kernel.js";
import { erf, imported } from "./imported.js";
import type { VectorOp } from "./math/builder.js";
import { wasmText } from "./module.js";

export interface EmittedWasm {
  readonly source: string;
  /** The module with multiply-adds that round twice, to read. */
  readonly text: string;
}

/** What an assembler makes of WebAssembly text. */
export interface Assembled {
  readonly bytes: Uint8Array;
  /** The module as it was assembled, to read. */
  readonly text: string;
}

/** Prints the module's text. */
export function emitWasm(spec: ModuleSpec, plan: Plan, assemble: (text: string) => Assembled): EmittedWasm {
  const writer = newWriter();
  const context = contextOf(spec, plan);
  const { text, imports, pages } = wasmText(spec, plan, false);
  const assembled = assemble(text);
  writeModule(writer, context, new WasmTarget(context, assembled.bytes, imports, pages));
  return { source: writer.toString(), text: assembled.text };
}

class WasmTarget implements Target {
  constructor(
    private readonly context: ModuleContext,
    private readonly bytes: Uint8Array,
    private readonly imports: readonly VectorOp[],
    private readonly pages: number,
  ) {}

  writeOptions(writer: CodeBlockWriter): void {
    writer.writeLine(
      `/** A WebAssembly.Memory to live in, of at least MEMORY_PAGES pages; the model has it to itself. */`,
    );
    writer.writeLine(`readonly memory?: Memory;`);
  }

  writeCode(writer: CodeBlockWriter): void {
    const { spec } = this.context;
    writer.writeLine(`/** The size of a model's WebAssembly memory, in pages of 65536 bytes. It never grows. */`);
    writer.writeLine(`export const MEMORY_PAGES = ${this.pages};`).blankLine();
    writer.writeLine(TYPES).blankLine();
    writer.write(`/** The entries in WebAssembly. */`).newLine();
    writer.write(`interface Kernels`).block(() => {
      for (const { name } of spec.entries) writer.writeLine(`readonly ${property(name)}: (rows: number) => void;`);
    });
    writer.blankLine();
    writer.writeLine(`/** The WebAssembly module, in base 64. */`);
    writer.writeLine(`const CODE = ${literal(Buffer.from(this.bytes).toString("base64"))};`).blankLine();
    writer.writeLine(CODE_FUNCTIONS).blankLine();
    if (this.imports.includes("erf")) writer.writeLine(erf).blankLine();
    if (this.imports.length > 0) {
      writer.writeLine(`/** What WebAssembly has no instructions for, in doubles. */`);
      const members = this.imports.map((op) => `${op}: ${imported[op]}`).join(", ");
      writer.writeLine(`const math = { ${members} };`).blankLine();
    }
    const imports = this.imports.length > 0 ? "{ env: { memory }, math }" : "{ env: { memory } }";
    writer.write(`const importsOf = (memory: Memory): object => (${imports});`).newLine().blankLine();
  }

  writeFactories(writer: CodeBlockWriter, body: () => void): void {
    const { type } = this.context;
    writer.writeLine(`/**`);
    writer.writeLine(
      ` * Makes a model: an instance and a memory of its own, sharing the code. The first call compiles it here and now,`,
    );
    writer.writeLine(` * which a page's main thread may refuse for large networks: \`create${type}Async\` never is.`);
    writer.writeLine(` */`);
    writer.write(`export function create${type}(options: ${type}Options = {}): ${type}`).block(() => {
      writer.writeLine(`compiled ??= new WebAssembly.Module(bytes());`);
      writer.writeLine(`const memory = memoryFor(options);`);
      writer.writeLine(`const { exports } = new WebAssembly.Instance(compiled, importsOf(memory));`);
      writer.writeLine(`return modelOn(memory, exports as Kernels, options);`);
    });
    writer.blankLine();
    writer.writeLine(`/** The same, compiled beside the thread that calls. */`);
    writer
      .write(`export async function create${type}Async(options: ${type}Options = {}): Promise<${type}>`)
      .block(() => {
        writer.writeLine(`compiled ??= await WebAssembly.compile(bytes());`);
        writer.writeLine(`const memory = memoryFor(options);`);
        writer.writeLine(`const { exports } = await WebAssembly.instantiate(compiled, importsOf(memory));`);
        writer.writeLine(`return modelOn(memory, exports as Kernels, options);`);
      });
    writer.blankLine();
    writer
      .write(`function modelOn({ buffer: arena }: Memory, kernels: Kernels, options: ${type}Options): ${type}`)
      .block(body);
  }

  writeRun(writer: CodeBlockWriter, program: Program, rows: string): void {
    const name = property(program.entry);
    writer.writeLine(`kernels${name.startsWith('"') ? `[${name}]` : `.${name}`}(${rows});`);
  }
}

// What is used of WebAssembly, so that the module needs no library of a browser's or Node's types.
const TYPES = `/** A WebAssembly.Memory. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

interface Code {
  readonly module: unique symbol;
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => Code;
  readonly Instance: new (code: Code, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number; maximum: number }) => Memory;
  readonly compile: (bytes: Uint8Array) => Promise<Code>;
  readonly instantiate: (code: Code, imports: object) => Promise<{ readonly exports: unknown }>;
};

declare function atob(text: string): string;`;

const CODE_FUNCTIONS = `/** Compiled once; models share it. */
let compiled: Code | undefined;

function bytes(): Uint8Array {
  return Uint8Array.from(atob(CODE), (character) => character.charCodeAt(0));
}

function memoryFor(options: { readonly memory?: Memory; readonly buffer?: never }): Memory {
  if (options.buffer !== undefined) throw new TypeError("a WebAssembly model lives in a WebAssembly.Memory: give memory, not buffer");
  const { memory } = options;
  if (memory === undefined) return new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  if (memory.buffer.byteLength >= MEMORY_PAGES * 65536) return memory;
  throw new RangeError(\`memory holds \${memory.buffer.byteLength / 65536} pages; the model needs \${MEMORY_PAGES}\`);
}`;
