// An emitted model beside the float64 interpreter of the same network: both are given the same numbers, run the same
// entries, and are compared with the bound of the model's own type.

import { createInterpreter, type Interpreter } from "../../compiler/interpret.js";
import { compile, type Compilation, type Model } from "../../compiler/pipeline.js";
import type { Network } from "../../src/graph/network.js";
import { randomNumbers } from "../oracle/leaves.js";
import { compiledOf } from "./once.js";

export type Float = "float32" | "float64";

/** The largest deviation, as a share of the largest number in the comparison. */
export const BOUND: Readonly<Record<Float, number>> = { float64: 1e-11, float32: 2e-6 };

export type Range = readonly [low: number, high: number];

export interface PairOptions {
  readonly dtype: Float;
  /** Of the network's own randomness. */
  readonly seed?: number;
  readonly entries?: readonly string[];
  /** Where floats are drawn from, by the name of an input, target or parameter. [-1, 1] unless stated. */
  readonly ranges?: Readonly<Record<string, Range>>;
  readonly buffer?: (bytes: number) => ArrayBuffer;
  /** Given in place of a compilation of the network. */
  readonly compiled?: Compilation;
}

export interface Pair {
  readonly dtype: Float;
  readonly compiled: Compilation;
  readonly model: Model;
  readonly reference: Interpreter;
}

type Writable = { [i: number]: number; readonly length: number; fill(value: number): unknown };
type Group = Readonly<Record<string, Writable>>;

/** Makes both; the interpreter takes the initial values that the model drew. */
export function pairOf(network: Network, options: PairOptions): Pair {
  const { dtype, seed = 0, entries } = options;
  const compiled = options.compiled ?? (entries ? compile(network, { dtype, entries }) : compiledOf(network, dtype));
  const buffer = options.buffer && { buffer: options.buffer(compiled.memory.arenaBytes) };
  const model = compiled.create({ seed, ...buffer });
  const reference = createInterpreter(network, { seed, entries, parameters: model.parameters });
  const pair = { dtype, compiled, model, reference };
  copyStates(pair);
  return pair;
}

const rounded = (dtype: Float, value: number): number => (dtype === "float32" ? Math.fround(value) : value);

/** Draws inputs and targets, and with `parameters` those as well: the same numbers for both. */
export function fill(pair: Pair, seed: number, what: { parameters?: boolean; ranges?: PairOptions["ranges"] }): void {
  const { model, reference, dtype } = pair;
  const random = randomNumbers(seed);
  const groups = ["inputs", "targets", ...(what.parameters ? ["parameters"] : [])] as const;
  for (const group of groups as readonly ("inputs" | "targets" | "parameters")[]) {
    for (const [name, view] of Object.entries(reference[group])) {
      const emitted = (model[group] as Group)[name]!;
      const [low, high] = what.ranges?.[name] ?? [-1, 1];
      const { dtype: type, below } = model.spec[group][name]!;
      for (let i = 0; i < view.length; i++) {
        const drawn = random();
        const value =
          type === "int32"
            ? Math.floor(below === undefined ? low + (high - low) * drawn : drawn * below)
            : type === "bool"
              ? Math.round(drawn)
              : rounded(dtype, low + (high - low) * drawn);
        view[i] = value;
        emitted[i] = value;
      }
    }
  }
}

/** The interpreter takes over the model's parameters. */
export function copyParameters({ model, reference }: Pair): void {
  for (const [name, view] of Object.entries(reference.parameters)) view.set(model.parameters[name]!);
}

export function copyStates({ model, reference }: Pair): void {
  for (const [name, view] of Object.entries(reference.states)) view.set(model.states[name]!);
}

export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** Numbers that are all this small are what is left of larger ones that cancel: their scale is 1. */
const NOTHING = 1e-12;

/** The scale of a comparison: the largest finite magnitude. */
export const scaleOf = (...groups: readonly Values[]): number => {
  const size = Math.max(...groups.map(largest));
  return size < NOTHING ? 1 : size;
};

function largest(values: Values): number {
  let most = 0;
  for (const list of Object.values(values)) {
    for (let i = 0; i < list.length; i++) {
      const size = Math.abs(list[i]!);
      if (size > most && size < Infinity) most = size;
    }
  }
  return most;
}

/** Throws at the first number that deviates by more than `bound`; arrays of the model may be longer than what is wanted. */
export function expectClose(what: string, actual: Values, wanted: Values, bound: number): void {
  const names = [Object.keys(actual).sort().join(), Object.keys(wanted).sort().join()];
  if (names[0] !== names[1]) throw new Error(`${what}: emitted has ${names[0]}, interpreted ${names[1]}`);
  for (const [name, list] of Object.entries(wanted)) {
    const emitted = actual[name]!;
    for (let i = 0; i < list.length; i++) {
      const [a, b] = [emitted[i]!, list[i]!];
      if (Math.abs(a - b) <= bound || Object.is(a, b)) continue;
      const off = Math.abs(a - b);
      throw new Error(`${what} ${name}[${i}]: emitted ${a}, interpreted ${b}: ${off} apart, allowed ${bound}`);
    }
  }
}

const KINDS = [
  [/^predict$/, "outputs"],
  [/^evaluate$/, "statistics"],
  [/gradients$/i, "grads"],
] as const;

/** Runs an entry on both. Outputs, statistics, gradients and the returned loss are compared; the entry's loss is returned. */
export function expectEntry({ model, reference, dtype }: Pair, entry: string, rows: number): number | undefined {
  const kind = KINDS.find(([name]) => name.test(entry))?.[1];
  const wanted = reference.run(entry, rows);
  const actual = (model[entry] as (rows: number) => number | undefined)(rows);
  const bound = BOUND[dtype];
  if (kind !== undefined) {
    // The gradients of a network with several steps are those of the steps that ran.
    const ran = (name: string): boolean => model.spec.steps.length < 2 || name in reference[kind];
    const emitted = Object.fromEntries(Object.entries<ArrayLike<number>>(model[kind]).filter(([name]) => ran(name)));
    expectClose(kind, emitted, reference[kind], bound * scaleOf(reference[kind]));
  }
  if (wanted !== undefined) {
    const size = scaleOf({ loss: [wanted] }, reference.outputs, reference.grads);
    expectClose("loss", { [entry]: [actual!] }, { [entry]: [wanted] }, bound * size);
  }
  return actual;
}

/** Parameters and states after a step: of each group the largest number sets the scale. */
export function expectState({ model, reference, dtype }: Pair): void {
  for (const group of ["parameters", "states"] as const) {
    const wanted = reference[group];
    expectClose(group, model[group], wanted, BOUND[dtype] * scaleOf(wanted));
  }
}

/** The same with bit-for-bit equality, of two models or of one at two times. */
export function expectSame(what: string, actual: Values, wanted: Values): void {
  expectClose(what, actual, wanted, 0);
}

/** A copy that later runs do not change. */
export const snapshot = (values: Values): Record<string, number[]> =>
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Array.from(list)]));
