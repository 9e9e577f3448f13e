// Ctrl-C while a network trains: training ends after the batch that is running, and leaves a checkpoint.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkpointStore, folder, type CheckpointStore } from "../../src/train/index.js";

/** Runs what listens to a signal; the first Ctrl-C gives it, a second one ends the program. */
export async function interruptible<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once("SIGINT", abort);
  try {
    return await run(controller.signal);
  } finally {
    process.removeListener("SIGINT", abort);
  }
}

/** A folder in which something is written when training is interrupted, and else nothing. */
export function onInterruption(path: string, signal: AbortSignal): CheckpointStore {
  const { list, read, write, remove } = folder(path);
  return checkpointStore({
    list,
    read,
    write: (name, bytes) => (signal.aborted ? write(name, bytes) : undefined),
    remove,
  });
}

/** `checkpoints/<name>`, or with a number behind it where that is taken. */
export function freeFolder(cwd: string, name: string): string {
  for (let number = 1; ; number++) {
    const path = join("checkpoints", number === 1 ? name : `${name}-${number}`);
    if (!existsSync(join(cwd, path))) return path;
  }
}
