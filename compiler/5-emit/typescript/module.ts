// The TypeScript target: kernels are functions over the arena's views, and an entry calls them one by one.

import type CodeBlockWriter from "code-block-writer";
import type { Plan } from "../../ir/layout.js";
import type { Kernel } from "../../ir/kernel.js";
import type { ModuleSpec } from "../../ir/module.js";
import type { BufferUse, Call, LoopIdentity, Program, ProgramItem } from "../../ir/program.js";
import type { Span } from "../../ir/spans.js";
import { callsOf } from "../../ir/walk.js";
import type { CheckedCalls } from "../checked/calls.js";
import { Identifiers, literal } from "../identifier.js";
import { callComment, kernelComment } from "../module/comments.js";
import { countText } from "../module/model.js";
import { contextOf, functionNames, writeModule } from "../module/skeleton.js";
import { offsetIn, type ModelOption, type ModuleContext, type Target } from "../module/target.js";
import { runsOf, seriesOf } from "../runs.js";
import { plainAccess, type Access } from "./access.js";
import { callText, CHECKED_MODULE_NAMES, checkedAccess, checkedText, entryText } from "./checked.js";
import { newWriter, printKernel, withStreams, type KernelText } from "./kernel.js";
import { RESERVED } from "./names.js";
import { verifyNames } from "./verify-names.js";
import { helpers, type Helper } from "./scalars.js";
import { Tables } from "./tables.js";

/** Counts the turns of a run. */
const TURN = "block";

const MODULE_NAMES = ["tile", "numbers", "arenaFor", TURN, ...Object.keys(helpers)];

/** Counts the turns of a program's loop, by the number of loops around it. */
const timeName = (depth: number): string => `time${depth === 0 ? "" : depth + 1}`;

/** The most loops of a program within one another. */
const loopsIn = (items: readonly ProgramItem[]): number =>
  Math.max(0, ...items.map((item) => (item.kind === "call" ? 0 : 1 + loopsIn(item.body))));

interface Function {
  readonly name: string;
  /** With marks for the random streams. */
  readonly text: KernelText;
  /** Its docstring, or nothing. */
  readonly comment: string;
  readonly slotNames: readonly string[];
  readonly streamNames: readonly string[];
}

/** A call as it is printed: a function, and where its buffers and streams are. */
interface Caller {
  readonly call: Call;
  readonly program: Program;
}

/** Prints the module's text. */
export function emitTypescript(spec: ModuleSpec, plan: Plan, checked: CheckedCalls | undefined): EmittedTypescript {
  const writer = newWriter();
  const context = contextOf(spec, plan);
  writeModule(writer, context, new TypescriptTarget(context, checked));
  return { source: writer.toString() };
}

export interface EmittedTypescript {
  readonly source: string;
  /** Which of its lines compute which kernel. */
  readonly spans?: readonly Span[];
}

class TypescriptTarget implements Target {
  private readonly names: Identifiers;
  private readonly functions = new Map<string, Function>();
  private readonly byKernel = new Map<Kernel, Function>();
  private readonly callers = new Map<Function, Caller[]>();
  private readonly streams = new Map<Kernel, readonly number[]>();
  private readonly tables: Tables;

  constructor(
    private readonly context: ModuleContext,
    private readonly checked: CheckedCalls | undefined,
  ) {
    const deepest = Math.max(...context.spec.entries.map(({ program }) => loopsIn(program.items)));
    const turns = Array.from({ length: deepest }, (_, depth) => timeName(depth));
    this.names = functionNames(context, [...MODULE_NAMES, ...turns, ...(checked ? CHECKED_MODULE_NAMES : [])]);
    for (const { program } of context.spec.entries) {
      for (const call of callsOf(program.items)) {
        const made = this.functionOf(call);
        const callers = this.callers.get(made);
        if (callers) callers.push({ call, program });
        else this.callers.set(made, [{ call, program }]);
      }
    }
    this.tables = new Tables((name) => this.names.unique(name));
    for (const { program } of context.spec.entries) this.prepare(program.items, program);
  }

  /** Finds the runs of an entry's calls, whose tables are printed before the functions that use them. */
  private prepare(items: readonly ProgramItem[], program: Program): void {
    this.passagesOf(items, program);
    for (const item of items) if (item.kind === "repeat") this.prepare(item.body, program);
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
      {
        float: this.context.plan.float,
        access: this.access,
      },
    );
    this.streams.set(kernel, canonical.streams);
    const key = `${kernel.slots.map((s) => s.dtype).join()}|${canonical.body}`;
    const made = this.functions.get(key) ?? this.newFunction(kernel, canonical);
    this.functions.set(key, made);
    this.byKernel.set(kernel, made);
    return made;
  }

  private get access(): Access {
    return this.checked ? checkedAccess : plainAccess;
  }

  private newFunction(kernel: Kernel, canonical: KernelText): Function {
    const local = new Identifiers();
    for (const name of canonical.names) local.unique(name);
    const slotNames = kernel.slots.map((slot) => local.unique(`${slot.name} at`));
    // eslint-disable-next-line no-control-regex -- the placeholders above
    const body = canonical.body.replace(/\u0000(\d+)\u0000/g, (_, slot: string) => slotNames[Number(slot)]!);
    verifyNames(kernel.name, body, [...RESERVED, ...this.access.names, ...slotNames]);
    const comment = kernelComment(kernel, this.context.spec.meaningOf(kernel));
    const streamNames = canonical.streams.map(() => local.unique("stream"));
    return { name: this.names.unique(kernel.name), text: { ...canonical, body }, comment, slotNames, streamNames };
  }

  readonly options: readonly ModelOption[] = [
    { name: "buffer", doc: ["An ArrayBuffer to live in, of at least ARENA_BYTES."], type: "ArrayBuffer" },
  ];

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
    if (this.checked) writer.writeLine(checkedText(this.checked, scratch)).blankLine();
    for (const helper of used) writer.writeLine(helpers[helper]).blankLine();
    const types: Record<string, string> = {
      f: this.context.floats,
      i32: "Int32Array",
      u8: "Uint8Array",
      rows: "number",
    };
    for (const { name, values } of this.tables.all) {
      writer.writeLine(`const ${name}: readonly number[] = [${values.join(", ")}];`).blankLine();
    }
    for (const made of this.functions.values()) {
      const { name, text, comment, slotNames } = made;
      const offsets = this.fixedOffsets(made);
      const parameters = text.arguments.map((a) => `${a}: ${types[a]}`);
      if (!offsets) parameters.push(...slotNames.map((s) => `${s}: number`));
      const streams = this.fixedStreams(made);
      if (!streams) parameters.push(...made.streamNames.map((s) => `${s}: number`));
      if (comment !== "") writer.writeLine(comment);
      writer.write(`function ${name}(${parameters.join(", ")}): void`).block(() => {
        slotNames.forEach((slot, i) => offsets && writer.writeLine(`const ${slot} = ${offsets[i]};`));
        writer.write(withStreams(text.body.trimEnd(), streams?.map(String) ?? made.streamNames));
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

  /** The streams of a function whose kernels all draw from the same ones. */
  private fixedStreams(made: Function): readonly number[] | undefined {
    const all = this.callers.get(made)!.map(({ call }) => this.streams.get(call.kernel)!);
    return all.every((streams) => streams.join() === all[0]!.join()) ? all[0]! : undefined;
  }

  writeFactories(writer: CodeBlockWriter, body: () => void): void {
    const { type } = this.context;
    writer.writeLine(arenaFor).blankLine();
    writer.writeLine(`/** Makes a model: its own memory, sharing the code. */`);
    writer.write(`export function create${type}(options: ${type}Options = {}): ${type}`).block(() => {
      writer.writeLine(`checkOptions(options);`);
      writer.writeLine(`const arena = arenaFor(options.buffer);`);
      body();
    });
  }

  writeRun(writer: CodeBlockWriter, program: Program, rows: string): void {
    if (this.checked) writer.writeLine(entryText(literal(program.entry)));
    this.writeItems(writer, program.items, program, new Map(), rows);
  }

  private writeItems(
    writer: CodeBlockWriter,
    items: readonly ProgramItem[],
    program: Program,
    loops: Map<LoopIdentity, string>,
    rows: string,
  ): void {
    for (const passage of this.passagesOf(items, program)) {
      if (passage.kind === "run") {
        const head = `for (let ${TURN} = 0; ${TURN} < ${passage.count}; ${TURN}++)`;
        writer.write(head).block(() => {
          for (const { call, turns, numbers } of passage.calls) {
            const places = turns.map((turn) => this.checked?.placeOf(turn, program));
            if (this.checked) writer.writeLine(callText(`[${places.join(", ")}][${TURN}]!`, call.uses.length, rows));
            this.writeCall(writer, call, numbers, loops, rows);
          }
        });
        continue;
      }
      const { item } = passage;
      if (item.kind === "call") {
        if (this.checked) {
          const place = this.checked.placeOf(item, program);
          writer.writeLine(callText(String(place), item.uses.length, rows));
        }
        this.writeCall(writer, item, this.numbersOf(item, program).map(String), loops, rows);
        continue;
      }
      const variable = timeName(loops.size);
      const count = countText(item.count, rows);
      const inner = new Map(loops).set(item.loop, variable);
      const head = item.reverse
        ? `for (let ${variable} = ${count} - 1; ${variable} >= 0; ${variable}--)`
        : `for (let ${variable} = 0; ${variable} < ${count}; ${variable}++)`;
      writer.write(head).block(() => this.writeItems(writer, item.body, program, inner, rows));
    }
  }

  /** `numbers`: where the buffers and streams are, as text. */
  private writeCall(
    writer: CodeBlockWriter,
    call: Call,
    numbers: readonly string[],
    loops: ReadonlyMap<LoopIdentity, string>,
    rows: string,
  ): void {
    const made = this.functionOf(call);
    const leading = made.text.arguments.map((a) => (a === "rows" ? rows : a));
    const offsets = this.fixedOffsets(made) ? [] : call.uses.map((use, i) => useText(use, numbers[i]!, loops, rows));
    const streams = this.fixedStreams(made) ? [] : numbers.slice(call.uses.length);
    writer.writeLine(`${made.name}(${[...leading, ...offsets, ...streams].join(", ")}); // ${callComment(call)}`);
  }

  /** Where a call's buffers begin, and the streams that it draws from. */
  private numbersOf(call: Call, program: Program): number[] {
    const offsets = call.uses.map(({ buffer }) => offsetIn(this.context.plan, buffer, program));
    return [...offsets, ...this.streams.get(call.kernel)!];
  }

  private readonly passages = new Map<Program, Map<readonly ProgramItem[], readonly Passage[]>>();

  /** The items with equal stretches of calls, one after another, as loops. */
  private passagesOf(items: readonly ProgramItem[], program: Program): readonly Passage[] {
    const known = this.passages.get(program) ?? new Map<readonly ProgramItem[], readonly Passage[]>();
    this.passages.set(program, known);
    let found = known.get(items);
    if (found === undefined) known.set(items, (found = this.findPassages(items, program)));
    return found;
  }

  private findPassages(items: readonly ProgramItem[], program: Program): readonly Passage[] {
    const keys = items.map((item) => (item.kind === "call" ? this.callKey(item) : null));
    return runsOf(keys).map((part): Passage => {
      if (part.kind === "single") return { kind: "item", item: items[part.at]! };
      const { first, period, count } = part;
      const turns = (at: number): Call[] =>
        Array.from({ length: count }, (_, turn) => items[first + turn * period + at] as Call);
      const calls = Array.from({ length: period }, (_, at) => {
        const numbers = turns(at).map((call) => this.numbersOf(call, program));
        return {
          call: turns(at)[0]!,
          turns: turns(at),
          series: numbers[0]!.map((_, i) => seriesOf(numbers.map((all) => all[i]!))),
        };
      });
      const texts = this.tables.texts(
        program.entry,
        calls.flatMap(({ series }) => series),
        TURN,
      );
      let next = 0;
      return {
        kind: "run",
        count,
        calls: calls.map(({ call, turns, series }) => ({ call, turns, numbers: series.map(() => texts[next++]!) })),
      };
    });
  }

  /** Equal for calls that differ in numbers only. */
  private callKey(call: Call): string {
    const advance = call.uses.map((use) => use.advance.map(({ loop, stride }) => `${loop.name} ${countText(stride)}`));
    return `${this.functionOf(call).name}|${advance.join("|")}`;
  }
}

type Passage =
  | { readonly kind: "item"; readonly item: ProgramItem }
  | {
      readonly kind: "run";
      readonly count: number;
      readonly calls: readonly {
        readonly call: Call;
        /** The calls that it stands for, one for each turn. */
        readonly turns: readonly Call[];
        readonly numbers: readonly string[];
      }[];
    };

function useText(use: BufferUse, offset: string, loops: ReadonlyMap<LoopIdentity, string>, rows: string): string {
  const parts = [offset];
  for (const { loop, stride } of use.advance) parts.push(`${loops.get(loop)!} * ${countText(stride, rows)}`);
  return parts.join(" + ");
}

const arenaFor = `function arenaFor(buffer: ArrayBuffer | undefined): ArrayBuffer {
  if (buffer === undefined) return new ArrayBuffer(ARENA_BYTES);
  const kind = Object.prototype.toString.call(buffer).slice(8, -1);
  if (!kind.endsWith("ArrayBuffer")) throw new TypeError(\`buffer must be an ArrayBuffer, but it is of type \${kind}\`);
  if (buffer.byteLength >= ARENA_BYTES) return buffer;
  throw new RangeError(\`buffer holds \${buffer.byteLength} bytes; the model needs \${ARENA_BYTES}\`);
}`;
