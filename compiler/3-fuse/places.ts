// Where nodes lie. A buffer is made when it is first asked for, once; entries of a mode share what they both store.

import type { Node, TensorType } from "../../src/graph/node.js";
import { sameDim } from "../../src/graph/shape.js";
import { invariant } from "../../src/messages.js";
import type { Buffer, BufferUse } from "../ir/program.js";
import { wholeBuffer, type FuseInput } from "./input.js";
import { lowered } from "./lowered.js";
import { isCopy, type Root } from "./roots.js";

export interface Places {
  readonly of: (root: Root) => BufferUse;
  /** One of a loop's results. */
  readonly result: (loop: Node, index: number) => BufferUse;
}

/** `given`: the places of results and next values. */
export function placesFor({ cache, leaf, nameOf }: FuseInput, given: ReadonlyMap<Root, BufferUse>): Places {
  const known = new Map(given);
  const results = new Map<Node, BufferUse[]>();
  const result = (loop: Node, index: number): BufferUse => {
    const buffers = results.get(loop) ?? [];
    results.set(loop, buffers);
    const type = loop.def.results!(loop)[index]!;
    buffers[index] ??= wholeBuffer(workspace(`${nameOf(loop)}.${index}`, type));
    return buffers[index];
  };
  const placeOf = (node: Node): BufferUse => {
    const lowering = lowered(node);
    if (lowering.kind === "leaf") return leaf(node);
    if (lowering.kind === "result") return result(node.inputs[0]!, lowering.index);
    const place = cache.places.get(node) ?? wholeBuffer(workspace(nameOf(node), node));
    cache.places.set(node, place);
    return place;
  };
  return {
    result,
    of: (root) => {
      const before = known.get(root);
      if (before) return before;
      invariant(!isCopy(root), "a copy has a place before it is made");
      const use = placeOf(root);
      known.set(root, use);
      return use;
    },
  };
}

export const workspace = (name: string, { dtype, shape }: TensorType): Buffer => ({
  name,
  segment: "workspace",
  dtype,
  shape,
});

/** Do they use the same memory in the same way? */
export const sameUse = (a: BufferUse, b: BufferUse): boolean =>
  a.buffer === b.buffer &&
  a.advance.length === b.advance.length &&
  a.advance.every((step, i) => step.loop === b.advance[i]!.loop && sameDim(step.stride, b.advance[i]!.stride));
