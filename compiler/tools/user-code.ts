// Runs code of the user's in this process, and turns what it does to the process into sentences: that it ends it, that it
// waits for what never comes, that it leaves something running, that it fails later.

import type { Frame } from "../../src/graph/origin.js";
import { definitionEnds, definitionThrows, definitionWaits } from "../../src/messages.js";

export interface UserCode {
  /** As messages name it. */
  readonly path: string;
  /** The file that runs: its frames are the user's. */
  readonly file: string;
  readonly placeOf: (error: unknown) => Frame | undefined;
}

/** What may be waited for: a definition that reads a file or asks a server needs less. */
const LIMIT = 120_000;

const ran: UserCode[] = [];

/** Thrown in place of ending the process. */
class Ended extends Error {
  readonly code: unknown;

  constructor(code: unknown) {
    super("process.exit was called");
    this.code = code;
  }
}

/**
 * Runs the code to its end. Throws DEFINITION_ENDS for one that ends the process, DEFINITION_WAITS for one that waits for what
 * nothing will bring.
 */
export async function runUserCode<T>(code: UserCode, run: () => T | Promise<T>, limit = LIMIT): Promise<T> {
  ran.push(code);
  const { exit } = process;
  const fail = (error: Ended): never => {
    throw definitionEnds({ path: code.path, code: error.code, at: code.placeOf(error) });
  };
  let ended: Ended | undefined;
  process.exit = ((value?: unknown) => {
    throw (ended = new Ended(value));
  }) as typeof process.exit;
  const waiting = overdue(code, limit);
  try {
    const result = await Promise.race([run(), waiting.promise]);
    // Code that catches everything has not ended, but meant to.
    return ended ? fail(ended) : result;
  } catch (error) {
    if (error instanceof Ended) return fail(error);
    throw error;
  } finally {
    waiting.stop();
    process.exit = exit;
  }
}

/** Settles when nothing is left that could: the loop is empty, or time is over. */
function overdue(code: UserCode, limit: number): { readonly promise: Promise<never>; readonly stop: () => void } {
  let refuse: (error: unknown) => void;
  const promise = new Promise<never>((_, reject) => (refuse = reject));
  const idle = (): void => {
    // Keeps the process until the refusal is told.
    setImmediate(() => {});
    refuse(definitionWaits({ path: code.path }));
  };
  process.once("beforeExit", idle);
  const timer = setTimeout(() => refuse(definitionWaits({ path: code.path, seconds: limit / 1000 })), limit);
  timer.unref();
  return {
    promise,
    stop() {
      process.off("beforeExit", idle);
      clearTimeout(timer);
    },
  };
}

/** An error that came when the code was no longer waited for, such as one thrown in a timer: whose is it? */
export function lateError(error: unknown): unknown {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const code =
    ran.find(({ file }) => stack.includes(file.split(/[\\/]/).at(-1)!)) ??
    (error instanceof Error ? undefined : ran[0]);
  if (!code) return error;
  if (error instanceof Ended) return definitionEnds({ path: code.path, code: error.code, at: code.placeOf(error) });
  const message = error instanceof Error ? error.message : String(error);
  return definitionThrows({ path: code.path, message, later: true, at: code.placeOf(error), cause: error });
}

/** What keeps a process running, as Node names it. */
const RUNNING: Readonly<Record<string, string>> = {
  Timeout: "timer",
  TCPServerWrap: "server",
  TCPSocketWrap: "connection",
  TLSWrap: "connection",
  UDPWrap: "socket",
  PipeWrap: "pipe",
  ProcessWrap: "process",
  FSEventWrap: "file watcher",
  StatWatcher: "file watcher",
  Worker: "worker",
};

type Counts = ReadonlyMap<string, number>;

export function runningNow(): Counts {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    const what = RUNNING[name];
    if (what !== undefined) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}

/** What runs now and did not before, in words: "a timer", "2 servers and a timer". */
export function leftRunning(before: Counts, after: Counts): string | undefined {
  const more = [...after].flatMap(([what, n]) => {
    const left = n - (before.get(what) ?? 0);
    return left <= 0 ? [] : [left === 1 ? `a ${what}` : `${left} ${what}s`];
  });
  if (more.length === 0) return undefined;
  return more.length === 1 ? more[0] : `${more.slice(0, -1).join(", ")} and ${more.at(-1)}`;
}
