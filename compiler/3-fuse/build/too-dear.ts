// Would computing a value where it is used repeat the work? Asked of what might as well be stored.

import { axesOf } from "../../../src/graph/affine.js";
import type { Body } from "../../../src/graph/lowering.js";
import type { Node } from "../../../src/graph/node.js";
import { ONE, sizeOf, timesDim, type Dim } from "../../../src/graph/shape.js";
import { isApply, isConstant } from "../../../src/scalar/expression.js";
import type { Position } from "../../ir/kernel.js";
import { forEachLeaf } from "../../ir/walk.js";
import { CHEAP } from "../cost.js";
import { lowered } from "../lowered.js";
import { depthOf } from "../position.js";
import type { Context } from "./building.js";

/** Would computing it here repeat the work for loops that its position does not mention? */
export function isTooDear(
  node: Node,
  index: readonly Position[],
  context: Context,
  costOf: (node: Node) => number,
): boolean {
  const lowering = lowered(node);
  // A view is an access pattern; one that tests where it stands (padding, joined parts) keeps loops from being tiled.
  if (lowering.kind !== "map" || (node.def.family === "view" && !hasGuards(lowering.body))) return false;
  if (index === context.own) return false;
  const used = new Set(index.flatMap(variablesOf).map(depthOf));
  const hoistable = [...used].every((variable) => variable < used.size);
  const once = hoistable || used.size === context.sizes.length;
  if (once && !overlaps(node, index, used, context.sizes)) return false;
  return costOf(node) > (context.inReduction ? 0 : CHEAP);
}

function hasGuards(body: Body): boolean {
  if (isConstant(body)) return false;
  if (isApply(body)) return body.args.some((arg) => hasGuards(arg as Body));
  return body.kind === "load" && body.guards.length > 0;
}

/** Do the loops have more points than the node has elements, so that windows meet some of them again? */
function overlaps(node: Node, index: readonly Position[], used: ReadonlySet<number>, sizes: readonly Dim[]): boolean {
  if (index.some(({ loaded }) => loaded.length > 0)) return false;
  const points = [...used].reduce((product, variable) => timesDim(product, sizes[variable]!), ONE);
  const elements = sizeOf(node.shape);
  return points.power > elements.power || (points.power === elements.power && points.times > elements.times);
}

/** The loop variables that a position depends on, those of gathered indices included. */
function variablesOf(position: Position): number[] {
  const variables = axesOf(position.affine);
  for (const { value } of position.loaded) {
    forEachLeaf(value, (leaf) => {
      if (leaf.kind === "load") variables.push(...axesOf(leaf.at.affine));
      if (leaf.kind === "index") variables.push(...axesOf(leaf.affine));
    });
  }
  return variables;
}
