// Watches the files that definitions depend on. Folders are watched, not files, since editors replace a file on saving.

import { existsSync, watch as watchFolder, type FSWatcher } from "node:fs";
import { dirname, join } from "node:path";

const SETTLED = 60;

export interface Watcher {
  /** Replaces the set of watched files. */
  readonly follow: (files: Iterable<string>) => void;
  /** Takes watched files as changed. */
  readonly touch: (files: Iterable<string>) => void;
  readonly close: () => void;
}

/** Calls `changed` with the files that changed, once they have been still for a moment. */
export function watchFiles(changed: (files: ReadonlySet<string>) => void): Watcher {
  const folders = new Map<string, FSWatcher>();
  let followed = new Set<string>();
  let pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const touch = (file: string): void => {
    if (!followed.has(file)) return;
    pending.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const files = pending;
      pending = new Set();
      changed(files);
    }, SETTLED);
  };

  return {
    touch(files) {
      for (const file of files) touch(file);
    },
    follow(files) {
      followed = new Set(files);
      const needed = new Set([...followed].map(dirname));
      for (const [folder, watcher] of folders) {
        if (needed.has(folder)) continue;
        watcher.close();
        folders.delete(folder);
      }
      for (const folder of needed) {
        // A folder that may come one day, such as that of the schedules, cannot be watched before.
        if (folders.has(folder) || !existsSync(folder)) continue;
        const watcher = watchFolder(folder, (_, name) => name !== null && touch(join(folder, name)));
        // A folder that vanishes ends its watching; what is in it no longer compiles either.
        watcher.on("error", () => {
          watcher.close();
          folders.delete(folder);
        });
        folders.set(folder, watcher);
      }
    },
    close() {
      clearTimeout(timer);
      for (const watcher of folders.values()) watcher.close();
      folders.clear();
    },
  };
}
