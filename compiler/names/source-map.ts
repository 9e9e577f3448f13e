// Where a position of made text comes from, by its source map.

import { AnyMap, originalPositionFor, sourceContentFor } from "@jridgewell/trace-mapping";
import type { Frame } from "../../src/graph/origin.js";

export interface Original {
  /** Of the source: `file:` where the map says a path. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** The source's text, where the map holds it. */
  readonly content: string | undefined;
}

/** `map`: its JSON; `url`: of the map, which its sources are relative to. Throws where the map is none. */
export function sourceMap(map: string, url: string): (frame: Frame) => Original | undefined {
  const trace = new AnyMap(map, url);
  return (frame) => {
    const found = originalPositionFor(trace, { line: frame.line, column: frame.column - 1 });
    if (found.source === null) return undefined;
    const { source, line, column } = found;
    return { url: source, line, column: column + 1, content: sourceContentFor(trace, source) ?? undefined };
  };
}
