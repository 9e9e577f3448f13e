// Replaces every gradient marker by a graph of ordinary ops, innermost first. Gradients of one scalar share one reverse
// sweep.

import { withInputs, type Node, type Region } from "../../src/graph/node.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import { makeFilled } from "../../src/ops/leaves.js";
import { gradientDef } from "../../src/ops/markers.js";
import { orderOf } from "./order.js";
import { sweep } from "./sweep.js";

/** The same roots without gradient markers, in regions too. Nodes that no gradient lies under stay the same objects. */
export function differentiate(roots: readonly Node[]): readonly Node[] {
  return resolve(roots, new Map(), new Map());
}

type Done = Map<Node, Node>;

/** `done` holds what was rebuilt, under the original and under itself. */
function resolve(roots: readonly Node[], done: Done, regions: Map<Region, Region>): readonly Node[] {
  const order = orderOf(
    roots,
    (node) => node.inputs,
    (node) => done.has(node),
  );
  const requests = new Map<Node, Node[]>();
  for (const node of order) {
    if (isGradient(node)) requests.set(node.inputs[0]!, [...(requests.get(node.inputs[0]!) ?? []), node]);
  }
  for (const node of order) {
    if (done.has(node)) continue;
    if (isGradient(node)) resolveGradients(requests.get(node.inputs[0]!)!, done, regions);
    else keep(node, rebuilt(node, done, regions), done);
  }
  return roots.map((root) => done.get(root)!);
}

const isGradient = (node: Node): boolean => node.def === gradientDef;

function keep(node: Node, replacement: Node, done: Done): void {
  done.set(node, replacement);
  done.set(replacement, replacement);
}

function rebuilt(node: Node, done: Done, regions: Map<Region, Region>): Node {
  const inputs = node.inputs.map((input) => done.get(input)!);
  const inner = node.regions.map((region) => {
    let result = regions.get(region);
    if (result === undefined) regions.set(region, (result = resolveRegion(region, regions)));
    return result;
  });
  return withInputs(node, inputs, inner);
}

function resolveRegion(region: Region, regions: Map<Region, Region>): Region {
  const results = resolve(region.results, new Map(), regions);
  const same = results.every((result, i) => result === region.results[i]);
  return same ? region : Object.freeze({ ...region, results: Object.freeze(results) });
}

/** All markers of one scalar. What lies under the scalar is done by now, so an x that is not cannot be reached. */
function resolveGradients(markers: readonly Node[], done: Done, regions: Map<Region, Region>): void {
  const y = done.get(markers[0]!.inputs[0]!)!;
  const reachable = markers.filter((marker) => done.has(marker.inputs[1]!));
  const wanted = [...new Set(reachable.map((marker) => done.get(marker.inputs[1]!)!))];
  const found = sweep(y, wanted);
  // A rule may itself use gradient markers, in the region of a loop for one.
  const reached = wanted.filter((x) => found.has(x));
  const resolved = resolve(
    reached.map((x) => found.get(x)!),
    done,
    regions,
  );
  for (const marker of markers) {
    const x = done.get(marker.inputs[1]!);
    const at = x === undefined ? -1 : reached.indexOf(x);
    keep(marker, at < 0 ? zeros(marker) : resolved[at]!, done);
  }
}

const zeros = (marker: Node): Node =>
  makeFilled(derivedOrigin(marker.inputs[1]!, "vjp: not reached"), 0, marker.shape, "float32");
