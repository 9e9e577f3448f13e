// What is done with a network on each of its ways to run: the same calls with the same data, and what is seen after each.

import type { View } from "../../compiler/ir/module.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { drawOf } from "./draw.js";
import type { Facts } from "./facts.js";

export type Group = "outputs" | "grads" | "statistics" | "parameters" | "states" | "loss";
export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** A network that runs: the interpreter, or a model of an emitted module. */
export interface Machine {
  /** All rows of inputs and targets. What is beyond `rows` may be spoiled. */
  readonly give: (data: Values, rows: number) => void;
  readonly setParameters: (values: Values) => void;
  readonly run: (entry: string, rows: number) => number | undefined;
  readonly read: (group: Exclude<Group, "loss">) => Values;
}

export interface Call {
  readonly entry: string;
  readonly rows: number;
  /** Which data it is given. */
  readonly data: number;
}

export interface Seen {
  /** Absent: what initial values are. */
  readonly call: Call | undefined;
  readonly group: Group;
  readonly values: Values;
}

export interface Script {
  readonly calls: readonly Call[];
  readonly data: readonly Values[];
  readonly parameters: Values;
}

export const RESET = "resetCarries";

/** The most calls of entries and steps that change one carry before it is set back, where there are two entries and two steps. */
export const CALLS = 8;

/** Numbers that float32 holds as they are, so that every machine starts from the same. */
export function scriptOf({ entries, views, capacity }: Facts, seed: number): Script {
  const numbers = (view: View, turn: number, index: number): Float64Array => {
    const draw = drawOf(seed, turn, index);
    const { dtype, shape } = view.buffer;
    const { below, ignoreIndex } = view;
    const value = (): number => {
      if (dtype === "bool") return draw.below(2);
      if (dtype === "float32") return Math.fround(1.8 * draw.number() - 0.9);
      if (ignoreIndex !== undefined && draw.chance(0.25)) return ignoreIndex;
      return draw.below(below ?? 4);
    };
    return Float64Array.from({ length: evaluateDim(sizeOf(shape), capacity) }, value);
  };
  const named = (list: readonly View[], turn: number): Values =>
    Object.fromEntries(list.map((view, index) => [view.name, numbers(view, turn, index)]));
  const given = [...views.inputs, ...views.targets];
  const partial = capacity > 2 ? 2 : 1;
  const kept = entries.filter(({ kind }) => kind !== "initialize" && kind !== "step").map(({ name }) => name);
  const steps = entries.filter(({ kind }) => kind === "step").map(({ name }) => name);
  const isOwn = (name: string): boolean => entries.some((entry) => entry.name === name && entry.kind === "own");
  const all = (rows: number, data: number): Call[] => kept.map((entry) => ({ entry, rows, data }));
  const trained = [
    [capacity, 0],
    [partial, 1],
    [capacity, 1],
  ] as const;
  /** For all rows, as initial values are. What is carried has room for the calls in between (`CALLS`). */
  const again: Call[] = entries
    .filter(({ name }) => name === RESET)
    .map(({ name }) => ({ entry: name, rows: capacity, data: 0 }));
  return {
    calls: [
      ...all(capacity, 0),
      ...all(1, 1),
      ...all(partial, 0),
      ...all(capacity, 1),
      ...again,
      ...trained.flatMap(([rows, data]) => steps.map((entry) => ({ entry, rows, data }))),
      ...all(partial, 1).filter(({ entry }) => isOwn(entry) || (steps.length > 0 && entry === "predict")),
      ...again,
    ],
    data: [named(given, 0), named(given, 1)],
    parameters: named(views.parameters, 2),
  };
}

const GROUPS: Readonly<Record<Facts["entries"][number]["kind"], readonly Exclude<Group, "loss">[]>> = {
  predict: ["outputs"],
  own: ["outputs", "states"],
  loss: [],
  evaluate: ["statistics"],
  gradients: ["grads"],
  step: ["parameters", "states"],
  initialize: ["states"],
};

/** Calls back after each call with what is there to be compared; views are the machine's own. */
export function play(
  machine: Machine,
  { calls, data, parameters }: Script,
  { entries }: Facts,
  see: (seen: Seen) => void,
): void {
  for (const group of ["parameters", "states"] as const) see({ call: undefined, group, values: machine.read(group) });
  machine.setParameters(parameters);
  for (const call of calls) {
    machine.give(data[call.data]!, call.rows);
    const loss = machine.run(call.entry, call.rows);
    for (const group of GROUPS[entries.find(({ name }) => name === call.entry)!.kind]) {
      see({ call, group, values: machine.read(group) });
    }
    if (loss !== undefined) see({ call, group: "loss", values: { [call.entry]: [loss] } });
  }
}

export const printCall = (call: Call | undefined): string =>
  call === undefined ? "initialize" : `${call.entry}(${call.rows}) on data ${call.data}`;
