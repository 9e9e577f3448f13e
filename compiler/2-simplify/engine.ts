// Applies laws to a graph, bottom-up, until none applies, sharing equal nodes.

import { withInputs, withOrigin, type Node, type Region } from "../../src/graph/node.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import type { OpDef } from "../../src/graph/op.js";
import { topological } from "../../src/graph/walk.js";
import { invariant } from "../../src/messages.js";
import type { Firing, RecordRewrite } from "./events.js";
import type { Law } from "./law.js";
import { interner, type Intern } from "./intern.js";

export interface EngineOptions {
  readonly laws: readonly Law[];
  readonly record?: RecordRewrite | undefined;
  /** How many more times a law may be used; equal nodes are merged all the same. Absent: without end. */
  readonly budget?: Budget | undefined;
  /** Merge equal nodes. Not before differentiation: a gradient is taken with respect to an object. */
  readonly share: boolean;
  /** Nodes through which no law may look, so that they stay in the graph. */
  readonly pinned: ReadonlySet<Node>;
}

/** A number of firings, which all that share the object spend. */
export interface Budget {
  left: number;
}

/** More firings in a row on one place than any graph needs: two laws undo each other. */
const TOO_MANY = 1000;

/**
 * The roots after the laws have been applied until none applies, or until the budget is spent: as the order of firings is the
 * same each time, a budget of k gives the graph as it was after the first k of them.
 */
export function applyLaws(roots: readonly Node[], options: EngineOptions): readonly Node[] {
  const { record, budget } = options;
  const lawsOf = lawIndex(options.laws);
  const intern: Intern = options.share ? interner(record) : (node) => node;
  const done = new Map<Node, Node>();
  const regions = new Map<Region, Region>();
  const pinned = new Set(options.pinned);
  const isOpaque = (node: Node): boolean => pinned.has(node);
  const uses = countUses(roots);
  const isShared = (node: Node): boolean => (uses.get(node) ?? 1) > 1;

  function settle(pending: readonly Node[], firings: number): void {
    for (const node of firings === 0 ? topological(pending) : unsettled(pending, done)) {
      if (done.has(node)) continue;
      const inputs = node.inputs.map((input) => done.get(input)!);
      const rebuilt = intern(withInputs(node, inputs, node.regions.map(simplifyRegion)));
      let result = done.get(rebuilt);
      if (result === undefined) {
        result = rewriteOnce(rebuilt, firings) ?? rebuilt;
        done.set(rebuilt, result);
        done.set(result, result);
      }
      done.set(node, result);
      if (pinned.has(node)) pinned.add(result);
      if (firings === 0 && result !== node) uses.set(result, (uses.get(result) ?? 0) + uses.get(node)!);
    }
  }

  function rewriteOnce(node: Node, firings: number): Node | undefined {
    if (budget && budget.left <= 0) return undefined;
    for (const each of lawsOf(node.def)) {
      const origin = derivedOrigin(node, each, "part");
      const made = each.rewrite(node, { origin, isOpaque, isShared });
      if (made === undefined || made === node) continue;
      const replacement = made.origin === origin ? withOrigin(made, derivedOrigin(node, each, "law")) : made;
      invariant(firings < TOO_MANY, `the laws come to an end, but "${each.id}" fires again and again`);
      if (budget) budget.left--;
      record?.(firing(each, node, replacement));
      settle([replacement], firings + 1);
      return done.get(replacement)!;
    }
    return undefined;
  }

  function simplifyRegion(region: Region): Region {
    let simple = regions.get(region);
    if (simple === undefined) {
      const results = applyLaws(region.results, options);
      const same = results.every((result, i) => result === region.results[i]);
      regions.set(region, (simple = same ? region : Object.freeze({ ...region, results })));
    }
    return simple;
  }

  settle(roots, 0);
  return roots.map((root) => done.get(root)!);
}

/** Of a node's value by others, and as a root. */
function countUses(roots: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>();
  const count = (node: Node): void => void uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const node of topological(roots)) node.inputs.forEach(count);
  roots.forEach(count);
  return uses;
}

function lawIndex(laws: readonly Law[]): (def: OpDef) => readonly Law[] {
  const byOp = new Map<OpDef, readonly Law[]>();
  return (def) => {
    let own = byOp.get(def);
    if (own === undefined) byOp.set(def, (own = laws.filter(({ ops }) => ops === undefined || ops.includes(def))));
    return own;
  };
}

/** The nodes that a law has just made, inputs first. */
function unsettled(roots: readonly Node[], done: ReadonlyMap<Node, Node>): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node) || done.has(node)) return;
    seen.add(node);
    node.inputs.forEach(visit);
    order.push(node);
  };
  roots.forEach(visit);
  return order;
}

const firing = (law: Law, place: Node, result: Node): Firing => ({
  kind: "law",
  law,
  place,
  result,
  get nodesBefore() {
    return topological([place]).length;
  },
  get nodesAfter() {
    return topological([result]).length;
  },
});
