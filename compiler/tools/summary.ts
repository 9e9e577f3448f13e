// A network as a table: a row for each thing that the definition names, in the order in which they are computed.
//
// A layer is what one `const` of the definition names, with all that it is made of: `h1` has `h1.weight` and `h1.bias`.
// Parameters are counted in the graph as declared, FLOP in the kernels that compute the outputs, or else the loss.

import type { Entry, Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, sizeOf, type Shape } from "../../src/graph/shape.js";
import { everyNode, topological } from "../../src/graph/walk.js";
import { constantDef, hyperDef, inputDef, parameterDef, sizeDef } from "../../src/ops/leaf/leaf-records.js";
import { isTrainable, trainableUnder } from "../../src/reach.js";
import { costOf } from "../4-plan/cost.js";
import { entryNames, rootsOf } from "../0-declare/entry-names.js";
import { bytesPerElement } from "../ir/layout.js";
import type { ProgramItem } from "../ir/program.js";
import type { CompileOptions } from "../options.js";
import { planned } from "../pipeline.js";

export interface SummaryRow {
  readonly layer: string;
  readonly kind: "input" | "layer";
  /** Of what the layer gives; absent where nothing has its name alone. */
  readonly shape: Shape | undefined;
  /** How many numbers it stores. */
  readonly parameters: number;
  /** Of them, those that no step changes. */
  readonly frozen: number;
  /** Scalar operations of the way forward with one row. */
  readonly flops: number;
  /** Of its parameters. */
  readonly bytes: number;
}

export interface Summary {
  readonly name: string;
  readonly rows: readonly SummaryRow[];
  /** Scalar operations of one call with one row, by function. */
  readonly entries: readonly { readonly entry: string; readonly flops: number }[];
}

type Options = Pick<CompileOptions, "dtype" | "constNames">;

/** Compiles the network for its numbers. Throws what `compile` throws. */
export function summarize(network: Network, options: Options): Summary {
  const fused = new Map<string, readonly ProgramItem[]>();
  const { spec, layout, named, names } = planned(network, {
    ...options,
    // Later passes put the kernels of several layers together.
    trace: ({ kind, after }) => {
      if (kind === "fuse") for (const { entry, items } of after) fused.set(entry, items);
    },
  });
  const { float } = layout;
  const flopsOf = (entry: string, items: readonly ProgramItem[]): number =>
    costOf({ entry, items, notes: [] }, 1, float).flops;
  const namesOf = entryNames(named, names);
  const of = (kind: Entry["kind"]): readonly Entry[] => named.filter((entry) => entry.kind === kind);
  const losses = of("loss");
  const shown = [of("predict"), of("own"), losses].find((entries) => entries.length > 0) ?? [];
  const parameters = parametersOf([...of("predict"), ...of("own"), ...losses], namesOf);
  const trained = trainedBy(network);
  const flops = new Map<string, number>();
  for (const entry of [...shown, ...losses]) {
    const { name } = entry;
    const own = new Map<string, number>();
    // What stores an output is called after the output.
    const results = new Map(entry.results.map((result) => [result.name, namesOf(entry)(result.value)]));
    for (const [kernel, item] of callsOf(fused.get(name) ?? [])) {
      const layer = layerOf(results.get(kernel) ?? kernel);
      own.set(layer, (own.get(layer) ?? 0) + flopsOf(name, [item]));
    }
    // What several functions compute is the same.
    for (const [layer, count] of own) if (!flops.has(layer)) flops.set(layer, count);
  }
  const rows = layersOf(shown, losses, namesOf, parameters).map(({ layer, node }): SummaryRow => {
    const own = parameters.filter((one) => layerOf(one.name) === layer).map((one) => one.node);
    const count = (nodes: readonly Node[]): number =>
      nodes.reduce((sum, { shape }) => sum + evaluateDim(sizeOf(shape), 1), 0);
    return {
      layer,
      kind: node?.def === inputDef ? "input" : "layer",
      shape: node?.shape,
      parameters: count(own),
      frozen: count(own.filter((parameter) => !trained(parameter))),
      flops: flops.get(layer) ?? 0,
      bytes: own.reduce((sum, parameter) => sum + count([parameter]) * bytesPerElement(parameter.dtype, float), 0),
    };
  });
  // A step on the way that stores nothing and costs nothing, such as another shape of the same numbers, is no layer.
  const told = rows.filter((row) => row.kind === "input" || row.parameters > 0 || row.flops > 0);
  const entries = spec.entries.map(({ name, program }) => ({ entry: name, flops: flopsOf(name, program.items) }));
  return { name: network.name, rows: told, entries };
}

/** `block1.attention.query` belongs to `block1`. */
const layerOf = (name: string): string => name.split(".")[0]!;

type NameOf = (entry: Entry) => (node: Node) => string;

interface NamedNode {
  readonly name: string;
  readonly node: Node;
}

function parametersOf(entries: readonly Entry[], namesOf: NameOf): readonly NamedNode[] {
  const found = new Map<Node, string>();
  for (const entry of entries)
    for (const node of everyNode(rootsOf(entry))) if (node.def === parameterDef) found.set(node, namesOf(entry)(node));
  return [...found].map(([node, name]) => ({ name, node }));
}

/** Layers in the order in which the last node of each is computed, with the node of just that name. */
function layersOf(
  shown: readonly Entry[],
  losses: readonly Entry[],
  namesOf: NameOf,
  parameters: readonly NamedNode[],
): readonly { readonly layer: string; readonly node: Node | undefined }[] {
  const stored = new Set(parameters.map(({ name }) => layerOf(name)));
  const order = new Map<string, Node | undefined>();
  for (const entry of [...shown, ...losses]) {
    const nameOf = namesOf(entry);
    const own = new Map<string, Node | undefined>();
    for (const node of topological(rootsOf(entry))) {
      if (node.def === constantDef || node.def === hyperDef || node.def === sizeDef) continue;
      const name = nameOf(node);
      const layer = layerOf(name);
      // A loss is no layer, but may have some before it that no output has.
      if (!shown.includes(entry) && !stored.has(layer)) continue;
      const before = own.get(layer);
      own.delete(layer);
      own.set(layer, name === layer ? node : before);
    }
    for (const [layer, node] of own) if (!order.has(layer)) order.set(layer, node);
  }
  return [...order].map(([layer, node]) => ({ layer, node }));
}

/** Does a step change the parameter? Where there is no step: may one? */
function trainedBy(network: Network): (parameter: Node) => boolean {
  const steps = Object.values(network.steps);
  if (steps.length === 0) return isTrainable;
  const changed = new Set(steps.flatMap(({ parameters, loss }) => parameters ?? trainableUnder(loss)));
  return (parameter) => changed.has(parameter);
}

/** Each call with the loops around it, and the name of its kernel. */
function callsOf(items: readonly ProgramItem[]): readonly (readonly [string, ProgramItem])[] {
  return items.flatMap((item): readonly (readonly [string, ProgramItem])[] =>
    item.kind === "call"
      ? [[item.kernel.name, item]]
      : callsOf(item.body).map(([name, inner]) => [name, { ...item, body: [inner] }]),
  );
}
