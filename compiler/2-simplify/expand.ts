// Composites become the graphs of simpler ops that they stand for.

import { withInputs, withOrigin, type Node, type Region } from "../../src/graph/node.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import { expandRule } from "../../src/graph/rules.js";
import { topological } from "../../src/graph/walk.js";
import type { RecordRewrite } from "./events.js";

/** The same roots without composites, in regions too. */
export function expandComposites(
  roots: readonly Node[],
  { record }: { readonly record?: RecordRewrite | undefined } = {},
): readonly Node[] {
  const done = new Map<Node, Node>();
  expand(roots, done, record);
  return roots.map((root) => done.get(root)!);
}

type Record = RecordRewrite | undefined;

function expand(roots: readonly Node[], done: Map<Node, Node>, record: Record): void {
  for (const node of topological(roots)) {
    if (done.has(node)) continue;
    const inputs = node.inputs.map((input) => done.get(input)!);
    const regions = node.regions.map((region) => expandRegion(region, record));
    done.set(node, simpler(withInputs(node, inputs, regions), record));
  }
}

/** Expansions may hold composites again; their depth is that of the definitions, not of the graph. */
function simpler(node: Node, record: Record): Node {
  const { def, inputs, attrs, regions } = node;
  if (def.family !== "composite" || !def.expand) return node;
  const origin = derivedOrigin(node, expandRule, "part");
  const made = def.expand({ inputs, attrs, regions, origin });
  const expansion = made.origin === origin ? withOrigin(made, derivedOrigin(node, expandRule, "law")) : made;
  record?.({ kind: "expand", node, expansion });
  const done = new Map<Node, Node>(inputs.map((input) => [input, input]));
  const order = within(expansion, new Set(inputs));
  for (const inner of order) {
    done.set(
      inner,
      simpler(
        withInputs(
          inner,
          inner.inputs.map((input) => done.get(input)!),
          inner.regions.map((region) => expandRegion(region, record)),
        ),
        record,
      ),
    );
  }
  return done.get(expansion)!;
}

/** The nodes between a root and a border, inputs first. Recursive: an expansion is shallow. */
function within(root: Node, border: ReadonlySet<Node>): Node[] {
  const seen = new Set<Node>(border);
  const order: Node[] = [];
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    node.inputs.forEach(visit);
    order.push(node);
  };
  visit(root);
  return order;
}

function expandRegion(region: Region, record: Record): Region {
  const results = expandComposites(region.results, { record });
  return results.every((r, i) => r === region.results[i]) ? region : Object.freeze({ ...region, results });
}
