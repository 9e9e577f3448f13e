// Decides what is stored and which stores share a kernel, and why.
//
// A node is stored ("a root") if it must be (a result, an operand that is read many times), if computing it in place
// would repeat work, or if two kernels need it and it is dear. Roots share a kernel if they need the same reduction, or
// if one reads another element for element; never when a third kernel would have to run in between.

import type { Node } from "../../../src/graph/node.js";
import type { FuseDecision, StoreReason } from "../decisions.js";
import type { Root } from "../roots.js";
import { graphOf } from "./graph.js";
import { mustStore } from "./must-store.js";
import type { Edge } from "./order.js";
import { NOTHING, settle, type Draft } from "./settle.js";
import { share } from "./share.js";

export interface Question {
  /** Results and next values, in their order. */
  readonly required: readonly Root[];
  /** Below them, and to be stored as well: what scattered updates add. */
  readonly scattered: ReadonlySet<Node>;
  /** Whoever must run before whom for other reasons than what it reads of other roots. */
  readonly edgesOf: (drafts: ReadonlyMap<Root, Draft>) => readonly Edge[];
  /** Drafts that other entries of the network made of the same roots. New ones are added. */
  readonly remembered: Map<Root, Draft>;
}

export interface Decision {
  /** The roots of each kernel, in an order in which they may be placed; kernels in an order in which they may run. */
  readonly kernels: readonly (readonly Root[])[];
  readonly stored: ReadonlyMap<Root, StoreReason>;
  readonly drafts: ReadonlyMap<Root, Draft>;
  /** What was merged and what was not. */
  readonly decisions: readonly FuseDecision[];
}

export function decide({ required, scattered, edgesOf, remembered }: Question): Decision {
  const graph = graphOf(required);
  let settled = settle(graph, NOTHING, mustStore(graph, required, scattered), remembered);
  const decisions: FuseDecision[] = [];
  // Each turn stores more of a graph that does not grow; the last one asks for nothing.
  for (;;) {
    const { store, kernels, decisions: made } = share(graph, settled, edgesOf(settled.drafts));
    decisions.push(...made);
    if (store.length === 0) return { kernels, stored: settled.stored, drafts: settled.drafts, decisions };
    settled = settle(graph, settled, store, remembered);
  }
}
