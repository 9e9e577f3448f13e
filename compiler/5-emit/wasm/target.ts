// The WebAssembly target: the kernels as bytes within the same TypeScript module. A model is one instance with one memory,
// which the views look into; an entry is one call.

import type CodeBlockWriter from "code-block-writer";
import type { Plan } from "../../ir/layout.js";
import type { ModuleSpec } from "../../ir/module.js";
import type { Program } from "../../ir/program.js";
import type { Span } from "../../ir/spans.js";
import { hasComputed } from "../../ir/computed.js";
import { callsOf } from "../../ir/walk.js";
import { invariant } from "../../../src/messages.js";
import type { CheckedCalls } from "../checked/calls.js";
import { literal, property } from "../identifier.js";
import { contextOf, writeModule } from "../module/skeleton.js";
import type { ModelOption, ModuleContext, Target } from "../module/target.js";
import { newWriter } from "../typescript/kernel.js";
import { checkIndices, faultsText } from "./indices.js";
import { beginText, endText } from "./checked.js";
import { MOST_THREADS } from "./crew.js";
import { assemble } from "./encode/assemble.js";
import { beside, embedded } from "./file.js";
import { countFused, FUSE, verifyFused } from "./fused.js";
import { erf, imported } from "./imported.js";
import type { VectorOp } from "./math/builder.js";
import { wasmText, type WasmText } from "./module.js";
import { poolText } from "./pool.js";

export interface EmittedWasm {
  readonly source: string;
  /** Which of its lines compute which kernel. */
  readonly spans?: readonly Span[];
  readonly bytes: Uint8Array;
}

/** The kernels as text, which are not assembled yet, and what was asked for them. */
export interface WrittenWasm {
  readonly code: WasmText;
}

export const writeWasm = (spec: ModuleSpec, plan: Plan, checked: CheckedCalls | undefined): WrittenWasm => ({
  code: wasmText(spec, plan, checked),
});

/** Prints the module's text. */
export function emitWasm(
  spec: ModuleSpec,
  plan: Plan,
  { code }: WrittenWasm,
  file: string | undefined,
  relaxed: boolean,
): EmittedWasm {
  const writer = newWriter();
  const context = contextOf(spec, plan);
  const bytes = assemble(code.text);
  invariant(WebAssembly.validate(bytes), "the WebAssembly module is valid");
  verifyFused(code.text, bytes);
  writeModule(writer, context, new WasmTarget(context, bytes, code, file, relaxed));
  return { source: writer.toString(), bytes };
}

/** Of what a policy refuses, browsers name another directive than the one that allows WebAssembly alone, or none. */
const COMPILE = `function moduleOf(bytes: Uint8Array): Code {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw /CSP|policy/i.test(String(error))
      ? new Error("a page's content-security policy must allow script-src 'wasm-unsafe-eval'")
      : error;
  }
}`;

class WasmTarget implements Target {
  constructor(
    private readonly context: ModuleContext,
    private readonly bytes: Uint8Array,
    private readonly code: WasmText,
    /** The name of the file that the bytes are in; absent: they are in the text. */
    private readonly file: string | undefined,
    /** May multiply-adds round once where the engine has them? */
    private readonly relaxed: boolean,
  ) {}

  /** Whether there are such multiply-adds. */
  private get fuses(): boolean {
    return this.relaxed && countFused(this.bytes) > 0;
  }

  private get imports(): readonly VectorOp[] {
    return this.code.imports;
  }

  get options(): readonly ModelOption[] {
    return [...OPTIONS, ...(this.fuses ? [RELAXED] : []), ...(this.file === undefined ? [] : [WASM])];
  }

  writeCode(writer: CodeBlockWriter): void {
    const { spec } = this.context;
    const { scratch, scratchBytes, control } = this.code;
    writer.writeLine(`/** Behind the arena each thread has memory of its own: where it begins, and how much. */`);
    writer.writeLine(`const SCRATCH = ${scratch};`);
    writer.writeLine(`const SCRATCH_BYTES = ${scratchBytes};`);
    writer.writeLine(
      `/** The size of a WebAssembly memory for a model on so many threads, in pages of 65536 bytes. It never grows. */`,
    );
    writer.writeLine(
      `export const memoryPages = (threads = 1): number => Math.ceil((SCRATCH + threads * SCRATCH_BYTES) / 65536);`,
    );
    writer.writeLine(`/** The same for one thread. */`);
    writer.writeLine(`export const MEMORY_PAGES: number = memoryPages();`).blankLine();
    writer.writeLine(TYPES).blankLine();
    writer.write(`/** The entries in WebAssembly. */`).newLine();
    writer.write(`interface Kernels`).block(() => {
      for (const { name } of spec.entries) writer.writeLine(`readonly ${property(name)}: (rows: number) => void;`);
    });
    writer.blankLine();
    const { file, bytes } = this;
    writer.writeLine(file === undefined ? embedded(bytes) : beside(bytes, file, this.context.type)).blankLine();
    const { fuses } = this;
    if (fuses) writer.writeLine(FUSE).blankLine();
    writer.writeLine(codeFunctions(fuses, this.file === undefined)).blankLine();
    const { computedOps } = this.code;
    if (computedOps.length > 0) writer.writeLine(checkIndices(computedOps)).blankLine();
    if (this.code.checked !== undefined) writer.writeLine(this.code.checked).blankLine();
    if (this.imports.includes("erf")) writer.writeLine(erf).blankLine();
    if (this.imports.length > 0) {
      writer.writeLine(`/** What WebAssembly has no instructions for, in doubles. */`);
      const members = this.imports.map((op) => `${op}: ${imported[op]}`).join(", ");
      writer.writeLine(`const math = { ${members} };`).blankLine();
    }
    const env = "{ memory, thread: 0, threads, scratch: SCRATCH }";
    const imports = this.imports.length > 0 ? `{ env: ${env}, math }` : `{ env: ${env} }`;
    writer.write(`const importsOf = (memory: Memory, threads: number): object => (${imports});`).newLine().blankLine();
    const only = this.imports.length > 0 ? "this module computes in JavaScript too" : undefined;
    const entries = spec.entries.map((entry) => entry.name);
    writer.writeLine(poolText(entries, limitsOf(this.bytes), control, only)).blankLine();
    writer.writeLine(COMPILE).blankLine();
  }

  writeFactories(writer: CodeBlockWriter, body: () => void): void {
    const { type } = this.context;
    const given = [
      "threads",
      ...(this.fuses ? ["relaxed"] : []),
      ...(this.file === undefined ? [] : ["options.wasm"]),
    ].join();
    const slot = `compiled[(threads > 1 ? 1 : 0)${this.fuses ? " + (relaxed ? 0 : 2)" : ""}]`;
    writer.writeLine(`/**`);
    writer.writeLine(
      ` * Makes a model: an instance and a memory of its own, sharing the code. The first call compiles it here and now,`,
    );
    writer.writeLine(` * which a page's main thread may refuse for large networks: \`create${type}Async\` never is.`);
    writer.writeLine(` */`);
    writer.write(`export function create${type}(options: ${type}Options = {}): ${type}`).block(() => {
      writer.writeLine(`const threads = threadsFor(options);`);
      writer.writeLine(`const memory = memoryFor(options, threads);`);
      if (this.fuses) writer.writeLine(`const relaxed = relaxedFor(options);`);
      writer.writeLine(`const code = (${slot} ??= moduleOf(bytes(${given})));`);
      writer.writeLine(`const { exports } = new WebAssembly.Instance(code, importsOf(memory, threads));`);
      writer.writeLine(`return modelOn(memory, crewOf(code, memory, exports as Kernels, threads), options);`);
    });
    writer.blankLine();
    writer.writeLine(`/** The same, compiled beside the thread that calls; there when all threads are. */`);
    writer
      .write(`export async function create${type}Async(options: ${type}Options = {}): Promise<${type}>`)
      .block(() => {
        writer.writeLine(`const threads = threadsFor(options);`);
        writer.writeLine(`const memory = memoryFor(options, threads);`);
        if (this.fuses) writer.writeLine(`const relaxed = relaxedFor(options);`);
        if (this.file !== undefined) writer.writeLine(`if (options.wasm === undefined) await load${type}();`);
        writer.writeLine(
          `const code = (${slot} ??= await WebAssembly.compile(bytes(${given})).catch(() => moduleOf(bytes(${given}))));`,
        );
        writer.writeLine(`const { exports } = await WebAssembly.instantiate(code, importsOf(memory, threads));`);
        writer.writeLine(`const crew = crewOf(code, memory, exports as Kernels, threads);`);
        writer.writeLine(`await crew.ready();`);
        writer.writeLine(`return modelOn(memory, crew, options);`);
      });
    writer.blankLine();
    writer
      .write(
        `function modelOn({ buffer: arena }: Memory, { kernels, threads, end }: Crew, options: ${type}Options): ${type}`,
      )
      .block(() => {
        if (this.code.computedOps.length > 0) writer.writeLine(faultsText(this.code.control));
        body();
      });
  }

  readonly members: NonNullable<Target["members"]> = {
    threads: {
      type: (writer) => void writer.write(`readonly threads: number`),
      value: (writer) => void writer.write(`get threads() `).inlineBlock(() => writer.writeLine(`return threads();`)),
    },
  };

  writeDispose(writer: CodeBlockWriter): void {
    writer.writeLine(`end();`);
  }

  writeRun(writer: CodeBlockWriter, program: Program, rows: string): void {
    const { checked } = this.code;
    const name = property(program.entry);
    if (checked !== undefined) writer.writeLine(beginText(literal(program.entry)));
    writer.writeLine(`kernels${name.startsWith('"') ? `[${name}]` : `.${name}`}(${rows});`);
    if (callsOf(program.items).some(({ kernel }) => hasComputed(kernel))) writer.writeLine(`checkIndices(faults);`);
    if (checked !== undefined) writer.writeLine(endText(rows));
  }
}

const OPTIONS: readonly ModelOption[] = [
  {
    name: "memory",
    doc: [
      "A WebAssembly.Memory to live in, of at least memoryPages(threads) pages; for several threads it must be shared. It must not grow, and the model has it to itself.",
    ],
    type: "Memory",
  },
  {
    name: "threads",
    doc: [
      `How many threads share a call's work, from 1 to ${MOST_THREADS}: the one that calls, and workers that stay alive until dispose.`,
      "Default 1. The results are the same bits for every number. A page must be cross-origin isolated, and its policy allow",
      "worker-src blob:; where there can be no threads, a warning says so and there is one. A page's workers begin when its",
      "event loop turns: the asynchronous factory waits for them, and until then there is one thread.",
    ],
    type: "number",
  },
];

const RELAXED: ModelOption = {
  name: "relaxed",
  doc: [
    "False: results are the same bits on every engine. Else sums of products round once where it has relaxed SIMD. Default true.",
  ],
  type: "boolean",
};

const WASM: ModelOption = {
  name: "wasm",
  doc: ["The bytes of the WebAssembly file, for those who load them themselves."],
  type: "Uint8Array",
};

// What is used of WebAssembly, so that the module needs no library of a browser's or Node's types.
const TYPES = `/** A WebAssembly.Memory. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
}

interface Code {
  readonly module: unique symbol;
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => Code;
  readonly Instance: new (code: Code, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number; maximum: number; shared: boolean }) => Memory;
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly compile: (bytes: Uint8Array) => Promise<Code>;
  readonly instantiate: (code: Code, imports: object) => Promise<{ readonly exports: unknown }>;
};

declare function atob(text: string): string;`;

const codeFunctions = (
  fuses: boolean,
  embeds: boolean,
): string => `/** Compiled once, for one thread and for several${fuses ? ", relaxed and not" : ""}; models share it. */
const compiled: (Code | undefined)[] = [];

/** The code, which says of its memory whether threads share it. */
function bytes(threads: number${fuses ? ", relaxed: boolean" : ""}${embeds ? "" : ", given: Uint8Array | undefined"}): Uint8Array {
  const code = codeFrom(${embeds ? "" : "given"});
  code.set(MEMORY_LIMITS[threads > 1 ? 1 : 0], MEMORY_LIMITS_AT);
${fuses ? "  if (!relaxed) return code;\n" : ""}  return ${fuses ? "WebAssembly.validate(RELAXED) ? fuse(code) : code" : "code"};
}
${
  fuses
    ? `
function relaxedFor({ relaxed = true }: { readonly relaxed?: boolean }): boolean {
  if (typeof relaxed === "boolean") return relaxed;
  throw new TypeError(\`relaxed must be true or false, but it is \${String(relaxed)}\`);
}
`
    : ""
}
function memoryFor(options: { readonly memory?: Memory; readonly buffer?: never }, threads: number): Memory {
  if (options.buffer !== undefined) throw new TypeError("a WebAssembly model lives in a WebAssembly.Memory: give memory, not buffer");
  checkOptions(options);
  const { memory } = options;
  const shared = threads > 1;
  const pages = memoryPages(threads);
  if (memory === undefined) return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  if (Object.prototype.toString.call(memory) !== "[object WebAssembly.Memory]") throw new TypeError("memory must be a WebAssembly.Memory");
  if (shared === memory.buffer instanceof ArrayBuffer) throw new TypeError(\`memory for \${threads} threads must\${shared ? "" : " not"} be shared\`);
  if (memory.buffer.byteLength >= pages * 65536) return memory;
  throw new RangeError(\`memory holds \${memory.buffer.byteLength / 65536} pages; the model needs \${pages}\`);
}`;

/** Where the code says of its memory how large it is, and whether it is shared: see MEMORY_LIMITS in the emitted module. */
function limitsOf(code: Uint8Array): number {
  const text = new TextEncoder();
  const name = [3, ...text.encode("env"), 6, ...text.encode("memory"), 2];
  const at = code.findIndex((_, n) => name.every((byte, i) => code[n + i] === byte)) + name.length;
  const limits = [1, 1, 0x80, 0x80, 4];
  invariant(
    at >= name.length && limits.every((byte, i) => code[at + i] === byte),
    "the code imports a memory of one page to 65536",
  );
  return at;
}
