// Watches the losses of a model's steps: one that is NaN or infinite does not become a number again.

import type { FitEvent, Model } from "../../src/train/index.js";

/** Where training stands when the loss is no finite number. Updates count from 1; epoch 0 is before `fit`. */
export interface Divergence {
  readonly loss: number;
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly epochs: number;
}

export interface Watch {
  /** The model, each step of which is watched. */
  readonly model: Model;
  /** A callback for `fit`. */
  readonly follow: (event: FitEvent) => void;
}

/** Calls `diverged` once, at the first loss that is no finite number. What it throws ends the step. */
export function watchLosses(model: Model, diverged: (where: Divergence) => void): Watch {
  let place = { epoch: 0, epochs: 0, steps: 0 };
  let told = false;
  const counts = new Map<string, number>();
  const watched = (name: string) => {
    const run = (model as unknown as Record<string, (rows: number) => number>)[name]!.bind(model);
    return (rows: number): number => {
      const loss = run(rows);
      const step = (counts.get(name) ?? 0) + 1;
      counts.set(name, step);
      if (!told && !Number.isFinite(loss)) {
        told = true;
        diverged({ loss, step, ...place });
      }
      return loss;
    };
  };
  const steps = Object.fromEntries(model.spec.steps.map((name) => [name, { value: watched(name), enumerable: true }]));
  return {
    model: Object.create(model, steps) as Model,
    follow(event) {
      if (event.type !== "epochBegin") return;
      place = { epoch: event.epoch + 1, epochs: event.epochs, steps: event.steps };
      counts.clear();
    },
  };
}
