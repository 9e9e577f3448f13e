// An emitted model beside the float64 interpreter of the same network: both are given the same numbers, run the same
// entries, and are compared with the bound of the model's own type.

import { createInterpreter, type Interpreter } from "../../compiler/interpret.js";
import { compile, type Compilation, type Model } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import { randomNumbers } from "../oracle/leaves.js";
import { expectCheck, expectClose, scaleOf, type Check, type Values } from "./close.js";
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
  /** Told of each comparison before it is made. */
  readonly watch?: (check: Check) => void;
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

const KINDS = [
  [/^predict$/, "outputs"],
  [/^evaluate$/, "statistics"],
  [/gradients$/i, "grads"],
] as const;

/** Runs an entry on both. Outputs, statistics, gradients and the returned loss are compared; the entry's loss is returned. */
export function expectEntry(pair: Pair, entry: string, rows: number): number | undefined {
  const { model, reference, dtype } = pair;
  const group = KINDS.find(([name]) => name.test(entry))?.[1];
  const loss = reference.run(entry, rows);
  const actual = (model[entry] as (rows: number) => number | undefined)(rows);
  const bound = BOUND[dtype];
  if (group !== undefined) {
    const wanted = reference[group];
    expectThat(pair, { group, wanted, partial: model.spec.steps.length > 1, bound: bound * scaleOf(wanted) }, actual);
  }
  if (loss !== undefined) {
    const size = scaleOf({ loss: [loss] }, reference.outputs, reference.grads);
    expectThat(pair, { group: "loss", wanted: { [entry]: [loss] }, partial: false, bound: bound * size }, actual);
  }
  return actual;
}

/** Parameters and states after a step: of each group the largest number sets the scale. */
export function expectState(pair: Pair): void {
  for (const group of ["parameters", "states"] as const) {
    const wanted = pair.reference[group];
    expectThat(pair, { group, wanted, partial: false, bound: BOUND[pair.dtype] * scaleOf(wanted) }, undefined);
  }
}

function expectThat({ model, watch }: Pair, check: Check, returned: number | undefined): void {
  watch?.(check);
  expectCheck(model, check, returned);
}

/** The same with bit-for-bit equality, of two models or of one at two times. */
export function expectSame(what: string, actual: Values, wanted: Values): void {
  expectClose(what, actual, wanted, 0);
}

/** A copy that later runs do not change. */
export const snapshot = (values: Values): Record<string, number[]> =>
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Array.from(list)]));
