// What a printed graph computes beside the interpreter's evaluation of the very same graph: the same operations in the same order, so
// the same bits, whatever was made a function.

import { resolveScalar } from "../../compiler/formula/resolve.js";
import type { Primitive } from "../../compiler/ir/primitive.js";
import { evaluate } from "../../src/graph/interpret.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { randomNumbers } from "../oracle/leaves.js";
import { evaluatePrinted, type GivenLeaves, type Ran } from "./javascript.js";

/** Throws where an entry of the printed text gives other bits than its graph, from leaves that are drawn. */
export function expectSameBits({ leaves, entries }: Primitive, text: string, rows: number): void {
  const printed = evaluatePrinted(text);
  const random = randomNumbers(rows);
  const memory = new Map<Node, Float64Array>();
  const drawn = (group: "inputs" | "targets" | "parameters" | "states" | "hypers"): Record<string, Float64Array> =>
    Object.fromEntries(
      leaves[group].map(({ name, node, shape, dtype, ...leaf }) => {
        const below = "below" in leaf ? leaf.below : undefined;
        const draw = dtype === "float32" ? () => 2 * random() - 1 : () => Math.floor((below ?? 2) * random());
        const value = Float64Array.from({ length: evaluateDim(sizeOf(shape), rows) }, draw);
        memory.set(node, value);
        return [name, value];
      }),
    );
  const given: GivenLeaves = {
    inputs: drawn("inputs"),
    targets: drawn("targets"),
    parameters: drawn("parameters"),
    states: drawn("states"),
    hypers: drawn("hypers"),
    seed: [17],
    clock: [3],
  };
  for (const { node, values } of leaves.constants) memory.set(node, Float64Array.from(values));
  if (leaves.seed) memory.set(leaves.seed.node, Float64Array.of(17));
  if (leaves.clock) memory.set(leaves.clock.node, Float64Array.of(3));
  for (const { name, results, updates } of entries) {
    const roots = [...results, ...updates].map(({ value }) => value);
    const values = evaluate(roots, { rows, leaf: (leaf) => memory.get(leaf)!, scalarOf: resolveScalar });
    const made = valuesOf(printed[name]!(given, rows));
    roots.forEach((root, i) => {
      const [key, value] = made[i]!;
      const wanted = values.get(root)!;
      const at = wanted.findIndex((one, k) => !Object.is(one, value[k]));
      if (at >= 0) throw new Error(`${name}: ${key}[${at}] is ${value[at]}, not ${wanted[at]}`);
    });
  }
}

const valuesOf = ({ results, updates }: Ran): Ran["results"] => [...results, ...updates];
