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

/** A stack's lines without those that it shares with one that it runs in. */
export function linesWithin({ lines, cut }: Stack, outside: readonly Stack[]): readonly string[] {
  let kept = lines.length;
  for (const outer of outside) {
    if (outer.lines.length === 0) continue;
    const begin = lines.findIndex(
      (line, k) => line === outer.lines[0] && isSuffix({ lines: lines.slice(k), cut }, outer),
    );
    if (begin >= 0) kept = Math.min(kept, begin);
  }
  return lines.slice(0, kept);
}

/** Whether two stacks are the same, as far as both were kept. */
function isSuffix(a: Stack, b: Stack): boolean {
  const [shorter, longer] = a.lines.length <= b.lines.length ? [a, b] : [b, a];
  if (shorter.lines.length < longer.lines.length && !shorter.cut) return false;
  return shorter.lines.every((line, i) => line === longer.lines[i]);
}
