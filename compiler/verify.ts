// What must hold of a graph after each phase, as sentences. A broken one is our fault, not the user's.

import type { Node, Region } from "../src/graph/node.js";
import { printShape, sameShape } from "../src/graph/shape.js";
import { everyNode, topological } from "../src/graph/walk.js";
import { invariant } from "../src/messages.js";
import { gradientDef } from "../src/ops/marker/markers.js";
import { regionParameterDef } from "../src/ops/leaf/leaves.js";
import { gradientsAreWhole } from "../src/ops/scan/region-gradients.js";
import type { OpDef } from "../src/graph/op.js";

const PHASES = ["declare", "stabilize", "differentiate", "prune", "simplify", "loops", "expand"] as const;

/** Throws an invariant error when the graph is not what the phase leaves behind. */
export function verifyGraph(roots: readonly Node[], phase: string): void {
  const after = PHASES.indexOf(phase as (typeof PHASES)[number]);
  invariant(after >= 0, `${phase} is a phase whose graph can be verified`);
  const since = (first: (typeof PHASES)[number]): boolean => after >= PHASES.indexOf(first);
  const require = (condition: unknown, sentence: string): void => invariant(condition, `after ${phase}, ${sentence}`);
  const demands = (["differentiate", "simplify", "expand"] as const).filter(since).length;

  const verify = (node: Node): void => {
    if (!verified.has(node)) verifyNode(node, require);
    verified.add(node);
    if (since("differentiate")) require(node.def !== gradientDef, "no gradient marker is left");
    if (since("simplify")) require(node.def.family !== "marker", `no marker is left, but there is ${node.def.name}`);
    if (since("expand"))
      require(node.def.family !== "composite", `no composite is left, but there is ${node.def.name}`);
    for (const region of node.regions) everyNode(region.results).forEach(verify);
  };
  for (const node of topological(roots, (known) => (passed.get(known) ?? -1) >= demands)) {
    require(node.def !== (regionParameterDef as OpDef), "the network reads only its own parameters");
    verify(node);
    passed.set(node, demands);
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
