// What tests of single laws share: leaves, values that depend on the element, which laws fired, and how a result reads.

import { simplify } from "../../compiler/2-simplify/index.js";
import type { Node } from "../../src/graph/node.js";
import { printGraph } from "../../src/graph/print.js";
import { BATCH, dim, evaluateDim, sizeOf } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { everyNode } from "../../src/graph/walk.js";
import { leaf } from "../differentiate/check.js";
import { onFiring } from "./firings.js";

export const ROWS = 3;

export const tensor = (name: string, ...axes: readonly (number | "b")[]): Tensor =>
  leaf(
    name,
    axes.map((a) => (a === "b" ? BATCH : dim(a))),
  ) as Tensor;

/** The lines of a printed graph without leaves, their names, numbers and types. */
export function outline(root: Node): string {
  const name = (node: Node): string => (node.attrs as { name?: string }).name ?? "%";
  return printGraph([root], { name })
    .split("\n")
    .filter((line) => !line.startsWith("results") && !/= (input|batch)/.test(line))
    .map((line) => line.replace(/^\S+ = /, "").replace(/ : \w+ \[.*$/, ""))
    .join("; ");
}

export const valuesOf = (root: Node): Map<Node, number[]> =>
  new Map(
    everyNode([root])
      .filter((node) => node.def.name === "input")
      .map((node, k) => {
        const count = evaluateDim(sizeOf(node.shape), ROWS);
        return [node, Array.from({ length: count }, (_, i) => 1.2 + Math.sin(5 * k + 1.7 * i))];
      }),
  );

export interface Simplified {
  readonly simple: Node;
  /** The names of the laws that fired, in order. */
  readonly fired: readonly string[];
}

export function simplified(root: Node): Simplified {
  const fired: string[] = [];
  const [simple] = simplify([root], { record: onFiring((firing) => void fired.push(firing.law.statement)) });
  return { simple: simple!, fired };
}
