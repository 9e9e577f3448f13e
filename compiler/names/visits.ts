// Tells the visits of a place apart. A stack says where a call stands, not how often its function has run, so visits
// are read from the order of the calls: going back to an earlier place of a function body needs a loop around both, and
// without one the function itself was called again.
//
// One case stays open: a loop whose body is a call of a function that holds nothing but another loop. All visits are
// then counted by the inner one.

import type { CallSite } from "../../src/graph/origin.js";
import type { CallPath } from "./call-path.js";
import type { Place } from "./place.js";

export interface Visit {
  readonly parent: Visit | undefined;
  readonly place: Place;
  /** All visits of the place within the parent's visit, this one included, in order. */
  readonly siblings: readonly Visit[];
  readonly index: number;
  /** Rises with the visits, in the order in which they began. */
  readonly order: number;
}

interface OpenVisit extends Visit {
  readonly children: Map<string, OpenVisit[]>;
  /** Marks of the calls made at this very place, to tell a layer's inner calls from a second visit. */
  readonly marks: Set<string>;
  direct: boolean;
}

/** The calls of one application of a shared layer, whose names begin at the layer and not where it is applied. */
export interface Within {
  readonly layer: Visit;
  readonly application: CallSite;
}

/** The visit of each call; none for calls that the definition's files did not make. */
export function visitsOf(
  sites: readonly CallSite[],
  pathOf: (site: CallSite) => CallPath,
  within?: Within,
): ReadonlyMap<CallSite, Visit> {
  const root = within?.layer as OpenVisit | undefined;
  const around = within ? pathOf(within.application).places : [];
  const top = root?.children ?? new Map<string, OpenVisit[]>();
  const found = new Map<CallSite, Visit>();
  let open: OpenVisit[] = [];
  let order = 0;

  for (const site of sites) {
    const path = beyond(around, pathOf(site));
    if (path.places.length === 0) {
      if (root !== undefined) found.set(site, root);
      continue;
    }
    const keep = continues(open, path);
    open = open.slice(0, keep);
    for (const place of path.places.slice(keep)) {
      const parent = open.at(-1) ?? root;
      const children = parent?.children ?? top;
      let siblings = children.get(place.key);
      if (siblings === undefined) children.set(place.key, (siblings = []));
      const visit = {
        parent,
        place,
        siblings,
        index: siblings.length,
        order: order++,
        children: new Map(),
        marks: new Set<string>(),
        direct: false,
      };
      siblings.push(visit);
      open.push(visit);
    }
    const visit = open.at(-1)!;
    visit.marks.add(path.mark);
    visit.direct ||= path.depth <= 2;
    found.set(site, visit);
  }
  return found;
}

/** A path without the places around it. A long stack is cut off at its outer end, so some of these may be missing. */
function beyond(around: readonly Place[], path: CallPath): CallPath {
  const { places } = path;
  for (let lost = 0; lost < around.length; lost++) {
    const kept = around.slice(lost);
    if (kept.every(({ key }, i) => key === places[i]?.key)) return { ...path, places: places.slice(kept.length) };
  }
  return path;
}

/** How many of the open visits the path is still inside of. */
function continues(open: readonly OpenVisit[], { places, mark, depth }: CallPath): number {
  let common = 0;
  while (common < open.length && common < places.length && open[common]!.place.key === places[common]!.key) common++;
  if (common === places.length) {
    const visit = open[common - 1]!;
    const again = depth <= 2 ? visit.marks.size > 0 : !visit.direct && visit.marks.has(mark);
    return again ? repeated(places, common - 1) : common;
  }
  if (common === open.length) return common;
  return reachable(open[common]!.place, places[common]!) ? common : repeated(places, common - 1);
}

/** Whether one run of a function (or one call of what takes callbacks) gets from one place to the other. */
function reachable(from: Place, to: Place): boolean {
  if (from.body !== to.body) return from.callback || to.callback;
  return to.end > from.end || to.callback || to.loops.some((loop) => from.loops.includes(loop));
}

/** The visit that began anew when the place at `level` was reached again: the innermost one that can repeat. */
function repeated(places: readonly Place[], level: number): number {
  for (let i = level; i >= 0; i--) if (places[i]!.loops.length > 0 || places[i]!.callback) return i;
  return Math.max(level, 0);
}
