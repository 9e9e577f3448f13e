// An entry as a function that calls the kernels one by one, in loops where the program has them or repeats itself.

import type { Dim } from "../../../src/graph/shape.js";
import type { Kernel } from "../../ir/kernel.js";
import type { BufferUse, Call, LoopIdentity, Program, ProgramItem } from "../../ir/program.js";
import { hasComputed } from "../../ir/computed.js";
import { callsOf } from "../../ir/walk.js";
import { runsOf, seriesOf, type Run, type Series } from "../runs.js";
import { afterLooking, beforeLooking, startLooking } from "./indices.js";
import { byFirstThread, eachPart } from "./crew.js";
import { add, FunctionText, i32, multiply } from "./text.js";

/** What an entry must know of the module that it is in. */
export interface Surroundings {
  readonly nameOf: (kernel: Kernel) => string;
  /** Does the kernel's function know where its buffers are? */
  readonly isPlaced: (kernel: Kernel) => boolean;
  /** The random streams that the kernel's function must be told. */
  readonly streamsOf: (kernel: Kernel) => readonly number[];
  /** In how many parts each thread takes its range of the kernel; none where one thread must run it as a whole. */
  readonly partsOf: (kernel: Kernel) => string | undefined;
  /** The first byte of a buffer. */
  readonly placeOf: (use: BufferUse, program: Program) => number;
  /** The bytes of an element. */
  readonly bytesOf: (use: BufferUse) => number;
  /** The address of a table of 32-bit numbers with these values. */
  readonly tableOf: (values: readonly number[]) => number;
  /** In a checked build: where the slots of a call lie in the table, and the lines before it. */
  readonly checks: EntryChecks | undefined;
}

export interface EntryChecks {
  readonly entry: string;
  readonly placeOf: (call: Call, program: Program) => number;
  readonly before: (call: Call, place: string) => readonly string[];
}

/** The head of the function is the caller's. */
export function entryFunction(head: string, program: Program, module: Surroundings): string {
  const entry = new EntryText(program, module);
  if (callsOf(program.items).some(({ kernel }) => hasComputed(kernel))) entry.writer.line(startLooking);
  if (module.checks) entry.writer.line(module.checks.entry);
  entry.items(program.items, new Map());
  return entry.writer.print(head);
}

class EntryText {
  readonly writer = new FunctionText();

  constructor(
    private readonly program: Program,
    private readonly module: Surroundings,
  ) {
    this.writer.parameter("rows");
  }

  items(items: readonly ProgramItem[], loops: ReadonlyMap<LoopIdentity, string>): void {
    for (const part of runsOf(items.map((item) => this.keyOf(item)))) {
      if (part.kind === "run") this.run(items as readonly Call[], part, loops);
      else this.item(items[part.at]!, items[part.at + 1], loops);
    }
  }

  private item(item: ProgramItem, next: ProgramItem | undefined, loops: ReadonlyMap<LoopIdentity, string>): void {
    if (item.kind === "call") {
      this.check(item, () => i32(this.module.checks!.placeOf(item, this.program)));
      this.call(item, this.numbersOf(item).map(i32), next, loops);
      return;
    }
    const count = rowsTimes(item.count);
    const turn = this.writer.local("turn", "i32");
    const time = this.writer.local("time", "i32");
    this.writer.line(`(local.set ${turn} ${i32(0)})`);
    this.writer.loop(turn, 1, count, true, () => {
      const at = item.reverse ? `(i32.sub ${add(count, i32(-1))} (local.get ${turn}))` : `(local.get ${turn})`;
      this.writer.line(`(local.set ${time} ${at})`);
      this.items(item.body, new Map(loops).set(item.loop, `(local.get ${time})`));
    });
  }

  /** Stretches of calls that differ in numbers only, as one loop. */
  private run(items: readonly Call[], { first, period, count }: Run, loops: ReadonlyMap<LoopIdentity, string>): void {
    const block = this.writer.local("block", "i32");
    this.writer.line(`(local.set ${block} ${i32(0)})`);
    this.writer.loop(block, 1, i32(count), true, () => {
      for (let k = 0; k < period; k++) {
        const turns = Array.from({ length: count }, (_, turn) => items[first + turn * period + k]!);
        this.check(turns[0]!, () => {
          const places = turns.map((call) => this.module.checks!.placeOf(call, this.program));
          return this.numberAt(seriesOf(places), `(local.get ${block})`);
        });
        const numbers = turns.map((call) => this.numbersOf(call));
        const texts = numbers[0]!.map((_, n) =>
          this.numberAt(seriesOf(numbers.map((all) => all[n]!)), `(local.get ${block})`),
        );
        this.call(turns[0]!, texts, k + 1 < period ? items[first + k + 1] : undefined, loops);
      }
    });
  }

  private check(call: Call, place: () => string): void {
    if (!this.module.checks) return;
    for (const line of this.module.checks.before(call, place())) this.writer.line(line);
  }

  /** Where a call's buffers begin, and the streams that it draws from. */
  private numbersOf(call: Call): number[] {
    const places = call.uses.map((use) => this.module.placeOf(use, this.program));
    return [...places, ...this.module.streamsOf(call.kernel)];
  }

  private numberAt(series: Series, turn: string): string {
    if (!("values" in series)) return add(i32(series.base), multiply(turn, i32(series.stride)));
    return `(i32.load offset=${this.module.tableOf(series.values)} ${multiply(turn, i32(4))})`;
  }

  private call(
    call: Call,
    numbers: readonly string[],
    next: ProgramItem | undefined,
    loops: ReadonlyMap<LoopIdentity, string>,
  ): void {
    const bases = this.module.isPlaced(call.kernel)
      ? []
      : call.uses.map((use, slot) => this.advanced(use, numbers[slot]!, loops));
    const streams = numbers.slice(call.uses.length);
    const textOf = (part: readonly string[]): string =>
      `(call $${this.module.nameOf(call.kernel)} ${["(local.get $rows)", ...bases, ...streams, ...part].join(" ")})`;
    const parts = this.module.partsOf(call.kernel);
    const looks = hasComputed(call.kernel);
    if (looks) this.writer.line(beforeLooking);
    if (parts !== undefined) eachPart(parts, this.writer, textOf);
    else this.writer.line(byFirstThread(textOf([])));
    // What one thread does alone, one after the other, needs nobody's waiting.
    const alone = parts === undefined && next?.kind === "call" && this.module.partsOf(next.kernel) === undefined;
    if (!alone || looks) this.writer.line("(call $barrier)");
    if (looks) this.writer.line(afterLooking);
  }

  private advanced(use: BufferUse, place: string, loops: ReadonlyMap<LoopIdentity, string>): string {
    const bytes = this.module.bytesOf(use);
    return use.advance
      .map(({ loop, stride }) => multiply(loops.get(loop)!, rowsTimes({ ...stride, times: stride.times * bytes })))
      .reduce(add, place);
  }

  /** Equal for calls that differ in numbers only; null for what is no call. */
  private keyOf(item: ProgramItem): string | null {
    if (item.kind === "repeat") return null;
    const advance = item.uses.map((use) =>
      use.advance.map(({ loop, stride }) => `${loop.name} ${stride.times}^${stride.power}`).join(),
    );
    return `${this.module.nameOf(item.kernel)}|${advance.join("|")}`;
  }
}

/** A size as an integer. */
function rowsTimes({ times, power }: Dim): string {
  return Array.from({ length: power }, () => "(local.get $rows)").reduce(multiply, i32(times));
}
