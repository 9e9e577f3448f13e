// The loss now, out of events that tell the mean of an epoch so far.

import type { BatchEnd } from "../train/events.js";
import { type Checks, checkOptions, elsewhere, integer } from "../train/options.js";

export interface RecentLossOptions {
  /** How many batches. Default 100. */
  readonly batches?: number | undefined;
}

interface Sum {
  readonly batches: number;
  readonly total: number;
}

const NOTHING: Sum = { batches: 0, total: 0 };

const OPTIONS = { batches: elsewhere } satisfies Checks<RecentLossOptions>;

/**
 * A function of `fit`'s batchEnd events: the mean loss of the last batches, across epochs. The events' own loss is
 * the mean over the epoch so far, which falls at the beginning of each epoch; this one makes a smooth curve.
 *
 *     const recent = recentLoss();
 *     callbacks: [(event) => event.type === "batchEnd" && curve.add("loss", event.epoch + (event.step + 1) / event.steps, recent(event))];
 *
 * Batches after an epoch's last event are left out. Where an epoch's last batch is smaller, it counts as the others do. A run that
 * goes on, or begins anew, needs a function of its own.
 *
 * Throws TrainError BAD_OPTION, UNKNOWN_NAME.
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
