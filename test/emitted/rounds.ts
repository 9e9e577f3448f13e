// Two rounds over all entries of a pair of models, with all rows and with some.

import { expectEntry, expectState, fill, type Pair } from "./harness.js";
import { CAPACITY } from "./networks.js";

/** The entries that change nothing. */
export const entriesOf = ({ model }: Pair): string[] =>
  Object.keys(model).filter((key) => /^(predict|loss|evaluate|gradients)$|(Loss|Gradients)$/.test(key));

/** Every entry, and every step twice. `spoil` may disturb the model before a round. */
export function expectRounds(pair: Pair, spoil?: (pair: Pair) => void): void {
  fill(pair, 21, { parameters: true });
  for (const rows of [CAPACITY, 2]) {
    spoil?.(pair);
    for (const entry of entriesOf(pair)) expectEntry(pair, entry, rows);
    for (const step of pair.model.spec.steps) {
      expectEntry(pair, step, rows);
      expectState(pair);
    }
    fill(pair, 22, {});
  }
}
