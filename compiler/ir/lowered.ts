// A node's meaning, element by element: what fusion and printers of graphs read in place of ops.

import { axis } from "../../src/graph/affine.js";
import { load, type Body, type BodyLeaf, type Load, type Lowering } from "../../src/graph/lowering.js";
import { memo } from "../../src/graph/memo.js";
import type { Node } from "../../src/graph/node.js";
import { invariant } from "../../src/messages.js";
import { isApply, isConstant, mapLeaves, type Argument } from "../../src/scalar/expression.js";
import { resolveScalar } from "../formula/resolve.js";

/** The lowering of the node's op. A pointwise op's comes from its formula. */
export const lowered = memo<Node, Lowering>(
  (node) => node.def.lower?.({ ...node, output: node }) ?? pointwiseLowering(node),
);

function pointwiseLowering(node: Node): Lowering {
  invariant(node.def.family === "pointwise", `op ${node.def.name} has a lowering or a formula`);
  const identity = node.shape.map((_, i) => axis(i));
  const body = mapLeaves<Argument, BodyLeaf>(resolveScalar(node.def, node.attrs), ({ index }) => load(index, identity));
  return { kind: "map", body };
}

/** Each distinct load of a lowering's expression, those in gathered indices included. */
export function forEachLoad(root: Body, visit: (load: Load) => void): void {
  const seen = new Set<Body>();
  const look = (body: Body): void => {
    if (isConstant(body) || seen.has(body)) return;
    seen.add(body);
    if (isApply(body)) return body.args.forEach((arg) => look(arg as Body));
    if (body.kind !== "load") return;
    for (const { loaded } of body.at) if (loaded) look(loaded);
    visit(body);
  };
  look(root);
}
