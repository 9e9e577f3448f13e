// Parameters that the losses read only through ops without a slope.

import type { Node } from "../../../src/graph/node.js";
import { flowsTo, gradientReach, isTrainable } from "../../../src/reach.js";
import { zeroGradient, type Suspicion } from "../../../src/warnings.js";

/** Not a conversion of what has no gradient anyway, which layers make by themselves. */
const stops = ({ def, inputs }: Node): boolean =>
  !def.differentiable && inputs.some((input) => input.dtype === "float32");

/** Loops are taken to pass gradients to all that they are given. What is behind a marker that stops them is meant so. */
export function withoutSlope(losses: readonly Node[], nameOf: (leaf: Node) => string): readonly Suspicion[] {
  const reached = gradientReach(...losses);
  /** What no gradient reaches, and the op nearest to the loss that stops it. */
  const stopped = new Map<Node, Node | undefined>();
  const open = [...reached];
  const found: Suspicion[] = [];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.def.family === "marker" && !node.def.differentiable) continue;
    const stopper = stopped.get(node) ?? (stops(node) ? node : undefined);
    for (const input of flowsTo(node)) {
      if (reached.has(input) || stopped.has(input)) continue;
      stopped.set(input, stopper);
      open.push(input);
      if (stopper === undefined || !isTrainable(input)) continue;
      found.push(zeroGradient({ parameter: nameOf(input), op: stopper.origin.site.call, site: input.origin.site }));
    }
  }
  return found;
}
