// Columns that come from files of their own, as batches to train on.

import type { Column } from "../train/model.js";
import * as say from "./messages.js";

/** Columns of rows by name, some rows at a time; what `idxBatches` and its like give, or lists of columns. */
type Columns = Readonly<Record<string, AsyncIterable<Part> | Iterable<Part>>>;

type Part = { readonly shape: readonly number[]; readonly data: Column } | Column;

/** A batch as `fit` takes it. {@link zipBatches} gives them. */
export interface ZippedBatch<Inputs, Targets> {
  /** A column for each input. */
  readonly inputs: { readonly [Name in keyof Inputs]: Column };
  /** A column for each target. */
  readonly targets: { readonly [Name in keyof Targets]: Column };
}

/**
 * Batches of several columns, which are read side by side: `zipBatches({ image: idxBatches("images.idx") }, { digit:
 * idxBatches("labels.idx") })`. Each loop begins anew, where all of the columns can. Rows are counted where a part has
 * a shape.
 * @param inputs for each input what gives it some rows at a time
 * @param targets for each target the same
 * @returns an async iterable, for `fitAsync` of `tapeless/train`
 * @throws ROW_COUNTS in the loop, where one column ends before the others or has other rows
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const batches = zipBatches({ x: [[1, 2], [3, 4]] }, { y: [[2, 4], [6, 8]] });
 * const { loss } = await fitAsync(compile(net).create(), batches, { epochs: 3 }); // [30, 13.5, 6.09]
 * ```
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
