// Networks that keep what a network can keep between two steps, and runs of them that are stopped.

import * as t from "../../src/index.js";
import { compiledOf } from "../emitted/once.js";
import type { Float } from "../emitted/harness.js";
import { checkpointStore, type CheckpointStore, type Model } from "../../src/train/index.js";
import { randomNumbers } from "../oracle/leaves.js";

/** Dropout, running statistics, Adam under a schedule, accumulated gradients and averages of parameters. */
const everything = (() => {
  const x = t.input("x", ["batch", 5]);
  const hidden = t.dropout(t.relu(t.batchNorm(t.dense(x, 6))), 0.3);
  const logits = t.dense(hidden, 3);
  const label = t.labels("label", ["batch"], 3);
  const adam = t.adam({ rate: 0.02, schedule: t.cosineDecay(30), clip: t.clipByGlobalNorm(1) });
  return t.network("everything", {
    batch: 4,
    outputs: { probability: t.softmax(logits) },
    loss: t.crossEntropy(logits, label),
    optimizer: t.accumulate(t.movingAverage(adam, { decay: 0.9 }), 3),
    metrics: { accuracy: t.accuracy(logits, label) },
  });
})();

/** Two steps over parameters of their own, with momentum, and an entry that carries a sum and a random number. */
const players = (() => {
  const x = t.input("x", ["batch", 5]);
  const label = t.labels("label", ["batch"], 3);
  const [critic, actor] = [t.dense(x, 3), t.dense(t.dropout(x, 0.2), 3)];
  const sum = t.carry("sum", ["batch", 3]);
  const optimizer = t.sgd({ rate: 0.05, momentum: 0.9 });
  const next = t.add(t.add(sum, t.softmax(actor)), t.randomUniform(["batch", 3]));
  return t.network("players", {
    batch: 4,
    outputs: { critic },
    steps: {
      critic: { loss: t.crossEntropy(critic, label), optimizer },
      actor: { loss: t.crossEntropy(actor, label), optimizer },
    },
    entries: { talk: { outputs: { said: t.updating(next, [[sum, next]]) } } },
  });
})();

export const NETWORKS = { everything, players } as const;

export type Name = keyof typeof NETWORKS;

export const BUILDS = [
  ["typescript", "float32"],
  ["typescript", "float64"],
  ["wasm", "float32"],
  ["wasm", "float64"],
] as const;

export type Build = readonly ["typescript" | "wasm", Float];

export const create = (name: Name, [target, dtype]: Build, seed = 7, buffer?: ArrayBuffer) =>
  compiledOf(NETWORKS[name], dtype, target).create({ seed, ...(buffer && { buffer }) });

export type Made = ReturnType<typeof create>;

export const STEPS: Readonly<Record<Name, readonly string[]>> = { everything: ["step"], players: ["critic", "actor"] };

/** 22 rows: the last batch of an epoch is short. */
export function rowsOf(seed = 1) {
  const random = randomNumbers(seed);
  const x = Float32Array.from({ length: 22 * 5 }, () => random() * 2 - 1);
  return { inputs: { x }, targets: { label: Int32Array.from({ length: 22 }, () => Math.floor(random() * 3)) } };
}

/** The bits of all that a model keeps. */
export const bitsOf = (model: Model): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(
    (["parameters", "states"] as const).flatMap((group) =>
      Object.entries((model[group] ?? {}) as Record<string, Float32Array>).map(([name, view]) => [
        `${group}.${name}`,
        [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)],
      ]),
    ),
  );

export interface Memory extends CheckpointStore {
  readonly files: Map<string, Uint8Array>;
}

/** A store that forgets when the test ends. */
export function memory(files = new Map<string, Uint8Array>()): Memory {
  const store = checkpointStore({
    list: () => [...files.keys()],
    read: (name) => files.get(name)!,
    write: (name, bytes) => void files.set(name, bytes),
    remove: (name) => void files.delete(name),
  });
  return { ...store, files };
}
