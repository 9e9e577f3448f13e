// Negative controls: the same op with a derivative that is off by a factor.

import { createNode, type Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { rewrite } from "../../src/graph/walk.js";
import { applyScalar, constant as number } from "../../src/scalar/expression.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { mul } from "../../src/ops/pointwise/arithmetic.js";
import { straightThrough } from "../../src/ops/marker/markers.js";
import { resultDef } from "../../src/ops/scan/scan-record.js";
import type { Build } from "./gradcheck.js";

/** Where a formula or an expansion gives the derivative, the value is scaled as well; values are not compared. */
function scaledRule(def: OpDef, factor: number): OpDef {
  const times = (node: Node | null): Node | null => node && (mul(node as Tensor, factor) as Node);
  const { vjp, vjpMany, expand, formula, scalar } = def;
  if (vjp) return { ...def, vjp: (call) => vjp(call).map(times) };
  if (vjpMany) return { ...def, vjpMany: (call) => vjpMany(call).map(times) };
  if (expand) return { ...def, expand: (call) => times(expand(call))! };
  if (formula !== undefined) return { ...def, formula: `${factor} * (${formula})` };
  return { ...def, scalar: applyScalar("mul", number(factor), scalar!) };
}

/** The graph with each call of the op (and of the tuple that a projection reads) replaced by one with a scaled rule. */
export function withScaledRule(def: OpDef, factor: number, build: Build): Build {
  const scaled = new Map<OpDef, OpDef>();
  const replacement = (own: OpDef): OpDef => {
    if (!scaled.has(own)) scaled.set(own, scaledRule(own, factor));
    return scaled.get(own)!;
  };
  return (inputs) =>
    rewrite([build(inputs)], (node) => {
      const isMeant = def === (resultDef as OpDef) ? node.def.vjpMany !== undefined : node.def === def;
      if (!isMeant) return node;
      return createNode(replacement(node.def), node.inputs, node.attrs, node.origin, node.regions);
    })[0]!;
}

/** The function with the gradient of one argument off by a factor. */
export function withScaledArgument(argument: number, factor: number, build: Build): Build {
  return (inputs) =>
    build(
      inputs.map((input, i) => {
        const x = input as Tensor;
        return i === argument ? straightThrough(x, mul(x, factor) as Tensor) : input;
      }),
    );
}
