// The label of each call: the path of const names to it (`encoder.block[3].query`), or, where no const is known, the
// function's name with a number.

import type { Application } from "../../src/graph/application.js";
import type { CallSite } from "../../src/graph/origin.js";
import type { CallPath } from "./call-path.js";
import { numbersOf } from "./numbers.js";
import { visitsOf, type Visit } from "./visits.js";

export interface Label {
  readonly text: string;
  /** The text comes from const names. */
  readonly named: boolean;
  /** The call's value is the const's value itself. */
  readonly direct: boolean;
  /** Equal for calls that together make one value: a layer's own call and those inside it. */
  readonly group: object;
}

export interface Labels {
  /** Of what a call computes. */
  readonly of: (site: CallSite) => Label | undefined;
  /** Of what a call stores: in an application of a shared layer it begins with the layer, wherever that is applied. */
  readonly ofStored: (site: CallSite) => Label | undefined;
}

/**
 * `sites` in the order of the calls; `roles` says what stored leaves a call made that are named after it. Without `pathOf`
 * labels are numbers.
 */
export function callLabels(
  sites: readonly CallSite[],
  roles: ReadonlyMap<CallSite, readonly string[]>,
  pathOf: ((site: CallSite) => CallPath) | undefined,
): Labels {
  const shared = sharedCalls([...roles.keys()]);
  const own = inOrder([...sites, ...shared.layers.filter(({ application }) => application === undefined)]);
  const visits = pathOf ? visitsOf(own, pathOf) : new Map<CallSite, Visit>();
  const stored = new Map<CallSite, Visit>();
  const named = new Map<Visit, string>();
  const storedVisit = (site: CallSite): Visit | undefined => (site.application ? stored : visits).get(site);
  const nameLayer = (site: CallSite, name: string | undefined): void => {
    const visit = storedVisit(site);
    if (visit !== undefined && name !== undefined) named.set(visit, name);
  };
  for (const [application, calls] of shared.calls) {
    const { layer } = application;
    const visit = storedVisit(layer.site);
    if (pathOf === undefined || visit === undefined) continue;
    nameLayer(layer.site, layer.name);
    for (const [site, of] of visitsOf(calls, pathOf, { layer: visit, application: application.site })) {
      stored.set(site, of);
    }
  }

  const callOf = callsAt([...visits, ...stored]);
  const made = [...roles].flatMap(([site, parts]) => {
    const visit = storedVisit(site);
    return visit === undefined ? [] : parts.map((part) => ({ visit, part }));
  });
  const plain = pathReader({ named, numbers: new Map() });
  const numbers = numbersOf(
    made.map(({ visit, part }) => ({ visit, name: `${textOf(plain(visit), callOf(visit))}.${part}` })),
    callOf,
  );
  const read = pathReader({ named, numbers });
  const labelAt = (visit: Visit): Label => {
    const path = read(visit);
    return { text: textOf(path, callOf(visit)), named: path.path !== "", direct: path.direct, group: visit };
  };

  const count = counter();
  const labels = new Map<CallSite, Label>();
  for (const site of own) {
    const visit = visits.get(site);
    labels.set(site, visit ? labelAt(visit) : numbered(site, `${site.call}${count(site.call)}`));
  }
  const storedLabels = new Map<CallSite, Label>();
  const ofStored = (site: CallSite): Label | undefined => (site.application ? storedLabels : labels).get(site);
  for (const [{ layer }, calls] of shared.calls) {
    const count = counter();
    for (const site of calls) {
      const visit = stored.get(site);
      const text = (): string => `${layer.name ?? ofStored(layer.site)!.text}.${site.call}${count(site.call)}`;
      storedLabels.set(site, visit ? labelAt(visit) : numbered(site, text()));
    }
  }
  return { of: (site) => labels.get(site), ofStored };
}

const inOrder = (sites: readonly CallSite[]): CallSite[] =>
  [...new Set(sites)].sort((a, b) => (a.order ?? 0) - (b.order ?? 0));

const numbered = (site: CallSite, text: string): Label => ({ text, named: false, direct: true, group: site });

function counter(): (key: string) => number {
  const counts = new Map<string, number>();
  return (key) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  };
}

interface SharedCalls {
  /** The calls that declared the layers. */
  readonly layers: readonly CallSite[];
  /** What each application stored and which layers it declared; those of outer layers first. */
  readonly calls: ReadonlyMap<Application, readonly CallSite[]>;
}

/** The applications of shared layers that stored something, from the calls that did. */
function sharedCalls(stored: readonly CallSite[]): SharedCalls {
  const layers = new Set<CallSite>();
  const calls = new Map<Application, Set<CallSite>>();
  for (const site of stored) {
    for (let at = site; at.application; at = at.application.layer.site) {
      layers.add(at.application.layer.site);
      calls.set(at.application, (calls.get(at.application) ?? new Set()).add(at));
    }
  }
  const outerFirst = [...calls].sort(([a], [b]) => (a.site.order ?? 0) - (b.site.order ?? 0));
  return {
    layers: [...layers],
    calls: new Map(outerFirst.map(([application, own]) => [application, inOrder([...own])])),
  };
}

/** The first call seen in a visit: the public function that the user called there. */
function callsAt(visits: Iterable<readonly [CallSite, Visit]>): (visit: Visit) => string {
  const calls = new Map<Visit, string>();
  for (const [site, visit] of visits) {
    for (let at: Visit | undefined = visit; at && !calls.has(at); at = at.parent) calls.set(at, site.call);
  }
  return (visit) => calls.get(visit)!;
}

interface VisitPath {
  readonly path: string;
  /** Visit numbers seen before the path's first name; they follow it. */
  readonly index: string;
  readonly direct: boolean;
}

const textOf = ({ path, index }: VisitPath, call: string): string => (path === "" ? call + index : path);

interface Given {
  /** Names that stand in place of a path. */
  readonly named: ReadonlyMap<Visit, string>;
  readonly numbers: ReadonlyMap<Visit, string>;
}

/** The path of a visit; recursion goes over the user's own call depth, which the stack's limit bounds. */
function pathReader({ named, numbers }: Given): (visit: Visit) => VisitPath {
  const known = new Map<Visit, VisitPath>();
  const read = (visit: Visit): VisitPath => {
    let path = known.get(visit);
    if (path === undefined) known.set(visit, (path = readPath(visit)));
    return path;
  };
  const readPath = (visit: Visit): VisitPath => {
    const given = named.get(visit);
    if (given !== undefined) return { path: given, index: "", direct: true };
    const outer = visit.parent && read(visit.parent);
    const parts: [segment: string, separator: string][] = [];
    const number = numbers.get(visit);
    const { name, returned, direct } = visit.place;
    // A position in a list that a function returns follows what the list is called.
    if (name !== undefined) parts.push([name, name.startsWith("[") ? "" : "."]);
    if (visit.siblings.length > 1) parts.push([`[${visit.index}]`, ""]);
    if (number !== undefined) parts.push([number, "."]);
    let path = outer?.path ?? "";
    let index = outer?.index ?? "";
    for (const [segment, separator] of parts) {
      if (path !== "") path += separator + segment;
      else if (separator === "") index += segment;
      else [path, index] = [segment + index, ""];
    }
    const isDirect = number !== undefined || (name === undefined ? returned && outer?.direct === true : direct);
    return { path, index, direct: isDirect };
  };
  return read;
}
