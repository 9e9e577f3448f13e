// Laws of scattered sums: factors move to the updates, which are fewer, and what is added to a sum is what it starts from.

import type { Node } from "../../../src/graph/node.js";
import type { Origin } from "../../../src/graph/origin.js";
import { addAtDef, makeAddAt } from "../../../src/ops/scatter/add-at.js";
import { add, mul, neg, sub } from "../../../src/ops/pointwise/arithmetic.js";
import { broadcastLast } from "../../../src/ops/view/broadcast.js";
import { makeScatterAdd, scatterAddDef } from "../../../src/ops/adjoint-pairs.js";
import type { ScatterAttrs } from "../../../src/ops/gather/indexed.js";
import { makeFilled } from "../../../src/ops/leaf/leaves.js";
import type { AxisAttrs } from "../../../src/ops/define.js";
import { algebra, memory, type Law } from "../law.js";
import { filledWith, repeatedScalar, under } from "../match.js";

/** A sum of scattered updates taken apart; `onto`: the sum of the others. */
interface Scattered {
  readonly onto: Node | undefined;
  readonly updates: Node;
  readonly indices: Node;
  readonly axis: number;
}

function scattered(node: Node | undefined): Scattered | undefined {
  const plain = under(node, scatterAddDef);
  if (plain) {
    const { axis } = node!.attrs as ScatterAttrs;
    return { onto: undefined, updates: plain[0]!, indices: plain[1]!, axis };
  }
  const based = under(node, addAtDef);
  // What is added to a dense tensor is left alone: its other uses would compute it again.
  if (!based || !scattered(based[0])) return undefined;
  return { onto: based[0], updates: based[1]!, indices: based[2]!, axis: (node!.attrs as AxisAttrs).axis };
}

/** One number for all elements, as a scalar node. */
function uniform(origin: Origin, node: Node): ((like: Node) => Node) | undefined {
  const value = filledWith(node);
  if (value !== undefined) return (like) => makeFilled(origin, value, like.shape, like.dtype);
  const scalar = repeatedScalar(node);
  return scalar && ((like) => broadcastLast(origin, scalar, like.shape));
}

/** The same places, with other updates added to other sums. */
const rebuilt = (origin: Origin, like: Node, { onto, updates, indices, axis }: Scattered): Node =>
  onto
    ? makeAddAt(origin, onto, updates, indices, axis)
    : makeScatterAdd(origin, updates, indices, { axis, shape: like.shape });

export const scatterLaws: readonly Law[] = [
  algebra("factor-into-scatter", "c * scatter(u) = scatter(c * u)", mul.def, (node, { origin }) => {
    for (const [factor, sum] of [node.inputs, node.inputs.toReversed()]) {
      const parts = scattered(sum);
      const c = parts && uniform(origin, factor!);
      if (!c) continue;
      const times = (x: Node): Node => mul.at(origin, c(x), x);
      return rebuilt(origin, node, { ...parts, onto: parts.onto && times(parts.onto), updates: times(parts.updates) });
    }
    return undefined;
  }),
  algebra("minus-into-scatter", "-scatter(u) = scatter(-u)", neg.def, (node, { origin }) => {
    const parts = scattered(node.inputs[0]);
    const minus = (x: Node): Node => neg.at(origin, x);
    return (
      parts && rebuilt(origin, node, { ...parts, onto: parts.onto && minus(parts.onto), updates: minus(parts.updates) })
    );
  }),
  memory("add-scattered", "x + scatter(u) = addAt(x, u)", add.def, (node, { origin }) => {
    for (const [x, sum] of [node.inputs, node.inputs.toReversed()]) {
      const parts = scattered(sum);
      if (!parts) continue;
      const onto = parts.onto ? add.at(origin, x!, parts.onto) : x!;
      return makeAddAt(origin, onto, parts.updates, parts.indices, parts.axis);
    }
    return undefined;
  }),
  memory("subtract-scattered", "x - scatter(u) = addAt(x, -u)", sub.def, (node, { origin }) => {
    const parts = scattered(node.inputs[1]);
    if (!parts) return undefined;
    const onto = parts.onto ? sub.at(origin, node.inputs[0]!, parts.onto) : node.inputs[0]!;
    return makeAddAt(origin, onto, neg.at(origin, parts.updates), parts.indices, parts.axis);
  }),
];
