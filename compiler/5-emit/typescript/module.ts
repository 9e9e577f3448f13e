// The TypeScript target: kernels are functions over the arena's views, and an entry calls them one by one.

import type CodeBlockWriter from "code-block-writer";
import type { Plan } from "../../ir/layout.js";
import type { ModuleSpec } from "../../ir/module.js";
import type { BufferUse, LoopIdentity, Program, ProgramItem } from "../../ir/program.js";
import type { Span } from "../../ir/spans.js";
import type { CheckedCalls } from "../checked/calls.js";
import { Identifiers, literal } from "../identifier.js";
import { link, type Linked, type LinkedCall, type LinkedFunction, type LinkedRun, type Passage } from "../link.js";
import { callComment, kernelComment } from "../module/comments.js";
import { countText } from "../module/model.js";
import { contextOf, functionNames, writeModule } from "../module/skeleton.js";
import { offsetIn, type ModelOption, type ModuleContext, type Target } from "../module/target.js";
import { seriesText } from "../runs.js";
import { plainAccess, type Access } from "./access.js";
import { callText, CHECKED_MODULE_NAMES, checkedAccess, checkedText, entryText } from "./checked.js";
import { newWriter, printKernel, type KernelText } from "./kernel.js";
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

interface Printed {
  readonly text: KernelText;
  /** Its docstring, or nothing. */
  readonly comment: string;
  readonly slotNames: readonly string[];
  /** The names of the random streams that it is told. */
  readonly streamNames: readonly string[];
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
  private readonly linked: Linked;
  private readonly printed: ReadonlyMap<LinkedFunction, Printed>;
  private readonly tables: Tables;
  /** Of each run the arguments of its calls as text, where they differ from turn to turn. */
  private readonly numbers = new Map<LinkedCall, readonly string[]>();

  constructor(
    private readonly context: ModuleContext,
    private readonly checked: CheckedCalls | undefined,
  ) {
    const { spec, plan } = context;
    const deepest = Math.max(...spec.entries.map(({ program }) => loopsIn(program.items)));
    const turns = Array.from({ length: deepest }, (_, depth) => timeName(depth));
    this.names = functionNames(context, [...MODULE_NAMES, ...turns, ...(checked ? CHECKED_MODULE_NAMES : [])]);
    this.linked = link(spec, {
      unique: (name) => this.names.unique(name),
      placeOf: ({ buffer }, program) => offsetIn(plan, buffer, program),
      // Constants, which the engine folds.
      placed: "called once",
    });
    this.printed = new Map(this.linked.functions.map((made) => [made, this.print(made)]));
    this.tables = new Tables((name) => this.names.unique(name));
    for (const { program } of spec.entries) this.prepare(this.linked.passagesOf(program), program);
  }

  /** Tables of the runs of an entry are printed before the functions that use them. */
  private prepare(passages: readonly Passage[], program: Program): void {
    for (const passage of passages) if (passage.kind === "run") this.prepareRun(passage, program);
    for (const passage of passages) if (passage.kind === "repeat") this.prepare(passage.body, program);
  }

  private prepareRun({ calls }: LinkedRun, program: Program): void {
    const series = calls.flatMap(({ places, streams }) => [...places, ...streams]);
    const texts = this.tables.texts(program.entry, series, TURN);
    let next = 0;
    for (const call of calls) {
      const count = call.places.length + call.streams.length;
      this.numbers.set(call, texts.slice(next, (next += count)));
    }
  }

  private get access(): Access {
    return this.checked ? checkedAccess : plainAccess;
  }

  private print({ kernel, streams, hasOwnStreams }: LinkedFunction): Printed {
    const local = new Identifiers();
    const slotNames = kernel.slots.map((slot) => local.unique(`${slot.name} at`));
    const streamNames = hasOwnStreams ? [] : streams.map(() => local.unique("stream"));
    const text = printKernel(kernel, {
      float: this.context.plan.float,
      access: this.access,
      slotNames,
      taken: streamNames,
      stream: hasOwnStreams ? String : (value) => streamNames[streams.indexOf(value)]!,
    });
    verifyNames(kernel.name, text.body, [...RESERVED, ...this.access.names, ...slotNames, ...streamNames]);
    return { text, comment: kernelComment(kernel, this.context.spec.meaningOf(kernel)), slotNames, streamNames };
  }

  readonly options: readonly ModelOption[] = [
    { name: "buffer", doc: ["An ArrayBuffer to live in, of at least ARENA_BYTES."], type: "ArrayBuffer" },
  ];

  writeCode(writer: CodeBlockWriter): void {
    const used = new Set<Helper>();
    let scratch = 0;
    for (const { text } of this.printed.values()) {
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
    for (const [{ name, places }, { text, comment, slotNames, streamNames }] of this.printed) {
      const parameters = text.arguments.map((a) => `${a}: ${types[a]}`);
      parameters.push(...[...(places ? [] : slotNames), ...streamNames].map((s) => `${s}: number`));
      if (comment !== "") writer.writeLine(comment);
      writer.write(`function ${name}(${parameters.join(", ")}): void`).block(() => {
        slotNames.forEach((slot, i) => places && writer.writeLine(`const ${slot} = ${places[i]};`));
        writer.write(text.body.trimEnd());
      });
      writer.blankLine();
    }
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
    this.writePassages(writer, this.linked.passagesOf(program), program, new Map(), rows);
  }

  private writePassages(
    writer: CodeBlockWriter,
    passages: readonly Passage[],
    program: Program,
    loops: ReadonlyMap<LoopIdentity, string>,
    rows: string,
  ): void {
    for (const passage of passages) {
      if (passage.kind === "call") this.writeCall(writer, passage, program, loops, rows);
      else if (passage.kind === "run") {
        const head = `for (let ${TURN} = 0; ${TURN} < ${passage.count}; ${TURN}++)`;
        writer.write(head).block(() => {
          for (const call of passage.calls) this.writeCall(writer, call, program, loops, rows);
        });
      } else {
        const variable = timeName(loops.size);
        const count = countText(passage.count, rows);
        const inner = new Map(loops).set(passage.loop, variable);
        const head = passage.reverse
          ? `for (let ${variable} = ${count} - 1; ${variable} >= 0; ${variable}--)`
          : `for (let ${variable} = 0; ${variable} < ${count}; ${variable}++)`;
        writer.write(head).block(() => this.writePassages(writer, passage.body, program, inner, rows));
      }
    }
  }

  private writeCall(
    writer: CodeBlockWriter,
    linked: LinkedCall,
    program: Program,
    loops: ReadonlyMap<LoopIdentity, string>,
    rows: string,
  ): void {
    const { call, turns, places, streams } = linked;
    if (this.checked) {
      const all = turns.map((turn) => this.checked!.placeOf(turn, program));
      const place = this.numbers.has(linked) ? `[${all.join(", ")}][${TURN}]!` : String(all[0]);
      writer.writeLine(callText(place, call.uses.length, rows));
    }
    const numbers = this.numbers.get(linked) ?? [...places, ...streams].map((one) => seriesText(one, TURN));
    const leading = this.printed.get(linked.function)!.text.arguments.map((a) => (a === "rows" ? rows : a));
    const offsets = places.map((_, i) => useText(call.uses[i]!, numbers[i]!, loops, rows));
    const all = [...leading, ...offsets, ...numbers.slice(places.length)];
    writer.writeLine(`${linked.function.name}(${all.join(", ")}); // ${callComment(call)}`);
  }
}

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
