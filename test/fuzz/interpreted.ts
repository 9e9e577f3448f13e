// A network on the interpreter, each entry prepared once for a number of rows; with an error put on each op if asked.

import { rootsOf } from "../../compiler/0-declare/entry-names.js";
import type { Entry, Result } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import type { Facts } from "./facts.js";
import type { Machine } from "./play.js";
import { roundedInterpreterOf, type Rounding } from "./rounded.js";

export interface Interpreted extends Machine {
  readonly memory: ReadonlyMap<Node, Float64Array>;
}

export function interpreted(facts: Facts, seed: number, rounding?: Rounding): Interpreted {
  const { entries, views, capacity, prepared, mode } = facts;
  const memory = new Map(
    facts.persistent.map((leaf) => [leaf, new Float64Array(evaluateDim(sizeOf(leaf.shape), capacity))]),
  );
  if (facts.seed) memory.get(facts.seed)![0] = seed;
  for (const { leaf, initial } of facts.hypers) memory.get(leaf)![0] = initial;
  for (const { leaf, values } of facts.constants) memory.get(leaf)!.set(values);
  const results = { output: {}, gradient: {}, statistic: {} } as Record<
    Exclude<Result["kind"], "loss">,
    Record<string, Float64Array>
  >;

  function run(entry: Entry, rows: number): number | undefined {
    const key = `${entry.name} ${rows}`;
    const evaluate = prepared.get(key) ?? roundedInterpreterOf(rootsOf(entry), { rows, mode });
    prepared.set(key, evaluate);
    mode.rounding = rounding;
    const values = evaluate((leaf) => memory.get(leaf)!);
    let loss: number | undefined;
    for (const { kind } of entry.results) if (kind !== "loss") results[kind] = {};
    for (const { kind, name, value } of entry.results) {
      if (kind === "loss") loss = values.get(value)![0];
      else results[kind][name] = values.get(value)!;
    }
    const next = entry.updates.map(({ leaf, value }) => [leaf, values.get(value)!] as const);
    for (const [leaf, value] of next) memory.get(leaf)!.set(value);
    return loss;
  }

  const valuesOf = (group: "parameters" | "states"): Record<string, Float64Array> =>
    Object.fromEntries(views[group].map(({ name, buffer }) => [name, memory.get(buffer.leaf!)!]));
  for (const entry of entries) if (entry.kind === "initialize") run(entry, facts.network.capacity);
  return {
    memory,
    give(data) {
      for (const { name, buffer } of [...views.inputs, ...views.targets])
        memory.get(buffer.leaf!)!.set(Array.from(data[name]!));
    },
    setParameters(values) {
      for (const { name, buffer } of views.parameters) memory.get(buffer.leaf!)!.set(Array.from(values[name]!));
    },
    run: (name, rows) =>
      run(
        entries.find((entry) => entry.name === name)!,
        rows,
      ),
    read(group) {
      if (group === "outputs") return results.output;
      if (group === "grads") return results.gradient;
      return group === "statistics" ? results.statistic : valuesOf(group);
    },
  };
}
