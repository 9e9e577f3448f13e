// Leaves out of each scan what nobody reads: outputs, carries that only feed themselves, sequences and captures.
// To be run when all differentiation is done: the derivative of a scan reads the carries that it keeps.

import { createNode, isA, withInputs, type Node, type Region } from "../../graph/node.js";
import { topological } from "../../graph/walk.js";
import { makeResult, resultDef, scanDef, type ScanAttrs } from "./scan-record.js";

/** A scan of which results were left out. */
export interface Pruned {
  readonly kind: "prune";
  readonly scan: Node;
  /** Which of its results are left. */
  readonly kept: readonly number[];
  readonly result: Node;
}

export interface PruneOptions {
  readonly record?: ((event: Pruned) => void) | undefined;
}

/** The same values from scans that compute no more than is read. Scans inside regions are pruned first. */
export function pruneScans(roots: readonly Node[], options: PruneOptions = {}): readonly Node[] {
  let before: readonly Node[];
  let after = roots;
  // Pruning one scan may leave another's results unread.
  do {
    before = after;
    after = pruneOnce(before, options);
  } while (after.some((root, i) => root !== before[i]));
  return after;
}

function pruneOnce(roots: readonly Node[], options: PruneOptions): readonly Node[] {
  const order = topological(roots);
  if (!order.some(({ regions }) => regions.length > 0)) return roots;
  const read = new Map<Node, Set<number>>();
  for (const node of order) {
    if (!isResult(node)) continue;
    const tuple = node.inputs[0]!;
    read.set(tuple, (read.get(tuple) ?? new Set()).add(indexOf(node)));
  }
  const done = new Map<Node, Node>();
  /** For each scan the results that are left. */
  const left = new Map<Node, readonly number[]>();
  for (const node of order) {
    const inputs = node.inputs.map((input) => done.get(input)!);
    if (isResult(node) && left.has(node.inputs[0]!)) {
      const index = left.get(node.inputs[0]!)!.indexOf(indexOf(node));
      const same = inputs[0] === node.inputs[0] && index === indexOf(node);
      done.set(node, same ? node : makeResult(node.origin, inputs[0]!, index));
      continue;
    }
    const regions = node.regions.map((region) => pruneRegion(region, options));
    const rebuilt = withInputs(node, inputs, regions);
    if (!isA(node, scanDef)) {
      done.set(node, rebuilt);
      continue;
    }
    const indices = liveResults(rebuilt, read.get(node) ?? new Set());
    left.set(node, indices);
    const slim = withResults(rebuilt, indices);
    if (slim !== rebuilt) options.record?.({ kind: "prune", scan: rebuilt, kept: indices, result: slim });
    done.set(node, slim);
  }
  return roots.map((root) => done.get(root)!);
}

const isResult = (node: Node): boolean => isA(node, resultDef);

const indexOf = (result: Node): number => (result.attrs as { readonly index: number }).index;

function pruneRegion(region: Region, options: PruneOptions): Region {
  const results = pruneScans(region.results, options);
  return results.every((result, i) => result === region.results[i]) ? region : Object.freeze({ ...region, results });
}

/** The results that are read, and the carries that those need. */
function liveResults(scan: Node, read: ReadonlySet<number>): number[] {
  const { carries } = scan.attrs as ScanAttrs;
  const { parameters, results } = scan.regions[0]!;
  const live = new Set(read);
  for (let before = -1; before !== live.size;) {
    before = live.size;
    const needed = new Set(topological([...live].map((i) => results[i]!)));
    parameters.slice(0, carries).forEach((carry, i) => {
      if (needed.has(carry)) live.add(i);
    });
  }
  return [...live].sort((a, b) => a - b);
}

/** The scan with some of its results, and the inputs that these need. */
function withResults(scan: Node, indices: readonly number[]): Node {
  const attrs = scan.attrs as ScanAttrs;
  const region = scan.regions[0]!;
  const results = indices.map((i) => region.results[i]!);
  const needed = new Set(topological(results));
  const isKept = (i: number): boolean => {
    if (i < attrs.carries) return indices.includes(i);
    return needed.has(region.parameters[i]!);
  };
  const positions = scan.inputs.map((_, i) => i).filter(isKept);
  if (positions.length === scan.inputs.length && results.length === region.results.length) return scan;
  const slimmer: ScanAttrs = {
    ...attrs,
    carries: positions.filter((i) => i < attrs.carries).length,
    sequences: positions.filter((i) => i >= attrs.carries && i < attrs.carries + attrs.sequences).length,
  };
  const parameters = Object.freeze(positions.map((i) => region.parameters[i]!));
  const slim = Object.freeze({ parameters, results: Object.freeze(results) });
  return createNode(
    scanDef,
    positions.map((i) => scan.inputs[i]!),
    slimmer,
    scan.origin,
    [slim],
  );
}
