// The label of each call: the path of const names to it (`encoder.block[3].query`), or, where no const is known, the
// function's name with a number.

import type { CallSite } from "../../src/graph/origin.js";
import type { ConstNames } from "./place.js";
import { numbersOf, type Stored } from "./numbers.js";
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

/** `sites` in the order of the calls; `roles` says what stored leaves a call made that are named after it. */
export function callLabels(
  sites: readonly CallSite[],
  roles: ReadonlyMap<CallSite, readonly string[]>,
  constNames: ConstNames | undefined,
): ReadonlyMap<CallSite, Label> {
  const visits = constNames ? visitsOf(sites, constNames) : new Map<CallSite, Visit>();
  const numbers = numbersFor(visits, roles);
  const labels = new Map<CallSite, Label>();
  const paths = new Map<Visit, VisitPath>();
  const counts = new Map<string, number>();
  for (const site of sites) {
    const visit = visits.get(site);
    if (visit) {
      const { path, index, direct, call } = pathOf(visit, site, paths, numbers);
      labels.set(site, { text: path === "" ? call + index : path, named: path !== "", direct, group: visit });
    } else {
      const count = (counts.get(site.call) ?? 0) + 1;
      counts.set(site.call, count);
      labels.set(site, { text: `${site.call}${count}`, named: false, direct: true, group: site });
    }
  }
  return labels;
}

function numbersFor(
  visits: ReadonlyMap<CallSite, Visit>,
  roles: ReadonlyMap<CallSite, readonly string[]>,
): ReadonlyMap<Visit, string> {
  const paths = new Map<Visit, VisitPath>();
  const calls = new Map<Visit, string>();
  const stored: Stored[] = [];
  for (const [site, visit] of visits) {
    for (let at: Visit | undefined = visit; at && !calls.has(at); at = at.parent) calls.set(at, site.call);
    for (const role of roles.get(site) ?? []) {
      const { path, index, call } = pathOf(visit, site, paths, new Map());
      stored.push({ visit, name: `${path === "" ? call + index : path}.${role}` });
    }
  }
  return numbersOf(stored, (visit) => calls.get(visit)!);
}

interface VisitPath {
  readonly path: string;
  /** Visit numbers seen before the path's first name; they follow it. */
  readonly index: string;
  readonly direct: boolean;
  /** The first call seen at the place: the public function that the user called there. */
  readonly call: string;
}

/** The path of a visit; recursion goes over the user's own call depth, which the stack's limit bounds. */
function pathOf(
  visit: Visit,
  site: CallSite,
  known: Map<Visit, VisitPath>,
  numbers: ReadonlyMap<Visit, string>,
): VisitPath {
  const seen = known.get(visit);
  if (seen) return seen;
  const outer = visit.parent && pathOf(visit.parent, site, known, numbers);
  let path = outer?.path ?? "";
  let index = outer?.index ?? "";
  const number = numbers.get(visit);
  const { name, returned, direct } = visit.place;
  if (name !== undefined) {
    path = path === "" ? name + index : `${path}.${name}`;
    index = "";
  }
  if (visit.siblings.length > 1) {
    if (path === "") index += `[${visit.index}]`;
    else path += `[${visit.index}]`;
  }
  if (number !== undefined) {
    path = path === "" ? number + index : `${path}.${number}`;
    index = "";
  }
  const isDirect = number !== undefined || (name === undefined ? returned && outer?.direct === true : direct);
  const result = { path, index, direct: isDirect, call: site.call };
  known.set(visit, result);
  return result;
}
