// Common subexpressions: equal nodes become one object.
//
// Nodes are equal when op, attributes and inputs are. Leaves that stand for a buffer are equal only to themselves, and so
// are random nodes that have no stream yet.

import { dataKey } from "../../src/graph/data-key.js";
import type { Node } from "../../src/graph/node.js";
import type { RecordRewrite } from "./events.js";

/** Gives for each node the one object that stands for all equal ones. Inputs must be interned. */
export type Intern = (node: Node) => Node;

/** `record` is told of nodes that give way to an equal one. */
export function interner(record?: RecordRewrite): Intern {
  const ids = new Map<object, number>();
  const known = new Map<string, Node>();
  const attributes = new Map<object, string>();

  const idOf = (thing: object): number => {
    let id = ids.get(thing);
    if (id === undefined) ids.set(thing, (id = ids.size));
    return id;
  };
  const attributesOf = (attrs: object): string => {
    let key = attributes.get(attrs);
    if (key === undefined) attributes.set(attrs, (key = dataKey(attrs, idOf)));
    return key;
  };
  return (node) => {
    if (ids.has(node)) return node;
    if (hasIdentity(node)) {
      idOf(node);
      return node;
    }
    const inputs = node.inputs.map(idOf);
    if (node.def.commutative) inputs.sort((a, b) => a - b);
    const regions = node.regions.map(idOf);
    const key = `${idOf(node.def)};${attributesOf(node.attrs)};${inputs.join(",")};${regions.join(",")}`;
    const equal = known.get(key);
    if (equal) {
      record?.({ kind: "merge", kept: equal, dropped: node });
      return equal;
    }
    known.set(key, node);
    idOf(node);
    return node;
  };
}

/** Is its value something that op, attributes and inputs do not tell? */
function hasIdentity({ def, inputs, attrs, regions, origin, shape, dtype }: Node): boolean {
  if (def.family === "random") return !("stream" in attrs) || attrs.stream === undefined;
  if (def.family !== "leaf") return false;
  return def.lower?.({ inputs, attrs, regions, origin, output: { shape, dtype } }).kind !== "map";
}
