// What must hold of a graph after each phase, as sentences. A broken one is our fault, not the user's.

import type { Node, Region } from "../src/graph/node.js";
import { printShape, sameShape } from "../src/graph/shape.js";
import { everyNode, topological } from "../src/graph/walk.js";
import { invariant } from "../src/messages.js";
import { gradientDef } from "../src/ops/marker/markers.js";
import { regionParameterDef } from "../src/ops/leaf/leaves.js";
import { gradientsAreWhole } from "../src/ops/scan/region-gradients.js";
import type { OpDef } from "../src/graph/op.js";

/** What no node may be once a phase has run. */
interface Demand {
  readonly isMet: (node: Node) => boolean;
  readonly sentence: (node: Node) => string;
}

const noGradient: Demand = {
  isMet: (node) => node.def !== gradientDef,
  sentence: () => "no gradient marker is left",
};
const noMarker: Demand = {
  isMet: (node) => node.def.family !== "marker",
  sentence: ({ def }) => `no marker is left, but there is ${def.name}`,
};
const noComposite: Demand = {
  isMet: (node) => node.def.family !== "composite",
  sentence: ({ def }) => `no composite is left, but there is ${def.name}`,
};

/** What a graph is made of, from its declaration on. Each level demands what those before it do, in the same order. */
export const LEVELS = {
  declared: [],
  derived: [noGradient],
  simple: [noGradient, noMarker],
  primitive: [noGradient, noMarker, noComposite],
} as const satisfies Record<string, readonly Demand[]>;

export type GraphLevel = keyof typeof LEVELS;

/** Throws an invariant error when the graph is not what it must be after the phase, of that level. */
export function verifyGraph(roots: readonly Node[], after: string, level: GraphLevel): void {
  const demands: readonly Demand[] = LEVELS[level];
  const require = (condition: unknown, sentence: string): void => invariant(condition, `after ${after}, ${sentence}`);

  const verify = (node: Node): void => {
    if (!verified.has(node)) verifyNode(node, require);
    verified.add(node);
    for (const { isMet, sentence } of demands) if (!isMet(node)) require(false, sentence(node));
    for (const region of node.regions) everyNode(region.results).forEach(verify);
  };
  for (const node of topological(roots, (known) => (passed.get(known) ?? -1) >= demands.length)) {
    require(node.def !== (regionParameterDef as OpDef), "the network reads only its own parameters");
    verify(node);
    passed.set(node, demands.length);
  }
}

/** Nodes never change: what held of one holds after every later phase. */
const verified = new WeakSet<Node>();
/** Nodes of networks whose graph down to the leaves was verified, with the number of demands that it met. */
const passed = new WeakMap<Node, number>();

type Require = (condition: unknown, sentence: string) => void;

function verifyNode(node: Node, require: Require): void {
  const { def, inputs, attrs, regions, origin } = node;
  const inferred = def.infer({ inputs, attrs, regions, origin });
  require(sameShape(inferred.shape, node.shape) &&
    inferred.dtype ===
      node.dtype, `the type of ${def.name} is what its rule says, but it is ${node.dtype} ${printShape(node.shape)}`);
  for (const input of inputs) {
    const projects = input.def.results === undefined || "index" in attrs;
    require(projects, `only a projection reads the tuple of ${input.def.name}, but ${def.name} does`);
  }
  require(def.family !== "pointwise" ||
    inputs.every((input) => sameShape(input.shape, node.shape)), `the operands of ${def.name} have its shape`);
  require(gradientsAreWhole(node), `gradients in ${def.name} see every way to what they are taken with respect to`);
  for (const region of regions) verifyClosed(region.results, region.parameters, `the region of ${def.name}`, require);
}

/** Region parameters belong to the region that reads them. */
function verifyClosed(
  results: readonly Node[],
  parameters: Region["parameters"],
  where: string,
  require: Require,
): void {
  const own = new Set(parameters);
  for (const node of topological(results)) {
    if (node.def === (regionParameterDef as OpDef)) require(own.has(node), `${where} reads only its own parameters`);
  }
}
