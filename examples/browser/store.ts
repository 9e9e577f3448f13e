// Where training stands, in this browser's own database; in a browser that keeps nothing, for as long as the page is open.

import { checkpointStore, pageStore, readSafetensors, restore, type CheckpointFiles, type Model } from "tapeless/train";

async function usable(): Promise<{ readonly files: CheckpointFiles; readonly isKept: boolean }> {
  try {
    const files = pageStore("digits page");
    await files.list();
    return { files, isKept: true };
  } catch {
    return { files: inMemory(), isKept: false };
  }
}

function inMemory(): CheckpointFiles {
  const files = new Map<string, Uint8Array>();
  return {
    list: () => [...files.keys()],
    read: (name) => files.get(name)!,
    write: (name, bytes) => void files.set(name, bytes),
    remove: (name) => void files.delete(name),
  };
}

const place = usable();

/** Whether another visit will find what was learnt. */
export const isKept = async (): Promise<boolean> => (await place).isKept;

export const store = checkpointStore({
  list: async () => (await place).files.list(),
  read: async (name) => (await place).files.read(name),
  write: async (name, bytes) => (await place).files.write(name, bytes),
  remove: async (name) => (await place).files.remove(name),
});

export interface Kept {
  /** The epoch that comes next, and whether it has begun. */
  readonly epoch: number;
  readonly hasBegun: boolean;
  /** What `fit` measured after each epoch. */
  readonly history: readonly Readonly<Record<string, number>>[];
}

/** Puts the model where an earlier visit has left it, and says where that is; undefined where there was none. */
export async function restored(model: Model): Promise<Kept | undefined> {
  const newest = (await store.list())
    .filter((name) => name.startsWith("checkpoint-"))
    .sort()
    .at(-1);
  if (newest === undefined) return undefined;
  const bytes = await store.read(newest);
  restore(model, bytes);
  // What `fit` writes beside the model is in docs/weights.md.
  const { tensors, metadata } = readSafetensors(bytes);
  const { epoch, row, run } = JSON.parse(metadata["training"]!) as Training;
  const { shape, values } = tensors["fit/history"]!;
  const history = Array.from({ length: shape[0]! }, (_, line) =>
    Object.fromEntries(run.values.map((name, i) => [name, Number(values[line * shape[1]! + i])])),
  );
  return { epoch, hasBegun: row > 0, history };
}

interface Training {
  readonly epoch: number;
  readonly row: number;
  readonly run: { readonly values: readonly string[] };
}

export async function forget(): Promise<void> {
  for (const name of await store.list()) await store.remove(name);
}
