import type { Node } from "../../../src/graph/node.js";

/** What a value is, under views and markers that change no element. */
export function meant(node: Node): Node {
  let at = node;
  while ((at.def.family === "view" || at.def.family === "marker") && at.inputs.length === 1) at = at.inputs[0]!;
  return at;
}
