// Where gradients of a scalar can flow: what a step trains unless it says so itself.

import { isA, type Node } from "./graph/node.js";
import { everyNode } from "./graph/walk.js";
import { parameterDef } from "./ops/leaf/leaf-records.js";

export const isTrainable = (node: Node): boolean => isA(node, parameterDef) && node.attrs.trainable;

/** The trainable parameters that a gradient of `loss` reaches: not those behind stopGradient alone. */
export function trainableUnder(loss: Node): Node[] {
  const reached = gradientReach(loss);
  return everyNode([loss]).filter((node) => isTrainable(node) && reached.has(node));
}

/** Through which nodes gradients of any of the roots can flow; loops are not entered. */
export function gradientReach(...roots: readonly Node[]): ReadonlySet<Node> {
  const reached = new Set<Node>(roots);
  const open: Node[] = [...roots];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!node.def.differentiable) continue;
    for (const input of flowsTo(node)) {
      if (input.dtype !== "float32" || reached.has(input)) continue;
      reached.add(input);
      open.push(input);
    }
  }
  return reached;
}

/** Markers say for each input whether they pass a gradient on; any other op passes it to all of them. */
export function flowsTo(node: Node): readonly Node[] {
  if (node.def.family !== "marker" || node.def.vjp === undefined) return node.inputs;
  const adjoints = node.def.vjp({ ...node, output: node, gradient: node });
  return node.inputs.filter((_, i) => adjoints[i] !== null);
}
