// Columns that come from files of their own, as batches to train on.

import type { Column } from "../train/model.js";
import * as say from "./messages.js";

/** Columns of rows by name, some rows at a time; what `idxBatches` and its like give, or lists of columns. */
type Columns = Readonly<Record<string, AsyncIterable<Part> | Iterable<Part>>>;

type Part = { readonly shape: readonly number[]; readonly data: Column } | Column;

/** A batch as `fit` takes it. */
export interface ZippedBatch<Inputs, Targets> {
  readonly inputs: { readonly [Name in keyof Inputs]: Column };
  readonly targets: { readonly [Name in keyof Targets]: Column };
}

/**
 * Batches of several columns, which are read side by side. Each loop begins anew, where all of the columns can.
 *
 *     const batches = zipBatches(
 *       { image: idxBatches("images.idx", { batchSize: 512 }) },
 *       { digit: idxBatches("labels.idx", { batchSize: 512 }) },
 *     );
 *     await fitAsync(net, batches, { epochs: 3 });
 *
 * All columns must give as many rows at a time: the loop throws TrainError ROW_COUNTS where one ends before the others or has
 * other rows. Rows are counted where a part has a shape.
 */
export function zipBatches<const Inputs extends Columns, const Targets extends Columns>(
  inputs: Inputs,
  targets: Targets,
): AsyncIterable<ZippedBatch<Inputs, Targets>> {
  const named = [
    ...Object.entries(inputs).map(([name, parts]) => ({ field: `inputs.${name}`, parts })),
    ...Object.entries(targets).map(([name, parts]) => ({ field: `targets.${name}`, parts })),
  ];
  const ofInputs = Object.keys(inputs).length;
  const columns = (given: Columns, values: readonly Column[]): Record<string, Column> =>
    Object.fromEntries(Object.keys(given).map((name, i) => [name, values[i]!]));
  return {
    async *[Symbol.asyncIterator]() {
      const iterators = named.map(({ parts }) => iteratorOf(parts));
      try {
        for (;;) {
          const states = await Promise.all(iterators.map(async (iterator) => await iterator.next()));
          if (states.every(({ done }) => done === true)) return;
          const counts = states.flatMap((state, i): (readonly [string, number])[] => {
            const rows = state.done === true ? 0 : rowsOf(state.value);
            return rows === undefined ? [] : [[named[i]!.field, rows]];
          });
          if (counts.some(([, rows]) => rows !== counts[0]![1])) throw say.rowCounts({ counts });
          const values = states.map(({ value }) => dataOf(value as Part));
          yield {
            inputs: columns(inputs, values.slice(0, ofInputs)),
            targets: columns(targets, values.slice(ofInputs)),
          } as unknown as ZippedBatch<Inputs, Targets>;
        }
      } finally {
        await Promise.all(iterators.map(async (iterator) => await iterator.return?.()));
      }
    },
  };
}

const iteratorOf = (parts: AsyncIterable<Part> | Iterable<Part>): AsyncIterator<Part> | Iterator<Part> =>
  Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]();

const hasShape = (part: Part): part is Extract<Part, { readonly shape: unknown }> => "shape" in part;

const rowsOf = (part: Part): number | undefined => (hasShape(part) ? part.shape[0] : undefined);

const dataOf = (part: Part): Column => (hasShape(part) ? part.data : part);
