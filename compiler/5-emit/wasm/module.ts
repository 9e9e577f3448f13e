// The WebAssembly module: a function for each kernel, and one exported function for each entry, which calls them.

import { bytesPerElement, type Plan } from "../../ir/layout.js";
import type { ModuleSpec } from "../../ir/module.js";
import type { Program } from "../../ir/program.js";
import type { CheckedCalls } from "../checked/calls.js";
import { Identifiers } from "../identifier.js";
import { link, type Linked, type LinkedFunction } from "../link.js";
import { plainAccess } from "./access.js";
import {
  callLines,
  CHECK_FUNCTIONS,
  checkedAccess,
  checkedTable,
  checkedText,
  checkFunctions,
  entryLine,
  rowAddress,
  WORDS_BYTES,
  type CheckedPlaces,
} from "./checked.js";
import { CONTROL, CREW_FUNCTIONS, crewText, LINE, THREAD_IMPORTS } from "./crew.js";
import { entryFunction } from "./entry.js";
import { hashFunctions } from "./hash.js";
import { INDEX_FUNCTIONS, indexFunctions } from "./indices.js";
import { kernelFunction, type KernelOptions, type KernelText } from "./kernel.js";
import type { VectorOp } from "./math/builder.js";
import { withGlobals } from "./math/constants.js";
import { routineFunction } from "./math/function.js";
import { vectorRoutines } from "./math/index.js";

/** What a memory may have at most. It has what it needs, and never grows. */
const MOST_PAGES = 65536;

/** Vectors are read whole: the last one may reach beyond the arena or the scratch memory behind it. */
const SLACK = 64;

const align = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

export interface WasmText {
  readonly text: string;
  /** The functions of the module's JavaScript that it calls, in doubles. */
  readonly imports: readonly VectorOp[];
  /** The byte from which on the threads' words lie, behind the arena. */
  readonly control: number;
  /** The byte from which on kernels write for themselves, and how much each thread has of that. */
  readonly scratch: number;
  readonly scratchBytes: number;
  /** The ops whose computed indices are looked at. */
  readonly computedOps: readonly string[];
  /** In a checked build: its text in TypeScript. */
  readonly checked: string | undefined;
}

/** Prints the module. */
export function wasmText(spec: ModuleSpec, plan: Plan, checked: CheckedCalls | undefined): WasmText {
  return new ModuleText(spec, plan, checked).print();
}

class ModuleText {
  private readonly names = new Identifiers();
  private readonly linked: Linked;
  private readonly texts = new Map<LinkedFunction, KernelText>();
  private scratchBytes = 0;
  private readonly uses = new Set<VectorOp | "hash">();
  private readonly computedOps: string[] = [];
  /** Addresses by values. */
  private readonly tables = new Map<string, number>();
  private tablesEnd: number;
  /** Where the slots of all calls are told. */
  private readonly checkedTable: number;

  constructor(
    private readonly spec: ModuleSpec,
    private readonly plan: Plan,
    private readonly checked: CheckedCalls | undefined,
  ) {
    this.tablesEnd = this.tablesStart;
    this.checkedTable = checked ? this.tableOf(checkedTable(checked)) : 0;
    for (const name of [
      "hash",
      "hash4",
      ...CREW_FUNCTIONS,
      ...INDEX_FUNCTIONS,
      ...CHECK_FUNCTIONS,
      ...Object.keys(vectorRoutines),
    ])
      this.names.unique(name);
    this.linked = link(spec, {
      unique: (name) => this.names.unique(name),
      placeOf: ({ buffer }, program) => plan.placeOf(buffer, program).offset,
      placed: "calls agree",
    });
  }

  print(): WasmText {
    const kernels = this.linked.functions.map((made) => this.kernelText(made));
    const entries = this.spec.entries.map(({ name, program }) => this.entryText(name, program));
    const routines = withGlobals(this.plan.float === "float32" ? this.routineTexts() : []);
    const imports = this.importsOf();
    const { checked } = this;
    const words = align(this.tablesEnd);
    const control = checked ? words + WORDS_BYTES : words;
    const shadow = control + CONTROL.bytes;
    const scratch = checked ? align(shadow + 2 * this.plan.arenaBytes) : shadow;
    const ownBytes = align(this.scratchBytes + SLACK);
    const places: CheckedPlaces = { table: this.checkedTable, words, shadow };
    const lines = [
      `(module`,
      `(import "env" "memory" (memory 1 ${MOST_PAGES}))`,
      ...THREAD_IMPORTS,
      ...imports.map((op) => {
        const operands = Array.from({ length: vectorRoutines[op].parameters }, () => "f64").join(" ");
        return `(import "math" "${op}" (func $math.${op} (param ${operands}) (result f64)))`;
      }),
      ...routines.globals,
      ...(this.uses.has("hash") ? [hashFunctions] : []),
      ...routines.functions,
      ...kernels,
      crewText(control),
      ...(this.computedOps.length > 0 ? [indexFunctions(control)] : []),
      ...(checked ? [checkFunctions(places, ownBytes)] : []),
      ...entries,
      ...this.tableTexts(),
      `)`,
    ];
    const scratchBytes = checked ? 2 * ownBytes : ownBytes;
    const text = checked ? checkedText(checked, places) : undefined;
    const { computedOps } = this;
    return { text: lines.join("\n"), imports, control, scratch, scratchBytes, computedOps, checked: text };
  }

  private get options(): KernelOptions {
    const access = this.checked ? checkedAccess : plainAccess;
    return { float: this.plan.float, capacity: this.spec.capacity, access, computedOps: this.computedOps };
  }

  private kernelText(made: LinkedFunction): string {
    const { name, kernel, places, streams, hasOwnStreams } = made;
    const printed = kernelFunction(name, kernel, {
      ...this.options,
      bases: places,
      streams: hasOwnStreams ? [] : streams,
    });
    this.texts.set(made, printed);
    for (const what of printed.uses) this.uses.add(what);
    this.scratchBytes = Math.max(this.scratchBytes, printed.scratchBytes);
    return printed.text;
  }

  private routineTexts(): string[] {
    const wanted = [...this.uses].filter((use) => use !== "hash");
    const texts = new Map<VectorOp, string>();
    for (let op = wanted.pop(); op !== undefined; op = wanted.pop()) {
      if (texts.has(op)) continue;
      const { text, calls } = routineFunction(op, vectorRoutines, false);
      texts.set(op, text);
      wanted.push(...calls);
    }
    return [...texts.values()];
  }

  private importsOf(): VectorOp[] {
    return this.plan.float === "float64" ? [...this.uses].filter((use) => use !== "hash") : [];
  }

  private entryText(name: string, program: Program): string {
    const head = `$${this.names.unique(`run ${name}`)} (export ${exportName(name)}) (param $rows i32)`;
    return entryFunction(head, this.linked.passagesOf(program), {
      bytesOf: ({ buffer }) => bytesPerElement(buffer.dtype, this.plan.float),
      tableOf: (values) => this.tableOf(values),
      checks: this.checked && {
        entry: entryLine,
        placeOf: (call) => rowAddress(this.checkedTable, this.checked!.placeOf(call, program)),
        before: (made, place) => callLines(place, this.texts.get(made)!.scratchBytes),
      },
    });
  }

  /** Tables lie behind the arena, each of them once. */
  private tableOf(values: readonly number[]): number {
    const key = values.join();
    const known = this.tables.get(key);
    if (known !== undefined) return known;
    const address = this.tablesEnd;
    this.tables.set(key, address);
    this.tablesEnd += 4 * values.length;
    return address;
  }

  private get tablesStart(): number {
    return align(this.plan.arenaBytes + SLACK);
  }

  private tableTexts(): string[] {
    const words = [...this.tables.keys()].flatMap((key) => key.split(",").map(Number));
    if (words.length === 0) return [];
    const bytes = new Uint8Array(Int32Array.from(words).buffer);
    return [`(data (i32.const ${this.tablesStart}) "${Array.from(bytes, escaped).join("")}")`];
  }
}

const escaped = (byte: number): string => `\\${byte.toString(16).padStart(2, "0")}`;

/** A string of WebAssembly text. */
const exportName = (name: string): string =>
  `"${[...new TextEncoder().encode(name)]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? String.fromCharCode(byte) : escaped(byte),
    )
    .join("")}"`;
