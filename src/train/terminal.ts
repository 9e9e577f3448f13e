// What `fit` says while it runs, where there is someone to read it.

import type { FitEvent } from "./events.js";
import { progress, type Sink } from "./progress.js";

/** A callback that writes a line to standard error and rewrites it; undefined where that is no terminal, as in a page. */
export function terminalLine(): ((event: FitEvent) => void) | undefined {
  const stream = terminal();
  return stream ? progress(stream) : undefined;
}

/** To the console of a page or a terminal, where it takes the place of the line. */
// eslint-disable-next-line no-console -- it is for people to read
export const warning = (text: string): void => console.warn(`${terminal() ? "\r\x1b[2K" : ""}${text}`);

/** Asked for each time, since a page has none of it. */
function terminal(): Sink | undefined {
  const stream = (globalThis as { process?: { stderr?: Sink } }).process?.stderr;
  return stream?.isTTY === true ? stream : undefined;
}
