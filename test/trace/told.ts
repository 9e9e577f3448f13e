// A compilation that is listened to.

import { compile } from "../../compiler/compile.js";
import type { CompileOptions } from "../../compiler/options.js";
import type { GraphEvent, GraphTrace, TraceEvent } from "../../compiler/trace.js";
import type { Network } from "../../src/graph/network.js";

/** Everything that a compilation tells, its text included. */
export function toldBy(network: Network, options: CompileOptions = {}): { events: TraceEvent[]; source: string } {
  const events: TraceEvent[] = [];
  const { source } = compile(network, {
    constNames: "ordinals",
    ...options,
    trace: (event) => void events.push(event),
  });
  return { events, source };
}

export const graphPhase = (events: readonly TraceEvent[], phase: string): GraphTrace =>
  events.find((event): event is GraphTrace => event.kind === "graph" && event.phase === phase)!;

/** The events of one kind in a phase over graphs. */
export const eventsOf = <K extends GraphEvent["kind"]>(
  { events }: Pick<GraphTrace, "events">,
  kind: K,
): Extract<GraphEvent, { kind: K }>[] =>
  events.filter((event): event is Extract<GraphEvent, { kind: K }> => event.kind === kind);
