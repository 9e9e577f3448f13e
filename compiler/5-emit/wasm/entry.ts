// An entry as a function that calls the kernels one by one, in loops where the program has them or repeats itself.

import type { Dim } from "../../../src/graph/shape.js";
import type { BufferUse, Call, LoopIdentity } from "../../ir/program.js";
import { hasComputed } from "../../ir/computed.js";
import type { LinkedCall, LinkedFunction, LinkedLoop, LinkedRun, Passage } from "../link.js";
import { seriesOf, type Series } from "../runs.js";
import { afterLooking, beforeLooking, startLooking } from "./indices.js";
import { byFirstThread, eachPart } from "./crew.js";
import { add, FunctionText, i32, multiply } from "./text.js";
import { partsOf } from "./threads.js";

/** What an entry must know of the module that it is in. */
export interface Surroundings {
  /** The bytes of an element. */
  readonly bytesOf: (use: BufferUse) => number;
  /** The address of a table of 32-bit numbers with these values. */
  readonly tableOf: (values: readonly number[]) => number;
  /** In a checked build: where the slots of a call lie in the table, and the lines before it. */
  readonly checks: EntryChecks | undefined;
}

export interface EntryChecks {
  readonly entry: string;
  readonly placeOf: (call: Call) => number;
  readonly before: (made: LinkedFunction, place: string) => readonly string[];
}

/** The head of the function is the caller's. */
export function entryFunction(head: string, passages: readonly Passage[], module: Surroundings): string {
  const entry = new EntryText(module);
  if (passages.some(looks)) entry.writer.line(startLooking);
  if (module.checks) entry.writer.line(module.checks.entry);
  entry.passages(passages, new Map());
  return entry.writer.print(head);
}

/** Does it look at computed indices? */
function looks(passage: Passage): boolean {
  if (passage.kind === "call") return hasComputed(passage.call.kernel);
  return (passage.kind === "run" ? passage.calls : passage.body).some(looks);
}

class EntryText {
  readonly writer = new FunctionText();

  constructor(private readonly module: Surroundings) {
    this.writer.parameter("rows");
  }

  passages(passages: readonly Passage[], loops: ReadonlyMap<LoopIdentity, string>): void {
    for (const passage of passages) {
      if (passage.kind === "call") this.call(passage, "", loops);
      else if (passage.kind === "run") this.run(passage, loops);
      else this.loop(passage, loops);
    }
  }

  private loop(item: LinkedLoop, loops: ReadonlyMap<LoopIdentity, string>): void {
    const count = rowsTimes(item.count);
    const turn = this.writer.local("turn", "i32");
    const time = this.writer.local("time", "i32");
    this.writer.line(`(local.set ${turn} ${i32(0)})`);
    this.writer.loop(turn, 1, count, true, () => {
      const at = item.reverse ? `(i32.sub ${add(count, i32(-1))} (local.get ${turn}))` : `(local.get ${turn})`;
      this.writer.line(`(local.set ${time} ${at})`);
      this.passages(item.body, new Map(loops).set(item.loop, `(local.get ${time})`));
    });
  }

  /** Stretches of calls that differ in numbers only, as one loop. */
  private run({ count, calls }: LinkedRun, loops: ReadonlyMap<LoopIdentity, string>): void {
    const block = this.writer.local("block", "i32");
    this.writer.line(`(local.set ${block} ${i32(0)})`);
    this.writer.loop(block, 1, i32(count), true, () => {
      for (const call of calls) this.call(call, `(local.get ${block})`, loops);
    });
  }

  private numberAt(series: Series, turn: string): string {
    if (!("values" in series)) return add(i32(series.base), multiply(turn, i32(series.stride)));
    return `(i32.load offset=${this.module.tableOf(series.values)} ${multiply(turn, i32(4))})`;
  }

  /** `turn`: the turn of the run that the call is in. */
  private call(
    { function: made, call, turns, places, streams, next }: LinkedCall,
    turn: string,
    loops: ReadonlyMap<LoopIdentity, string>,
  ): void {
    const { checks } = this.module;
    if (checks) {
      const place = this.numberAt(seriesOf(turns.map(checks.placeOf)), turn);
      for (const line of checks.before(made, place)) this.writer.line(line);
    }
    const bases = places.map((series, slot) => this.advanced(call.uses[slot]!, this.numberAt(series, turn), loops));
    const told = streams.map((series) => this.numberAt(series, turn));
    const textOf = (part: readonly string[]): string =>
      `(call $${made.name} ${["(local.get $rows)", ...bases, ...told, ...part].join(" ")})`;
    const parts = partsOf(made.kernel);
    const looks = hasComputed(made.kernel);
    if (looks) this.writer.line(beforeLooking);
    if (parts !== undefined) eachPart(parts, this.writer, textOf);
    else this.writer.line(byFirstThread(textOf([])));
    // What one thread does alone, one after the other, needs nobody's waiting.
    const alone = parts === undefined && next !== undefined && partsOf(next.kernel) === undefined;
    if (!alone || looks) this.writer.line("(call $barrier)");
    if (looks) this.writer.line(afterLooking);
  }

  private advanced(use: BufferUse, place: string, loops: ReadonlyMap<LoopIdentity, string>): string {
    const bytes = this.module.bytesOf(use);
    return use.advance
      .map(({ loop, stride }) => multiply(loops.get(loop)!, rowsTimes({ ...stride, times: stride.times * bytes })))
      .reduce(add, place);
  }
}

/** A size as an integer. */
function rowsTimes({ times, power }: Dim): string {
  return Array.from({ length: power }, () => "(local.get $rows)").reduce(multiply, i32(times));
}
