// How the nodes of a text are called: results by their given names, others by the caller's or by number.

import type { Node } from "../node.js";

/** A graph's results, with names or without. */
export type Named = Readonly<Record<string, Node>> | readonly Node[];

const nodesOf = (roots: Named): readonly Node[] => (isList(roots) ? roots : Object.values(roots));

export const isList = (roots: Named): roots is readonly Node[] => Array.isArray(roots);

export function namesOf(
  roots: Named,
  name: ((node: Node) => string) | undefined,
): { readonly nodes: readonly Node[]; readonly nameOf: (node: Node) => string } {
  const names = new Map<Node, string>();
  if (!isList(roots)) for (const [key, node] of Object.entries(roots)) if (!names.has(node)) names.set(node, key);
  let numbered = 0;
  const nameOf = (node: Node): string => {
    let known = names.get(node);
    if (known === undefined) names.set(node, (known = name?.(node) ?? ownName(node) ?? `%${numbered++}`));
    return known;
  };
  return { nodes: [...new Set(nodesOf(roots))], nameOf };
}

/** The name that a leaf carries itself. */
const ownName = (node: Node): string | undefined =>
  node.inputs.length === 0 && node.def.family === "leaf" ? node.origin.name : undefined;
