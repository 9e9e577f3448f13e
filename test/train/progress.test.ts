import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";
import { describe as group, expect, test, vi } from "vitest";
import { describe, duration, progress } from "../../src/train/progress.js";
import { fit, type FitEvent } from "../../src/train/index.js";
import { line, linearModel } from "./fake-model.js";

const plain = pc.createColors(false);
const common = { epoch: 0, epochs: 3, steps: 1875, loss: 0.31239, examplesPerSecond: 41_234.5, secondsLeft: 71.2 };
const batch: FitEvent = { type: "batchEnd", ...common, step: 417 };
const end: FitEvent = { type: "epochEnd", ...common, values: { loss: 0.31239, val_accuracy: 0.9512 }, seconds: 4.2 };
const finished: FitEvent = { type: "trainEnd", reason: "completed", seconds: 12 };

group("an event as a line", () => {
  test.each<[FitEvent, string | undefined]>([
    [{ type: "epochBegin", epoch: 0, epochs: 3, steps: 10, rows: 100 }, undefined],
    [batch, "epoch 1/3  step  418/1875  41,235 examples/s  loss 0.3124  1 min 11 s left"],
    [end, "epoch 1/3  1875 steps  41,235 examples/s  loss 0.3124  val_accuracy 0.9512  4.2 s, 1 min 11 s left"],
    [
      { ...end, epoch: 2, secondsLeft: 0 },
      "epoch 3/3  1875 steps  41,235 examples/s  loss 0.3124  val_accuracy 0.9512  4.2 s",
    ],
    [
      { ...batch, loss: NaN, examplesPerSecond: 0.5 },
      "epoch 1/3  step  418/1875  0.500 examples/s  loss NaN  1 min 11 s left",
    ],
    [
      { ...end, steps: 1, values: { loss: 1 } },
      "epoch 1/3  1 step  41,235 examples/s  loss 1.000  4.2 s, 1 min 11 s left",
    ],
    [{ ...batch, loss: 1.23e-7 }, "epoch 1/3  step  418/1875  41,235 examples/s  loss 1.23e-7  1 min 11 s left"],
    [{ ...batch, steps: NaN, secondsLeft: NaN }, "epoch 1/3  step 418  41,235 examples/s  loss 0.3124  ? left"],
    [finished, undefined],
    [{ type: "trainEnd", reason: "earlyStopping", seconds: 3, bestEpoch: 4 }, "stopped early; the best epoch was 5"],
    [{ type: "trainEnd", reason: "aborted", seconds: 3 }, "stopped by request after 3.0 s"],
    [{ type: "trainEnd", reason: "nan", seconds: 3 }, "stopped: the loss is NaN"],
  ])("%o", (event, expected) => expect(describe(event, plain)).toBe(expected));

  test.each([
    [0.04, "0.0 s"],
    [9.94, "9.9 s"],
    [9.96, "10 s"],
    [59.4, "59 s"],
    [59.6, "1 min 00 s"],
    [185, "3 min 05 s"],
    [3599.7, "1 h 00 min"],
    [3840, "1 h 04 min"],
    [NaN, "?"],
  ])("%f seconds are %s", (seconds, expected) => expect(duration(seconds)).toBe(expected));
});

group("on a stream", () => {
  const sink = (options: { isTTY?: boolean; columns?: number }) => {
    const written: string[] = [];
    return { written, stream: { ...options, write: (text: string) => written.push(text) } };
  };

  test("a terminal has one line that is rewritten, cut to its width, and one that stays per epoch", () => {
    const { written, stream } = sink({ isTTY: true, columns: 40 });
    const show = progress(stream, pc.createColors(true));
    for (const event of [batch, batch, end, finished]) show(event);
    const visible = written.map((text) => stripVTControlCharacters(text));
    expect(visible.slice(0, 2)).toEqual(Array.from({ length: 2 }, () => "\repoch 1/3  step  418/1875  41,235 examp"));
    expect(visible[2]).toBe(
      "\repoch 1/3  1875 steps  41,235 examples/s  loss 0.3124  val_accuracy 0.9512  4.2 s, 1 min 11 s left\n",
    );
    expect(visible).toHaveLength(3);
  });

  test("fit writes there where standard error is a terminal, unless it is not to", () => {
    const written: string[] = [];
    const train = (stderr: object | undefined, options: object = {}): string => {
      written.length = 0;
      vi.stubGlobal("process", stderr === undefined ? undefined : { stderr });
      try {
        fit(linearModel({ capacity: 4, features: 1, rate: 0.1 }), line(10), { epochs: 2, ...options });
      } finally {
        vi.unstubAllGlobals();
      }
      return stripVTControlCharacters(written.join(""));
    };
    const write = (text: string) => written.push(text);
    expect(train({ isTTY: true, columns: 200, write })).toMatch(
      /epoch 1\/2  3 steps[^\n]*loss[^\n]*\n[^]*epoch 2\/2[^\n]*\n$/,
    );
    expect(train({ isTTY: true, write }, { progress: false })).toBe("");
    expect(train({ isTTY: false, write })).toBe("");
    expect(train(undefined)).toBe("");
  });

  test.each([
    [20, Array.from({ length: 20 }, (_, epoch) => epoch + 1)],
    [45, [1, ...Array.from({ length: 15 }, (_, n) => 3 * n + 3)]],
    [1000, [1, ...Array.from({ length: 20 }, (_, n) => 50 * n + 50)]],
  ])("of %i short epochs some twenty leave a line", (epochs, shown) => {
    for (const isTTY of [false, true]) {
      const { written, stream } = sink({ isTTY, columns: 200 });
      const show = progress(stream);
      for (let epoch = 0; epoch < epochs; epoch++) show({ ...end, epoch, epochs });
      const lines = written.filter((text) => text.endsWith("\n")).map((text) => stripVTControlCharacters(text));
      expect(lines.map((text) => Number(/epoch (\d+)\//.exec(text)![1]))).toEqual(shown);
    }
  });

  test("elsewhere plain lines: one per epoch, and one every ten seconds", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const { written, stream } = sink({});
      const show = progress(stream);
      for (let second = 0; second < 25; second++) {
        show(batch);
        vi.advanceTimersByTime(1000);
      }
      show(end);
      expect(written.map((text) => text.slice(0, 16))).toEqual([
        "epoch 1/3  step ",
        "epoch 1/3  step ",
        "epoch 1/3  1875 ",
      ]);
      expect(written.join("")).not.toContain("\r");
      expect(written.join("")).toBe(stripVTControlCharacters(written.join("")));
      expect(written.every((text) => text.endsWith("\n"))).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
