// Values of nodes while a graph is drawn, each computed once: what is drawn next keeps away from poles and large numbers.

import { differentiate } from "../../compiler/1-differentiate/index.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { everyNode } from "../../src/graph/walk.js";
import type { ConstantAttrs, InputAttrs } from "../../src/ops/leaf/leaves.js";
import type { Draw } from "./draw.js";
import { roundedInterpreterOf } from "./rounded.js";

export type Sampler = (node: Node) => Float64Array;

export function createSampler(draw: Draw, rows: number): Sampler {
  const known = new Map<Node, Float64Array>();
  const leaves = new Map<Node, ArrayLike<number>>();
  const leaf = (node: Node): ArrayLike<number> => {
    const drawn = leaves.get(node) ?? leafSample(node, draw, rows);
    leaves.set(node, drawn);
    return drawn;
  };
  return (node) => {
    const before = known.get(node);
    if (before) return before;
    const isMarked = everyNode([node]).some(({ def }) => def.name === "gradient");
    // Their streams get names later: any numbers will do.
    for (const random of everyNode([node])) {
      if (random.def.family !== "random" || known.has(random)) continue;
      known.set(
        random,
        Float64Array.from(leafSample(random, draw, rows), (value) =>
          random.dtype === "float32" ? Math.abs(value) : value,
        ),
      );
    }
    const [root] = isMarked ? differentiate([node]) : [node];
    const values = roundedInterpreterOf([root!], { rows, known, mode: { rounding: undefined } })(leaf);
    for (const [inner, value] of values) known.set(inner, value);
    known.set(node, values.get(root!)!);
    return known.get(node)!;
  };
}

function leafSample(node: Node, draw: Draw, rows: number): ArrayLike<number> {
  const { values } = node.attrs as Partial<ConstantAttrs>;
  if (values) return values;
  const { below = 2 } = node.attrs as Partial<InputAttrs>;
  const value = {
    float32: () => 2 * draw.number() - 1,
    int32: () => draw.below(below),
    bool: () => draw.below(2),
  }[node.dtype];
  return Float64Array.from({ length: evaluateDim(sizeOf(node.shape), rows) }, value);
}
