// The point at which derivatives are compared: inputs and targets as given or drawn in their range, parameters a little off
// their initial values, so that zeros and ones there hide nothing.

import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { badArgument, unknownOption } from "../../src/messages.js";
import type { Network } from "../../src/graph/network.js";
import type { OpenInterpreter, Values } from "../interpret.js";
import type { View } from "../ir/module.js";
import { randomNumbers } from "../random-numbers.js";

export interface PointOptions {
  readonly rows: number;
  readonly seed: number;
  readonly inputs?: Values | undefined;
  readonly targets?: Values | undefined;
  readonly parameters?: Values | undefined;
}

/** Ranges of float inputs, until the losses are finite. Targets are drawn from 0 to 1. */
export const RANGES = [
  [-1, 1],
  [0.1, 0.9],
  [1.1, 2.5],
] as const;

/** By how much of their root mean square parameters are moved. */
const MOVED = 0.1;

/** Puts all values into the interpreter's memory. They are float32 numbers, which every build can take. */
export function place(
  open: OpenInterpreter,
  network: Network,
  range: (typeof RANGES)[number],
  options: PointOptions,
): void {
  const { bindings, memory } = open;
  const random = randomNumbers(options.seed);
  for (const [group, views, ends] of [
    ["inputs", bindings.inputs, range],
    ["targets", bindings.targets, [0, 1]],
  ] as const) {
    requireKnown(network, group, options[group], views);
    for (const view of views) {
      const values = valuesOf(view, open, options.rows);
      const given = options[group]?.[view.name];
      if (given) put(network, view, values, given);
      else drawn(view, values, ends, random);
    }
  }
  requireKnown(network, "parameters", options.parameters, bindings.parameters);
  for (const { name, buffer } of bindings.parameters) {
    if (options.parameters?.[name]) continue;
    const values = memory.get(buffer.leaf!)!;
    const size = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length) || 1;
    for (let i = 0; i < values.length; i++) values[i] = Math.fround(values[i]! + MOVED * size * (2 * random() - 1));
  }
}

const valuesOf = ({ buffer }: View, { memory }: OpenInterpreter, rows: number): Float64Array =>
  memory.get(buffer.leaf!)!.subarray(0, evaluateDim(sizeOf(buffer.shape), rows));

function drawn(view: View, values: Float64Array, [low, high]: readonly [number, number], random: () => number): void {
  const draw = {
    float32: () => Math.fround(low + (high - low) * random()),
    int32: () => Math.floor(random() * (view.below ?? 2)),
    bool: () => Math.floor(random() * 2),
  }[view.buffer.dtype];
  for (let i = 0; i < values.length; i++) values[i] = draw();
}

function requireKnown(network: Network, argument: string, given: Values | undefined, views: readonly View[]): void {
  const known = views.map((view) => view.name);
  for (const name of Object.keys(given ?? {})) {
    if (!known.includes(name)) throw unknownOption({ op: "gradcheck", argument, name, known, site: network.site });
  }
}

function put({ site }: Network, { name, buffer }: View, values: Float64Array, given: ArrayLike<number>): void {
  if (given.length !== values.length) {
    const argument = `the number of values of ${JSON.stringify(name)}`;
    throw badArgument({ op: "gradcheck", argument, value: given.length, expected: String(values.length), site });
  }
  for (let i = 0; i < values.length; i++) {
    if (typeof given[i] !== "number") {
      const argument = `value ${i} of ${JSON.stringify(name)}`;
      throw badArgument({ op: "gradcheck", argument, value: given[i], expected: "a number", site });
    }
    values[i] = buffer.dtype === "float32" ? Math.fround(given[i]!) : given[i]!;
  }
}
