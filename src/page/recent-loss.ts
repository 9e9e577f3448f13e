// The loss now, out of events that tell the mean of an epoch so far.

import type { BatchEnd } from "../train/events.js";
import { type OptionChecks, checkOptions, elsewhere, integer } from "../train/options.js";

/** Of how many batches. {@link recentLoss} takes it. */
export interface RecentLossOptions {
  /** The mean is over so many batches, at least 1. Default 100. */
  readonly batches?: number | undefined;
}

interface Sum {
  readonly batches: number;
  readonly total: number;
}

const NOTHING: Sum = { batches: 0, total: 0 };

const OPTIONS = { batches: elsewhere } satisfies OptionChecks<RecentLossOptions>;

/**
 * The mean loss of the last batches, across epochs, out of the events of {@link fit} and {@link fitAsync}. Their own loss is the mean over the
 * epoch so far, which jumps where an epoch begins; this one makes a smooth curve.
 *
 * The first event gives its own loss; those after it give the mean since then, until there are so many batches. The mean
 * reaches back to an event, so over some more batches where events are rarer than batches. Batches after an epoch's last
 * event are left out. Where an epoch's last batch is smaller, it counts as the others do. A run that goes on, or begins
 * anew, needs a function of its own.
 * @returns a function, to be called with each `batchEnd` event in turn
 * @throws BAD_OPTION, UNKNOWN_NAME
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const h = dense(x, 1, { weightInitializer: 0 });
 * const net = network("line", { batch: 1, outputs: { h }, loss: meanSquaredError(h, y), optimizer: sgd({ rate: 0.1 }) });
 * const recent = recentLoss({ batches: 2 });
 * const curve: number[][] = [];
 * const data = { inputs: { x: [1, 1, 1] }, targets: { y: [2, 2, 2] } };
 * fit(compile(net).create(), data, {
 *   epochs: 2,
 *   shuffle: false,
 *   batchEventInterval: 0,
 *   callbacks: [(event) => event.type === "batchEnd" && curve.push([event.loss, recent(event)])],
 * });
 * curve; // [[4, 4], [2.72, 1.44], [1.986, 0.9792], [0.1866, 0.3525], [0.1269, 0.1269], [0.09267, 0.04569]]
 * ```
 */
export function recentLoss(options: RecentLossOptions = {}): (event: BatchEnd) => number {
  checkOptions(options, OPTIONS);
  const window = integer("batches", options.batches ?? 100, 1);
  /** Batches and the sum of their losses, up to each event that is not too long ago. */
  let sums: readonly Sum[] = [];
  let before = NOTHING;
  let epoch: number | undefined;
  return (event) => {
    if (event.epoch !== epoch) {
      before = sums.at(-1) ?? before;
      // An infinite loss would be in every sum from there on, and in their differences.
      if (!Number.isFinite(before.total)) [before, sums] = [NOTHING, []];
    }
    epoch = event.epoch;
    const inEpoch = event.step + 1;
    const now = { batches: before.batches + inEpoch, total: before.total + event.loss * inEpoch };
    // The newest that is `window` batches old, or else the oldest.
    const start = sums.findLast((sum) => sum.batches <= now.batches - window) ?? sums[0];
    sums = [...sums.filter((sum) => start === undefined || sum.batches >= start.batches), now];
    return start === undefined ? event.loss : (now.total - start.total) / (now.batches - start.batches);
  };
}
