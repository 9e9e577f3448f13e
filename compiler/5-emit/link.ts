// Linking: which kernels are one function, what a function's calls have in common, and which calls are loops over numbers.
// Decided once for every target, which then only prints.
//
//   calls  f(x at 0), f(x at 64), f(x at 128), g(y at 0)
//   linked f, placed nowhere; g, whose buffer is always at 0
//          for turn < 3: f(0 + 64 * turn); g()

import { memo } from "../../src/graph/memo.js";
import type { Dim } from "../../src/graph/shape.js";
import { canonicalOf } from "../ir/canonical.js";
import type { Kernel } from "../ir/kernel.js";
import type { ModuleSpec } from "../ir/module.js";
import type { BufferUse, Call, LoopIdentity, Program, ProgramItem } from "../ir/program.js";
import { callsOf } from "../ir/walk.js";
import { runsOf, seriesOf, type Run, type Series } from "./runs.js";

/** What targets decide otherwise. */
export interface LinkPolicy {
  /** Gives each function a name of its own. */
  readonly unique: (name: string) => string;
  /** Where a buffer begins, in the units of the target. */
  readonly placeOf: (use: BufferUse, program: Program) => number;
  /** Which functions know where their buffers are: those with one call, or all whose calls agree. */
  readonly placed: "called once" | "calls agree";
}

/** A call and the program that it is in. */
export interface Caller {
  readonly call: Call;
  readonly program: Program;
}

/** A kernel as a function of its buffers' places and its random streams. */
export interface LinkedFunction {
  readonly name: string;
  /** The first of the kernels that it stands for. */
  readonly kernel: Kernel;
  readonly callers: readonly Caller[];
  /** Where the buffers are, one place for each slot, where that is known: they are no arguments. */
  readonly places: readonly number[] | undefined;
  /** The random streams of the kernel that is printed, by which they are told. */
  readonly streams: readonly number[];
  /** Do all calls draw from these very streams? Else they are arguments. */
  readonly hasOwnStreams: boolean;
}

/** A call, or one for each turn of a run of calls that differ in numbers alone. */
export interface LinkedCall {
  readonly kind: "call";
  readonly function: LinkedFunction;
  /** Of a run: the call of the first turn. */
  readonly call: Call;
  /** All calls that it stands for, one for each turn. */
  readonly turns: readonly Call[];
  /** Where its buffers begin, one for each slot; nothing where the function knows it. */
  readonly places: readonly Series[];
  /** The random streams that the function must be told. */
  readonly streams: readonly Series[];
  /** The call that comes right after it. */
  readonly next: Call | undefined;
}

/** A loop of the program. */
export interface LinkedLoop {
  readonly kind: "repeat";
  readonly loop: LoopIdentity;
  readonly count: Dim;
  readonly reverse: boolean;
  readonly body: readonly Passage[];
}

/** Equal stretches of calls, one after the other. */
export interface LinkedRun {
  readonly kind: "run";
  readonly count: number;
  readonly calls: readonly LinkedCall[];
}

export type Passage = LinkedCall | LinkedLoop | LinkedRun;

export interface Linked {
  readonly functions: readonly LinkedFunction[];
  /** What an entry runs. */
  readonly passagesOf: (program: Program) => readonly Passage[];
}

/** Links the programs of all entries. */
export function link({ entries }: Pick<ModuleSpec, "entries">, policy: LinkPolicy): Linked {
  const callersOf = new Map<string, Caller[]>();
  for (const { program } of entries) {
    for (const call of callsOf(program.items)) {
      const { key } = canonicalOf(call.kernel);
      const callers = callersOf.get(key);
      if (callers) callers.push({ call, program });
      else callersOf.set(key, [{ call, program }]);
    }
  }
  const functions = new Map([...callersOf].map(([key, callers]) => [key, functionOf(callers, policy)]));
  const linker = new Linker((kernel) => functions.get(canonicalOf(kernel).key)!, policy);
  return {
    functions: [...functions.values()],
    passagesOf: memo((program) => linker.passages(program.items, program)),
  };
}

function functionOf(callers: readonly Caller[], policy: LinkPolicy): LinkedFunction {
  const { kernel } = callers[0]!.call;
  const { streams } = canonicalOf(kernel);
  return {
    name: policy.unique(kernel.name),
    kernel,
    callers,
    places: commonPlaces(callers, policy),
    streams,
    hasOwnStreams: callers.every(({ call }) => areEqual(canonicalOf(call.kernel).streams, streams)),
  };
}

function commonPlaces(callers: readonly Caller[], { placed, placeOf }: LinkPolicy): readonly number[] | undefined {
  if (placed === "called once" && callers.length > 1) return undefined;
  if (callers.some(({ call }) => call.uses.some(({ advance }) => advance.length > 0))) return undefined;
  const [first, ...others] = callers.map(({ call, program }) => call.uses.map((use) => placeOf(use, program)));
  return others.every((places) => areEqual(places, first!)) ? first : undefined;
}

const areEqual = (a: readonly number[], b: readonly number[]): boolean => a.every((value, n) => value === b[n]);

class Linker {
  constructor(
    private readonly functionOf: (kernel: Kernel) => LinkedFunction,
    private readonly policy: LinkPolicy,
  ) {}

  passages(items: readonly ProgramItem[], program: Program): readonly Passage[] {
    return runsOf(items.map((item) => this.keyOf(item))).map((part): Passage => {
      if (part.kind === "run") return this.run(items as readonly Call[], part, program);
      const item = items[part.at]!;
      if (item.kind === "call") return this.call([item], items[part.at + 1], program);
      const { kind, loop, count, reverse, body } = item;
      return { kind, loop, count, reverse, body: this.passages(body, program) };
    });
  }

  private run(items: readonly Call[], { first, period, count }: Run, program: Program): LinkedRun {
    const calls = Array.from({ length: period }, (_, at) => {
      const turns = Array.from({ length: count }, (_, turn) => items[first + turn * period + at]!);
      return this.call(turns, at + 1 < period ? items[first + at + 1] : undefined, program);
    });
    return { kind: "run", count, calls };
  }

  private call(turns: readonly Call[], next: ProgramItem | undefined, program: Program): LinkedCall {
    const call = turns[0]!;
    const made = this.functionOf(call.kernel);
    const places = turns.map(({ uses }) => uses.map((use) => this.policy.placeOf(use, program)));
    const streams = turns.map(({ kernel }) => canonicalOf(kernel).streams);
    return {
      kind: "call",
      function: made,
      call,
      turns,
      places: made.places ? [] : byArgument(places),
      streams: made.hasOwnStreams ? [] : byArgument(streams),
      next: next?.kind === "call" ? next : undefined,
    };
  }

  /** Equal for calls that differ in numbers alone; null for what is no call. */
  private keyOf(item: ProgramItem): string | null {
    if (item.kind === "repeat") return null;
    const advance = item.uses.map((use) =>
      use.advance.map(({ loop, stride }) => `${loop.name} ${stride.times}^${stride.power}`).join(),
    );
    return `${this.functionOf(item.kernel).name}|${advance.join("|")}`;
  }
}

/** Lists of arguments, one for each turn, as one series for each argument. */
const byArgument = (turns: readonly (readonly number[])[]): readonly Series[] =>
  turns[0]!.map((_, n) => seriesOf(turns.map((all) => all[n]!)));
