// Rows that come batch by batch: the bits of the same rows in memory, whatever they are cut into, and what is refused.

import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { zipBatches } from "../../src/data/index.js";
import { evaluate, evaluateAsync, fit, fitAsync, type FitEvent } from "../../src/train/index.js";
import { createDigits } from "../../generated/digits.js";
import { line, linearModel, withError, type LinearModel } from "./fake-model.js";

const model = (capacity = 4): LinearModel => linearModel({ capacity, features: 1, rate: 0.1 });
const parametersOf = (net: LinearModel): readonly number[] => [
  ...net.parameters["line.weight"],
  ...net.parameters["line.bias"],
];

type Rows = ReturnType<typeof line>;

function* pieces(data: Rows, sizes: readonly number[]): Generator<Rows, void, void> {
  for (let at = 0, i = 0; at < data.inputs.x.length; i++) {
    const to = at + sizes[i % sizes.length]!;
    yield { inputs: { x: data.inputs.x.slice(at, to) }, targets: { y: data.targets.y.slice(at, to) } };
    at = to;
  }
}

async function* later<Item>(items: Iterable<Item>): AsyncGenerator<Item, void, void> {
  for (const item of items) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    yield item;
  }
}

describe("the bits of data in memory", () => {
  test("for any pieces, batch size and rows; waited for or not", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 5 }),
        async (cut, rows, batchSize) => {
          const options = { epochs: 2, batchSize, shuffle: false, trainingMetrics: true, validationData: line(7) };
          const expected = withError(model(5));
          const history = fit(expected, line(rows), options);
          const { shuffle: _, ...streamed } = options;
          const sync = withError(model(5));
          expect(fit(sync, () => pieces(line(rows), cut), streamed)).toEqual(history);
          const async = withError(model(5));
          const held = { ...streamed, validationData: () => later(pieces(line(7), [3])) };
          expect(await fitAsync(async, () => later(pieces(line(rows), cut)), held)).toEqual(history);
          for (const net of [sync, async]) {
            expect(parametersOf(net)).toEqual(parametersOf(expected));
            expect(net.states).toEqual(expected.states);
            // Measured by the same batches too.
            expect(net.calls).toEqual(expected.calls);
          }
          const measured = evaluate(expected, line(rows), { batchSize });
          expect(evaluate(sync, [...pieces(line(rows), cut)], { batchSize })).toEqual(measured);
          expect(await evaluateAsync(async, later(pieces(line(rows), cut)), { batchSize })).toEqual(measured);
          expect(await evaluateAsync(async, line(rows), { batchSize, sliceMilliseconds: 0 })).toEqual(measured);
        },
      ),
      { seed: 20_261_130, numRuns: 60 },
    );
  });

  test("plain arrays, and arrays that are used again for the next batch", () => {
    const expected = model();
    fit(expected, line(10), { shuffle: false });
    const plain = model();
    fit(
      plain,
      [...pieces(line(10), [3])].map(({ inputs, targets }) => ({
        inputs: { x: [...inputs.x] },
        targets: { y: [...targets.y] },
      })),
    );
    expect(parametersOf(plain)).toEqual(parametersOf(expected));
    const reused = model();
    const x = new Float32Array(1);
    const y = new Float32Array(1);
    fit(
      reused,
      (function* () {
        for (const { inputs, targets } of pieces(line(10), [1])) {
          x.set(inputs.x);
          y.set(targets.y);
          yield { inputs: { x }, targets: { y } };
        }
      })(),
    );
    expect(parametersOf(reused)).toEqual(parametersOf(expected));
  });

  test("of a compiled network, and of two steps in turn", async () => {
    const rows = 75;
    const image = Float32Array.from({ length: rows * 784 }, (_, i) => ((i * 7919) % 256) / 255);
    const digit = Uint8Array.from({ length: rows }, (_, i) => i % 10);
    const parts = [0, 20, 40, 60].map((at) => [at, Math.min(rows, at + 20)] as const);
    const batches = zipBatches(
      { image: parts.map(([from, to]) => image.subarray(from * 784, to * 784)) },
      { digit: parts.map(([from, to]) => digit.subarray(from, to)) },
    );
    const data = { inputs: { image }, targets: { digit } };
    const [expected, net] = [createDigits({ seed: 1 }), createDigits({ seed: 1 })];
    const history = fit(expected, data, { epochs: 2, shuffle: false });
    expect(await fitAsync(net, batches, { epochs: 2, sliceMilliseconds: 0 })).toEqual(history);
    expect(net.parameters).toEqual(expected.parameters);
    expect(await evaluateAsync(net, batches)).toEqual(evaluate(expected, data));
    // @ts-expect-error a misspelt input
    await expect(fitAsync(net, zipBatches({ picture: [image] }, { digit: [digit] }))).rejects.toThrow("UNKNOWN_NAME");

    const two = (): LinearModel & { second: (rows: number) => number } => {
      const one = model();
      return { ...one, spec: { ...one.spec, steps: ["step", "second"] }, second: (n) => one.step(n) / 2 };
    };
    const steps = { step: ["step", "second"], epochs: 2 };
    const inMemory = fit(two(), line(10), { ...steps, shuffle: false });
    expect(Object.keys(inMemory)).toEqual(["epoch", "loss", "stepLoss", "secondLoss"]);
    expect(fit(two(), () => pieces(line(10), [3]), steps)).toEqual(inMemory);
  });

  test("while the model predicts between batches", async () => {
    const expected = model();
    fit(expected, line(10), { shuffle: false, epochs: 2 });
    const net = model();
    const disturbed = async function* () {
      for await (const batch of later(pieces(line(10), [3]))) {
        net.inputs.x.fill(99);
        net.predict(4);
        yield batch;
      }
    };
    await fitAsync(net, disturbed, { epochs: 2 });
    expect(parametersOf(net)).toEqual(parametersOf(expected));
  });

  test("columns that come from files of their own", async () => {
    const expected = model();
    fit(expected, line(10), { shuffle: false });
    const column = (of: (batch: Rows) => Float32Array) =>
      [...pieces(line(10), [3])].map((batch) => ({ shape: [of(batch).length, 1], data: of(batch) }));
    const net = model();
    await fitAsync(net, zipBatches({ x: column(({ inputs }) => inputs.x) }, { y: column(({ targets }) => targets.y) }));
    expect(parametersOf(net)).toEqual(parametersOf(expected));
    const short = zipBatches(
      { x: column(({ inputs }) => inputs.x) },
      { y: column(({ targets }) => targets.y).slice(0, 2) },
    );
    await expect(fitAsync(model(), short)).rejects.toThrow(/^ROW_COUNTS: .*inputs.x 3, targets.y 0/);
    const other = zipBatches({ x: column(({ inputs }) => inputs.x) }, { y: column(() => new Float32Array(2)) });
    await expect(fitAsync(model(), other)).rejects.toThrow(/^ROW_COUNTS: .*inputs.x 3, targets.y 2/);
  });
});

describe("events", () => {
  test("rows and steps are known from the second epoch on", () => {
    const events: FitEvent[] = [];
    fit(model(), () => pieces(line(10), [7]), {
      epochs: 2,
      batchEventInterval: 0,
      callbacks: [(event) => events.push(event)],
    });
    const begins = events.filter((event) => event.type === "epochBegin");
    expect(begins.map(({ rows, steps }) => [rows, steps])).toEqual([
      [NaN, NaN],
      [10, 3],
    ]);
    const batches = events.filter((event) => event.type === "batchEnd");
    expect(batches.map(({ epoch, step, steps }) => [epoch, step, steps])).toEqual(
      [0, 1].flatMap((epoch) => [0, 1, 2].map((step) => [epoch, step, epoch === 0 ? NaN : 3])),
    );
    expect(events.filter((event) => event.type === "epochEnd").map(({ steps }) => steps)).toEqual([3, 3]);
  });

  test("what is no number is said once in a call, unless nothing is to be said", () => {
    const said = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    try {
      const broken = { ...model(), step: () => NaN };
      fit(broken, line(10), { epochs: 3 });
      expect(said.mock.calls.map(([text]) => String(text))).toEqual([
        expect.stringMatching(/^tapeless: the loss is NaN since epoch 1, step 1;/),
      ]);
      fit({ ...model(), step: () => Infinity }, () => pieces(line(10), [3]));
      expect(said).toHaveBeenCalledTimes(2);
      fit(broken, line(10), { progress: false });
      fit(model(), line(10));
      expect(said).toHaveBeenCalledTimes(2);
    } finally {
      said.mockRestore();
    }
  });
});

describe("a stop", () => {
  test("ends the source, and leaves the epoch unfinished", async () => {
    let closed = 0;
    const controller = new AbortController();
    const source = async function* () {
      try {
        for (;;) yield* later(pieces(line(10), [3]));
      } finally {
        closed++;
      }
    };
    const net = model();
    const callbacks = [(event: FitEvent) => void (event.type === "batchEnd" && event.step === 4 && controller.abort())];
    const history = await fitAsync(net, source, { signal: controller.signal, callbacks, batchEventInterval: 0 });
    expect(history).toEqual({ epoch: [], loss: [] });
    expect(closed).toBe(1);
    expect(net.calls).toHaveLength(5);
  });

  test("so does what a callback or the source throws", async () => {
    let closed = 0;
    const source = function* () {
      try {
        yield* pieces(line(10), [3]);
        throw new Error("the cable");
      } finally {
        closed++;
      }
    };
    expect(() => fit(model(), source)).toThrow("the cable");
    const loud = () => {
      throw new Error("a callback");
    };
    expect(() => fit(model(), source, { callbacks: [loud] })).toThrow("a callback");
    const failing = async function* () {
      yield line(4);
      throw new Error("the cable");
    };
    await expect(fitAsync(model(), failing)).rejects.toThrow("the cable");
    expect(closed).toBe(1);
    let ended = 0;
    const slow = async function* () {
      try {
        yield line(8);
      } finally {
        await Promise.resolve();
        ended++;
      }
    };
    const late = (event: FitEvent) => {
      if (event.type === "batchEnd") throw new Error("a callback");
    };
    await expect(fitAsync(model(), slow, { callbacks: [late] })).rejects.toThrow("a callback");
    expect(ended).toBe(1);
  });
});

describe("what is refused", () => {
  const loose =
    (data: unknown, options: object = {}) =>
    () =>
      fit(model(), data as never, options);
  const generator = function* () {
    yield line(3);
  };

  test.each<[string, () => unknown, RegExp]>([
    ["an async iterable without waiting", loose(() => later([line(3)])), /^MUST_WAIT: fit .*\n.*fitAsync/],
    ["a function that gives no batches", loose(() => 3), /^NOT_BATCHES: .*3/],
    ["a function that gives a record", loose(() => line(3)), /^NOT_BATCHES/],
    ["a batch that is none", loose([line(3), 5]), /^NOT_A_RECORD: batch 1: data must be an object/],
    [
      "a batch with a bad value",
      loose([line(3), { inputs: { x: [1, NaN] }, targets: { y: [1, 2] } }]),
      /^BAD_VALUE: batch 1: inputs.x at row 1/,
    ],
    [
      "a batch with two faults",
      loose([{ inputs: {}, targets: {} }]),
      /^MISSING_DATA: batch 0: input "x"[^]*\nMISSING_DATA: batch 0: target "y"/,
    ],
    ["no batches", loose([]), /^NO_ROWS/],
    ["a second epoch of a generator", loose(generator(), { epochs: 2 }), /^READ_ONCE: .*epoch 1/],
    ["shuffling", loose([line(3)], { shuffle: true }), /^BAD_OPTION: .*shuffled/],
    ["a split", loose([line(3)], { validationSplit: 0.5 }), /^BAD_OPTION: .*split/],
    ["no batches to validate on", loose(line(3), { validationData: [] }), /^NO_ROWS/],
    ["no batches to evaluate", () => evaluate(model(), []), /^NO_ROWS/],
    [
      "waiting in evaluate",
      () => evaluate(model(), (() => later([line(3)])) as never),
      /^MUST_WAIT: evaluate .*\n.*evaluateAsync/,
    ],
  ])("%s", (_, run, message) => expect(run).toThrow(message));

  test("nothing in the same with several epochs of a function", () => {
    expect(loose(generator, { epochs: 3 })).not.toThrow();
  });
});
