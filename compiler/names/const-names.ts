// The names that the files of a definition give, whose texts are at hand. TypeScript's parser comes with ts-morph, which is
// loaded only here.

import type { Frame } from "../../src/graph/origin.js";
import type { ConstNames, Place } from "./place.js";
import { placeReader } from "./place-reader.js";
import { typescriptParser } from "./syntax-typescript.js";

export interface SourceText {
  /** The path as mapped frames name it. */
  readonly path: string;
  readonly text: string;
}

/** `mapFrame` takes an engine's frame to the user's own file; frames of other code map to undefined. */
export async function readConstNames(
  sources: readonly SourceText[],
  mapFrame: (frame: Frame) => Frame | undefined,
): Promise<ConstNames> {
  const { ts } = await import("ts-morph");
  const parse = typescriptParser(ts);
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const readers = new Map<string, (frame: Frame) => Place>();
  return {
    place(engineFrame) {
      const frame = mapFrame(engineFrame);
      const text = frame && texts.get(frame.file);
      if (frame === undefined || text === undefined) return undefined;
      let reader = readers.get(frame.file);
      if (reader === undefined) readers.set(frame.file, (reader = placeReader(parse, frame.file, text)));
      return reader(frame);
    },
  };
}
