// The words for a part of a call.

import { userFrames, type CallbackArgument, type CallSite, type Origin } from "../../src/graph/origin.js";
import type { ConstNames } from "./place.js";

/** The words of a part, if the origin is that of one; what a function of the user's is handed bears the names of its parameters. */
export function wordsOf({ part, site }: Origin, constNames: ConstNames | undefined): string | undefined {
  return part?.map((name) => (typeof name === "string" ? name : argumentName(name, site, constNames))).join(".");
}

function argumentName(
  { parameter, element, otherwise }: CallbackArgument,
  site: CallSite,
  constNames?: ConstNames,
): string {
  for (const frame of constNames ? userFrames(site) : []) {
    const names = constNames?.place(frame)?.parameters[parameter];
    if (names === undefined) continue;
    return typeof names === "string" ? `${names}[${element}]` : (names[element] ?? otherwise);
  }
  return otherwise;
}
