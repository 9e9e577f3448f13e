// A run that was stopped and goes on gives the bits of one that was not: parameters, states, history, and what comes after.

import { describe, expect, test } from "vitest";
import { checkpointOf, fit, fitAsync, restore, type FitOptions } from "../../src/train/index.js";
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

const options = (name: Name): FitOptions<Made> => ({
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

describe.each(names)("%s: all of the memory that outlives a call", (name) => {
  const build = BUILDS[0];
  const { arenaBytes, workspace } = create(name, build).spec as unknown as {
    readonly arenaBytes: number;
    readonly workspace: { readonly offset: number };
  };

  /** Bytes that differ after a model was restored from another's checkpoint and both have made the same calls. */
  function different(change: (model: Made) => void): number {
    const [a, b] = [new ArrayBuffer(arenaBytes), new ArrayBuffer(arenaBytes)];
    const model = create(name, build, 5, a);
    const hypers = Object.keys(model).filter((key) => key.toLowerCase().endsWith("rate"));
    expect(hypers).toHaveLength(STEPS[name].length);
    for (const key of hypers) model[key] = 0.5;
    for (let i = 0; i < 3; i++) later(model);
    const other = create(name, build, 6, b);
    restore(other, checkpointOf(model));
    change(other);
    for (const each of [model, other]) {
      later(each);
      // Inputs and outputs of other rows than those of the last calls are what callers make of them.
      for (const group of ["inputs", "targets", "outputs", "statistics", "grads"]) {
        for (const view of Object.values((each[group] ?? {}) as Record<string, Float32Array>)) view.fill(0);
      }
    }
    const [mine, theirs] = [a, b].map((buffer) => new Uint8Array(buffer, 0, workspace.offset));
    return mine!.reduce((sum, byte, i) => sum + (byte === theirs![i] ? 0 : 1), 0);
  }

  test("is in a checkpoint", () => expect(different(() => undefined)).toBe(0));

  test("control: a number, a state or a seed that is another is seen", () => {
    const changes: readonly ((model: Made) => void)[] = [
      (model) => void (model[Object.keys(model).find((key) => key.toLowerCase().endsWith("rate"))!] = 0.25),
      (model) => void ((Object.values(model.states)[0] as Float32Array)[0]! += 1),
      (model) => {
        const kept = [...Object.values(model.parameters), ...Object.values(model.states)].map(
          (view) => [view, view.slice()] as const,
        );
        model.reset(6);
        for (const [view, values] of kept) view.set(values as never);
      },
    ];
    for (const change of changes) expect(different(change)).toBeGreaterThan(0);
  });
});
