// Fixed numbers lie in regions as they are. Where a gradient is taken with respect to one, each region that has it is handed
// it instead: a derivative of a loop goes to what the loop is handed.

import { withInputs, type Node, type Region } from "../../src/graph/node.js";
import { replaceNodes, topological } from "../../src/graph/walk.js";
import { makeRegionParameter } from "../../src/ops/leaf/leaves.js";
import { captureOrigin, isFree } from "../../src/ops/scan/region.js";

/** The same roots, where no region has one of `wanted` inside: each is a parameter of the regions that read it. */
export function handIn(roots: readonly Node[], wanted: readonly Node[]): readonly Node[] {
  const free = new Set(wanted.filter(isFreeWhole));
  return free.size === 0 ? roots : handed(roots, free);
}

/** Does it lie in regions, with all that it is computed from? Looks no further than through views. */
function isFreeWhole(node: Node): boolean {
  const behind = [node];
  for (const each of behind) {
    if (!isFree(each, () => true)) return false;
    behind.push(...each.inputs);
  }
  return true;
}

function handed(roots: readonly Node[], free: ReadonlySet<Node>): readonly Node[] {
  const done = new Map<Node, Node>();
  for (const node of topological(roots)) {
    const inputs = node.inputs.map((input) => done.get(input)!);
    const regions = node.regions.map((region) => opened(region, free));
    const further = regions.flatMap(({ captures }) => captures);
    const inner = regions.map((each) => each.region);
    done.set(node, withInputs(node, [...inputs, ...further], inner));
  }
  return roots.map((root) => done.get(root)!);
}

/** The region with a parameter for each of `free` that it reads, after its own. */
function opened(region: Region, free: ReadonlySet<Node>): { region: Region; captures: readonly Node[] } {
  const results = handed(region.results, free);
  const captures = topological(results).filter((node) => free.has(node));
  if (captures.length === 0 && results.every((result, i) => result === region.results[i])) return { region, captures };
  const { parameters } = region;
  const added = captures.map((node, i) => makeRegionParameter(captureOrigin(node), parameters.length + i, node));
  const moved = replaceNodes(results, new Map(captures.map((node, i) => [node, added[i]!])));
  const all = Object.freeze([...parameters, ...added]);
  return { region: Object.freeze({ parameters: all, results: Object.freeze(moved) }), captures };
}
