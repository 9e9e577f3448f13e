// Walking a graph without recursion over its depth: networks of tens of thousands of nodes must not overflow the stack.

import { withInputs, type Node, type Region } from "./node.js";

/**
 * All nodes that the roots need, each after its inputs. Regions are not entered: they are closed. Nodes that are `known`, and
 * what only they need, are left out.
 */
export function topological(roots: Iterable<Node>, known: (node: Node) => boolean = () => false): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // The path to the node at hand, and for each of its nodes the input that is next.
  const path: Node[] = [];
  const next: number[] = [];
  for (const root of roots) {
    if (seen.has(root) || known(root)) continue;
    seen.add(root);
    path.push(root);
    next.push(0);
    while (path.length > 0) {
      const last = path.length - 1;
      const input = path[last]!.inputs[next[last]!++];
      if (input === undefined) {
        order.push(path.pop()!);
        next.pop();
      } else if (!seen.has(input) && !known(input)) {
        seen.add(input);
        path.push(input);
        next.push(0);
      }
    }
  }
  return order;
}

/** Everything the roots need, regions included. */
export function everyNode(roots: Iterable<Node>): Node[] {
  const found = topological(roots);
  for (let i = 0; i < found.length; i++) {
    for (const region of found[i]!.regions) found.push(...topological(region.results));
  }
  return found;
}

/**
 * Rebuilds the graph bottom-up. `change` sees each node after its inputs were rebuilt and returns its replacement (the
 * same object to keep it). Regions are rebuilt by the same change first.
 */
export function rewrite(
  roots: readonly Node[],
  change: (node: Node, original: Node) => Node,
  done = new Map<Node, Node>(),
): readonly Node[] {
  for (const node of topological(roots)) {
    if (done.has(node)) continue;
    const inputs = node.inputs.map((input) => done.get(input)!);
    const regions = node.regions.map((region) => rewriteRegion(region, change));
    done.set(node, change(withInputs(node, inputs, regions), node));
  }
  return roots.map((root) => done.get(root)!);
}

function rewriteRegion(region: Region, change: (node: Node, original: Node) => Node): Region {
  const results = rewrite(region.results, change);
  return results.every((r, i) => r === region.results[i]) ? region : Object.freeze({ ...region, results });
}

/** A copy of the sub-graph under `roots` in which the given nodes are replaced (inlining a region, expanding a composite). */
export function replaceNodes(roots: readonly Node[], replacement: ReadonlyMap<Node, Node>): readonly Node[] {
  const done = new Map(replacement);
  for (const node of topological(roots)) {
    if (done.has(node)) continue;
    done.set(
      node,
      withInputs(
        node,
        node.inputs.map((input) => done.get(input)!),
      ),
    );
  }
  return roots.map((root) => done.get(root)!);
}
