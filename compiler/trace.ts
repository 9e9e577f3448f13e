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

/** What happened inside of a phase over graphs. */
export type GraphEvent = SweepEvent | RewriteEvent;

/** The program of an entry, while it is made. */
export interface EntryItems {
  /** The entry's name. */
  readonly entry: string;
  /** Calls of kernels and loops of calls, in order. */
  readonly items: readonly ProgramItem[];
}

/** A module's text, and which of its lines compute which kernel. */
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

/** A phase from entries to entries: declare, stabilize, differentiate, prune, simplify, loops, expand. */
export interface GraphTrace extends Told<readonly Entry[], readonly Entry[], GraphEvent> {
  readonly kind: "graph";
  /** Names to read for the nodes of entries, and the place of a node's call. They change no name of the module. */
  readonly names: Pick<Names, "among" | "frame">;
}

/** Fusion: from the primitive graph to programs of kernels. */
export interface FuseTrace extends Told<readonly Entry[], readonly EntryItems[], FuseDecision> {
  readonly kind: "fuse";
}

/** A pass over kernels, in the order of the pipeline. */
export interface KernelTrace extends Told<readonly EntryItems[], readonly EntryItems[], never> {
  readonly kind: "kernels";
}

/** The memory plan. */
export interface PlanTrace extends Told<readonly EntryItems[], Plan, never> {
  readonly kind: "plan";
}

/** The emitted text. It comes when the text is first asked for, as `source` or by `create`. */
export interface EmissionTrace extends Told<Plan, EmittedText, never> {
  readonly kind: "emission";
}

/** What a phase of the compiler did. {@link CompileOptions} has where it is told. */
export type TraceEvent = GraphTrace | FuseTrace | KernelTrace | PlanTrace | EmissionTrace;

/** What a phase of one kind is told with, but for what the driver adds; absent where nobody listens. */
export type Tell<T extends TraceEvent> =
  ((told: Told<T["before"], T["after"], T["events"][number]>) => void) | undefined;

/** Is told of each phase when it is done and verified. */
export type Trace = (event: TraceEvent) => void;
