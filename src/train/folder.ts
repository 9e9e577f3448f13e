// Checkpoints in a folder. The file system is asked for when the folder is made: a page's bundle names no module of Node.

import * as say from "./messages.js";
import { checkpointStore, type CheckpointStore } from "./store.js";

/** What is used of Node's `fs`, which Bun and Deno have too. */
interface FileSystem {
  readonly openSync: (path: string, flags: string) => number;
  readonly writeFileSync: (file: number, bytes: Uint8Array) => void;
  readonly fsyncSync: (file: number) => void;
  readonly closeSync: (file: number) => void;
  readonly renameSync: (from: string, to: string) => void;
  readonly mkdirSync: (path: string, options: { readonly recursive: true }) => unknown;
  readonly existsSync: (path: string) => boolean;
  readonly readdirSync: (path: string) => string[];
  readonly readFileSync: (path: string) => Uint8Array;
  readonly rmSync: (path: string, options: { readonly force: true }) => void;
  readonly statSync: (path: string) => { readonly mtimeMs: number };
}

/** A file of a run that was killed while it wrote: no one writes that long. */
const LEFT_BEHIND = 600_000;
const BEING_WRITTEN = /\.safetensors\.[0-9a-z]+\.tmp$/;

/**
 * A folder as a store of checkpoints, made when the first is written. A file is written beside its place, brought to
 * the disk and then renamed: whenever the program or the machine stops, each name holds a whole checkpoint. For Node,
 * Bun and Deno.
 * @param path of the folder
 * @returns a store, for `fit`'s option `checkpoint`
 * @throws NO_STORE in a page; its functions throw STORE_FAILED, after which what was there still is
 * @example
 * ```ts
 * // fit(model, data, { epochs: 20, checkpoint: { store: folder("runs/digits"), best: true, resume: true } })
 * const store = folder("runs/digits");
 * await store.list(); // []
 * ```
 */
export function folder(path: string): CheckpointStore {
  const fs = fileSystem();
  const at = (name: string): string => `${path}/${name}`;
  const attempt = <Result>(what: string, act: () => Result): Result => {
    try {
      return act();
    } catch (error) {
      throw say.storeFailed({ what, error });
    }
  };
  const names = (): string[] => (fs.existsSync(path) ? fs.readdirSync(path) : []);
  return checkpointStore({
    list: () => attempt(`${path} cannot be read`, names).filter((name) => name.endsWith(".safetensors")),
    read: (name) => attempt(`${at(name)} cannot be read`, () => fs.readFileSync(at(name))),
    write: (name, bytes) =>
      attempt(`${at(name)} cannot be written`, () => {
        fs.mkdirSync(path, { recursive: true });
        sweep(fs, path);
        const beside = `${at(name)}.${Math.random().toString(36).slice(2)}.tmp`;
        try {
          writeWhole(fs, beside, bytes);
          fs.renameSync(beside, at(name));
        } finally {
          fs.rmSync(beside, { force: true });
        }
        settle(fs, path);
      }),
    remove: (name) => attempt(`${at(name)} cannot be removed`, () => fs.rmSync(at(name), { force: true })),
  });
}

function writeWhole(fs: FileSystem, path: string, bytes: Uint8Array): void {
  const file = fs.openSync(path, "wx");
  try {
    fs.writeFileSync(file, bytes);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** The renaming reaches the disk with its folder. Systems that do not open folders do that themselves. */
function settle(fs: FileSystem, path: string): void {
  try {
    const opened = fs.openSync(path, "r");
    try {
      fs.fsyncSync(opened);
    } finally {
      fs.closeSync(opened);
    }
  } catch {
    // As on Windows.
  }
}

function sweep(fs: FileSystem, path: string): void {
  for (const name of fs.readdirSync(path)) {
    if (!BEING_WRITTEN.test(name)) continue;
    try {
      if (Date.now() - fs.statSync(`${path}/${name}`).mtimeMs > LEFT_BEHIND)
        fs.rmSync(`${path}/${name}`, { force: true });
    } catch {
      // Another program has finished it.
    }
  }
}

function fileSystem(): FileSystem {
  const { process: runtime } = globalThis as {
    readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
  };
  const fs = runtime?.getBuiltinModule?.("fs");
  if (fs) return fs as FileSystem;
  throw say.noStore({
    what: "file system",
    hint: "in a page, checkpoint: { store: pageStore(name) } keeps them with fitAsync",
  });
}
