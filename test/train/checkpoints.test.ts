// What `fit` keeps and removes, what it goes on from, and which runs it refuses to go on with.

import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import {
  checkpointStore,
  fit,
  fitAsync,
  folder,
  load,
  pageStore,
  readSafetensors,
  restore,
  save,
  TrainError,
  type FitOptions,
} from "../../src/train/index.js";
import { line, linearModel, type LinearModel } from "./fake-model.js";
import { memory } from "./resuming.js";

const made = () => linearModel({ capacity: 4, features: 1, rate: 0.05 });
const data = line(20);

/** What a run of so many epochs leaves. */
const end = (options: FitOptions<LinearModel>, model = made()) => {
  const history = fit(model, data, options);
  return { history, weights: save(model), states: { ...model.states } };
};

describe("what is kept", () => {
  const names = (options: object): string[] => {
    const store = memory();
    fit(made(), data, { epochs: 4, validationSplit: 0.2, checkpoint: { store, ...options } });
    return [...store.files.keys()].sort();
  };
  const numbered = (...batches: number[]): string[] =>
    batches.map((n) => `checkpoint-${String(n).padStart(9, "0")}.safetensors`);

  // 16 rows are 4 batches.
  test.each<[string, object, string[]]>([
    ["the last", {}, numbered(16)],
    ["some", { keep: 3 }, numbered(8, 12, 16)],
    ["all that there are", { keep: 99 }, numbered(4, 8, 12, 16)],
    ["every so many batches", { every: 3, keep: 99 }, numbered(3, 6, 9, 12, 15, 16)],
    ["at the end, whatever is stated", { every: 1000 }, numbered(16)],
    ["the best too", { best: true }, ["best.safetensors", ...numbered(16)]],
    ["the best by name", { best: "loss", every: 1000 }, ["best.safetensors", ...numbered(16)]],
  ])("%s", (_, options, wanted) => expect(names(options)).toEqual(wanted));

  test("the best is that of the best epoch", () => {
    const store = memory();
    const epochs: ReturnType<typeof save>[] = [];
    const model = made();
    // A rate with which it gets worse again.
    const wild = {
      ...model,
      step: (rows: number): number => {
        const loss = model.step(rows);
        if (model.states.steps[0]! > 8) model.parameters["line.weight"][0]! += 0.5;
        return loss;
      },
    };
    const history = fit(wild, data, {
      epochs: 5,
      validationSplit: 0.2,
      callbacks: [({ type }) => void (type === "epochEnd" && epochs.push(save(wild)))],
      checkpoint: { store, best: true },
    });
    const best = history["val_loss"]!.indexOf(Math.min(...history["val_loss"]!));
    expect(best).toBeGreaterThan(0);
    expect(best).toBeLessThan(4);
    const read = made();
    load(read, readSafetensors(store.files.get("best.safetensors")!).tensors);
    expect(save(read)).toEqual(epochs[best]);
  });
});

describe("the best, when a run goes on", () => {
  /** Whether an epoch that is worse by its loss than all before is kept as the best. */
  const replaced = (first: string, second: string): boolean => {
    const store = memory();
    const worse = (losses: number) => ({ ...made(), step: () => losses });
    const options = { validationSplit: 0.2 };
    fit(worse(1), data, { ...options, epochs: 1, checkpoint: { store, best: first } });
    const before = store.files.get("best.safetensors");
    fit(worse(2), data, { ...options, epochs: 2, checkpoint: { store, best: second, resume: true } });
    return store.files.get("best.safetensors") !== before;
  };

  test("is that of both parts, by the same value", () => {
    expect(replaced("loss", "loss")).toBe(false);
    expect(replaced("loss", "val_loss")).toBe(true);
  });
});

describe("going on", () => {
  test("from nothing is beginning", () => {
    expect(end({ epochs: 3, checkpoint: { store: memory(), resume: true } })).toEqual(end({ epochs: 3 }));
  });

  test("with more epochs than were planned", () => {
    const store = memory();
    end({ epochs: 2, checkpoint: { store } });
    expect(end({ epochs: 5, checkpoint: { store, resume: true } })).toEqual(end({ epochs: 5 }));
  });

  test("from the end does nothing, and has the whole history", () => {
    const store = memory();
    const whole = end({ epochs: 3, checkpoint: { store } });
    const model = made();
    expect(end({ epochs: 3, checkpoint: { store, resume: true } }, model)).toEqual(whole);
    expect(model.calls).toEqual([]);
  });

  test("from an epoch that was not the first", () => {
    const store = memory();
    end({ initialEpoch: 2, epochs: 4, checkpoint: { store } });
    const again = end({ initialEpoch: 2, epochs: 6, checkpoint: { store, resume: true } });
    expect(again).toEqual(end({ initialEpoch: 2, epochs: 6 }));
    expect(again.history.epoch).toEqual([2, 3, 4, 5]);
  });

  describe.each([[0], [1], [2]])("with early stopping, patience %i", (patience) => {
    const options: FitOptions<LinearModel> = {
      epochs: 20,
      validationSplit: 0.2,
      earlyStopping: { patience, minDelta: 0.02, restoreBestWeights: true },
    };
    const whole = end(options);

    test("ends before its time, after which it goes on no further", () => {
      expect(whole.history.epoch.length).toBeLessThan(20);
      const store = memory();
      end({ ...options, checkpoint: { store } });
      expect(end({ ...options, checkpoint: { store, resume: true } })).toEqual(whole);
    });

    test.each([1, 4, 6, 9, 14])("stopped after %i batches", (stop) => {
      const store = memory();
      const controller = new AbortController();
      let left = stop;
      const callbacks = [
        ({ type }: { type: string }) => void (type === "batchEnd" && --left === 0 && controller.abort()),
      ];
      const interrupted = { ...options, callbacks, batchEventInterval: 0, signal: controller.signal };
      end({ ...interrupted, checkpoint: { store } });
      expect(end({ ...options, checkpoint: { store, resume: true } })).toEqual(whole);
    });
  });

  test("a run that ended with NaN does not go on", () => {
    const store = memory();
    const broken = () => {
      const model = made();
      return { ...model, step: (rows: number): number => (model.step(rows), NaN) };
    };
    const options = { epochs: 4, terminateOnNaN: true, checkpoint: { store, resume: true } };
    const first = fit(broken(), data, options);
    expect(first).toEqual({ epoch: [0], loss: [NaN] });
    const again = broken();
    expect(fit(again, data, options)).toEqual(first);
    expect(again.calls).toEqual([]);
  });

  test("what callbacks hear is of the epochs that are run", () => {
    const store = memory();
    end({ epochs: 2, checkpoint: { store } });
    const heard: string[] = [];
    end({
      epochs: 3,
      checkpoint: { store, resume: true },
      callbacks: [
        ({ type, ...event }) => {
          if ("epoch" in event && type !== "batchEnd") heard.push(`${type} ${event.epoch}`);
          if ("secondsLeft" in event) expect(event.secondsLeft).toBeGreaterThanOrEqual(0);
        },
      ],
    });
    expect(heard).toEqual(["epochBegin 2", "epochEnd 2"]);
  });
});

describe("refused, before anything runs", () => {
  const kept = () => {
    const store = memory();
    fit(made(), data, { epochs: 2, validationSplit: 0.2, checkpoint: { store } });
    return store;
  };
  const whole: FitOptions<LinearModel> = { epochs: 4, validationSplit: 0.2 };

  test.each<[string, object, RegExp]>([
    ["other batches", { batchSize: 2 }, /^OTHER_RUN: .*batchSize 4, and this one has 2/],
    ["another order", { seed: 5 }, /^OTHER_RUN: .*seed 0, and this one has 5/],
    ["no order", { shuffle: false }, /^OTHER_RUN: .*seed 0, and this one has null/],
    ["other rows", { validationSplit: 0.4 }, /^OTHER_RUN: .*rows 16, and this one has 12/],
    ["other values", { trainingMetrics: false, validationSplit: 0 }, /^OTHER_RUN/],
    ["another beginning", { initialEpoch: 1 }, /^OTHER_RUN: .*initialEpoch 0, and this one has 1/],
    ["early stopping where there was none", { earlyStopping: {} }, /^OTHER_RUN: .*earlyStopping null/],
  ])("%s", (_, options, message) => {
    const model = made();
    const before = save(model);
    expect(() => fit(model, data, { ...whole, ...options, checkpoint: { store: kept(), resume: true } })).toThrow(
      message,
    );
    expect(save(model)).toEqual(before);
    expect(model.calls).toEqual([]);
  });

  test("a new run where there is an old one", () => {
    const model = made();
    expect(() => fit(model, data, { ...whole, checkpoint: { store: kept() } })).toThrow(
      /^CHECKPOINTS_EXIST: .*"checkpoint-000000008.safetensors" the newest\n {2}hint: .*resume: true/,
    );
    expect(model.calls).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ["no store", {}, /^BAD_OPTION: checkpoint.store must be a store/],
    [
      "a path in place of a store",
      { store: "runs" },
      /^BAD_OPTION: checkpoint.store must be a store, such as folder\(path\)/,
    ],
    ["no batches", { every: 0 }, /^BAD_OPTION: checkpoint.every/],
    ["half a batch", { every: 1.5 }, /^BAD_OPTION: checkpoint.every/],
    ["a word", { every: "batch" }, /^BAD_OPTION: checkpoint.every/],
    ["nothing kept", { keep: 0 }, /^BAD_OPTION: checkpoint.keep/],
    ["a best that is not measured", { best: "val_accuracy" }, /^UNKNOWN_NAME: .*"val_accuracy"/],
    ["a best that is no name", { best: 3 }, /^BAD_OPTION: checkpoint.best/],
    ["another option", { monitor: "loss" }, /^UNKNOWN_NAME: there is no option named "monitor"/],
  ])("%s", (_, options, message) => {
    const store = "store" in options || message.source.includes("store must be a store/") ? {} : { store: memory() };
    if (Object.keys(options).length === 0)
      expect(() => fit(made(), data, { checkpoint: {} as never })).toThrow(message);
    else expect(() => fit(made(), data, { checkpoint: { ...store, ...options } as never })).toThrow(message);
  });

  test("a checkpoint of a model alone says nothing of a run", () => {
    const store = memory();
    fit(made(), data, { checkpoint: { store } });
    expect(() => restore(made(), new Uint8Array(3))).toThrow(/^BAD_FILE/);
    const [name, bytes] = [...store.files][0]!;
    const text = new TextDecoder("latin1").decode(bytes).replace('"training"', '"trainong"');
    store.files.set(
      name,
      Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
    );
    expect(() => fit(made(), data, { checkpoint: { store, resume: true } })).toThrow(
      /^BAD_CHECKPOINT: .*does not say where/,
    );
  });

  test("metrics say where they are declared", () => {
    expect(() => fit(made(), data, { metrics: ["accuracy"] } as never)).toThrow(
      /^UNKNOWN_NAME: there is no option named "metrics"\n {2}hint: metrics are declared with the network: network\(/,
    );
  });
});

describe("a store that has to be waited for", () => {
  const waiting = () => {
    const { files, list, read, write, remove } = memory();
    const later = async <Value>(value: Value): Promise<Value> => {
      await new Promise((done) => void setTimeout(done, 1));
      return value;
    };
    const store = checkpointStore({
      list: async () => later(await list()),
      read: async (name) => later(await read(name)),
      write: async (name, bytes) => later(write(name, bytes) as undefined),
      remove: async (name) => later(remove(name) as undefined),
    });
    return { ...store, files };
  };

  test("is waited for by fitAsync", async () => {
    const store = waiting();
    await fitAsync(made(), data, { epochs: 2, checkpoint: { store, every: 2, best: true } });
    expect([...store.files.keys()]).toEqual(["best.safetensors", "checkpoint-000000010.safetensors"]);
    const model = made();
    const history = await fitAsync(model, data, { epochs: 4, checkpoint: { store, best: true, resume: true } });
    const whole = end({ epochs: 4 });
    expect(history).toEqual(whole.history);
    expect(save(model)).toEqual(whole.weights);
  });

  test("is refused by fit, before anything runs", () => {
    const model = made();
    expect(() => fit(model, data, { checkpoint: { store: waiting() } })).toThrow(
      /^BAD_OPTION: .*\n {2}hint: use fitAsync/,
    );
    expect(model.calls).toEqual([]);
  });

  test("what it throws ends the training", async () => {
    const full = { ...waiting(), write: async () => Promise.reject(new Error("full")) };
    await expect(fitAsync(made(), data, { checkpoint: { store: full } })).rejects.toThrow("full");
  });
});

describe("a folder", () => {
  const root = mkdtempSync(join(tmpdir(), "checkpoints-"));
  afterAll(() => rmSync(root, { recursive: true }));

  test("is made when the first checkpoint is written, and holds those alone", () => {
    const path = join(root, "a", "b");
    const store = folder(path);
    expect(store.list()).toEqual([]);
    expect(existsSync(path)).toBe(false);
    fit(made(), data, { epochs: 3, checkpoint: { store, best: true, keep: 2 } });
    expect(readdirSync(path).sort()).toEqual([
      "best.safetensors",
      "checkpoint-000000010.safetensors",
      "checkpoint-000000015.safetensors",
    ]);
    const again = end({ epochs: 6, checkpoint: { store: folder(path), resume: true } });
    expect(again).toEqual(end({ epochs: 6 }));
    const [bytes] = [readFileSync(join(path, "best.safetensors"))];
    restore(made(), bytes);
  });

  test("what a killed run has left behind goes when it is old", () => {
    const path = join(root, "left");
    const store = folder(path);
    store.write("a.safetensors", new Uint8Array(1));
    for (const name of ["a.safetensors.abc.tmp", "b.safetensors.x1.tmp", "mine.tmp"])
      writeFileSync(join(path, name), "");
    const old = new Date(Date.now() - 3600_000);
    for (const name of ["a.safetensors.abc.tmp", "mine.tmp"]) utimesSync(join(path, name), old, old);
    store.write("a.safetensors", new Uint8Array(2));
    expect(readdirSync(path).sort()).toEqual(["a.safetensors", "b.safetensors.x1.tmp", "mine.tmp"]);
    expect(store.list()).toEqual(["a.safetensors"]);
  });

  test("that cannot be written says so, and leaves what was there", () => {
    const path = join(root, "file");
    writeFileSync(path, "");
    const error = (() => {
      try {
        fit(made(), data, { checkpoint: { store: folder(path) } });
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(TrainError);
    expect((error as TrainError).message).toMatch(/^STORE_FAILED: .*file cannot be read/);
  });

  test("on a full disk keeps what was there, and nothing half written", () => {
    const path = join(root, "full");
    const options = { epochs: 2, checkpoint: { store: folder(path), resume: true } };
    fit(made(), data, options);
    const before = readFileSync(join(path, "checkpoint-000000010.safetensors"));
    const { writeFileSync: whole } = fs;
    const full = vi.spyOn(fs, "writeFileSync").mockImplementation((file, bytes) => {
      whole(file, (bytes as Uint8Array).subarray(0, 100));
      throw new Error("ENOSPC: no space left on device");
    });
    try {
      expect(() => fit(made(), data, { ...options, epochs: 4 })).toThrow(/^STORE_FAILED: .*cannot be written: ENOSPC/);
      expect(full).toHaveBeenCalled();
    } finally {
      full.mockRestore();
    }
    expect(readdirSync(path)).toEqual(["checkpoint-000000010.safetensors"]);
    expect(readFileSync(join(path, "checkpoint-000000010.safetensors"))).toEqual(before);
    expect(end({ ...options, epochs: 4 })).toEqual(end({ epochs: 4 }));
  });

  test("where there is no IndexedDB, there is no store of a page", () => {
    expect(() => pageStore("n")).toThrow(/^NO_STORE: there is no IndexedDB here\n {2}hint: .*folder\(path\)/);
  });
});
