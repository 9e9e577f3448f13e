// What the passes over loops share: walking scans, inner ones first, and making a scan again with other results.

import { createNode, isA, withInputs, type Node, type Region } from "../../../src/graph/node.js";
import { topological } from "../../../src/graph/walk.js";
import { resultDef, scanDef, type ScanAttrs } from "../../../src/ops/scan/scan-record.js";

export const isScan = (node: Node): boolean => isA(node, scanDef);

export const isResult = (node: Node): boolean => isA(node, resultDef);

export const scanAttrs = (scan: Node): ScanAttrs => scan.attrs as ScanAttrs;

export const indexOf = (result: Node): number => (result.attrs as { readonly index: number }).index;

/** A scan's parts: its region's parameters and results, and its inputs, by the part they play. */
export function partsOf(scan: Node) {
  const { carries, sequences } = scanAttrs(scan);
  const { parameters, results } = scan.regions[0]!;
  const split = (nodes: readonly Node[]) => ({
    carries: nodes.slice(0, carries),
    sequences: nodes.slice(carries, carries + sequences),
    captures: nodes.slice(carries + sequences),
  });
  return { inputs: split(scan.inputs), parameters: split(parameters), results, all: parameters };
}

export interface Parts {
  readonly carries: readonly Node[];
  readonly sequences: readonly Node[];
  readonly captures: readonly Node[];
}

/** The scan with other inputs, parameters and results. */
export function rebuildScan(scan: Node, inputs: Parts, parameters: Parts, results: readonly Node[]): Node {
  const join = (parts: Parts): Node[] => [...parts.carries, ...parts.sequences, ...parts.captures];
  const region = Object.freeze({ parameters: Object.freeze(join(parameters)), results: Object.freeze([...results]) });
  const attrs: ScanAttrs = {
    ...scanAttrs(scan),
    carries: parameters.carries.length,
    sequences: parameters.sequences.length,
  };
  return createNode(scan.def, join(inputs), attrs, scan.origin, [region]);
}

/** What is done to the results of a region, as to the roots of a graph. */
export type RegionPass = (roots: readonly Node[]) => readonly Node[];

/** The node on other inputs, its regions passed through. */
export function withRegions(node: Node, inputs: readonly Node[], pass: RegionPass): Node {
  return withInputs(
    node,
    inputs,
    node.regions.map((region) => passRegion(region, pass)),
  );
}

function passRegion(region: Region, pass: RegionPass): Region {
  const results = pass(region.results);
  return results.every((result, i) => result === region.results[i])
    ? region
    : Object.freeze({ ...region, results: Object.freeze(results) });
}

/** Which nodes of a region depend on any of `sources`. */
export function dependents(results: readonly Node[], sources: Iterable<Node>): ReadonlySet<Node> {
  const found = new Set<Node>(sources);
  for (const node of topological(results)) if (node.inputs.some((input) => found.has(input))) found.add(node);
  return found;
}
