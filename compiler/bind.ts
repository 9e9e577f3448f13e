// Binds a network's entries to memory: which buffer holds each leaf, each result and each gradient, and what the emitted
// module calls them.

import type { Entry, Result } from "../src/graph/network.js";
import type { Node, TensorType } from "../src/graph/node.js";
import { everyNode } from "../src/graph/walk.js";
import {
  constantDef,
  hyperDef,
  inputDef,
  parameterDef,
  stateDef,
  type ConstantAttrs,
  type HyperAttrs,
  type InputAttrs,
} from "../src/ops/leaf/leaves.js";
import { CLOCK, SEED } from "../src/ops/leaf/seed-and-clock.js";
import { rootsOf } from "./0-declare/entry-names.js";
import type { Names } from "./names/index.js";
import type { HyperView, ModuleSpec, View } from "./ir/module.js";
import type { Buffer, Segment } from "./ir/program.js";

export interface Bindings extends Pick<
  ModuleSpec,
  | "inputs"
  | "targets"
  | "outputs"
  | "gradients"
  | "statistics"
  | "parameters"
  | "states"
  | "hypers"
  | "constants"
  | "seed"
> {
  readonly leafBuffer: (leaf: Node) => Buffer;
  readonly resultBuffer: (result: Result) => Buffer;
  /** The int views that the nodes under the roots read and that have a bound. */
  readonly checksOf: (roots: readonly Node[]) => readonly View[];
  /** The names of inputs and targets that no node under the roots reads. */
  readonly unreadBy: (roots: readonly Node[]) => readonly string[];
  readonly persistent: readonly Buffer[];
}

/** `entries`: those to be emitted, each already in its final graph; `declared`: the same as declared, for their order. */
export function bind(entries: readonly Entry[], names: Names, declared: readonly Entry[]): Bindings {
  const roots = entries.flatMap(rootsOf);
  const leaves = new Set(everyNode(roots).filter((node) => node.inputs.length === 0));
  for (const entry of entries) entry.updates.forEach(({ leaf }) => leaves.add(leaf));
  const buffers = new Map<Node, Buffer>();
  const add = (leaf: Node, name: string, segment: Segment): View => {
    const buffer: Buffer = Object.freeze({ name, segment, dtype: leaf.dtype, shape: leaf.shape, leaf });
    buffers.set(leaf, buffer);
    return { name, buffer };
  };
  const views = { inputs: [] as View[], targets: [] as View[], parameters: [] as View[], states: [] as View[] };
  const hypers: HyperView[] = [];
  const constants: { buffer: Buffer; values: readonly number[] }[] = [];
  let seed: Buffer | undefined;
  const order = new Map(everyNode(declared.flatMap(rootsOf)).map((node, position) => [node, position]));
  const place = (leaf: Node): number => order.get(leaf) ?? Infinity;
  for (const leaf of [...leaves].sort((a, b) => place(a) - place(b) || 0)) {
    if (leaf.def === inputDef) {
      const { name, role, below, ignoreIndex } = leaf.attrs as InputAttrs;
      views[role === "input" ? "inputs" : "targets"].push({ ...add(leaf, name, role), below, ignoreIndex });
    } else if (leaf.def === parameterDef) views.parameters.push(add(leaf, names.of(leaf), "parameter"));
    else if (leaf.def === stateDef) views.states.push(add(leaf, names.of(leaf), "state"));
    else if (leaf === CLOCK) views.states.push(add(leaf, "clock", "state"));
    else if (leaf === SEED) seed = add(leaf, "seed", "state").buffer;
    else if (leaf.def === hyperDef) {
      const { name, initial, range } = leaf.attrs as HyperAttrs;
      hypers.push({ ...add(leaf, name, "hyper"), initial, range });
    } else if (leaf.def === constantDef) {
      const { values } = leaf.attrs as ConstantAttrs;
      if (values.length > 1) constants.push({ buffer: add(leaf, names.of(leaf), "constant").buffer, values });
    }
  }
  const results = bindResults(entries);
  const inputViews = [...views.inputs, ...views.targets];
  return {
    ...views,
    hypers,
    constants,
    seed,
    outputs: results.views("output"),
    gradients: results.views("gradient"),
    statistics: results.views("statistic"),
    leafBuffer: (leaf) => buffers.get(leaf)!,
    resultBuffer: results.bufferOf,
    checksOf(checked) {
      const read = new Set(everyNode(checked));
      return inputViews.filter((view) => view.below !== undefined && read.has(view.buffer.leaf!));
    },
    unreadBy(asked) {
      const read = new Set(everyNode(asked));
      return inputViews.filter((view) => !read.has(view.buffer.leaf!)).map((view) => view.name);
    },
    persistent: [...buffers.values(), ...results.buffers],
  };
}

/** One buffer for each (kind, name): the loss of a step and of its evaluation share theirs. */
function bindResults(entries: readonly Entry[]) {
  const buffers = new Map<string, Pick<Result, "kind" | "name" | "entry"> & { readonly buffer: Buffer }>();
  const key = (result: Result): string => `${result.kind}:${result.name}`;
  for (const result of entries.flatMap((entry) => entry.results)) {
    if (buffers.has(key(result))) continue;
    const { shape, dtype }: TensorType = result.value;
    const segment: Segment = result.kind;
    // Kernels speak of a parameter and of its gradient: the buffers' names tell them apart.
    const name = result.kind === "gradient" ? `∂${result.name}` : result.name;
    const buffer = Object.freeze({ name, segment, dtype, shape });
    buffers.set(key(result), { ...result, buffer });
  }
  return {
    bufferOf: (result: Result): Buffer => buffers.get(key(result))!.buffer,
    views: (kind: Result["kind"]): View[] =>
      [...buffers.values()].filter((b) => b.kind === kind).map(({ name, entry, buffer }) => ({ name, entry, buffer })),
    buffers: [...buffers.values()].map((b) => b.buffer),
  };
}
