// What a phase is, and the driver: it runs a phase, verifies what it made, and tells of it where someone listens.

import type { Entry } from "../src/graph/network.js";
import type { Node } from "../src/graph/node.js";
import { rootsOf } from "./0-declare/entry-names.js";
import { runPass, type LoopContext, type LoopPass } from "./4-loops/index.js";
import { verifyProgram } from "./ir/verify/index.js";
import type { FusedEntry } from "./programs.js";
import type { EntryItems, GraphEvent, Told } from "./trace.js";
import { verifyGraph, type GraphLevel } from "./verify.js";

/** One step of the compiler: a pure function, and what must hold of its result. */
export interface Phase<Before, After, Context, Event> {
  readonly name: string;
  /** `record` is there when someone listens, and is told what happens. */
  readonly run: (before: Before, context: Context, record?: (event: Event) => void) => After;
  /** Throws an invariant error when the result is not what the phase, of that name, leaves behind. */
  readonly verify: (after: After, name: string) => void;
}

/** Runs a phase, verifies what it made, and tells of it. Nobody listening, nothing is written down. */
export function run<Before, After, Context, Event>(
  { name, run: make, verify }: Phase<Before, After, Context, Event>,
  before: Before,
  context: Context,
  tell?: (told: Told<Before, After, Event>) => void,
): After {
  const events: Event[] = [];
  const start = tell ? performance.now() : 0;
  const after = make(before, context, tell && ((event) => void events.push(event)));
  const ms = tell ? performance.now() - start : 0;
  verify(after, name);
  tell?.({ phase: name, before, after, events, ms });
  return after;
}

/** Runs phases one after the other. */
export const drive = <State, Context, Event>(
  phases: readonly Phase<State, State, Context, Event>[],
  first: State,
  context: Context,
  tell?: (told: Told<State, State, Event>) => void,
): State => phases.reduce((state, each) => run(each, state, context, tell), first);

/** A phase from entries to entries. */
export type GraphPhase = Phase<readonly Entry[], readonly Entry[], undefined, GraphEvent>;

type Pass = (roots: readonly Node[], options: { readonly record?: RecordGraph }) => readonly Node[];
type RecordGraph = ((event: GraphEvent) => void) | undefined;
type OverEntries = (entries: readonly Entry[], record: RecordGraph) => readonly Entry[];

/** Passes over graphs, in order, after which the graph is of the level. */
export const graphPhase = (name: string, level: GraphLevel, ...passes: readonly OverEntries[]): GraphPhase => ({
  name,
  run: (entries, _, record) => passes.reduce((before, pass) => pass(before, record), entries),
  verify: verifyEntries(level),
});

export const verifyEntries =
  (level: GraphLevel) =>
  (entries: readonly Entry[], after: string): void =>
    verifyGraph(entries.flatMap(rootsOf), after, level);

/** Applies a pass to all roots together, so that what entries share stays shared: a gradient is derived once. */
export const together =
  (pass: Pass): OverEntries =>
  (entries, record) => {
    const roots = pass(entries.flatMap(rootsOf), { record });
    let next = 0;
    return entries.map((entry) => ({
      ...entry,
      results: entry.results.map((result) => ({ ...result, value: roots[next++]! })),
      updates: entry.updates.map((update) => ({ ...update, value: roots[next++]! })),
    }));
  };

/** Applies a pass to the roots of each entry alone. */
export const eachAlone =
  (pass: Pass): OverEntries =>
  (entries, record) =>
    entries.flatMap((entry) => together(pass)([entry], record));

/** What a pass over kernels may know, beside the program: whose it is, and what it is made for. */
export interface KernelContext extends LoopContext {
  readonly entry: string;
}

/** A pass over the programs of all entries. */
export type KernelPass = Phase<readonly FusedEntry[], readonly FusedEntry[], LoopContext, never>;

/** A pass over the program of each entry. */
export const kernelPass = (
  name: string,
  pass: (items: EntryItems["items"], context: KernelContext) => EntryItems["items"],
): KernelPass => ({
  name,
  run: (programs, context) =>
    programs.map((each) => ({ ...each, items: pass(each.items, { ...context, entry: each.entry }) })),
  verify: verifyItems,
});

/** A pass over the loops of all kernels, each of which is looked at once. */
export const loopPass = (pass: LoopPass): KernelPass => ({
  name: pass.name,
  run: (programs, context) => runPass(pass, programs, context),
  verify: verifyItems,
});

export const verifyItems = (programs: readonly EntryItems[], after: string): void =>
  programs.forEach((program) => verifyProgram(program, after));
