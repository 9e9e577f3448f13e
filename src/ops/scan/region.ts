// Closing a sub-graph over what it takes from outside: the captures become parameters of the region.

import { topological } from "../../graph/walk.js";
import { createNode, withInputs, type Node, type Region } from "../../graph/node.js";
import { derivedOrigin, type Origin } from "../../graph/origin.js";
import { captureRule } from "../../graph/rules.js";
import { makeRegionParameter } from "../leaf/leaves.js";
import { gradientDef, type Recomputed } from "../marker/markers.js";

/** The origin of the parameter that has the value of an outer node inside of a region. */
export const captureOrigin = (outer: Node): Origin => derivedOrigin(outer, captureRule, "capture");

export interface Closed {
  readonly region: Region;
  /** The outer nodes behind the region's last parameters. */
  readonly captures: readonly Node[];
}

/**
 * Values that cost nothing to have inside: fixed numbers, sizes, positions, and views of them. A region has them as they
 * are, without a parameter.
 */
export function isFree(node: Node, isFreeInput: (input: Node) => boolean): boolean {
  if (node.inputs.length > 0) return node.def.family === "view" && node.inputs.every(isFreeInput);
  return node.def.lower?.({ ...node, output: node }).kind === "map";
}

const isGradient = (node: Node): boolean => node.def === gradientDef;

/**
 * The region that computes `results` from `parameters`. What does not depend on the parameters is computed outside, once,
 * and handed in.
 *
 * A gradient in the region may be taken with respect to something outside, and reach it through values that are handed in:
 * in `gradient(sum(h * (w * 2)), w)` the product is one. Its marker is given the product once more, computed inside from
 * what is handed in for `w`, so that the derivative sees the way from one to the other.
 */
export function closeRegion(parameters: readonly Node[], results: readonly Node[]): Closed {
  const order = topological(results);
  const dependent = dependentsOf(order, parameters);
  const again = computedAgain(order, dependent);
  const inside = new Map<Node, Node>(parameters.map((parameter) => [parameter, parameter]));
  const free = new Set<Node>();
  const captures: Node[] = [];
  const captured: Node[] = [];
  const capture = (node: Node): Node => {
    const parameter = makeRegionParameter(captureOrigin(node), parameters.length + captures.length, node);
    captures.push(node);
    captured.push(parameter);
    return parameter;
  };
  const bring = (node: Node): Node => {
    let inner = inside.get(node);
    if (inner === undefined) inside.set(node, (inner = capture(node)));
    return inner;
  };
  let untold: Recomputed[] = [];
  for (const node of order) {
    if (inside.has(node)) continue;
    if (isFree(node, (input) => free.has(input))) {
      free.add(node);
      inside.set(node, node);
    } else if (again.has(node)) {
      const copy = withInputs(node, node.inputs.map(bring));
      inside.set(node, copy);
      // A tuple is no value; its results are.
      if (node.def.results === undefined) untold.push([copy, capture(node)]);
    } else if (dependent.has(node)) {
      const copy = withInputs(node, node.inputs.map(bring));
      inside.set(node, isGradient(node) ? told(copy, untold) : copy);
      if (isGradient(node)) untold = [];
    }
  }
  const closed = results.map(bring);
  const region = { parameters: Object.freeze([...parameters, ...captured]), results: Object.freeze(closed) };
  return { region: Object.freeze(region), captures: Object.freeze(captures) };
}

/** The marker with values that it sees as they were computed, beside the parameters that have them. */
const told = (marker: Node, values: readonly Recomputed[]): Node =>
  createNode(marker.def, [...marker.inputs, ...values.flat()], marker.attrs, marker.origin, marker.regions);

function dependentsOf(order: readonly Node[], sources: Iterable<Node>): ReadonlySet<Node> {
  const dependents = new Set<Node>(sources);
  for (const node of order) if (node.inputs.some((input) => dependents.has(input))) dependents.add(node);
  return dependents;
}

/**
 * The values from outside that lie between the scalar of a gradient in the region and what it is taken with respect to,
 * outside as well. Where one of them is a gradient itself, what that is taken with respect to counts too.
 */
function computedAgain(order: readonly Node[], dependent: ReadonlySet<Node>): ReadonlySet<Node> {
  let again: ReadonlySet<Node> = new Set();
  for (let wanted = new Set<Node>(); ;) {
    const markers = order.filter((node) => isGradient(node) && (dependent.has(node) || again.has(node)));
    const outer = markers.map((marker) => marker.inputs[1]!).filter((x) => !dependent.has(x));
    if (outer.every((x) => wanted.has(x))) return again;
    wanted = new Set(outer);
    const under = topological(markers.map((marker) => marker.inputs[0]!)).filter((node) => !dependent.has(node));
    const reached = dependentsOf(under, wanted);
    again = new Set(under.filter(({ inputs }) => inputs.some((input) => reached.has(input))));
  }
}
