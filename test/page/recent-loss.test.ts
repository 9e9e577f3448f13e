// The mean loss of the last batches, out of events that tell the mean of an epoch so far.

import { expect, test } from "vitest";
import { recentLoss } from "tapeless/page";
import type { BatchEnd } from "tapeless/train";
import { MOST, thinned } from "../../src/page/points.js";

/** The loss of each batch, in order. */
const lossAt = (batch: number): number => 2 / (1 + batch / 50) + Math.sin(batch);

/** Events after every `every` batches of epochs of `steps`, with the mean of the epoch so far. */
function* events(epochs: number, steps: number, every: number): Generator<BatchEnd> {
  for (let epoch = 0; epoch < epochs; epoch++) {
    let total = 0;
    for (let step = 0; step < steps; step++) {
      total += lossAt(epoch * steps + step);
      if ((step + 1) % every > 0) continue;
      const loss = total / (step + 1);
      yield { type: "batchEnd", epoch, epochs, step, steps, loss, examplesPerSecond: 1, secondsLeft: 1 };
    }
  }
}

const mean = (from: number, to: number): number =>
  Array.from({ length: to - from }, (_, i) => lossAt(from + i)).reduce((a, b) => a + b, 0) / (to - from);

test.each([1, 4, 10])("events every %d batches: the mean of the last 20, across epochs", (every) => {
  const recent = recentLoss({ batches: 20 });
  let seen = 0;
  for (const event of events(3, 100, every)) {
    const value = recent(event);
    const batch = event.epoch * 100 + event.step + 1;
    if (batch > 20 + every) expect(value).toBeCloseTo(mean(batch - 20, batch), 9);
    seen++;
  }
  expect(seen).toBe(300 / every);
});

test("the first event is what it says; a few batches are the mean since then", () => {
  const recent = recentLoss();
  const [first, second] = [...events(1, 100, 10)];
  expect(recent(first!)).toBe(first!.loss);
  expect(recent(second!)).toBeCloseTo(mean(10, 20), 9);
});

test("a run that goes on in the midst of an epoch", () => {
  const recent = recentLoss({ batches: 10 });
  const late = [...events(1, 100, 10)].slice(6);
  expect(recent(late[0]!)).toBe(late[0]!.loss);
  expect(recent(late[1]!)).toBeCloseTo(mean(70, 80), 9);
});

test("an infinite loss lasts as long as the epoch's mean has it", () => {
  const recent = recentLoss({ batches: 10 });
  const values = [...events(3, 20, 5)].map((event) => recent(event.epoch === 0 ? { ...event, loss: Infinity } : event));
  expect(values[0]).toBe(Infinity);
  expect(values[4]).toBeCloseTo(mean(20, 25), 9);
  expect(values.at(-1)).toBeCloseTo(mean(50, 60), 9);
});

test("a number of batches is a whole one", () => {
  expect(() => recentLoss({ batches: 0 })).toThrow(/^BAD_OPTION: batches must be an integer of at least 1/);
});

test("a line of too many points keeps its first and its last", () => {
  const points = Array.from({ length: MOST + 2 }, (_, x) => [x, x] as const);
  const kept = thinned(points);
  expect(kept.length).toBeLessThan(0.51 * MOST);
  expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
});
