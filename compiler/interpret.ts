// Runs a network in process on the float64 interpreter: the reference that emitted modules are compared with. No kernel,
// no plan, no simplification: each derived node is evaluated once, from its own record.

import { evaluate } from "../src/graph/interpret.js";
import { callSite } from "../src/graph/origin.js";
import * as is from "../src/ops/call/checks.js";
import { requireOptions, type Known } from "../src/ops/call/options.js";
import type { Entry, Network } from "../src/graph/network.js";
import type { Node } from "../src/graph/node.js";
import { evaluateDim, printDim, sizeOf, type Shape } from "../src/graph/shape.js";
import { bind, type Bindings } from "./bind.js";
import { resolveScalar } from "./formula/resolve.js";
import type { View } from "./ir/module.js";
import type { ConstNames, Names } from "./names/index.js";
import { requireNetwork } from "../src/network.js";
import { rootsOf } from "./0-declare/entry-names.js";
import { CONST_NAMES } from "./options.js";
import { derive } from "./pipeline.js";
import { badArgument, missingValue, unknownEntry, unknownOption } from "../src/messages.js";

export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** Where an interpreter's values start. {@link createInterpreter} takes them. */
export interface InterpretOptions {
  /** Of the initial values and of all randomness, a 32-bit integer. 0 unless stated. */
  readonly seed?: number;
  /** Values for parameters, by name, in place of the seeded initial ones. None unless stated. */
  readonly parameters?: Values;
  /** The entries that will be run. Default: all. */
  readonly entries?: readonly string[] | undefined;
  /** Where names come from. Default: as for {@link compile}. */
  readonly constNames?: ConstNames | "ordinals" | undefined;
}

const INTERPRET_OPTIONS = {
  seed: is.int32,
  parameters: is.record,
  entries: is.names,
  constNames: CONST_NAMES,
} satisfies Known<InterpretOptions>;

const VALUES = {
  ...INTERPRET_OPTIONS,
  rows: is.anything,
  inputs: is.record,
  targets: is.record,
  states: is.record,
  hypers: is.record,
} satisfies Known<InterpretValues>;

/**
 * The same members as an emitted model's, as far as a comparison needs them; everything is a Float64Array.
 * {@link createInterpreter} makes one.
 */
export interface Interpreter {
  /** The largest number of rows. */
  readonly capacity: number;
  /** Of inputs and targets. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** To be written before a run. */
  readonly inputs: Readonly<Record<string, Float64Array>>;
  /** To be written before a run. */
  readonly targets: Readonly<Record<string, Float64Array>>;
  /** What an entry changes, it changes here. */
  readonly parameters: Readonly<Record<string, Float64Array>>;
  /** What an entry changes, it changes here. */
  readonly states: Readonly<Record<string, Float64Array>>;
  /** Run-time numbers such as the rate, an array of one number each. */
  readonly hypers: Readonly<Record<string, Float64Array>>;
  /** Of the entry that ran last. */
  readonly outputs: Readonly<Record<string, Float64Array>>;
  /** The gradient of each parameter, of the entry that ran last. */
  readonly grads: Readonly<Record<string, Float64Array>>;
  /** Statistics of metrics, of the entry that ran last. */
  readonly statistics: Readonly<Record<string, Float64Array>>;
  /** Runs an entry by name and applies its updates. Returns its loss, if it has one. */
  readonly run: (entry: string, rows: number) => number | undefined;
}

/**
 * An interpreter with the network's parameters at their initial values. It evaluates the graph in float64, slowly and
 * plainly: what emitted models are compared with.
 * @param network what {@link network} declared
 * @returns views of all values, and what runs an entry
 * @throws NO_NETWORK, UNKNOWN_ENTRY, and BAD_ARGUMENT for values of no parameter or of another number than it has
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = createInterpreter(net);
 * model.inputs.x!.set([1, 2]);
 * model.targets.y!.set([2, 4]);
 * model.run("step", 2); // 10
 * model.parameters["line.weight"]; // [1]
 * ```
 */
export function createInterpreter(network: Network, options: InterpretOptions = {}): Interpreter {
  requireNetwork("createInterpreter", network);
  requireOptions(callSite("createInterpreter"), options, INTERPRET_OPTIONS);
  return openInterpreter(network, options).interpreter;
}

/** An interpreter with what it was made of: for checks that evaluate other graphs over the same leaves. */
export interface OpenInterpreter {
  readonly interpreter: Interpreter;
  readonly names: Names;
  /** The entries as declared, and with their gradients derived. */
  readonly named: readonly Entry[];
  readonly derived: readonly Entry[];
  readonly bindings: Bindings;
  /** The values of leaves, as the interpreter's own members show them. */
  readonly memory: ReadonlyMap<Node, Float64Array>;
  /** Runs an entry as the interpreter does, each value passing through the function. It changes no parameter and no state. */
  readonly runThrough: (entry: string, rows: number, through: Through) => Results;
}

export type Through = (node: Node, value: Float64Array) => Float64Array;

export function openInterpreter(network: Network, options: InterpretOptions): OpenInterpreter {
  requireNetwork("createInterpreter", network);
  const { names, named, derived } = derive(network, { entries: options.entries, constNames: options.constNames });
  const bindings = bind(derived, names, named);
  const memory = new Map<Node, Float64Array>();
  for (const buffer of bindings.persistent) {
    if (buffer.leaf) memory.set(buffer.leaf, new Float64Array(evaluateDim(sizeOf(buffer.shape), network.capacity)));
  }
  if (bindings.seed) memory.get(bindings.seed.leaf!)![0] = options.seed ?? 0;
  for (const { buffer, initial } of bindings.hypers) memory.get(buffer.leaf!)![0] = initial;
  for (const { buffer, values } of bindings.constants) memory.get(buffer.leaf!)!.set(values);
  const viewsOf = (views: readonly View[]): Record<string, Float64Array> =>
    Object.fromEntries(views.map((view) => [view.name, memory.get(view.buffer.leaf!)!]));
  const results: Named = { output: {}, gradient: {}, statistic: {} };
  const run = (entry: Entry, rows: number): number | undefined => {
    const { named, next, loss } = runEntry(entry, rows, memory);
    for (const kind of KINDS) Object.assign(results[kind], named[kind]);
    for (const [target, value] of next) memory.get(target)!.set(value);
    return loss;
  };
  const entryOf = (name: string): Entry => {
    const entry = derived.find((e) => e.name === name);
    if (!entry) throw unknownEntry({ name, known: derived.map((e) => e.name), site: network.site });
    return entry;
  };
  const given = new Map(Object.entries(options.parameters ?? {}));
  const replaced = new Set(bindings.parameters.filter(({ name }) => given.has(name)).map(({ buffer }) => buffer.leaf));
  for (const entry of derived) {
    if (entry.kind !== "initialize") continue;
    const updates = entry.updates.filter((update) => !replaced.has(update.leaf));
    run({ ...entry, updates }, network.capacity);
  }
  const parameters = viewsOf(bindings.parameters);
  if (options.entries === undefined) requireNames("createInterpreter", "parameters", given.keys(), parameters, network);
  for (const [name, values] of given) if (parameters[name]) put("parameter", name, parameters[name], values, network);
  const interpreter: Interpreter = {
    capacity: network.capacity,
    shapes: Object.fromEntries(
      [...bindings.inputs, ...bindings.targets].map(({ name, buffer }) => [name, buffer.shape]),
    ),
    ...groups(bindings, viewsOf),
    parameters,
    outputs: results.output,
    grads: results.gradient,
    statistics: results.statistic,
    run: (name, rows) => run(entryOf(name), entryOf(name).kind === "initialize" ? network.capacity : rows),
  };
  const runThrough: OpenInterpreter["runThrough"] = (name, rows, through) =>
    runEntry(entryOf(name), rows, memory, through);
  return { interpreter, names, named, derived, bindings, memory, runThrough };
}

const groups = (bindings: Bindings, viewsOf: (views: readonly View[]) => Record<string, Float64Array>) => ({
  inputs: viewsOf(bindings.inputs),
  targets: viewsOf(bindings.targets),
  states: viewsOf(bindings.states),
  hypers: viewsOf(bindings.hypers),
});

const KINDS = ["output", "gradient", "statistic"] as const;

type Named = Readonly<Record<(typeof KINDS)[number], Record<string, Float64Array>>>;

interface Results {
  readonly named: Named;
  readonly loss: number | undefined;
  /** What leaves take as their values afterwards. */
  readonly next: readonly (readonly [leaf: Node, value: Float64Array])[];
}

function runEntry(entry: Entry, rows: number, memory: ReadonlyMap<Node, Float64Array>, through?: Through): Results {
  const leaf = (node: Node): Float64Array => memory.get(node)!.subarray(0, evaluateDim(sizeOf(node.shape), rows));
  const values = evaluate(rootsOf(entry), { rows, leaf, scalarOf: resolveScalar, ...(through && { through }) });
  const named: Named = { output: {}, gradient: {}, statistic: {} };
  let loss: number | undefined;
  for (const { kind, name, value } of entry.results) {
    const result = values.get(value)!;
    if (kind === "loss") loss = result[0];
    else named[kind][name] = Float64Array.from(result);
  }
  const next = entry.updates.map(({ leaf: target, value }) => [target, Float64Array.from(values.get(value)!)] as const);
  return { named, loss, next };
}

/** What a network is evaluated on. {@link interpret} takes it. */
export interface InterpretValues extends InterpretOptions {
  /** The number of rows; by default what the first input with a batch axis holds. */
  readonly rows?: number;
  /** Values of every input that is read, by name, row-major. */
  readonly inputs?: Values;
  /** Values of targets, by name, row-major. Entries whose targets are not given are left out. */
  readonly targets?: Values;
  /** Values of states, by name, in place of their initial ones. None unless stated. */
  readonly states?: Values;
  /** Values of hyper-parameters such as the rate, a list of one number each. Their initial ones unless stated. */
  readonly hypers?: Values;
}

/**
 * What each entry gives from the same values: nothing one entry changes is seen by another. {@link interpret} gives
 * it.
 */
export interface Interpretation {
  /** By output; those of an entry of the network's own as `<entry>.<output>`. */
  readonly outputs: Readonly<Record<string, Float64Array>>;
  /** By entry: the loss that it returns. */
  readonly losses: Readonly<Record<string, number>>;
  /** The loss of the network's first step in inference mode. */
  readonly loss: number | undefined;
  /** By parameter, of the network's first step. */
  readonly gradients: Readonly<Record<string, Float64Array>>;
  /** By step, and by entry of the network's own: parameters and states after it. */
  readonly after: Readonly<
    Record<string, { readonly parameters: Record<string, Float64Array>; readonly states: Record<string, Float64Array> }>
  >;
}

const GROUPS = ["inputs", "targets", "parameters", "states", "hypers"] as const;

/**
 * Evaluates a network in float64: outputs, losses, gradients, and what its steps change. It needs no build, and is
 * slow.
 * @param network what {@link network} declared
 * @param values inputs, targets, parameters by name, row-major
 * @returns what each entry gives
 * @throws NO_NETWORK, UNKNOWN_ENTRY, MISSING_VALUE for an input without values, BAD_ARGUMENT for names that the
 *   network has not, and for rows and numbers of values that do not fit
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const { outputs, loss, gradients } = interpret(net, {
 *   inputs: { x: [1, 2] },
 *   targets: { y: [2, 4] },
 *   parameters: { "line.weight": [1] },
 * }); // { outputs: { line: [1, 2] }, loss: 2.5, gradients: { "line.weight": [-5], "line.bias": [-3] } }
 * ```
 */
export function interpret(network: Network, values: InterpretValues): Interpretation {
  const outputs: Record<string, Float64Array> = {};
  const losses: Record<string, number> = {};
  let gradients: Record<string, Float64Array> | undefined;
  const after: Record<string, { parameters: Record<string, Float64Array>; states: Record<string, Float64Array> }> = {};
  let loss: number | undefined;
  requireNetwork("interpret", network);
  requireOptions(callSite("interpret"), values, VALUES);
  const { seed, parameters, entries, constNames } = values;
  const { named } = derive(network, { entries, constNames });
  const known = new Map(GROUPS.map((group) => [group, {} as Record<string, unknown>]));
  for (const entry of named) {
    if (entry.kind === "initialize") continue;
    const model = createInterpreter(network, {
      ...(seed !== undefined && { seed }),
      ...(parameters && { parameters }),
      entries: [entry.name],
      constNames,
    });
    for (const group of GROUPS) Object.assign(known.get(group)!, model[group]);
    const rows = rowsOf(model, values, network);
    if (!fill(model, values, rows, network)) continue;
    const result = model.run(entry.name, rows);
    if (result !== undefined) losses[entry.name] = result;
    if (entry.kind === "predict" || entry.kind === "own") Object.assign(outputs, model.outputs);
    if (entry.kind === "loss") loss ??= result;
    if (entry.kind === "gradients") gradients ??= { ...model.grads };
    if (entry.kind === "step" || entry.kind === "own")
      after[entry.name] = { parameters: { ...model.parameters }, states: { ...model.states } };
  }
  if (values.entries === undefined) {
    for (const group of GROUPS) {
      requireNames("interpret", group, Object.keys(values[group] ?? {}), known.get(group)!, network);
    }
  }
  return { outputs, losses, loss, gradients: gradients ?? {}, after };
}

/** Copies the given values in. False when the entry needs targets and they are missing. */
function fill(model: Interpreter, values: InterpretValues, rows: number, { site }: Network): boolean {
  const rowsOfView = (name: string, view: Float64Array): Float64Array =>
    view.subarray(0, evaluateDim(sizeOf(model.shapes[name]!), rows));
  for (const [name, view] of Object.entries(model.inputs)) {
    const given = values.inputs?.[name];
    if (!given) throw missingValue({ what: "input", name, known: Object.keys(values.inputs ?? {}), site });
    put("input", name, rowsOfView(name, view), given, { site });
  }
  for (const [name, view] of Object.entries(model.targets)) {
    const given = values.targets?.[name];
    if (!given) return false;
    put("target", name, rowsOfView(name, view), given, { site });
  }
  for (const [what, group, given] of [
    ["state", model.states, values.states],
    ["hyper-parameter", model.hypers, values.hypers],
  ] as const) {
    for (const [name, value] of Object.entries(given ?? {}))
      if (group[name]) put(what, name, group[name], value, { site });
  }
  return true;
}

type Place = Pick<Network, "site">;

/** Copies values of which there must be as many as there is room for. */
function put(what: string, name: string, view: Float64Array, given: ArrayLike<number>, { site }: Place): void {
  if (given.length !== view.length) {
    const argument = `the number of values of the ${what} ${JSON.stringify(name)}`;
    throw badArgument({ op: "interpret", argument, value: given.length, expected: String(view.length), site });
  }
  view.set(Array.from(given));
}

function requireNames(op: string, group: string, names: Iterable<string>, known: object, { site }: Place): void {
  for (const name of names) {
    if (Object.hasOwn(known, name)) continue;
    throw unknownOption({ op, argument: group, name, known: Object.keys(known), site });
  }
}

/** As stated, or what the first input or target with a batch axis holds. */
function rowsOf(model: Interpreter, values: InterpretValues, { capacity, site }: Network): number {
  const fits = (rows: number): boolean => Number.isInteger(rows) && rows >= 1 && rows <= capacity;
  const { rows: stated } = values;
  if (stated !== undefined) {
    if (fits(stated)) return stated;
    const expected = `an integer from 1 to ${capacity}`;
    throw badArgument({ op: "interpret", argument: "rows", value: stated, expected, site });
  }
  for (const name of Object.keys({ ...model.inputs, ...model.targets })) {
    const given = values.inputs?.[name] ?? values.targets?.[name];
    const { times, power } = sizeOf(model.shapes[name]!);
    if (!given || power === 0) continue;
    const rows = Math.round((given.length / times) ** (1 / power));
    if (fits(rows) && times * rows ** power === given.length) return rows;
    const multiple = power === 1 ? `a multiple of ${times}` : printDim({ times, power });
    const expected = `${multiple}, for 1 to ${capacity} rows`;
    const argument = `the number of values of ${JSON.stringify(name)}`;
    throw badArgument({ op: "interpret", argument, value: given.length, expected, site });
  }
  return capacity;
}
