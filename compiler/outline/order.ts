// An entry's nodes in an order in which equal parts of the graph are equal stretches.
//
// Depth first, and of a node's inputs first those that reach an input of the network, then the deepest: a block's nodes come after
// those of the block before it, and what is made of parameters (the transpose of a weight) right before it is used, wherever it stands
// among the inputs. Any stretch of such an order may be
// computed at once: what it reads comes before it.

import type { Node } from "../../src/graph/node.js";
import { inputDef } from "../../src/ops/leaf/leaves.js";
import { lowered } from "../ir/lowered.js";
import type { Standing } from "./standing.js";

/** What comes as one: a node, or one with several results and those that the entry reads. */
export interface Piece {
  readonly node: Node;
  /** What others read of it. */
  readonly outputs: readonly Node[];
}

/** The own nodes under the roots. `nodes`: all nodes under the roots, each after its inputs. */
export function piecesOf(
  roots: readonly Node[],
  nodes: readonly Node[],
  standings: ReadonlyMap<Node, Standing>,
): Piece[] {
  const isOwn = (node: Node): boolean => standings.get(node) === "own";
  const results = resultsOf(nodes);
  const inputs = inputsOf(nodes, isOwn);
  const order: Piece[] = [];
  const seen = new Set<Node>();
  const path: Node[] = [];
  const next: number[] = [];
  const open = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    path.push(node);
    next.push(0);
  };
  for (const root of roots.filter(isOwn)) {
    open(wholeOf(root));
    while (path.length > 0) {
      const last = path.length - 1;
      const input = inputs.get(path[last]!)![next[last]!++];
      if (input !== undefined) open(input);
      else {
        const node = path.pop()!;
        next.pop();
        order.push({ node, outputs: results.get(node) ?? [node] });
      }
    }
  }
  return order;
}

/** The node that computes it: of a result that with several results. */
const wholeOf = (node: Node): Node => (lowered(node).kind === "result" ? node.inputs[0]! : node);

/** What the graph reads of nodes with several results, in their order. */
function resultsOf(nodes: readonly Node[]): ReadonlyMap<Node, readonly Node[]> {
  const results = new Map<Node, { readonly node: Node; readonly index: number }[]>();
  for (const node of nodes) {
    const lowering = lowered(node);
    if (lowering.kind === "scan") results.set(node, []);
    if (lowering.kind === "result") results.get(node.inputs[0]!)!.push({ node, index: lowering.index });
  }
  return new Map(
    [...results].map(([node, read]) => [node, read.sort((a, b) => a.index - b.index).map((result) => result.node)]),
  );
}

/** The own inputs of own nodes, in the order in which they are computed. */
function inputsOf(nodes: readonly Node[], isOwn: (node: Node) => boolean): ReadonlyMap<Node, readonly Node[]> {
  const depths = new Map<Node, number>();
  const given = new Set<Node>();
  const inputs = new Map<Node, readonly Node[]>();
  const depthOf = (node: Node): number => depths.get(node) ?? 0;
  const isGiven = (node: Node): number => (given.has(node) ? 1 : 0);
  for (const node of nodes) {
    if (node.def === inputDef || node.inputs.some((input) => given.has(input))) given.add(node);
    if (!isOwn(node)) continue;
    depths.set(node, 1 + node.inputs.reduce((most, input) => Math.max(most, depthOf(input)), 0));
    const own = node.inputs.filter(isOwn).sort((a, b) => isGiven(b) - isGiven(a) || depthOf(b) - depthOf(a));
    inputs.set(node, own.map(wholeOf));
  }
  return inputs;
}
