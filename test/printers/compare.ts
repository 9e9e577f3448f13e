// What a printed graph computes beside the float64 interpreter of the same network, entry by entry, from the same leaves.

import { compile } from "../../compiler/compile.js";
import { createInterpreter, type Interpreter } from "../../compiler/interpret.js";
import type { GraphPrinter } from "../../compiler/printers/printer.js";
import type { Primitive, StoredLeaf } from "../../compiler/ir/primitive.js";
import type { Network } from "../../src/graph/network.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { scaleOf, type Values } from "../emitted/close.js";
import type { Range } from "../emitted/harness.js";
import { randomNumbers } from "../oracle/leaves.js";
import { evaluatePrinted, type GivenLeaves, type Printed } from "./javascript.js";

/** The largest deviation, as a share of the largest number of what is compared. */
const BOUND = 1e-12;

export interface PrintedNetwork {
  readonly primitive: Primitive;
  readonly text: string;
  readonly printed: Printed;
  readonly reference: Interpreter;
  readonly seed: number;
}

export function printedNetwork(network: Network, printer: GraphPrinter, seed = 0): PrintedNetwork {
  const { primitive } = compile(network, { dtype: "float64" });
  const text = printer.print(primitive, { float: "float64" }) as string;
  return { primitive, text, printed: evaluatePrinted(text), reference: createInterpreter(network, { seed }), seed };
}

interface Compared {
  readonly ranges?: Readonly<Record<string, Range>>;
  readonly bound?: number;
  /** Entries that are run. All unless stated. */
  readonly entries?: RegExp;
}

/** Throws where an entry gives something else than the interpreter: from drawn values, for a number of rows. */
export function expectPrinted(
  network: PrintedNetwork,
  rows: number,
  { ranges = {}, bound = BOUND, entries = /./ }: Compared = {},
): void {
  const { primitive, printed, reference } = network;
  fill(primitive, reference, ranges, rows);
  for (const { name, kind, updates } of primitive.entries) {
    if (!entries.test(name)) continue;
    const used = kind === "initialize" ? primitive.capacity : rows;
    const ran = printed[name]!(leavesOf(network, used), used);
    const loss = reference.run(name, used);
    const groups = { output: reference.outputs, gradient: reference.grads, statistic: reference.statistics };
    const wanted: Record<string, ArrayLike<number>> = {};
    for (const [key] of ran.results) {
      const [group, ...rest] = key.split(" ");
      wanted[key] = group === "loss" ? [loss!] : groups[group as keyof typeof groups][rest.join(" ")]!;
    }
    expectNear(`${name} for ${used} rows`, Object.fromEntries(ran.results), wanted, bound);
    const after = new Map(ran.updates);
    if (after.size !== updates.length) throw new Error(`${name} updates ${updates.length} leaves`);
    const views = { ...named("parameters", reference.parameters), ...named("states", reference.states) };
    const next = Object.fromEntries([...after.keys()].map((key) => [key, views[key === "clock" ? CLOCK : key]!]));
    expectNear(`${name} for ${used} rows, next`, Object.fromEntries(after), next, bound);
  }
}

const CLOCK = 'states["clock"]';

const named = (group: string, values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}[${JSON.stringify(name)}]`, value]));

/** The leaves' values for a number of rows: copies, as long as the leaves are. */
function leavesOf({ primitive: { leaves }, reference, seed }: PrintedNetwork, rows: number): GivenLeaves {
  const copy = (group: "inputs" | "targets" | "parameters" | "states" | "hypers"): Values =>
    Object.fromEntries(
      leaves[group].map(({ name, shape }) => [
        name,
        Float64Array.from(reference[group][name]!.subarray(0, evaluateDim(sizeOf(shape), rows))),
      ]),
    );
  return {
    inputs: copy("inputs"),
    targets: copy("targets"),
    parameters: copy("parameters"),
    states: copy("states"),
    hypers: copy("hypers"),
    seed: [seed],
    clock: Float64Array.from(reference.states["clock"] ?? [0]),
  };
}

/** Throws at the first number that is off by more than the bound allows for the largest of its kind. */
function expectNear(what: string, actual: Values, wanted: Values, bound: number): void {
  for (const [name, list] of Object.entries(wanted)) {
    const allowed = bound * scaleOf({ list });
    const given = actual[name]!;
    // States with a value for each row are there for all rows.
    for (let i = 0; i < given.length; i++) {
      const [a, b] = [given[i]!, list[i]!];
      if (Math.abs(a - b) <= allowed || Object.is(a, b)) continue;
      throw new Error(`${what}: ${name}[${i}] is ${a}, not ${b}: ${Math.abs(a - b)} apart, allowed ${allowed}`);
    }
  }
}

function fill(
  { leaves }: Primitive,
  reference: Interpreter,
  ranges: NonNullable<Compared["ranges"]>,
  seed: number,
): void {
  const random = randomNumbers(31 + seed);
  for (const group of ["inputs", "targets", "parameters"] as const) {
    for (const leaf of leaves[group]) {
      const view = reference[group][leaf.name]!;
      const draw = drawOf(leaf, ranges[leaf.name] ?? [-1, 1]);
      for (let i = 0; i < view.length; i++) view[i] = draw(random());
    }
  }
}

function drawOf(
  leaf: StoredLeaf & { readonly below?: number | undefined },
  [low, high]: Range,
): (drawn: number) => number {
  const { dtype, below } = leaf;
  if (dtype === "bool") return Math.round;
  if (dtype === "float32") return (drawn) => low + (high - low) * drawn;
  return (drawn) => Math.floor(below === undefined ? low + (high - low) * drawn : drawn * below);
}
