// `compile`: what a network is compiled to, each part of it made when it is first asked for.

import type { Network } from "../src/graph/network.js";
import { requireNetwork } from "../src/network.js";
import type { Warning } from "../src/warnings.js";
import { lint } from "./2-simplify/index.js";
import { memoryTable, type MemoryTable } from "./4-plan/table.js";
import { emission } from "./emission.js";
import { staleNests } from "./scheduled.js";
import { frozenReport, leavesAny, printFrozen, type Frozen } from "./frozen.js";
import type { Printable, TargetName } from "./ir/choices.js";
import type { Plan } from "./ir/layout.js";
import type { Primitive } from "./ir/primitive.js";
import type { Schedule, ScheduledNest } from "./ir/schedule.js";
import { factoryOf, type Model, type ModelOptions } from "./instantiate.js";
import type { Naming } from "./names/index.js";
import { requireCompileOptions, type CompileOptions } from "./options.js";
import { planned } from "./pipeline.js";
import { primitiveOf } from "./primitive.js";
import { printCompilation } from "./print.js";

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
  /**
   * The graphs of all entries before fusion, with names, leaves by role, and equal blocks as functions: what a target reads that brings
   * kernels of its own. It is made when it is first asked for.
   */
  readonly primitive: Primitive;
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
  const {
    spec,
    layout,
    named,
    simple,
    primitive: graphs,
    bindings,
    names,
    kernels,
    context,
  } = planned(network, options);
  const plain = once(() => memoryTable(layout));
  const freezing = once(() =>
    leavesAny(network)
      ? frozenReport(network, plain(), names.of, (all) =>
          memoryTable(planned(all, { ...options, trace: undefined }).layout),
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
  const { target = "typescript", wasmFile, relaxed, checked, trace } = options;
  const emitted = emission(spec, layout, { wasmFile, relaxed, checked, trace });
  const primitive = once(() => primitiveOf(network, graphs, names, bindings));
  const stale = once(() => staleNests(spec.entries, kernels, context));
  // Text is printed of loops that were prepared for it.
  const wat = once(() => {
    if (target === "wasm") return emitted.wat();
    const wasm = planned(network, { ...options, target: "wasm", trace: undefined });
    return emission(wasm.spec, wasm.layout).wat();
  });
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
      return stale();
    },
    get primitive() {
      return primitive();
    },
    print: (what) =>
      what === "wat"
        ? wat()
        : printCompilation(what, { declared: named, simple, kernels, context, layout, memory: memory(), names }),
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

export type { CompileOptions, Model, ModelOptions, Plan, Schedule, TargetName, Warning };
