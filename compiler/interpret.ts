// Runs a network in process on the float64 interpreter: the reference that emitted modules are compared with. No kernel,
// no plan, no simplification: each derived node is evaluated once, from its own record.

import { evaluate } from "../src/graph/interpret.js";
import type { Entry, Network, Result } from "../src/graph/network.js";
import type { Node } from "../src/graph/node.js";
import { evaluateDim, sizeOf } from "../src/graph/shape.js";
import { bind, type Bindings } from "./bind.js";
import { resolveScalar } from "./formula/resolve.js";
import type { View } from "./ir/module.js";
import { requireNetwork } from "../src/network.js";
import { derive, rootsOf } from "./pipeline.js";
import { missingValue } from "../src/messages.js";

export type Values = Readonly<Record<string, ArrayLike<number>>>;

export interface InterpretOptions {
  readonly seed?: number;
  /** Values for parameters, by name, in place of the seeded initial ones. */
  readonly parameters?: Values;
  /** The entries that will be run. Default: all. */
  readonly entries?: readonly string[] | undefined;
}

/** The same members as an emitted model's, as far as a comparison needs them; everything is a Float64Array. */
export interface Interpreter {
  readonly capacity: number;
  readonly inputs: Readonly<Record<string, Float64Array>>;
  readonly targets: Readonly<Record<string, Float64Array>>;
  readonly parameters: Readonly<Record<string, Float64Array>>;
  readonly states: Readonly<Record<string, Float64Array>>;
  readonly hypers: Readonly<Record<string, Float64Array>>;
  /** Of the entry that ran last. */
  readonly outputs: Readonly<Record<string, Float64Array>>;
  readonly grads: Readonly<Record<string, Float64Array>>;
  readonly statistics: Readonly<Record<string, Float64Array>>;
  /** Runs an entry by name and applies its updates. Returns its loss, if it has one. */
  readonly run: (entry: string, rows: number) => number | undefined;
}

/** An interpreter with the network's parameters at their initial values. */
export function createInterpreter(network: Network, options: InterpretOptions = {}): Interpreter {
  requireNetwork("createInterpreter", network);
  const { names, named, derived } = derive(network, { entries: options.entries });
  const bindings = bind(derived, names, named);
  const memory = new Map<Node, Float64Array>();
  for (const buffer of bindings.persistent) {
    if (buffer.leaf) memory.set(buffer.leaf, new Float64Array(evaluateDim(sizeOf(buffer.shape), network.capacity)));
  }
  if (bindings.seed) memory.get(bindings.seed.leaf!)![0] = (options.seed ?? 0) | 0;
  for (const { buffer, initial } of bindings.hypers) memory.get(buffer.leaf!)![0] = initial;
  for (const { buffer, values } of bindings.constants) memory.get(buffer.leaf!)!.set(values);
  const viewsOf = (views: readonly View[]): Record<string, Float64Array> =>
    Object.fromEntries(views.map((view) => [view.name, memory.get(view.buffer.leaf!)!]));
  const results: Results = { output: {}, gradient: {}, statistic: {} };
  const run = (entry: Entry, rows: number): number | undefined => runEntry(entry, rows, memory, results);
  const given = new Map(Object.entries(options.parameters ?? {}));
  const replaced = new Set(bindings.parameters.filter(({ name }) => given.has(name)).map(({ buffer }) => buffer.leaf));
  for (const entry of derived) {
    if (entry.kind !== "initialize") continue;
    run({ ...entry, updates: entry.updates.filter((update) => !replaced.has(update.leaf)) }, 1);
  }
  const parameters = viewsOf(bindings.parameters);
  for (const [name, values] of given) parameters[name]?.set(Array.from(values));
  return {
    capacity: network.capacity,
    ...groups(bindings, viewsOf),
    parameters,
    outputs: results.output,
    grads: results.gradient,
    statistics: results.statistic,
    run(name, rows) {
      const entry = derived.find((e) => e.name === name);
      if (!entry) throw new RangeError(`the network has no entry ${name}`);
      return run(entry, rows);
    },
  };
}

const groups = (bindings: Bindings, viewsOf: (views: readonly View[]) => Record<string, Float64Array>) => ({
  inputs: viewsOf(bindings.inputs),
  targets: viewsOf(bindings.targets),
  states: viewsOf(bindings.states),
  hypers: viewsOf(bindings.hypers),
});

type Results = Readonly<Record<Exclude<Result["kind"], "loss">, Record<string, Float64Array>>>;

function runEntry(
  entry: Entry,
  rows: number,
  memory: ReadonlyMap<Node, Float64Array>,
  results: Results,
): number | undefined {
  const leaf = (node: Node): Float64Array => memory.get(node)!.subarray(0, evaluateDim(sizeOf(node.shape), rows));
  const values = evaluate(rootsOf(entry), { rows, leaf, scalarOf: resolveScalar });
  let loss: number | undefined;
  for (const { kind, name, value } of entry.results) {
    const result = values.get(value)!;
    if (kind === "loss") loss = result[0];
    else results[kind][name] = Float64Array.from(result);
  }
  const next = entry.updates.map(({ leaf: target, value }) => [target, Float64Array.from(values.get(value)!)] as const);
  for (const [target, value] of next) memory.get(target)!.set(value);
  return loss;
}

export interface InterpretValues extends InterpretOptions {
  /** The number of rows; by default what the first input with a batch axis holds. */
  readonly rows?: number;
  readonly inputs?: Values;
  readonly targets?: Values;
  readonly states?: Values;
  /** Values for hyper-parameters such as the rate. */
  readonly hypers?: Values;
}

/** What each entry gives from the same values: nothing one entry changes is seen by another. */
export interface Interpretation {
  readonly outputs: Readonly<Record<string, Float64Array>>;
  /** By entry: the loss that it returns. */
  readonly losses: Readonly<Record<string, number>>;
  /** The loss of the network's first step in inference mode. */
  readonly loss: number | undefined;
  /** By parameter, of the network's first step. */
  readonly gradients: Readonly<Record<string, Float64Array>>;
  /** By step: parameters and states after it. */
  readonly after: Readonly<
    Record<string, { readonly parameters: Record<string, Float64Array>; readonly states: Record<string, Float64Array> }>
  >;
}

/**
 * Evaluates a network in float64.
 * @param values inputs, targets, parameters by name, row-major; entries whose targets are not given are left out
 */
export function interpret(network: Network, values: InterpretValues): Interpretation {
  const outputs: Record<string, Float64Array> = {};
  const losses: Record<string, number> = {};
  let gradients: Record<string, Float64Array> | undefined;
  const after: Record<string, { parameters: Record<string, Float64Array>; states: Record<string, Float64Array> }> = {};
  let loss: number | undefined;
  requireNetwork("interpret", network);
  const { named } = derive(network, { entries: values.entries });
  for (const entry of named) {
    if (entry.kind === "initialize") continue;
    const model = createInterpreter(network, { ...values, entries: [entry.name] });
    if (!fill(model, values, network)) continue;
    const result = model.run(entry.name, rowsOf(model, values, network));
    if (result !== undefined) losses[entry.name] = result;
    if (entry.kind === "predict") Object.assign(outputs, model.outputs);
    if (entry.kind === "loss") loss ??= result;
    if (entry.kind === "gradients") gradients ??= { ...model.grads };
    if (entry.kind === "step") after[entry.name] = { parameters: { ...model.parameters }, states: { ...model.states } };
  }
  return { outputs, losses, loss, gradients: gradients ?? {}, after };
}

/** Copies the given values in. False when the entry needs targets and they are missing. */
function fill(model: Interpreter, values: InterpretValues, network: Network): boolean {
  for (const [name, view] of Object.entries(model.inputs)) {
    const given = values.inputs?.[name];
    if (!given)
      throw missingValue({ what: "input", name, known: Object.keys(values.inputs ?? {}), site: network.site });
    view.set(Array.from(given));
  }
  for (const [name, view] of Object.entries(model.targets)) {
    const given = values.targets?.[name];
    if (!given) return false;
    view.set(Array.from(given));
  }
  for (const [group, given] of [
    [model.states, values.states],
    [model.hypers, values.hypers],
  ] as const) {
    for (const [name, value] of Object.entries(given ?? {})) group[name]?.set(Array.from(value));
  }
  return true;
}

function rowsOf(model: Interpreter, values: InterpretValues, network: Network): number {
  if (values.rows !== undefined) return values.rows;
  for (const [name, view] of [...Object.entries(model.inputs), ...Object.entries(model.targets)]) {
    const given = values.inputs?.[name] ?? values.targets?.[name];
    if (given && view.length > 0) return Math.round((given.length / view.length) * network.capacity);
  }
  return network.capacity;
}
