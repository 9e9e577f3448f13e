// Replaces every gradient marker by a graph of ordinary ops, innermost first. Gradients of one scalar share one reverse
// sweep.

import { withInputs, type Node, type Region } from "../../src/graph/node.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import { notReachedRule } from "../../src/graph/rules.js";
import { replaceNodes, topological } from "../../src/graph/walk.js";
import { invariant } from "../../src/messages.js";
import { makeFilled } from "../../src/ops/leaf/leaves.js";
import { gradientDef, recomputedOf, straightThroughAt } from "../../src/ops/marker/markers.js";
import type { Listener, SweepEvent } from "./events.js";
import { handIn } from "./hand-in.js";
import { orderOf } from "./order.js";
import { sweep } from "./sweep.js";

export interface DifferentiateOptions {
  /** Told of each step of each sweep, of those inside of regions too. */
  readonly record?: ((event: SweepEvent) => void) | undefined;
}

/** The same roots without gradient markers, in regions too. Nodes that no gradient lies under stay the same objects. */
export function differentiate(roots: readonly Node[], { record }: DifferentiateOptions = {}): readonly Node[] {
  return resolve(roots, new Map(), { regions: new Map(), listener: record && { record, slopes: new Map() } });
}

type Done = Map<Node, Node>;

interface Context {
  readonly regions: Map<Region, Resolved>;
  readonly listener: Listener | undefined;
}

/** A region without gradient markers. */
interface Resolved {
  readonly region: Region;
  /** Its last inputs that it still needs, of those behind its last parameters. */
  readonly needs: (fromTheEnd: number) => boolean;
}

/** `done` holds what was rebuilt, under the original and under itself. */
function resolve(roots: readonly Node[], done: Done, context: Context): readonly Node[] {
  const order = orderOf(
    roots,
    (node) => node.inputs,
    (node) => done.has(node),
  );
  const requests = new Map<Node, Node[]>();
  /** Gradients of which a gradient is asked: each must be a node of its own. */
  const distinct = new Set<Node>();
  for (const node of order) {
    if (!isGradient(node)) continue;
    requests.set(node.inputs[0]!, [...(requests.get(node.inputs[0]!) ?? []), node]);
    for (const x of [node.inputs[1]!, ...recomputedOf(node).map(([value]) => value)])
      if (isGradient(x)) distinct.add(x);
  }
  for (const node of order) {
    if (done.has(node)) continue;
    if (isGradient(node)) resolveGradients(requests.get(node.inputs[0]!)!, distinct, done, context);
    else keep(node, rebuilt(node, done, context), done);
  }
  return roots.map((root) => done.get(root)!);
}

const isGradient = (node: Node): boolean => node.def === gradientDef;

function keep(node: Node, replacement: Node, done: Done): void {
  done.set(node, replacement);
  done.set(replacement, replacement);
}

function rebuilt(node: Node, done: Done, context: Context): Node {
  const inputs = node.inputs.map((input) => done.get(input)!);
  if (node.regions.length === 0) return withInputs(node, inputs);
  const [region, ...others] = node.regions;
  invariant(region && others.length === 0, "an op has one region at most");
  let resolved = context.regions.get(region);
  if (resolved === undefined) context.regions.set(region, (resolved = resolveRegion(region, context)));
  const { needs } = resolved;
  return withInputs(
    node,
    inputs.filter((_, i) => needs(inputs.length - i)),
    [resolved.region],
  );
}

/** What its gradients had to see computed again is read from outside, now that they are done. */
function resolveRegion(region: Region, context: Context): Resolved {
  const done: Done = new Map();
  const resolved = resolve(region.results, done, context);
  const again = everyMarker(region).flatMap(recomputedOf);
  if (again.length === 0) return { region: withResults(region, region.parameters, resolved), needs: () => true };
  const results = replaceNodes(resolved, new Map(again.map(([value, parameter]) => [done.get(value)!, parameter])));
  const read = new Set(topological(results));
  const handed = new Set(again.map(([, parameter]) => parameter));
  const { parameters } = region;
  const isNeeded = (parameter: Node): boolean => read.has(parameter) || !handed.has(parameter);
  return {
    region: withResults(region, Object.freeze(parameters.filter(isNeeded)), results),
    needs: (fromTheEnd) => fromTheEnd > parameters.length || isNeeded(parameters[parameters.length - fromTheEnd]!),
  };
}

const everyMarker = (region: Region): readonly Node[] => topological(region.results).filter(isGradient);

function withResults(region: Region, parameters: readonly Node[], results: readonly Node[]): Region {
  const same = parameters === region.parameters && results.every((result, i) => result === region.results[i]);
  return same ? region : Object.freeze({ parameters, results: Object.freeze(results) });
}

/** All markers of one scalar. What lies under the scalar is done by now, so an x that is not cannot be reached. */
function resolveGradients(markers: readonly Node[], distinct: ReadonlySet<Node>, done: Done, context: Context): void {
  const reachable = markers.filter((marker) => done.has(marker.inputs[1]!));
  const wanted = [...new Set(reachable.map((marker) => done.get(marker.inputs[1]!)!))];
  // Under their own names: what regions have without a parameter is handed to them first.
  const [y, ...xs] = handIn([done.get(markers[0]!.inputs[0]!)!, ...wanted], wanted);
  const { listener } = context;
  const [events, inner]: SweepEvent[][] = [[], []];
  const told = (list: SweepEvent[]): Listener | undefined => listener && { ...listener, record: (e) => list.push(e) };
  const found = sweep(y!, xs, told(events!));
  // A rule may itself use gradient markers, in the region of a loop for one.
  const reached = wanted.filter((_, i) => found.has(xs[i]!));
  const resolved = resolve(
    reached.map((x) => found.get(xs[wanted.indexOf(x)]!)!),
    done,
    { ...context, listener: told(inner!) },
  );
  // A sweep is told whole, before those that its rules have asked for.
  if (listener) [...events!.map((event) => resolvedIn(event, done)), ...inner!].forEach(listener.record);
  for (const marker of markers) {
    const x = done.get(marker.inputs[1]!);
    const at = x === undefined ? -1 : reached.indexOf(x);
    const value = at < 0 ? zeros(marker) : resolved[at]!;
    keep(marker, distinct.has(marker) ? straightThroughAt(marker.origin, value, value) : value, done);
  }
}

const zeros = (marker: Node): Node =>
  makeFilled(derivedOrigin(marker.inputs[1]!, notReachedRule, "adjoint"), 0, marker.shape, "float32");

/** The event with its adjoints as they are now: rules may have used markers. */
function resolvedIn(event: SweepEvent, done: Done): SweepEvent {
  const at = (node: Node): Node => done.get(node) ?? node;
  const both = ({ value, guard }: { readonly value: Node; readonly guard: Node | null }) => ({
    value: at(value),
    guard: guard && at(guard),
  });
  if (event.kind === "edge") return { ...event, ...both(event) };
  if (event.kind === "sum") return { ...event, ...both(event), parts: event.parts.map(both) };
  return event;
}
