// Laws of pools that hold before differentiation: what an activation does after the largest element was taken, it does to
// fewer elements, and so does its derivative.

import { createNode, type Node } from "../../../src/graph/node.js";
import { makeMaxPool, maxPoolDef, type PoolAttrs } from "../../../src/ops/window/pool-record.js";
import { algebra, ofOnlyUse, type Law } from "../law.js";

export const poolLaws: readonly Law[] = [
  ofOnlyUse(
    algebra(
      "pool-before-activation",
      "maxPool(f(x)) = f(maxPool(x)), f never falling",
      maxPoolDef,
      (node, { isOpaque, isShared }) => {
        const [activated] = node.inputs as [Node];
        if (!activated.def.increasing || isOpaque(activated) || isShared(activated)) return undefined;
        const pooled = makeMaxPool(node.origin, activated.inputs[0]!, node.attrs as PoolAttrs);
        return createNode(activated.def, [pooled], activated.attrs, node.origin);
      },
    ),
  ),
];
