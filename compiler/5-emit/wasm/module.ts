// The WebAssembly module: a function for each kernel, and one exported function for each entry, which calls them.

import type { Dim } from "../../../src/graph/shape.js";
import type { Kernel } from "../../ir/kernel.js";
import { bytesPerElement, type Plan } from "../../ir/layout.js";
import type { ModuleSpec } from "../../ir/module.js";
import type { BufferUse, Call, LoopIdentity, Program, ProgramItem } from "../../ir/program.js";
import { callsOf } from "../../ir/walk.js";
import { Identifiers } from "../identifier.js";
import type { ChooseTile, Scheduler } from "../schedule.js";
import { hashFunctions } from "./hash.js";
import { kernelFunction, type KernelOptions } from "./kernel.js";
import type { VectorOp } from "./math/builder.js";
import { routineFunction } from "./math/function.js";
import { vectorRoutines } from "./math/index.js";
import { add, FunctionText, i32, multiply } from "./text.js";
import { barrierText, byFirstThread, CONTROL, dividedVariable, THREAD_IMPORTS } from "./threads.js";

/** What a memory may have at most. It has what it needs, and never grows. */
const MOST_PAGES = 65536;

/** Vectors are read whole: the last one may reach beyond the arena or the scratch memory behind it. */
const SLACK = 64;

const align = (bytes: number): number => Math.ceil(bytes / CONTROL.bytes) * CONTROL.bytes;

export interface WasmText {
  readonly text: string;
  /** The functions of the module's JavaScript that it calls, in doubles. */
  readonly imports: readonly VectorOp[];
  /** The byte from which on the threads' words lie, behind the arena. */
  readonly control: number;
  /** The byte from which on kernels write for themselves, and how much each thread has of that. */
  readonly scratch: number;
  readonly scratchBytes: number;
}

/** Prints the module. */
export function wasmText(spec: ModuleSpec, plan: Plan, scheduler: Scheduler): WasmText {
  return new ModuleText(spec, plan, scheduler).print();
}

interface Function {
  readonly name: string;
  readonly kernel: Kernel;
  readonly callers: { readonly call: Call; readonly program: Program }[];
}

class ModuleText {
  private readonly names = new Identifiers();
  private readonly functions = new Map<string, Function>();
  private readonly byKernel = new Map<Kernel, Function>();
  private scratchBytes = 0;
  private readonly uses = new Set<VectorOp | "hash">();

  constructor(
    private readonly spec: ModuleSpec,
    private readonly plan: Plan,
    private readonly scheduler: Scheduler,
  ) {
    for (const name of ["hash", "hash4", "barrier", ...Object.keys(vectorRoutines)]) this.names.unique(name);
    for (const { program } of spec.entries) {
      for (const call of callsOf(program.items)) this.functionOf(call).callers.push({ call, program });
    }
  }

  print(): WasmText {
    const kernels = [...this.functions.values()].map((made) => this.kernelText(made));
    const entries = this.spec.entries.map(({ name, program }) => this.entryText(name, program));
    const routines = this.plan.float === "float32" ? this.routineTexts() : [];
    const imports = this.importsOf();
    const control = align(this.plan.arenaBytes + SLACK);
    const lines = [
      `(module`,
      `(import "env" "memory" (memory 1 ${MOST_PAGES}))`,
      ...THREAD_IMPORTS,
      ...imports.map((op) => {
        const operands = Array.from({ length: vectorRoutines[op].parameters }, () => "f64").join(" ");
        return `(import "math" "${op}" (func $math.${op} (param ${operands}) (result f64)))`;
      }),
      ...(this.uses.has("hash") ? [hashFunctions] : []),
      ...routines,
      ...kernels,
      barrierText(control),
      ...entries,
      `)`,
    ];
    const scratchBytes = align(this.scratchBytes + SLACK);
    return { text: lines.join("\n"), imports, control, scratch: control + CONTROL.bytes, scratchBytes };
  }

  private optionsFor(kernel: Kernel): KernelOptions {
    const tile: ChooseTile = (outer, nest) => this.scheduler.choose(kernel, outer, nest);
    return { float: this.plan.float, capacity: this.spec.capacity, tile };
  }

  /** The function of a kernel; kernels that differ only in their buffers share one. */
  private functionOf({ kernel }: Call): Function {
    const known = this.byKernel.get(kernel);
    if (known) return known;
    const nameless = { ...kernel, slots: kernel.slots.map((slot) => ({ ...slot, name: "slot" })) };
    const key = kernelFunction("kernel", nameless, this.optionsFor(kernel)).text;
    const made = this.functions.get(key) ?? { name: this.names.unique(kernel.name), kernel, callers: [] };
    this.functions.set(key, made);
    this.byKernel.set(kernel, made);
    return made;
  }

  private kernelText(made: Function): string {
    const bases = this.fixedBases(made);
    const { text, uses, scratchBytes } = kernelFunction(made.name, made.kernel, {
      ...this.optionsFor(made.kernel),
      bases,
    });
    for (const what of uses) this.uses.add(what);
    this.scratchBytes = Math.max(this.scratchBytes, scratchBytes);
    return text;
  }

  /** Where the slots of a function lie, if that is the same in all of its calls. */
  private fixedBases({ callers }: Function): readonly number[] | undefined {
    const places = callers.map(({ call, program }) =>
      call.uses.map((use) => (use.advance.length > 0 ? NaN : this.plan.placeOf(use.buffer, program).offset)),
    );
    const [first] = places;
    return places.every((place) => place.every((offset, n) => offset === first![n])) ? first : undefined;
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
    const writer = new FunctionText();
    writer.parameter("rows");
    this.writeItems(writer, program.items, program, new Map());
    return writer.print(`$${this.names.unique(`run ${name}`)} (export ${exportName(name)}) (param $rows i32)`);
  }

  private writeItems(
    writer: FunctionText,
    items: readonly ProgramItem[],
    program: Program,
    loops: ReadonlyMap<LoopIdentity, string>,
  ): void {
    for (const [n, item] of items.entries()) {
      if (item.kind === "call") {
        const made = this.byKernel.get(item.kernel)!;
        const bases = this.fixedBases(made) ? [] : item.uses.map((use) => this.baseOf(use, program, loops));
        const call = `(call $${made.name} ${["(local.get $rows)", ...bases].join(" ")})`;
        const divided = dividedVariable(item.kernel) !== undefined;
        writer.line(divided ? call : byFirstThread(call));
        const next = items[n + 1];
        const alone = !divided && next?.kind === "call" && dividedVariable(next.kernel) === undefined;
        if (!alone) writer.line("(call $barrier)");
        continue;
      }
      const count = rowsTimes(item.count);
      const turn = writer.local("turn", "i32");
      const time = writer.local("time", "i32");
      writer.line(`(local.set ${turn} ${i32(0)})`);
      writer.loop(turn, 1, count, true, () => {
        const at = item.reverse ? `(i32.sub ${add(count, i32(-1))} (local.get ${turn}))` : `(local.get ${turn})`;
        writer.line(`(local.set ${time} ${at})`);
        this.writeItems(writer, item.body, program, new Map(loops).set(item.loop, `(local.get ${time})`));
      });
    }
  }

  private baseOf(use: BufferUse, program: Program, loops: ReadonlyMap<LoopIdentity, string>): string {
    const bytes = bytesPerElement(use.buffer.dtype, this.plan.float);
    return use.advance
      .map(({ loop, stride }) => multiply(loops.get(loop)!, rowsTimes({ ...stride, times: stride.times * bytes })))
      .reduce(add, i32(this.plan.placeOf(use.buffer, program).offset));
  }
}

/** A size as an integer. */
function rowsTimes({ times, power }: Dim): string {
  return Array.from({ length: power }, () => "(local.get $rows)").reduce(multiply, i32(times));
}

/** A string of WebAssembly text. */
const exportName = (name: string): string =>
  `"${[...new TextEncoder().encode(name)]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\${byte.toString(16).padStart(2, "0")}`,
    )
    .join("")}"`;
