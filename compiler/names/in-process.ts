// Names of a network that runs in this process: from the files that the stacks of its calls name. They are believed where every
// call of the network stands in them as its stack says; a file that was changed after it was loaded, or positions that a loader
// has moved, give ordinals.

import type { CallSite, Frame } from "../../src/graph/origin.js";
import { isFrame, linesWithin, onceALine, stackOf } from "./call-path.js";
import type { ConstNames, Place, Stack } from "./place.js";
import { sourcePlaces } from "./source-files.js";

/** Undefined where there are no files, as in a page. `outside`: the stacks that the definition runs in. */
export function namesInProcess(outside: readonly Stack[]): ConstNames | undefined {
  const place = keepsCallers() ? sourcePlaces() : undefined;
  return place && { place, outside, covers: (sites) => covers(sites, place, outside) };
}

let keeps: boolean | undefined;

/** Engines that make proper tail calls forget who called: what is left of a stack there names nothing. */
function keepsCallers(): boolean {
  function called(): string {
    return new Error().stack ?? "";
  }
  function caller(): string {
    return called();
  }
  return (keeps ??= caller().split("\n").filter(isFrame)[1]?.includes(caller.name) === true);
}

function covers(
  sites: readonly CallSite[],
  place: (frame: Frame) => Place | undefined,
  outside: readonly Stack[],
): boolean {
  const placeAt = onceALine((frame) => ({ place: place(frame) }));
  /** Places of calls of the language, and whether what was called there is what stands there. */
  const called = new Map<Place, boolean>();
  for (const site of sites) {
    let own = "";
    let innermost = true;
    for (const line of linesWithin(stackOf(site), outside)) {
      const users = placeAt(line);
      if (users === undefined) {
        if (innermost && isFrame(line)) own = line;
        continue;
      }
      const { place } = users;
      if (place === undefined || !(place.match === "call" || (!innermost && place.match === "node"))) return false;
      if (innermost) called.set(place, called.get(place) === true || mayCall(place, site, own));
      innermost = false;
      if (place.topLevel) break;
    }
  }
  return called.size > 0 && [...called.values()].every(Boolean);
}

/**
 * Whether the call at a place may be the one that was made: its callee is that function, or none that the file has from the
 * language by another name. `own`: the stack's line of the public function.
 */
function mayCall({ imported }: Place, { call }: CallSite, own: string): boolean {
  if (imported === undefined || !/^tapeless(\/|$)/.test(imported.from)) return true;
  const run = /^at (?:\w+\.)?([\w$]+) /.exec(own)?.[1]?.replace(/\$\d+$/, "");
  return imported.imported === call || imported.imported === run;
}
