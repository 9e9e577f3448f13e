// A node's value where it is used: what is not stored is computed there. Views become access patterns, pointwise work is
// inlined, reductions become accumulators.
//
// A variable's number is its nesting depth, so the same computation at the same depth is the same expression.

import type { Body, BodyLeaf, Bound, Index } from "../../../src/graph/lowering.js";
import type { Node } from "../../../src/graph/node.js";
import { ONE, type Dim } from "../../../src/graph/shape.js";
import { applyScalar, isApply, isConstant, mapLeaves } from "../../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf, Position } from "../../ir/kernel.js";
import type { StoreReason } from "../decisions.js";
import { isEntry } from "../index-ranges.js";
import { affineReshape, lowered, stripAlias } from "../lowered.js";
import { compose, flatten, indexKey, positionValue, withinAxes } from "../position.js";
import { ask, askForEpilogue, type Building, type Context } from "./building.js";
import { loadAt, loadFlat } from "./load.js";
import { reductionAt } from "./reduction.js";
import { isTooDear } from "./too-dear.js";

/** The node's value at a position, read where it is stored. */
export function valueAt(building: Building, node: Node, at: readonly Position[], context: Context): KernelExpr {
  const index = withinAxes(node.shape, at);
  if (lowered(node).kind === "alias") return throughAlias(building, node, index, context);
  if (building.isStored(node)) return loadAt(building, node, index, context);
  const computed = context.memo.get(node);
  const seen = computed?.find((other) => other.index === index || indexKey(other.index) === indexKey(index));
  if (seen) return seen.value;
  const value = isTooDear(node, index, context, building.costOf)
    ? stored(building, node, "too dear in a loop", index, context)
    : computeAt(building, node, index, context);
  if (computed) computed.push({ index, value });
  else context.memo.set(node, [{ index, value }]);
  return value;
}

/** The node's value at a position, computed there. */
export function computeAt(building: Building, node: Node, index: readonly Position[], context: Context): KernelExpr {
  building.footprint.computes.add(node);
  const value = computed(building, node, index, context);
  if (!isConstant(value) && isApply(value) && !building.nodeOf.has(value)) building.nodeOf.set(value, node);
  return value;
}

function computed(building: Building, node: Node, index: readonly Position[], context: Context): KernelExpr {
  const lowering = lowered(node);
  switch (lowering.kind) {
    case "map":
      return instantiate(building, node, lowering.body, index, context);
    case "alias":
      return throughAlias(building, node, index, context);
    case "reduce": {
      const value = reductionAt(building, node, index, context, (own, within) =>
        instantiate(building, node, lowering.body, own, within),
      );
      if (value) return value;
      askForEpilogue(building, node);
      return loadAt(building, node, index, context);
    }
    default:
      return stored(building, node, "scattered", index, context);
  }
}

/** Asks for the node to be stored, and reads it as if it were. */
function stored(
  building: Building,
  node: Node,
  because: StoreReason,
  index: readonly Position[],
  context: Context,
): KernelExpr {
  ask(building, node, because);
  return loadAt(building, node, index, context);
}

function throughAlias(building: Building, node: Node, index: readonly Position[], context: Context): KernelExpr {
  const base = stripAlias(node);
  if (!building.isStored(base)) {
    const inner = node.inputs[0]!;
    const map = affineReshape(inner.shape, node.shape);
    const at = map?.map((affine) => compose(affine, index));
    if (at) return valueAt(building, inner, at, context);
    ask(building, base, "read through a shape that divides");
  }
  return loadFlat(building, base, flatten(node.shape, index), context);
}

/** A lowered body at a position: loads become the operands' values there. */
export function instantiate(
  building: Building,
  node: Node,
  body: Body,
  index: readonly Position[],
  context: Context,
): KernelExpr {
  return mapLeaves<BodyLeaf, KernelLeaf>(body, (leaf) => {
    if (leaf.kind === "size") return { kind: "size", dim: leaf.dim };
    if (leaf.kind === "index") return positionValue(compose(leaf.affine, index));
    const operand = node.inputs[leaf.operand]!;
    // A pointwise op reads every operand where it writes.
    const same = node.def.family === "pointwise";
    const positions = same
      ? index
      : leaf.at.map((part, k) => positionOf(building, node, part, operand.shape[k]!, index, context));
    const value = valueAt(building, operand, positions, context);
    if (leaf.guards.length === 0) return value;
    const condition = guard(leaf.guards, index);
    building.guards.add(condition);
    return applyScalar("select", condition, value, { kind: "constant", value: leaf.otherwise });
  });
}

/** Where an access is along one axis. `size`: of the axis. */
export function positionOf(
  building: Building,
  node: Node,
  part: Index,
  size: Dim,
  index: readonly Position[],
  context: Context,
): Position {
  const position = compose(part.affine, index);
  if (!part.loaded) return position;
  const value = instantiate(building, node, part.loaded, index, context);
  const isKnown = isEntry(part, node, size);
  const gathered = { stride: ONE, value, below: size, ...(isKnown ? {} : { computed: node.def.name }) };
  return { affine: position.affine, loaded: [...position.loaded, gathered] };
}

function guard(bounds: readonly Bound[], index: readonly Position[]): KernelExpr {
  const conditions = bounds.flatMap(({ index: affine, size }): KernelExpr[] => {
    const value = positionValue(compose(affine, index));
    const limit: KernelExpr = size.power === 0 ? { kind: "constant", value: size.times } : { kind: "size", dim: size };
    return [applyScalar("ge", value, { kind: "constant", value: 0 }), applyScalar("lt", value, limit)];
  });
  return conditions.reduce((a, b) => applyScalar("and", a, b));
}
