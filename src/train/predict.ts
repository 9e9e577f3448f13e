// Outputs for any number of rows.

import * as say from "./messages.js";
import { leavesOf, type Inputs, type Leaf, type Model, type View } from "./model.js";
import { type OptionChecks, batchSizeOf, checkOptions, elsewhere, flag, list, required } from "./options.js";
import { fill, tableOf } from "./table.js";

/** The options of {@link predict}. */
export interface PredictOptions {
  /** Rows of one call, 1 .. capacity. Default: the capacity. */
  readonly batchSize?: number | undefined;
  /** The outputs to collect. Default: all that `predict` of the model writes. */
  readonly outputs?: readonly string[] | undefined;
  /** Refuse NaN in the inputs. Default true. */
  readonly rejectNaN?: boolean | undefined;
}

const OPTIONS = { batchSize: elsewhere, outputs: list, rejectNaN: flag } satisfies OptionChecks<PredictOptions>;

/**
 * The outputs of all rows by name, each flat in row-major order, of the type of the model's view (Keras: predict). The
 * arrays are new and belong to the caller. Targets are not needed; no parameter or state changes.
 * @param model a compiled model
 * @param data columns by name, flat and row-major, of any number of rows
 * @returns an array for each output
 * @throws UNKNOWN_NAME, MISSING_DATA, NOT_NUMBERS, BAD_LENGTH, ROW_COUNTS, NO_ROWS, BAD_VALUE: everything wrong with
 *   the inputs at once, before anything runs; BAD_OPTION, MISSING_ENTRY, and BATCH_AXIS for an output that is not a
 *   sequence of rows
 * @example
 * ```ts
 * const x = input("x", ["batch", 2]);
 * const model = compile(network("sums", { batch: 2, outputs: { y: sum(x, { axis: 1 }) } })).create();
 * predict(model, { inputs: { x: [1, 2, 3, 4, 5, 6] } }).y; // [3, 7, 11]
 * ```
 */
export function predict<M extends Model>(
  model: M,
  data: Inputs<M>,
  options: PredictOptions = {},
): Record<string, View> {
  checkOptions(options, OPTIONS);
  const batchSize = batchSizeOf(model, options.batchSize);
  const run = required(model, "predict");
  const outputs = chosen(model, options.outputs);
  const table = tableOf(model, data, ["inputs"], ["predict"], options.rejectNaN ?? true);
  const results = outputs.map(
    ({ view, length }) => new (view.constructor as new (n: number) => View)(table.rows * length),
  );
  for (let from = 0; from < table.rows; from += batchSize) {
    const rows = Math.min(batchSize, table.rows - from);
    fill(table, undefined, from, rows);
    run(rows);
    outputs.forEach(({ view, length }, i) => results[i]!.set(view.subarray(0, rows * length), from * length));
  }
  return Object.fromEntries(outputs.map(({ name }, i) => [name, results[i]!]));
}

function chosen(model: Model, names: readonly string[] | undefined): readonly Leaf[] {
  const all = leavesOf(model, "outputs").filter(({ spec }) => spec.entry === undefined);
  const outputs = (names ?? all.map((leaf) => leaf.name)).map((name) => {
    const leaf = all.find((other) => other.name === name);
    if (leaf === undefined) throw say.unknownName({ kind: "output", name, known: all.map((other) => other.name) });
    return leaf;
  });
  const refused = outputs.find((leaf) => leaf.axis !== "first");
  if (refused) throw say.batchAxisNotFirst({ field: refused.field, shape: `[${refused.spec.shape.join(", ")}]` });
  return outputs;
}
