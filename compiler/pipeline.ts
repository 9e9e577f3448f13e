// The whole compiler on one page: a network in, programs over planned memory out. Phases are data; one driver (`run` in
// phases.ts) runs, verifies, times and tells each. What `compile` gives of it is in compile.ts.

import type { Entry, Network } from "../src/graph/network.js";
import { callSite } from "../src/graph/origin.js";
import { pruneScans } from "../src/ops/scan/scan-prune.js";
import { entryNames } from "./0-declare/entry-names.js";
import { declare, entriesAndNames, type DeclareContext } from "./0-declare/index.js";
import { differentiate } from "./1-differentiate/index.js";
import { expandComposites, lightenLoops, simplify, stabilize } from "./2-simplify/index.js";
import { LOOP_PASSES, machineOf, mergeBands, mergeRows, type LoopContext } from "./4-loops/index.js";
import { plan, type Planned } from "./4-plan/plan.js";
import { bind } from "./bind.js";
import { checkGradients } from "./check-gradients.js";
import { checkNumbers } from "./check-numbers.js";
import { EMISSION } from "./emission.js";
import { computedFirst } from "./ir/computed.js";
import { distinctNames } from "./ir/distinct.js";
import type { Plan } from "./ir/layout.js";
import type { ModuleSpec } from "./ir/module.js";
import type { Buffer, Program } from "./ir/program.js";
import { checkSchedule } from "./ir/schedule.js";
import { verifyPlan } from "./ir/verify/index.js";
import { meaningsOf } from "./meaning.js";
import { metricsOf } from "./metrics.js";
import type { CompileOptions } from "./options.js";
import * as phases from "./phases.js";
import { drive, eachAlone, graphPhase, kernelPass, loopPass, run, together } from "./phases.js";
import { entrySpec, fuseEntries } from "./programs.js";
import { remembered } from "./remembered.js";
import type { GraphEvent, GraphTrace, KernelTrace, Tell } from "./trace.js";

type Entries = readonly Entry[];
const DECLARE: phases.Phase<Entries, Entries, DeclareContext, GraphEvent> = {
  name: "declare",
  run: declare,
  verify: phases.verifyEntries("declared"),
};
const DERIVATION = [
  graphPhase("stabilize", "declared", together(stabilize)),
  graphPhase("differentiate", "derived", together(differentiate)),
];
const SIMPLIFICATION = [
  graphPhase("prune", "derived", together(pruneScans)),
  graphPhase("simplify", "simple", together(simplify)),
];
const LOWERING = [
  graphPhase("loops", "simple", together(lightenLoops)),
  // What one entry reads of a loop, another need not compute.
  graphPhase("expand", "primitive", together(expandComposites), together(simplify), eachAlone(pruneScans)),
];
const FUSE = { name: "fuse", run: fuseEntries, verify: phases.verifyItems };
const KERNEL_PASSES = [
  kernelPass("one-row-loop", (items, { entry, machine }) => distinctNames(mergeRows(items, `${entry}.rows`, machine))),
  kernelPass("sliding-window", (items, { machine }) => mergeBands(items, machine)),
  kernelPass("computedFirst", computedFirst),
];
const LOOPS = LOOP_PASSES.map(loopPass);
type PlanContext = Planned & { readonly kept: readonly Buffer[] };
const PLAN: phases.Phase<readonly Program[], Plan, PlanContext, never> = {
  name: "plan",
  run: (programs, context) => plan(programs, context.kept, context),
  verify: verifyPlan,
};

/** The names of all phases that are told of, in order; emission, which comes when a text is asked for, is the last. */
export const PHASES: readonly string[] = [
  ...[DECLARE, ...DERIVATION, ...SIMPLIFICATION, ...LOWERING, FUSE, ...KERNEL_PASSES, ...LOOPS, PLAN].map(
    ({ name }) => name,
  ),
  EMISSION,
];

/** The front half: entries with names, stable forms and derived gradients, not yet simplified. */
export function derive(network: Network, options: Pick<CompileOptions, "entries" | "constNames" | "trace">) {
  const here = callSite("compile");
  const { trace } = options;
  const { names, entries } = entriesAndNames(network, options, here);
  const { among, frame } = names;
  const tell: Tell<GraphTrace> = trace && ((told) => trace({ kind: "graph", names: { among, frame }, ...told }));
  const named = run(DECLARE, entries, { names, options, network }, tell);
  return { names, named, derived: drive(DERIVATION, named, undefined, tell), tell };
}

/** The middle: derived, simplified and fused entries. What is emitted, and for which numbers, is not known yet. */
const lowered = remembered((network, options) => {
  const { trace } = options;
  const { names, named, derived, tell } = derive(network, options);
  checkGradients(named);
  const simple = drive(SIMPLIFICATION, derived, undefined, tell);
  const primitive = drive(LOWERING, simple, undefined, tell);
  const bindings = bind(primitive, names, named);
  const namesOf = entryNames(primitive, names);
  const fused = run(FUSE, primitive, { bindings, namesOf }, trace && ((told) => trace({ kind: "fuse", ...told })));
  return { names, namesOf, named, simple, primitive, bindings, fused };
});

/** All phases but emission: a network's programs for a target, over planned memory. */
export function planned(network: Network, options: CompileOptions) {
  const { trace, target = "typescript", dtype: float = "float32" } = options;
  const { capacity } = network;
  const { names, namesOf, named, simple, primitive, bindings, fused } = lowered(network, options);
  checkNumbers(named, float);
  const schedule = options.schedule && checkSchedule(options.schedule);
  const tell: Tell<KernelTrace> = trace && ((told) => trace({ kind: "kernels", ...told }));
  const context: LoopContext = { machine: machineOf(target, float), float, capacity, schedule };
  const kernels = drive(KERNEL_PASSES, fused, context, tell);
  const programs = drive(LOOPS, kernels, context, tell);
  const entries = primitive.map((entry, i) => entrySpec(entry, programs[i]!, bindings));
  const spec: ModuleSpec = {
    ...bindings,
    name: network.name,
    target,
    meaningOf: meaningsOf(primitive, kernels, namesOf, names),
    naming: names.naming,
    capacity,
    metrics: entries.some((entry) => entry.kind === "evaluate") ? metricsOf(network) : [],
    steps: entries.filter((entry) => entry.kind === "step").map((entry) => entry.name),
    entries,
  };
  const layout = run(
    PLAN,
    entries.map((entry) => entry.program),
    { kept: bindings.persistent, capacity, float, memory: context.machine.memory },
    trace && ((told) => trace({ kind: "plan", ...told })),
  );
  return { spec, layout, named, simple, primitive, bindings, names, kernels, context };
}
