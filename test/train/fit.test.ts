import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { fit, fitAsync, type FitEvent } from "../../src/train/index.js";
import { echoModel, line, linearModel, withError, type LinearModel } from "./fake-model.js";

const model = (capacity = 4): LinearModel => linearModel({ capacity, features: 1, rate: 0.1 });
const parametersOf = (net: LinearModel): readonly number[] => [
  ...net.parameters["line.weight"],
  ...net.parameters["line.bias"],
];
/** The rows that the model was stepped on, by number, in order. */
const trainedRows = (net: LinearModel, rows: number): readonly number[] =>
  net.calls.filter((call) => call.entry === "step").flatMap((call) => call.firsts.map((x) => Math.round(x * rows)));
const counting = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

describe("batches", () => {
  test("every row once per epoch, the last batch partial", () => {
    const net = model(4);
    fit(net, line(10), { epochs: 2, seed: 3 });
    expect(net.calls.map((call) => call.rows)).toEqual([4, 4, 2, 4, 4, 2]);
    const seen = trainedRows(net, 10);
    expect(seen.slice(0, 10).toSorted((a, b) => a - b)).toEqual(counting(10));
    expect(seen.slice(10).toSorted((a, b) => a - b)).toEqual(counting(10));
  });

  test("a row's features and target stay together", () => {
    const net = linearModel({ capacity: 3, features: 3, rate: 0.1 });
    const rows = 8;
    const x = Float32Array.from({ length: rows * 3 }, (_, i) => i);
    const y = Float32Array.from({ length: rows }, (_, i) => i * 100);
    const pairs: string[] = [];
    const watched = {
      ...net,
      step(n: number) {
        for (let i = 0; i < n; i++) pairs.push(`${net.inputs.x.slice(i * 3, i * 3 + 3)}:${net.targets.y[i]}`);
        return 0;
      },
    };
    fit(watched, { inputs: { x }, targets: { y } });
    const expected = counting(rows).map((i) => `${[3 * i, 3 * i + 1, 3 * i + 2]}:${i * 100}`);
    expect(pairs.toSorted()).toEqual(expected.toSorted());
    expect(pairs).not.toEqual(expected);
  });

  test("rows of every type and length arrive whole, from typed and plain arrays", () => {
    const lengths = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 120, max: 140 }));
    const kinds = fc.constantFrom("float32", "int32", "bool");
    fc.assert(
      fc.property(lengths, kinds, fc.boolean(), fc.boolean(), (length, dtype, plain, shuffled) => {
        const rows = 7;
        const more = { given: { shape: ["batch", length], dtype } };
        const target = { shape: ["batch"], dtype: "int32" };
        const net = echoModel({ capacity: 3, output: ["batch"], target, more });
        const view = (net.inputs as Record<string, Float32Array>)["given"]!;
        const seen = new Map<number, string>();
        const note = (n: number): number => {
          for (let i = 0; i < n; i++) seen.set(net.targets.wanted[i]!, view.slice(i * length, (i + 1) * length).join());
          return 0;
        };
        // Distinct where the type allows it: in bits for booleans.
        const value = (i: number): number => (dtype === "bool" ? (i * 7919) % 2 : dtype === "int32" ? -i : i / 2);
        const values = Array.from({ length: rows * length }, (_, i) => value(i));
        const given = plain ? values : (view.constructor as Float32ArrayConstructor).from(values);
        const data = { inputs: { values: new Float32Array(rows), given }, targets: { wanted: counting(rows) } };
        fit({ ...net, step: note }, data, { shuffle: shuffled });
        for (const row of counting(rows))
          expect(seen.get(row)).toBe(values.slice(row * length, (row + 1) * length).join());
        expect(seen.size).toBe(rows);
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  test("stochastic, mini-batch and full-batch descent by changing one number", () => {
    for (const [batchSize, steps] of [
      [1, 10],
      [3, 4],
      [10, 1],
    ] as const) {
      const net = model(10);
      fit(net, line(10), { batchSize });
      expect(net.calls.length).toBe(steps);
    }
  });

  test("full-batch descent equals the loop written by hand", () => {
    const net = model(10);
    const history = fit(net, line(10), { epochs: 5, shuffle: false });
    const hand = model(10);
    hand.inputs.x.set(line(10).inputs.x);
    hand.targets.y.set(line(10).targets.y);
    const losses = counting(5).map(() => hand.step(10));
    expect(parametersOf(net)).toEqual(parametersOf(hand));
    expect(history.loss).toEqual(losses);
  });

  test("it learns the line", () => {
    const net = model(4);
    const history = fit(net, line(10), { epochs: 300 });
    const [w, b] = parametersOf(net);
    expect(w).toBeCloseTo(2, 3);
    expect(b).toBeCloseTo(1, 3);
    expect(history.loss.at(-1)).toBeLessThan(1e-5);
  });

  test("the history's loss weighs each batch by its rows", () => {
    const losses = [1, 2, 30];
    let call = 0;
    const net = { ...model(4), step: () => losses[call++]! };
    expect(fit(net, line(10)).loss).toEqual([(4 * 1 + 4 * 2 + 2 * 30) / 10]);
  });
});

describe("shuffling", () => {
  test("without it, rows come in their order", () => {
    const net = model(4);
    fit(net, line(10), { shuffle: false, epochs: 2 });
    expect(trainedRows(net, 10)).toEqual([...counting(10), ...counting(10)]);
  });

  test("the order depends on seed and epoch, and on nothing else", () => {
    const order = (seed: number, epoch: number, capacity: number): string => {
      const net = model(capacity);
      fit(net, line(30), { seed, initialEpoch: epoch, epochs: epoch + 1 });
      return trainedRows(net, 30).join();
    };
    expect(order(1, 0, 4)).toBe(order(1, 0, 7));
    const orders = [
      order(0, 0, 4),
      order(1, 0, 4),
      order(0, 1, 4),
      order(1, 1, 4),
      order(2 ** 32, 0, 4),
      order(-1, 0, 4),
    ];
    expect(new Set(orders).size).toBe(orders.length);
  });

  test("the order is the same on every engine: pinned", () => {
    const net = model(4);
    fit(net, line(10), { seed: 1 });
    expect(trainedRows(net, 10)).toEqual([8, 1, 9, 5, 3, 0, 4, 6, 2, 7]);
  });

  test("every permutation of four rows is about equally frequent", () => {
    const counts = new Map<string, number>();
    const net = model(4);
    fit(net, line(4), { epochs: 24_000 });
    for (const call of net.calls) counts.set(call.firsts.join(), (counts.get(call.firsts.join()) ?? 0) + 1);
    expect(counts.size).toBe(24);
    // Chi-squared with 23 degrees of freedom exceeds 50 with probability 0.001; the orders are fixed, so this cannot flicker.
    const chi = (frequencies: Iterable<number>): number =>
      [...frequencies].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chi(counts.values())).toBeLessThan(50);
    expect(chi([1300, 700, ...Array.from({ length: 22 }, () => 1000)])).toBeGreaterThan(50);
  });
});

describe("determinism", () => {
  test("the same seed gives the same bits, another seed others", () => {
    const train = (seed: number): string => {
      const net = model(4);
      return JSON.stringify([fit(net, line(23), { epochs: 3, seed }), parametersOf(net)]);
    };
    expect(train(5)).toBe(train(5));
    expect(train(5)).not.toBe(train(6));
  });

  test("training that is continued equals training in one run", () => {
    const whole = model(4);
    const history = fit(whole, line(23), { epochs: 6 });
    const parts = model(4);
    const first = fit(parts, line(23), { epochs: 2 });
    const second = fit(parts, line(23), { epochs: 6, initialEpoch: 2 });
    expect(parametersOf(parts)).toEqual(parametersOf(whole));
    expect([...first.loss, ...second.loss]).toEqual(history.loss);
    expect(second.epoch).toEqual([2, 3, 4, 5]);
    const again = model(4);
    fit(again, line(23), { epochs: 2 });
    fit(again, line(23), { epochs: 4 });
    expect(parametersOf(again), "without initialEpoch the orders repeat").not.toEqual(parametersOf(whole));
  });

  test("fitAsync gives the same bits while the model predicts between slices", async () => {
    const options = { epochs: 3, seed: 2, validationSplit: 0.2 };
    const sync = withError(model(4));
    const expected = fit(sync, line(50), options);
    const net = withError(model(4));
    let turns = 0;
    const timer = setInterval(() => {
      turns++;
      net.inputs.x.fill(99);
      net.predict(4);
    }, 0);
    const history = await fitAsync(net, line(50), { ...options, sliceMilliseconds: 0 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    expect(history).toEqual(expected);
    expect(parametersOf(net)).toEqual(parametersOf(sync));
  });

  test("any rows, capacity and batch size: each row once per epoch, validation rows never", () => {
    const seed = 20_240_601;
    const sizes = fc.record({ rows: fc.integer({ min: 2, max: 40 }), capacity: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (size, batch, split) => {
          const { rows, capacity } = size;
          const batchSize = Math.min(batch, capacity);
          const training = Math.floor(rows * (1 - split) + 1e-9);
          fc.pre(training > 0 && (split === 0 || training < rows));
          const net = model(capacity);
          fit(net, line(rows), { batchSize, validationSplit: split, epochs: 2 });
          const seen = trainedRows(net, rows).slice(0, training);
          expect(seen.toSorted((a, b) => a - b)).toEqual(counting(training));
          expect(trainedRows(net, rows).length).toBe(2 * training);
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});

describe("validation", () => {
  test("the split is the last rows, before shuffling", () => {
    const net = model(4);
    const history = fit(net, line(10), { validationSplit: 0.3, epochs: 2 });
    expect(new Set(trainedRows(net, 10))).toEqual(new Set(counting(7)));
    const held = net.calls
      .filter((call) => call.entry === "loss")
      .flatMap((call) => call.firsts.map((x) => Math.round(x * 10)));
    expect(held).toEqual([7, 8, 9, 7, 8, 9]);
    expect(Object.keys(history)).toEqual(["epoch", "loss", "val_loss"]);
    expect(history["val_loss"]).toHaveLength(2);
  });

  test.each([
    [10, 0.1, 9],
    [10, 0.9, 1],
    [7, 0.25, 5],
    [5, 0.25, 3],
    [60_000, 0.1, 54_000],
  ])("of %i rows a split of %f trains on %i, as in Keras", (rows, validationSplit, expected) => {
    const net = { ...model(1000), step: (n: number) => ((trained += n), 0), loss: () => 0 };
    let trained = 0;
    fit(net, line(rows), { validationSplit });
    expect(trained).toBe(expected);
  });

  test("it does not disturb training", () => {
    const with_ = model(4);
    fit(withError(with_), line(10), { epochs: 3, validationData: line(5), trainingMetrics: true });
    const without = model(4);
    fit(without, line(10), { epochs: 3 });
    expect(parametersOf(with_)).toEqual(parametersOf(without));
    expect(with_.states).toEqual(without.states);
  });

  test("validationData takes precedence over the split", () => {
    const net = model(4);
    fit(net, line(10), { validationSplit: 0.5, validationData: line(3) });
    expect(trainedRows(net, 10)).toHaveLength(10);
  });

  test("metrics are val_ names; the training rows' own are an option", () => {
    const net = model(4);
    const history = fit(withError(net), line(10), { validationSplit: 0.2, trainingMetrics: true });
    expect(Object.keys(history)).toEqual(["epoch", "loss", "error", "val_loss", "val_error"]);
    expect(net.calls.filter((call) => call.entry === "loss")).toHaveLength(0);
    const [w, b] = parametersOf(net) as [number, number];
    const error = (i: number): number => Math.abs((i / 10) * w + b - ((2 * i) / 10 + 1));
    const mean = (from: number, to: number): number =>
      counting(10)
        .slice(from, to)
        .reduce((sum, i) => sum + error(i), 0) /
      (to - from);
    expect(history["error"]![0]).toBeCloseTo(mean(0, 8), 6);
    expect(history["val_error"]![0]).toBeCloseTo(mean(8, 10), 6);
  });
});

describe("early stopping", () => {
  /** A model whose validation loss is scripted, and whose parameter counts epochs. */
  const scripted = (losses: readonly number[]) => {
    const net = model(4);
    let epoch = 0;
    return {
      ...net,
      step(): number {
        net.parameters["line.weight"][0]!++;
        net.states.velocity[0]!--;
        return 1;
      },
      loss: () => losses[epoch++]!,
    };
  };
  const reasons = (events: FitEvent[]) => (event: FitEvent) => void events.push(event);

  test.each([
    { losses: [5, 4, 4, 3, 3, 3, 1], options: { patience: 2 }, epochs: 6, reason: "earlyStopping", best: 3 },
    { losses: [5, 4, 4, 3, 3, 3, 1], options: { patience: 0 }, epochs: 3, reason: "earlyStopping", best: 1 },
    { losses: [5, 4, 4, 3, 3, 3, 1], options: { patience: 3 }, epochs: 7, reason: "completed", best: 6 },
    {
      losses: [5, 4.6, 4.2, 3, 2],
      options: { patience: 1, minDelta: 0.5 },
      epochs: 2,
      reason: "earlyStopping",
      best: 0,
    },
    {
      losses: [1, 2, 3, 3, 3],
      options: { patience: 1, mode: "max" as const },
      epochs: 4,
      reason: "earlyStopping",
      best: 2,
    },
    { losses: [NaN, 2, NaN, 3], options: { patience: 2 }, epochs: 4, reason: "completed", best: 1 },
  ])("$losses with $options", ({ losses, options, epochs, reason, best }) => {
    const events: FitEvent[] = [];
    const history = fit(scripted(losses), line(3), {
      epochs: losses.length,
      validationData: line(4),
      earlyStopping: options,
      callbacks: [reasons(events)],
    });
    expect(history["val_loss"]).toEqual(losses.slice(0, epochs));
    expect(events.at(-1)).toMatchObject({ type: "trainEnd", reason, bestEpoch: best });
  });

  test("the best parameters and states come back only where asked for", () => {
    for (const restoreBestWeights of [true, false]) {
      const net = scripted([5, 4, 9, 9, 9]);
      fit(net, line(3), { epochs: 5, validationData: line(4), earlyStopping: { patience: 2, restoreBestWeights } });
      const epochs = restoreBestWeights ? 2 : 4;
      expect(net.parameters["line.weight"][0]).toBe(epochs);
      expect(net.states.velocity[0]).toBe(-epochs);
    }
  });

  test("accuracy is better when larger", () => {
    const accuracies = [0.1, 0.5, 0.4, 0.9];
    let epoch = 0;
    const net = model(4);
    const statistics = { share: new Float64Array(1) };
    const accuracy = { shape: [], statistics: { share: "share" }, result: "share" };
    const measured = {
      ...net,
      spec: { ...net.spec, metrics: { accuracy } },
      statistics,
      evaluate: (): number => ((statistics.share[0] = accuracies[epoch++]!), 0),
    };
    const options = {
      validationData: line(4),
      epochs: 4,
      earlyStopping: { monitor: "val_accuracy", patience: 1 },
    };
    expect(fit(measured, line(3), options).epoch).toEqual([0, 1, 2]);
  });

  test("a NaN loss ends training where asked for", () => {
    const losses = [1, NaN, 2];
    const run = (terminateOnNaN: boolean) => {
      let call = 0;
      return fit({ ...model(4), step: () => losses[call++]! }, line(4), { epochs: 3, terminateOnNaN }).loss;
    };
    expect(run(true)).toEqual([1, NaN]);
    expect(run(false)).toEqual(losses);
  });
});

describe("events", () => {
  test("one begin and one end per epoch, a batch end per batch with interval 0", () => {
    const events: FitEvent[] = [];
    fit(model(4), line(10), { epochs: 2, callbacks: [(event) => events.push(event)], batchEventInterval: 0 });
    const names = events.map((event) => event.type).join(" ");
    const epoch = "epochBegin batchEnd batchEnd batchEnd epochEnd";
    expect(names).toBe(`${epoch} ${epoch} trainEnd`);
    expect(events[0]).toEqual({ type: "epochBegin", epoch: 0, epochs: 2, steps: 3, rows: 10 });
    const batches = events.filter((event) => event.type === "batchEnd");
    expect(batches.map((event) => [event.epoch, event.step])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    expect(batches.at(-1)!.secondsLeft).toBe(0);
    expect(batches.every((event) => event.examplesPerSecond > 0 && event.secondsLeft >= 0)).toBe(true);
    expect(structuredClone(events), "plain data").toEqual(events);
  });

  test("the last batch's loss is the epoch's, which is the history's", () => {
    const events: FitEvent[] = [];
    const history = fit(model(4), line(10), { callbacks: [(event) => events.push(event)], batchEventInterval: 0 });
    const last = events.findLast((event) => event.type === "batchEnd")!;
    const end = events.find((event) => event.type === "epochEnd")!;
    expect(last.loss).toBe(history.loss[0]);
    expect(end.loss).toBe(history.loss[0]);
    expect(end.values).toEqual({ loss: history.loss[0] });
  });

  test("batch events are throttled", () => {
    let count = 0;
    fit(model(1), line(1000), {
      callbacks: [(event) => (count += Number(event.type === "batchEnd"))],
      batchEventInterval: 60_000,
    });
    expect(count).toBe(1);
  });

  test.each([
    [undefined, 3, 1500 / 51 + 1],
    [16, 3, 1500 / 18 + 1],
    // None is told in the midst of a batch.
    [undefined, 200, 1500 / 200],
  ])("1.5 s at interval %s, with batches of %d ms", (batchEventInterval, duration, expected) => {
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    try {
      const net = model(1);
      const { step } = net;
      net.step = (rows) => {
        now += duration;
        return step(rows);
      };
      let count = 0;
      const callbacks = [(event: FitEvent) => void (count += Number(event.type === "batchEnd"))];
      fit(net, line(Math.floor(1500 / duration)), { callbacks, ...(batchEventInterval && { batchEventInterval }) });
      expect(Math.abs(count - expected)).toBeLessThanOrEqual(1);
    } finally {
      clock.mockRestore();
    }
  });

  test("what a callback throws ends training", () => {
    const net = model(4);
    const callbacks = [
      () => {
        throw new Error("enough");
      },
    ];
    expect(() => fit(net, line(10), { callbacks })).toThrow("enough");
    expect(net.calls).toEqual([]);
  });
});

describe("abort", () => {
  test("stops after the current batch; the unfinished epoch is not in the history", () => {
    const net = model(4);
    const controller = new AbortController();
    const events: FitEvent[] = [];
    const stopAt = (event: FitEvent): void => {
      events.push(event);
      if (event.type === "batchEnd" && event.epoch === 1 && event.step === 0) controller.abort();
    };
    const history = fit(net, line(10), {
      epochs: 3,
      callbacks: [stopAt],
      batchEventInterval: 0,
      signal: controller.signal,
    });
    expect(net.calls).toHaveLength(4);
    expect(history.epoch).toEqual([0]);
    expect(events.at(-1)).toMatchObject({ type: "trainEnd", reason: "aborted" });
  });

  test("also between slices, and before the first batch", async () => {
    const controller = new AbortController();
    const net = model(1);
    const began = performance.now();
    setTimeout(() => controller.abort(), 5);
    const history = await fitAsync(net, line(1000), { epochs: 1e6, signal: controller.signal, sliceMilliseconds: 1 });
    expect(history.epoch.length).toBeLessThan(1e6);
    expect(performance.now() - began, "the timer had its turn").toBeLessThan(500);
    const untouched = model(1);
    fit(untouched, line(10), { signal: controller.signal });
    expect(untouched.calls).toEqual([]);
  });
});

test("several steps: one is named, and its own loss validates", () => {
  const net = model(4);
  const calls: string[] = [];
  const log = (name: string) => () => (calls.push(name), 0);
  const gan = {
    ...net,
    spec: { ...net.spec, steps: ["critic", "actor"] },
    critic: log("critic"),
    criticLoss: log("criticLoss"),
    actor: log("actor"),
    actorLoss: log("actorLoss"),
  };
  fit(gan, line(3), { step: "critic", validationData: line(2) });
  expect(calls).toEqual(["critic", "criticLoss"]);
  expect(() => fit(gan, line(3))).toThrow(/CHOOSE_STEP.*"critic", "actor"/);
  expect(() => fit(gan, line(3), { step: "critics" })).toThrow(/UNKNOWN_NAME.*\n.*did you mean "critic"/);
});
