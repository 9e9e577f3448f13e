// What is stored whatever kernels there will be: results, what loops of the program read, what is scattered, compared or read at
// computed positions, and values at which too large expressions are cut.

import type { Node } from "../../../src/graph/node.js";
import { comparedBy } from "../compared.js";
import type { StoreRequest } from "../decisions.js";
import { readAtComputed } from "../index-ranges.js";
import { lowered, stripAlias } from "../lowered.js";
import { isLooped, isScattered, type Root } from "../roots.js";
import { isAbsorbed, isGiven, type FuseGraph } from "./graph.js";
import { startRequests, type Requests } from "./requests.js";

/** Larger bodies are cut: V8's cost per statement jumps beyond a thousand. */
const BODY_LIMIT = 240;

/** `required`: results and next values; `scattered`: what scattered updates add, where that must be stored too. */
export function mustStore(
  { nodes, readers }: FuseGraph,
  required: readonly Root[],
  scattered: ReadonlySet<Node>,
): readonly StoreRequest[] {
  const requests = startRequests(new Map());
  for (const root of required) requests.ask(root, "result");
  for (const node of scattered) requests.ask(node, "scattered onto what it reads");
  for (const node of nodes) {
    if (isScattered(node) && !isAbsorbed(node, readers)) requests.ask(node, "scattered");
    if (isLooped(node)) askForOperands(node, requests);
  }
  for (const node of nodes) {
    for (const compared of comparedBy(node)) requests.ask(compared, "compared");
    for (const read of readAtComputed(node)) requests.ask(stripAlias(read), "read at computed positions");
  }
  limitBodies(nodes, requests);
  return requests.list;
}

function askForOperands(loop: Node, requests: Requests): void {
  requests.ask(loop, "made by a loop");
  for (const input of loop.inputs) {
    const base = stripAlias(input);
    if (!isGiven(base)) requests.ask(base, "operand of a loop");
  }
}

/** Bounds the size of inlined bodies, and with it every recursion over them. */
function limitBodies(nodes: readonly Node[], requests: Requests): void {
  const size = new Map<Node, number>();
  const summed = summedAgain(nodes, requests.isStored);
  for (const node of nodes) {
    let total = 1;
    for (const input of node.inputs) total += requests.isStored(input) || summed.has(input) ? 1 : size.get(input)!;
    if (total > BODY_LIMIT && lowered(node).kind !== "alias") {
      // Cut below: the operands are stored, this node starts afresh.
      for (const input of node.inputs) {
        const base = stripAlias(input);
        if (!requests.isStored(base) && (size.get(input) ?? 0) > BODY_LIMIT / 4) requests.ask(base, "body limit");
      }
      total = 1 + node.inputs.length + BODY_LIMIT / 4;
    }
    size.set(node, total);
  }
}

/**
 * Values made by sums that another sum reads: they are stored in any case, or share a kernel's rows. Counting them as
 * such makes equal parts of a network, however deep, be cut in equal places.
 */
function summedAgain(nodes: readonly Node[], isStored: (node: Node) => boolean): ReadonlySet<Node> {
  const sums = new Set<Node>();
  const summed = new Set<Node>();
  for (const node of nodes) {
    const isSum = lowered(node).kind === "reduce";
    const made = node.inputs.filter((input) => sums.has(input) && !isStored(input));
    if (isSum) for (const input of made) summed.add(input);
    if (isSum || made.some((input) => !summed.has(input))) sums.add(node);
  }
  return summed;
}
