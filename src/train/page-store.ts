// Checkpoints in the database of a page or a worker: IndexedDB.

import * as say from "./messages.js";
import { checkpointStore, type CheckpointStore } from "./store.js";

const FILES = "files";

/**
 * A store of checkpoints in the page's own database (IndexedDB), which stays when the page is left; of the same
 * origin, by this name. For {@link fitAsync}, since a page has to wait for it.
 * @param name of the store
 * @returns a store, for `fitAsync`'s option `checkpoint`
 * @throws NO_STORE where there is no IndexedDB; its functions reject with STORE_FAILED, as where the disk is full,
 *   after which what was there still is
 * @example
 * ```ts page
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const net = network("line", { batch: 4, loss: meanSquaredError(dense(x, 1), y), optimizer: sgd({ rate: 0.1 }) });
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * const checkpoint = { store: pageStore("line"), resume: true };
 * await fitAsync(compile(net).create(), data, { epochs: 20, checkpoint });
 * ```
 */
export function pageStore(name: string): CheckpointStore {
  if (typeof indexedDB === "undefined") {
    throw say.noStore({ what: "IndexedDB", hint: "in Node, Bun and Deno, folder(path) keeps checkpoints in files" });
  }
  const within = async <Result>(
    what: string,
    mode: IDBTransactionMode,
    act: (files: IDBObjectStore) => IDBRequest<Result>,
  ): Promise<Result> => {
    try {
      const database = await opened(name);
      try {
        return await finished(database.transaction(FILES, mode, { durability: "strict" }), act);
      } finally {
        database.close();
      }
    } catch (error) {
      throw say.storeFailed({ what: `the checkpoints ${say.shown(name)}: ${what}`, error });
    }
  };
  return checkpointStore({
    list: async () => (await within("no list", "readonly", (files) => files.getAllKeys())).map(String),
    async read(file) {
      const bytes = await within<unknown>(`${file} cannot be read`, "readonly", (files) => files.get(file));
      if (bytes instanceof Uint8Array) return bytes;
      throw say.storeFailed({ what: `the checkpoints ${say.shown(name)}`, error: `there is no ${file}` });
    },
    write: async (file, bytes) =>
      void (await within(`${file} cannot be written`, "readwrite", (f) => f.put(bytes, file))),
    remove: async (file) =>
      void (await within(`${file} cannot be removed`, "readwrite", (files) => files.delete(file))),
  });
}

function opened(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(`tapeless ${name}`, 1);
  return new Promise((resolve, reject) => {
    request.onupgradeneeded = () => void request.result.createObjectStore(FILES);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("it cannot be opened"));
  });
}

/** What was asked for, when the whole transaction has been done: a write is all there, or not at all. */
function finished<Result>(work: IDBTransaction, act: (files: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const request = act(work.objectStore(FILES));
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve(request.result);
    work.onabort = () => reject(work.error ?? new Error("it was given up"));
  });
}
