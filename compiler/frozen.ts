// What freezing saves: a network with parameters that a step leaves as they are, beside the same network in which every step
// trains all that its loss reaches.

import type { Network, Step } from "../src/graph/network.js";
import { createNode, type Node } from "../src/graph/node.js";
import { everyNode, rewrite } from "../src/graph/walk.js";
import { parameterDef, type ParameterAttrs } from "../src/ops/leaf/leaf-records.js";
import { trainableUnder } from "../src/reach.js";
import { TapelessError } from "../src/messages.js";
import { shorten, type MemoryTable } from "./4-plan/table.js";

export interface Frozen {
  readonly steps: readonly {
    readonly step: string;
    /** Those that it leaves as they are, and how many parameters its loss reaches. */
    readonly parameters: readonly string[];
    readonly reached: number;
    /** Operations of one step at capacity, and what they would be with everything trained. */
    readonly flops: number;
    readonly allFlops: number;
  }[];
  /** Bytes of the arena, and what they would be. */
  readonly bytes: number;
  readonly allBytes: number;
}

/** The network with everything trained, and for each step what it now leaves out. */
interface Thawed {
  readonly network: Network;
  readonly steps: readonly { readonly step: string; readonly left: readonly Node[]; readonly reached: number }[];
}

/** Nothing where every step trains all parameters that its loss reaches. */
export function frozenReport(
  network: Network,
  memory: MemoryTable,
  nameOf: (parameter: Node) => string,
  tableOf: (thawed: Network) => MemoryTable,
): Frozen | undefined {
  const thawed = thaw(network);
  if (thawed.steps.every(({ left }) => left.length === 0)) return undefined;
  const all = thawedTable(thawed.network, tableOf);
  if (all === undefined) return undefined;
  const flopsOf = (table: MemoryTable, name: string): number =>
    table.entries.find(({ entry }) => entry === name)?.flops ?? 0;
  const steps = thawed.steps
    .filter(({ step, left }) => left.length > 0 && memory.entries.some(({ entry }) => entry === step))
    .map(({ step, left, reached }) => ({
      step,
      parameters: left.map(nameOf),
      reached,
      flops: flopsOf(memory, step),
      allFlops: flopsOf(all, step),
    }));
  return steps.length === 0 ? undefined : { steps, bytes: memory.arenaBytes, allBytes: all.arenaBytes };
}

/** Settings that were made for the parameters that train may not fit the others; then there is nothing to compare with. */
function thawedTable(network: Network, tableOf: (thawed: Network) => MemoryTable): MemoryTable | undefined {
  try {
    return tableOf(network);
  } catch (error) {
    if (error instanceof TapelessError) return undefined;
    throw error;
  }
}

function thaw(network: Network): Thawed {
  const steps = Object.entries(network.steps);
  const sets = [network.outputs, ...Object.values(network.entries)].map((outputs) => Object.entries(outputs));
  const frozen = new Map<Node, Node>();
  const melt = (node: Node): Node => {
    if (node.def !== parameterDef || (node.attrs as ParameterAttrs).trainable) return node;
    const trained = createNode(node.def, [], { ...node.attrs, trainable: true }, node.origin);
    frozen.set(trained, node);
    return trained;
  };
  const roots = [...steps.map(([, { loss }]) => loss), ...sets.flat().map(([, value]) => value)];
  const values = rewrite(roots, melt);
  const thawed: [string, Step][] = steps.map(([name, { optimizer }], i) => [name, { loss: values[i]!, optimizer }]);
  const left = thawed.map(([step, { loss }], i) => {
    const before = steps[i]![1];
    const trained = new Set(before.parameters ?? trainableUnder(before.loss));
    const reached = trainableUnder(loss).map((node) => frozen.get(node) ?? node);
    return { step, left: reached.filter((node) => !trained.has(node)), reached: reached.length };
  });
  let next = steps.length;
  const [outputs, ...own] = sets.map((set) => Object.fromEntries(set.map(([name]) => [name, values[next++]!])));
  const entries = Object.fromEntries(Object.keys(network.entries).map((name, i) => [name, own[i]!]));
  return {
    network: { ...network, steps: Object.fromEntries(thawed), outputs: outputs!, entries },
    steps: left,
  };
}

/** One line for each step that leaves parameters alone, and one for the memory. */
export function printFrozen({ steps, bytes, allBytes }: Frozen): string {
  const number = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
  const share = (now: number, all: number): string =>
    `${number(all - now)} of ${number(all)}, ${((100 * (all - now)) / all).toFixed(0)} %`;
  return [
    ...steps.map(
      ({ step, parameters, reached, flops, allFlops }) =>
        `${step} leaves ${parameters.length} of ${reached} parameters as they are (${shorten(parameters)}), ` +
        `which saves FLOP: ${share(flops, allFlops)}`,
    ),
    `parameters that are left as they are save bytes of the arena: ${share(bytes, allBytes)}`,
  ].join("\n");
}

/** Is there anything to report, before a second compilation is paid for? */
export const leavesAny = (network: Network): boolean =>
  Object.values(network.steps).some((step) => step.parameters !== undefined) ||
  everyNode(Object.values(network.steps).map(({ loss }) => loss)).some(
    (node) => node.def === parameterDef && !(node.attrs as ParameterAttrs).trainable,
  );
