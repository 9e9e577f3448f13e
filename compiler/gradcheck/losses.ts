// A loss as a function of some of its graph's nodes, on the float64 interpreter. What does not depend on them is evaluated
// once: most evaluations move one parameter.

import { interpreterOf, type LeafValues } from "../../src/graph/interpret.js";
import { createNode, type Node } from "../../src/graph/node.js";
import { replaceNodes, topological } from "../../src/graph/walk.js";
import { constantDef, regionParameterDef, type ConstantAttrs } from "../../src/ops/leaf/leaves.js";
import { resolveScalar } from "../formula/resolve.js";
import { holding } from "./held.js";

export interface Loss {
  /** At the point. */
  readonly value: number;
  /** Every node of the graph at the point. */
  readonly values: ReadonlyMap<Node, Float64Array>;
  readonly leaf: LeafValues;
  readonly over: (varied: readonly Node[]) => Varied;
}

/** The loss as a function of nodes. */
export interface Varied {
  /** The nodes' values: at first those of the point, to be changed by the caller. */
  readonly at: readonly Float64Array[];
  readonly evaluate: () => number;
}

/** The values of leaves as an interpreter has them; constants that it has not know their own. */
export const leavesIn =
  (memory: ReadonlyMap<Node, Float64Array>): LeafValues =>
  (node) =>
    memory.get(node) ?? (node.def === constantDef ? (node.attrs as ConstantAttrs).values : []);

export function lossAt(loss: Node, rows: number, leafOf: LeafValues): Loss {
  const values = interpreterOf([loss], { rows, scalarOf: resolveScalar })(leafOf);
  return {
    value: values.get(loss)![0]!,
    values,
    leaf: leafOf,
    over(varied) {
      const held = holding();
      const at = varied.map((node) => Float64Array.from(values.get(node)!));
      const leaves = new Map<Node, Float64Array>();
      const replacement = new Map<Node, Node>();
      const replace = (node: Node, value: Float64Array): void => {
        const leaf = leafLike(node);
        replacement.set(node, leaf);
        leaves.set(leaf, value);
      };
      varied.forEach((node, i) => replace(node, at[i]!));
      for (const node of borderOf(loss, new Set(varied))) replace(node, values.get(node)!);
      const [root] = replaceNodes([loss], replacement) as [Node];
      const run = interpreterOf([root], { rows, scalarOf: resolveScalar, through: held.through });
      const evaluate = (what: "keep" | "vary"): number => {
        held.begin(what);
        return run((leaf) => leaves.get(leaf) ?? leafOf(leaf)).get(root)![0]!;
      };
      evaluate("keep");
      return { at, evaluate: () => evaluate("vary") };
    },
  };
}

/** A leaf that stands for a node. */
export const leafLike = ({ shape, dtype, origin }: Node): Node =>
  createNode(regionParameterDef, [], { index: 0, shape, dtype }, origin);

/** What depends on none of the nodes, and is read by what does. */
function borderOf(loss: Node, varied: ReadonlySet<Node>): ReadonlySet<Node> {
  const moving = dependents(loss, varied);
  const border = new Set<Node>();
  for (const node of moving) {
    if (varied.has(node)) continue;
    for (const input of node.inputs) if (input.inputs.length > 0 && !moving.has(input)) border.add(input);
  }
  return border;
}

/** The nodes, and all under the root that depend on one of them, inputs first. */
export function dependents(root: Node, nodes: ReadonlySet<Node>): ReadonlySet<Node> {
  const found = new Set<Node>();
  for (const node of topological([root])) {
    if (nodes.has(node) || node.inputs.some((input) => found.has(input))) found.add(node);
  }
  return found;
}
