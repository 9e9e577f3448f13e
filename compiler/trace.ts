// What a compilation tells of itself, phase by phase: what was before and after, and what happened in between.

import type { Entry } from "../src/graph/network.js";
import type { SweepEvent } from "./1-differentiate/index.js";
import type { RewriteEvent } from "./2-simplify/index.js";
import type { TargetName } from "./ir/choices.js";
import type { Plan } from "./ir/layout.js";
import type { ProgramItem } from "./ir/program.js";
import type { Span } from "./ir/spans.js";
import type { Names } from "./names/index.js";
import type { FuseDecision } from "./3-fuse/decisions.js";

/** What happened inside of a phase over graphs. {@link TraceEvent} has them in order. */
export type GraphEvent = SweepEvent | RewriteEvent;

/** The program of an entry, while it is made. {@link TraceEvent} has those of all entries. */
export interface EntryItems {
  /** The entry's name. */
  readonly entry: string;
  /** Calls of kernels and loops of calls, in order. */
  readonly items: readonly ProgramItem[];
}

/** A module's text, and which of its lines compute which kernel. {@link TraceEvent} has it at the end. */
export interface EmittedText {
  /** What the text is made for. */
  readonly target: TargetName;
  /** The module as it is emitted, not yet formatted. */
  readonly text: string;
  /** Empty where the target does not say. */
  readonly spans: readonly Span[];
}

/** What all phases tell. */
export interface Told<Before, After, Event> {
  /** The phase's name, such as "simplify". */
  readonly phase: string;
  /** What the phase was given. */
  readonly before: Before;
  /** What it made of it, verified. */
  readonly after: After;
  /** What happened in between, in order. */
  readonly events: readonly Event[];
  /** How long it took, in milliseconds, the events being written down included. */
  readonly ms: number;
}

/** A phase from entries to entries: declare, stabilize, differentiate, prune, simplify, loops, expand. {@link TraceEvent} is one of these. */
export interface GraphTrace extends Told<readonly Entry[], readonly Entry[], GraphEvent> {
  /** Tells it from the others. */
  readonly kind: "graph";
  /** The entries that the phase was given. */
  readonly before: readonly Entry[];
  /** The entries that it made of them, verified. */
  readonly after: readonly Entry[];
  /** What happened in between, in order. */
  readonly events: readonly GraphEvent[];
  /** Names to read for the nodes of entries, and the place of a node's call. They change no name of the module. */
  readonly names: Pick<Names, "among" | "frame">;
}

/** Fusion: from the primitive graph to programs of kernels. {@link TraceEvent} is one of these. */
export interface FuseTrace extends Told<readonly Entry[], readonly EntryItems[], FuseDecision> {
  /** Tells it from the others. */
  readonly kind: "fuse";
  /** The entries, of primitive ops. */
  readonly before: readonly Entry[];
  /** Their programs, verified. */
  readonly after: readonly EntryItems[];
  /** Why values were stored and kernels merged, where fusion says so. */
  readonly events: readonly FuseDecision[];
}

/** A pass over kernels, in the order of the pipeline. {@link TraceEvent} is one of these. */
export interface KernelTrace extends Told<readonly EntryItems[], readonly EntryItems[], never> {
  /** Tells it from the others. */
  readonly kind: "kernels";
  /** The programs that the pass was given. */
  readonly before: readonly EntryItems[];
  /** What it made of them, verified. */
  readonly after: readonly EntryItems[];
  /** None yet. */
  readonly events: readonly never[];
}

/** The memory plan. {@link TraceEvent} is one of these. */
export interface PlanTrace extends Told<readonly EntryItems[], Plan, never> {
  /** Tells it from the others. */
  readonly kind: "plan";
  /** The programs whose buffers are laid out. */
  readonly before: readonly EntryItems[];
  /** Where each buffer lies, verified. */
  readonly after: Plan;
  /** None yet. */
  readonly events: readonly never[];
}

/** The emitted text. It comes when the text is first asked for, as `source` or by `create`. {@link TraceEvent} is one of these. */
export interface EmissionTrace extends Told<Plan, EmittedText, never> {
  /** Tells it from the others. */
  readonly kind: "emission";
  /** The memory plan, with the programs. */
  readonly before: Plan;
  /** The text, which engines check when they load it. */
  readonly after: EmittedText;
  /** None yet. */
  readonly events: readonly never[];
}

/**
 * What a phase of the compiler did, for inspection: what was before it and after it, what happened in between, and how long it
 * took. Each use of a rule of differentiation and of a law of simplification is an event of its phase. The phases are declare,
 * stabilize, differentiate, prune, simplify, loops, expand (graphs), fuse, passes over kernels, plan, and emission, which
 * comes when the module's text is first asked for. {@link CompileOptions} has the function that is told.
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const line = dense(x, 1, { name: "line" });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, target("y", ["batch", 1])), optimizer: sgd({ rate: 0.1 }) });
 * const rules = new Set<string>();
 * compile(net, {
 *   trace: (event) => {
 *     if (event.kind === "graph") for (const one of event.events) if (one.kind === "edge") rules.add(one.rule.id);
 *   },
 * });
 * [...rules]; // ["scale", "reduce.sum", "elementwise", "sum", "broadcast", "product.right"]
 * ```
 */
export type TraceEvent = GraphTrace | FuseTrace | KernelTrace | PlanTrace | EmissionTrace;

/** What a phase of one kind is told with, but for what the driver adds; absent where nobody listens. */
export type Tell<T extends TraceEvent> =
  ((told: Told<T["before"], T["after"], T["events"][number]>) => void) | undefined;

/** Is told of each phase when it is done and verified. */
export type Trace = (event: TraceEvent) => void;
