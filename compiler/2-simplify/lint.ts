// Warnings about networks that run but are probably not meant that way, with the place of the call.

import type { Node } from "../../src/graph/node.js";
import type { CallSite } from "../../src/graph/origin.js";
import { everyNode } from "../../src/graph/walk.js";

export interface Warning {
  /** Stable: SOFTMAX_TWICE. */
  readonly code: string;
  readonly sentence: string;
  readonly hint: string;
  readonly site: CallSite;
}

/** What is suspicious in a graph as it was declared. */
export function lint(roots: readonly Node[]): readonly Warning[] {
  void everyNode(roots);
  return [];
}
