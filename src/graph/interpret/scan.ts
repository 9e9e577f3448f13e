// Recurrences: the region, step by step. See ops/scan/scan-record.ts for the order of inputs, parameters and results.

import { invariant } from "../../messages.js";
import type { LeafValues } from "../interpret.js";
import type { Node } from "../node.js";
import { evaluateDim, type Dim } from "../shape.js";
import { elementsOf } from "./kernels.js";

/** What the attributes of every node that lowers to a scan say. */
interface ScanAttrs {
  readonly carries: number;
  readonly sequences: number;
  readonly reverse: boolean;
  readonly length: Dim;
}

type Results = readonly Float64Array[];

/** All results of the node: the last carries, then the outputs, stacked at the positions that made them. */
export function scanKernel(
  node: Node,
  rows: number,
  prepare: (results: readonly Node[]) => (leaf: LeafValues) => Map<Node, Float64Array>,
): (inputs: Results, outer: LeafValues) => Results {
  const region = node.regions[0];
  invariant(region && node.def.results, `${node.def.name} has a region and several results`);
  const attrs = node.attrs as ScanAttrs;
  const step = prepare(region.results);
  const length = evaluateDim(attrs.length, rows);
  const stacked = node.def.results(node).slice(attrs.carries);
  return (inputs, outer) => {
    let carries = inputs.slice(0, attrs.carries);
    const outputs = stacked.map((type) => new Float64Array(elementsOf(type, rows)));
    for (let n = 0; n < length; n++) {
      const time = attrs.reverse ? length - 1 - n : n;
      const given = inputs.map((input, i) => {
        if (i < attrs.carries) return carries[i]!;
        if (i >= attrs.carries + attrs.sequences) return input;
        const size = input.length / length;
        return input.subarray(time * size, (time + 1) * size);
      });
      const values = step((leaf) => {
        const position = region.parameters.indexOf(leaf);
        return position < 0 ? outer(leaf) : given[position]!;
      });
      const results = region.results.map((result) => values.get(result)!);
      carries = results.slice(0, attrs.carries);
      outputs.forEach((output, k) => {
        const element = results[attrs.carries + k]!;
        output.set(element, time * element.length);
      });
    }
    return [...carries, ...outputs];
  };
}
