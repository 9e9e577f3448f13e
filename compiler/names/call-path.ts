// The path of a call: the places in the user's files that led to it, read out of the engine's stack.

import { FRAMES, userFrames, type CallSite, type Frame } from "../../src/graph/origin.js";
import type { ConstNames, Place, Stack } from "./place.js";

/** The user's frames of a call, outermost first, and the library frames between the innermost and the call itself. */
export interface CallPath {
  readonly places: readonly Place[];
  readonly mark: string;
  /** The library's frames: `callSite` and the public function, so 2 when the user called that function. */
  readonly depth: number;
}

/** Reads paths, each line of a stack once. */
export function callPaths({ place, outside = [] }: ConstNames): (site: CallSite) => CallPath {
  const placeAt = onceALine((frame) => place(frame));
  return (site) => {
    const places: Place[] = [];
    const own: string[] = [];
    for (const line of linesWithin(stackOf(site), outside)) {
      const read = placeAt(line);
      if (read !== undefined) places.push(read);
      else if (places.length === 0 && isFrame(line)) own.push(line);
      if (read?.topLevel) break;
    }
    return { places: places.reverse(), mark: [site.call, ...own].join("\n"), depth: own.length };
  };
}

/** Looks at the user's frame in a line, once; undefined for lines that have none. */
export function onceALine<T>(look: (frame: Frame) => T): (line: string) => T | undefined {
  const known = new Map<string, T | undefined>();
  return (line) => {
    if (known.has(line)) return known.get(line);
    const [frame] = userFrames({ call: "", stack: line });
    const seen = frame && look(frame);
    known.set(line, seen);
    return seen;
  };
}

export const isFrame = (line: string): boolean => /:\d+:\d+\)?$/.test(line);

const isUsers = (line: string): boolean => userFrames({ call: "", stack: line }).length > 0;

export function stackOf({ stack = "" }: CallSite): Stack {
  const lines = stack.split("\n").map((line) => line.trim());
  return { lines, cut: lines.filter((line) => line.startsWith("at ")).length >= FRAMES };
}

/** The stack around a call of the user's: without the frames of what was called. */
export function around(site: CallSite): Stack {
  const { lines, cut } = stackOf(site);
  const first = lines.findIndex(isUsers);
  return { lines: first < 0 ? [] : lines.slice(first), cut };
}

/** The stack around the function that made a call. */
export function aroundCaller(site: CallSite): Stack {
  const { lines, cut } = around(site);
  return { lines: lines.slice(1), cut };
}

/** A stack's lines without those at its outer end that it shares with one that it runs in. */
export function linesWithin(stack: Stack, outside: readonly Stack[]): readonly string[] {
  return stack.lines.slice(0, Math.min(...outside.map((outer) => sharedFrom(stack, outer)), stack.lines.length));
}

/**
 * Where the lines begin that two stacks share at their outer ends. What was cut off of one ends somewhere in the other; of several
 * places where it may, that with the most shared lines.
 */
function sharedFrom({ lines, cut }: Stack, outer: Stack): number {
  const ends: [number, number][] = [[lines.length, outer.lines.length]];
  if (cut) outer.lines.forEach((line, j) => line === lines.at(-1) && ends.push([lines.length, j + 1]));
  if (outer.cut) lines.forEach((line, i) => line === outer.lines.at(-1) && ends.push([i + 1, outer.lines.length]));
  let [from, most] = [lines.length, 0];
  for (const [end, outerEnd] of ends) {
    let shared = 0;
    while (shared < Math.min(end, outerEnd) && lines[end - 1 - shared] === outer.lines[outerEnd - 1 - shared]) shared++;
    if (shared > most) [from, most] = [end - shared, shared];
  }
  return from;
}
