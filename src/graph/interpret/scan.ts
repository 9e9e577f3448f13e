// Recurrences: the region, step by step. See ops/scan/scan-record.ts for the order of inputs, parameters and results.

import { invariant } from "../../messages.js";
import type { LeafValues } from "../interpret.js";
import type { Lowering } from "../lowering.js";
import type { Node } from "../node.js";
import { evaluateDim } from "../shape.js";
import { elementsOf } from "./kernels.js";

type Results = readonly Float64Array[];

/** All results of the node: the last carries, then the outputs, stacked at the positions that made them. */
export function scanKernel(
  node: Node,
  loop: Extract<Lowering, { kind: "scan" }>,
  rows: number,
  prepare: (results: readonly Node[]) => (leaf: LeafValues) => Map<Node, Float64Array>,
): (inputs: Results, outer: LeafValues) => Results {
  const { region, carries: carried, sequences, reverse } = loop;
  invariant(node.def.results, `${node.def.name} has several results`);
  const step = prepare(region.results);
  const length = evaluateDim(loop.length, rows);
  const stacked = node.def.results(node).slice(carried);
  return (inputs, outer) => {
    let carries = inputs.slice(0, carried);
    const outputs = stacked.map((type) => new Float64Array(elementsOf(type, rows)));
    for (let n = 0; n < length; n++) {
      const time = reverse ? length - 1 - n : n;
      const given = inputs.map((input, i) => {
        if (i < carried) return carries[i]!;
        if (i >= carried + sequences) return input;
        const size = input.length / length;
        return input.subarray(time * size, (time + 1) * size);
      });
      const values = step((leaf) => {
        const position = region.parameters.indexOf(leaf);
        return position < 0 ? outer(leaf) : given[position]!;
      });
      const results = region.results.map((result) => values.get(result)!);
      carries = results.slice(0, carried);
      outputs.forEach((output, k) => {
        const element = results[carried + k]!;
        output.set(element, time * element.length);
      });
    }
    return [...carries, ...outputs];
  };
}
