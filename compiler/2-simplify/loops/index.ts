// Loops that do no more than they must: what was computed once is read, and sums over time of products are one product.

import type { Node } from "../../../src/graph/node.js";
import type { RecordRewrite } from "../events.js";
import { shareResiduals } from "./residuals.js";
import { sumAfterLoops } from "./sums.js";

/** The same values from lighter loops. All differentiation must be done. */
export const lightenLoops = (
  roots: readonly Node[],
  { record }: { readonly record?: RecordRewrite | undefined } = {},
): readonly Node[] => sumAfterLoops(shareResiduals(roots, record), record);
