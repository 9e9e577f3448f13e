// Temporary modules: Node imports files, so what was bundled is written to one, and is gone when it has been imported. What a
// killed run left behind is removed by the next.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cannotWrite } from "../../src/messages.js";
import { reasonOf } from "./reasons.js";

export interface TemporaryModule {
  readonly file: string;
  readonly remove: () => void;
}

let made = 0;

/**
 * Writes a module where its packages resolve as those of `beside` do: under the nearest `node_modules`, where no watcher wakes.
 * Where there is none, or it cannot be written, the system's folder takes it. Throws CANNOT_WRITE.
 */
export function writeTemporary(beside: string, stem: string, code: string): TemporaryModule {
  // Unique, since an engine never imports the same address twice.
  const name = `${stem.replace(/[^\w.-]/g, "_").slice(0, 80)}-${process.pid}-${made++}.mjs`;
  const cache = cacheFolder(beside);
  if (cache !== undefined) {
    try {
      mkdirSync(cache, { recursive: true });
      removeStale(cache, /-(\d+)-\d+\.mjs$/);
      return written(join(cache, name), code, join(cache, name));
    } catch {
      // A package that is installed for all users is written by none.
    }
  }
  try {
    removeStale(tmpdir(), /^tapeless-(\d+)-/);
    const folder = mkdtempSync(join(tmpdir(), `tapeless-${process.pid}-`));
    return written(join(folder, name), code, folder);
  } catch (error) {
    const hint = "temporary files are written there; set TMPDIR to another folder, or make room";
    throw cannotWrite({ path: tmpdir(), why: reasonOf(error), hint, cause: error });
  }
}

function written(file: string, code: string, removed: string): TemporaryModule {
  const remove = (): void => rmSync(removed, { recursive: true, force: true });
  try {
    writeFileSync(file, code);
  } catch (error) {
    remove();
    throw error;
  }
  return { file, remove };
}

function cacheFolder(beside: string): string | undefined {
  for (let folder = dirname(beside); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "node_modules"))) return join(folder, "node_modules", ".cache", "tapeless");
    if (dirname(folder) === folder) return undefined;
  }
}

/** Another machine that shares the folder has processes that this one does not know. */
const STALE = 60_000;

/** Removes what ended processes have left in the folder; the first group of the pattern is the process. */
export function removeStale(folder: string, pattern: RegExp): void {
  for (const name of namesIn(folder)) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat || Date.now() - stat.mtimeMs < STALE) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It is another user's.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
