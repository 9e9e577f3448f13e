// A run that was stopped and goes on gives the bits of one that was not: parameters, states, history, and what comes after.

import { describe, expect, test } from "vitest";
import { checkpointOf, fit, fitAsync, restore, type FitOptions, type Model } from "../../src/train/index.js";
import {
  bitsOf,
  BUILDS,
  create,
  memory,
  NETWORKS,
  rowsOf,
  STEPS,
  type Build,
  type Made,
  type Name,
} from "./resuming.js";

const names = Object.keys(NETWORKS) as Name[];
const cases = names.flatMap((name) => BUILDS.map((build) => [name, ...build] as const));
const data = rowsOf();

const options = (name: Name): FitOptions<Model> => ({
  epochs: 4,
  step: STEPS[name],
  seed: 3,
  validationSplit: 0.2,
  ...(name === "everything" && { trainingMetrics: true }),
});

/** Ends the run after so many batches. */
const after = (batches: number) => {
  const controller = new AbortController();
  let left = batches;
  const count = ({ type }: { readonly type: string }): void => {
    if (type === "batchEnd" && --left === 0) controller.abort();
  };
  return { signal: controller.signal, callbacks: [count], batchEventInterval: 0 };
};

/** What a model says when it goes on, whatever it is. */
function later(model: Made): readonly number[] {
  const { spec } = model;
  const rows = rowsOf(2);
  (model.inputs["x"] as Float32Array).set(rows.inputs.x.subarray(0, 20));
  (model.targets["label"] as Int32Array).set(rows.targets.label.subarray(0, 4));
  const losses = spec.steps.map((step) => model[step](3) as number);
  if (!("talk" in model)) return losses;
  model["talk"](2);
  return [...losses, ...(model.outputs["talk.said"] as Float32Array)];
}

describe.each(cases)("%s as %s, %s", (name, ...build: Build) => {
  const whole = create(name, build);
  const history = fit(whole, data, options(name));
  const wanted = { history, bits: bitsOf(whole) };
  const wantedLater = later(whole);

  // 17 rows are 5 batches: in the midst of an epoch, at its end, in the last one.
  test.each([1, 3, 5, 6, 12, 19, 20])("stopped after %i batches", (stop) => {
    const store = memory();
    const first = create(name, build);
    fit(first, data, { ...options(name), ...after(stop), checkpoint: { store, keep: 2 } });
    // Another seed: the checkpoint has its own.
    const second = create(name, build, 99);
    const again = fit(second, data, { ...options(name), checkpoint: { store, resume: true } });
    expect({ history: again, bits: bitsOf(second) }).toEqual(wanted);
    expect(second.seed).toBe(7);
    expect(later(second)).toEqual(wantedLater);
  });

  test("stopped after every batch, in slices", async () => {
    const store = memory();
    let again;
    for (let i = 0; i < 20; i++) {
      const model = create(name, build, i === 0 ? 7 : i);
      const part = { ...options(name), ...after(i === 19 ? 0 : 1), checkpoint: { store, resume: true } };
      again = await fitAsync(model, data, { ...part, sliceMilliseconds: 0 });
      if (i === 19) expect(bitsOf(model)).toEqual(wanted.bits);
    }
    expect(again).toEqual(history);
  });

  test("control: without its states, or with another order, it gives other bits", () => {
    const store = memory();
    fit(create(name, build), data, { ...options(name), ...after(6), checkpoint: { store } });
    const forgets = create(name, build, 99);
    const rewound = {
      ...store,
      open: (...of: Parameters<typeof store.open>) => {
        const opened = store.open(...of);
        return {
          ...opened,
          apply: () => {
            opened.apply();
            for (const view of Object.values(forgets.states as Record<string, Float32Array>)) view.fill(0);
          },
        };
      },
    };
    fit(forgets, data, { ...options(name), checkpoint: { store: rewound, resume: true } });
    expect(bitsOf(forgets)).not.toEqual(wanted.bits);
  });

  test("a checkpoint of the model alone", () => {
    const model = create(name, build);
    later(model);
    const bytes = checkpointOf(model);
    const next = later(model);
    const other = create(name, build, 11);
    restore(other, bytes);
    expect(later(other)).toEqual(next);
    expect(bitsOf(other)).toEqual(bitsOf(model));
  });
});

test("a checkpoint of one target goes on on the other", () => {
  const model = create("everything", BUILDS[0]);
  fit(model, data, { epochs: 1 });
  const other = create("everything", BUILDS[2], 1);
  restore(other, checkpointOf(model));
  expect(bitsOf(other)).toEqual(bitsOf(model));
  expect(checkpointOf(other)).toEqual(checkpointOf(model));
});

test.each(names)("%s: nothing that a call reads lies outside of a checkpoint", (name) => {
  const build = BUILDS[0];
  const { arenaBytes, workspace } = create(name, build).spec as unknown as {
    readonly arenaBytes: number;
    readonly workspace: { readonly offset: number };
  };
  const [a, b] = [new ArrayBuffer(arenaBytes), new ArrayBuffer(arenaBytes)];
  const model = create(name, build, 5, a);
  for (let i = 0; i < 3; i++) later(model);
  model["rate"] &&= 0.5;
  const other = create(name, build, 6, b);
  restore(other, checkpointOf(model));
  // What callers fill and what calls write are no part of it.
  for (const each of [model, other]) {
    for (const group of ["inputs", "targets", "outputs", "statistics", "grads"]) {
      for (const view of Object.values((each[group] ?? {}) as Record<string, Float32Array>)) view.fill(0);
    }
  }
  const kept = (buffer: ArrayBuffer): Uint8Array => new Uint8Array(buffer, 0, workspace.offset);
  const different = [...kept(a)].flatMap((byte, i) => (byte === kept(b)[i] ? [] : [i]));
  // The loss of each step is written by a call before it is read.
  expect(different.length).toBeLessThanOrEqual(4 * model.spec.steps.length);
});
