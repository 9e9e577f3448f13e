// The whole compiler on one page: a network in, a module out, each phase a named pure function.

import { entriesOf } from "../src/entries.js";
import type { Entry, Mode, Network } from "../src/graph/network.js";
import type { Node } from "../src/graph/node.js";
import { callSite, type CallSite } from "../src/graph/origin.js";
import { topological } from "../src/graph/walk.js";
import { requireNetwork } from "../src/network.js";
import { pruneScans } from "../src/ops/scan-prune.js";
import type { Warning } from "../src/warnings.js";
import { differentiate } from "./1-differentiate/index.js";
import { expandComposites, lightenLoops, lint, simplify, stabilize } from "./2-simplify/index.js";
import { fuse } from "./3-fuse/fuse.js";
import { newFuseCache, wholeBuffer, type FuseCache } from "./3-fuse/input.js";
import { mergeBands } from "./3-fuse/bands.js";
import { mergeRows } from "./3-fuse/rows/merge.js";
import { memoryTable, type MemoryTable } from "./4-plan/table.js";
import { plan } from "./4-plan/plan.js";
import { metricsOf } from "./metrics.js";
import { bind, type Bindings } from "./bind.js";
import { checkGradients } from "./check-gradients.js";
import { checkNumbers } from "./check-numbers.js";
import { emission } from "./emission.js";
import { entryNames, rootsOf } from "./entry-names.js";
import { frozenReport, leavesAny, printFrozen, type Frozen } from "./frozen.js";
import type { FloatType, Printable, TargetName } from "./ir/choices.js";
import { computedFirst } from "./ir/computed.js";
import { distinctNames } from "./ir/distinct.js";
import type { Plan } from "./ir/layout.js";
import type { EntrySpec, ModuleSpec } from "./ir/module.js";
import type { Program, ProgramItem } from "./ir/program.js";
import { checkSchedule, type Schedule, type ScheduledNest } from "./ir/schedule.js";
import { verifyComputes, verifyPlan, verifyProgram } from "./ir/verify/index.js";
import { factoryOf, type Model, type ModelOptions } from "./instantiate.js";
import { around, aroundCaller, nameGraph, namesInProcess, type ConstNames, type Naming } from "./names/index.js";
import { requireCompileOptions } from "./options.js";
import { printCompilation } from "./print.js";
import { selectEntries } from "./select.js";
import { nameStreams } from "./streams.js";
import { verifyGraph } from "./verify.js";

/** How a network is compiled. {@link compile} takes them. */
export interface CompileOptions {
  /** How kernels are emitted: as TypeScript, or as WebAssembly with SIMD inside the same module. Default "typescript". */
  readonly target?: TargetName;
  /**
   * For WebAssembly: the name of a file beside the module that has the bytes, such as "digits.wasm". Absent: they are in the
   * module's text.
   */
  readonly wasmFile?: string | undefined;
  /** The floating type of the emitted module. Default "float32". */
  readonly dtype?: FloatType;
  /**
   * False, for float32 on WebAssembly: results are the same bits on every engine, NaN's own bits aside. Unless stated, sums of
   * products round once where the engine has relaxed SIMD, which is faster; `create` may be asked not to.
   */
  readonly relaxed?: boolean | undefined;
  /** The entries to emit, by name. Default: all. */
  readonly entries?: readonly string[] | undefined;
  /**
   * How register tiles are cut, as `tapeless tune` has measured it. Kernels that it does not know are left to the
   * cost model. Results differ from those without it by the order of sums alone, and on WebAssembly only. Default:
   * none.
   */
  readonly schedule?: Schedule | undefined;
  /**
   * For tests of the compiler: every load and store of the module asserts that it lies in its buffer, and every load that what
   * it reads is there. Slow.
   * @internal
   */
  readonly checked?: boolean | undefined;
  /**
   * Where names come from. Absent: from the files that declared the network, where they can be read; "ordinals" are calls with
   * their numbers, as `dense1.weight`.
   */
  readonly constNames?: ConstNames | "ordinals" | undefined;
  /** Called with the entries after each phase: for printing, timing, inspection. Default: nothing. */
  readonly observe?: (phase: string, entries: readonly Entry[]) => void;
  /**
   * Called with an entry's program after each pass over it: for checks of the compiler.
   * @internal
   */
  readonly observeProgram?: ((pass: string, entry: string, items: readonly ProgramItem[]) => void) | undefined;
}

/** A compiled network: the module's text, and what is known of it. {@link compile} gives it. */
export interface Compilation {
  /** The network's name. */
  readonly name: string;
  /** Whether parameters are called after the definition's consts, or by numbers. */
  readonly naming: Naming;
  /** The module's text, without a header and not yet formatted. */
  readonly source: string;
  /** With `wasmFile`: the bytes of that file. */
  readonly wasm: Uint8Array | undefined;
  /** What the module's memory is used for, in bytes; `memory.print()` is a table. */
  readonly memory: MemoryTable;
  /** What parameters that no step changes save; nothing where every step trains all that its loss reaches. */
  readonly frozen: Frozen | undefined;
  /** What is legal but probably not meant, such as probabilities given to a loss that wants logits. */
  readonly warnings: readonly Warning[];
  /** Entries of the schedule for kernels that this build should have and has not: their shapes have changed. */
  readonly stale: readonly ScheduledNest[];
  /** The graph as declared, the simplified gradient graph, the kernels of each entry, or the memory plan, as text. */
  readonly print: (what: Printable) => string;
  /** Makes a model in this process, from the very text of `source`. */
  readonly create: (options?: ModelOptions) => Model;
}

/**
 * Compiles a network in this process, without files: the module's text, and models made of it.
 * @param network what {@link network} declared
 * @returns the compilation; `create()` makes a model with memory of its own
 * @throws NO_NETWORK; BAD_ARGUMENT and BAD_SCHEDULE for options; TOO_LARGE, FORMULA_ERROR, WRONG_GRADIENT,
 *   UNKNOWN_ENTRY for what is wrong with the network
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * model.inputs.x!.set([1, 2, 3, 4]);
 * model.targets.y!.set([2, 4, 6, 8]);
 * model.step(4); // 30
 * model.step(4); // 13.5
 * model.parameters["line.weight"]; // [1]
 * ```
 */
export function compile(network: Network, options: CompileOptions = {}): Compilation {
  requireNetwork("compile", network);
  requireCompileOptions(options);
  const { spec, layout, named, simple, names } = planned(network, options);
  const plain = once(() => memoryTable(layout));
  const freezing = once(() =>
    leavesAny(network)
      ? frozenReport(network, plain(), names.of, (all) =>
          memoryTable(planned(all, { ...options, observe: () => {} }).layout),
        )
      : undefined,
  );
  const memory = once((): MemoryTable => {
    const print = (): string => {
      const frozen = freezing();
      return [plain().print(), ...(frozen ? [printFrozen(frozen)] : [])].join("\n\n");
    };
    return { ...plain(), print };
  });
  const warnings = once(() =>
    lint({
      roots: named.flatMap(({ results }) => results.map(({ value }) => value)),
      losses: Object.values(network.steps).map(({ loss }) => loss),
      own: Object.values(network.entries).map((outputs) => Object.values(outputs)),
      measured: Object.values(network.metrics).flatMap(({ statistics }) => Object.values(statistics)),
      float: options.dtype ?? "float32",
      silence: network.silence,
      nameOf: names.of,
    }),
  );
  const schedule = options.schedule && checkSchedule(options.schedule);
  const { target = "typescript", wasmFile, relaxed, checked } = options;
  const emitted = emission(spec, layout, { target, schedule, wasmFile, relaxed, checked });
  let factory: ((options: ModelOptions) => Model) | undefined;
  return {
    name: network.name,
    naming: names.naming,
    get source() {
      return emitted.source();
    },
    get wasm() {
      return emitted.wasm();
    },
    get memory() {
      return memory();
    },
    get frozen() {
      return freezing();
    },
    get warnings() {
      return warnings();
    },
    get stale() {
      return emitted.stale();
    },
    print: (what) =>
      what === "wat"
        ? emitted.wat()
        : printCompilation(what, { declared: named, simple, spec, layout, memory: memory(), names }),
    create: (modelOptions = {}) => {
      const wasm = emitted.wasm();
      return (factory ??= factoryOf(emitted.source(), network.name))(wasm ? { wasm, ...modelOptions } : modelOptions);
    },
  };
}

/** Makes it when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** All phases but the last: a network's programs over planned memory. */
export function planned(network: Network, options: CompileOptions) {
  const float = options.dtype ?? "float32";
  const { names, named, simple, bindings, entries } = loweredOf(network, options);
  checkNumbers(named, float);
  const layout = plan(
    entries.map((entry) => entry.program),
    bindings.persistent,
    network.capacity,
    float,
  );
  verifyPlan(layout);
  const spec: ModuleSpec = {
    ...bindings,
    name: network.name,
    naming: names.naming,
    capacity: network.capacity,
    metrics: entries.some((entry) => entry.kind === "evaluate") ? metricsOf(network) : [],
    steps: entries.filter((entry) => entry.kind === "step").map((entry) => entry.name),
    entries,
  };
  return { spec, layout, named, simple, names };
}

/** The middle: derived, simplified and fused entries. What is emitted, and for which numbers, is not known yet. */
function lower(network: Network, options: CompileOptions) {
  const { names, named, derived, observe } = derive(network, options);
  checkGradients(named);
  const pruned = observe("prune", mapEntries(derived, pruneScans));
  const simple = observe("simplify", mapEntries(pruned, simplify));
  const hasLoops = topological(simple.flatMap(rootsOf)).some((node) => node.regions.length > 0);
  const light = hasLoops ? observe("loops", mapEntries(simple, lightenLoops)) : simple;
  const expanded = mapEntries(mapEntries(light, expandComposites), simplify);
  // What one entry reads of a loop, another need not compute.
  const primitive = observe(
    "expand",
    hasLoops ? expanded.map((entry) => mapEntries([entry], pruneScans)[0]!) : expanded,
  );
  const bindings = bind(primitive, names, named);
  const kernelNames = entryNames(primitive, names);
  const caches: Record<Mode, FuseCache> = { train: newFuseCache(), infer: newFuseCache() };
  const entries = primitive.map((entry) => specify(entry, bindings, kernelNames(entry), caches[entry.mode], options));
  return { names, named, simple, bindings, entries };
}

const lowered = new WeakMap<Network, { readonly options: CompileOptions; readonly result: ReturnType<typeof lower> }>();

/** A network is often compiled for several targets and types in a row: what was lowered last is lowered once. */
function loweredOf(network: Network, options: CompileOptions): ReturnType<typeof lower> {
  if (options.observe || options.observeProgram) return lower(network, options);
  const last = lowered.get(network);
  const same = last?.options.constNames === options.constNames && sameNames(last?.options.entries, options.entries);
  if (last && same) return last.result;
  const result = lower(network, options);
  lowered.set(network, { options, result });
  return result;
}

const sameNames = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.length === b.length && a.every((name, i) => name === b[i]));

/** The front half: entries with names, stable forms and derived gradients, not yet simplified. */
export function derive(network: Network, options: Pick<CompileOptions, "entries" | "constNames" | "observe">) {
  const here = callSite("compile");
  const unnamed = entriesOf(network);
  const names = nameGraph(unnamed.flatMap(rootsOf), constNamesOf(network, options.constNames, here));
  const declared = unnamed.map((entry) => ({
    ...entry,
    results: entry.results.map((r) => (r.of ? { ...r, name: names.of(r.of) } : r)),
  }));
  const observe = (phase: string, entries: readonly Entry[]): readonly Entry[] => {
    verifyGraph(entries.flatMap(rootsOf), phase);
    options.observe?.(phase, entries);
    return entries;
  };
  const named = observe("declare", selectEntries(nameStreams(declared, names), options.entries, network));
  const stable = observe("stabilize", mapEntries(named, stabilize));
  const derived = observe("differentiate", mapEntries(stable, differentiate));
  return { names, named, derived, observe };
}

/** Names begin in the function that calls `network`: what calls that function, or compiles, is no part of them. */
function constNamesOf(network: Network, given: CompileOptions["constNames"], here: CallSite): ConstNames | undefined {
  if (given === "ordinals") return undefined;
  const outside = [around(here), aroundCaller(network.site)];
  return given ? { ...given, outside } : namesInProcess(outside);
}

/** Applies a phase to all roots together, so that what entries share stays shared: a gradient is derived once. */
function mapEntries(entries: readonly Entry[], phase: (roots: readonly Node[]) => readonly Node[]): Entry[] {
  const roots = phase(entries.flatMap(rootsOf));
  let next = 0;
  return entries.map((entry) => ({
    ...entry,
    results: entry.results.map((result) => ({ ...result, value: roots[next++]! })),
    updates: entry.updates.map((update) => ({ ...update, value: roots[next++]! })),
  }));
}

function specify(
  entry: Entry,
  bindings: Bindings,
  nameOf: (node: Node) => string,
  cache: FuseCache,
  { observeProgram }: CompileOptions,
): EntrySpec {
  const fused = fuse({
    cache,
    results: entry.results.map((result) => ({ value: result.value, use: wholeBuffer(bindings.resultBuffer(result)) })),
    updates: entry.updates,
    leaf: (leaf) => wholeBuffer(bindings.leafBuffer(leaf)),
    nameOf,
    updateName: (leaf) => `${nameOf(leaf)}.${SUFFIX[entry.name] ?? "next"}`,
  });
  const verified = (items: readonly ProgramItem[], pass: string): readonly ProgramItem[] => {
    verifyProgram({ items }, pass);
    verifyComputes(items, fused.computes, pass);
    observeProgram?.(pass, entry.name, items);
    return items;
  };
  const kernels = verified(distinctNames(fused.items), "fuse");
  const rows = verified(distinctNames(mergeRows(kernels, `${entry.name}.rows`)), "rows");
  const bands = verified(mergeBands(rows), "bands");
  const items = verified(computedFirst(bands), "computedFirst");
  const program: Program = { entry: entry.name, items, notes: [...(entry.notes ?? []), ...fused.notes] };
  const loss = entry.results.find((result) => result.kind === "loss");
  const carries = entry.kind === "own" && entry.updates.length > 0;
  return {
    name: entry.name,
    kind: entry.kind,
    program,
    returns: loss && bindings.resultBuffer(loss),
    // Inputs and targets share their names. Only outputs need no target.
    unread: bindings
      .unreadBy(rootsOf(entry))
      .filter((name) => !["predict", "own"].includes(entry.kind) || bindings.inputs.some((view) => view.name === name)),
    checks: bindings.checksOf(rootsOf(entry)),
    doc: carries ? `${DOCS.own.slice(0, -1)}, and what is carried to the next call.` : DOCS[entry.kind],
  };
}

/** Of the names of kernels that set states to first values. */
const SUFFIX: Readonly<Record<string, string>> = { initialize: "initial", resetCarries: "again" };

const DOCS: Readonly<Record<Entry["kind"], string>> = {
  predict: "Writes the outputs for the first `rows` rows of the inputs.",
  own: "Writes its outputs for the first `rows` rows of the inputs.",
  loss: "The loss of the first `rows` rows in inference mode; changes nothing.",
  evaluate:
    "Writes the metrics' statistics of the first `rows` rows in inference mode; returns the loss where the network has one step. Changes nothing.",
  gradients: "Writes all gradients into `grads` and returns the training loss; changes no parameter and no state.",
  step: "One training step on the first `rows` rows: forward, backward, update. Returns the loss before the update.",
  initialize: "Sets parameters and state to their initial values.",
};

export type { Model, ModelOptions, Plan, Schedule, TargetName, Warning };
