// The embedding layer: a row of a table for each id.

import * as is from "../ops/call/checks.js";
import type { Origin } from "../graph/origin.js";
import { dim } from "../graph/shape.js";
import type { Dims, DimsOf, Same, Float32, Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { spread } from "../ops/view/broadcast.js";
import { positiveInteger, tensorOperand } from "../ops/define.js";
import { makeTake } from "../ops/adjoint-pairs.js";
import { requireBelow } from "../ops/gather/indices.js";
import { makeIota } from "../ops/view/iota.js";
import { initialGraph, makeFilled, makeScalar, type Initial } from "../ops/leaf/leaves.js";
import { equal, where } from "../ops/pointwise/logic.js";
import { stopGradientAt } from "../ops/marker/markers.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { uniform } from "./initializers.js";
import { layerParameters } from "./parameters.js";

/** The options of {@link embedding}. */
export interface EmbeddingOptions {
  /**
   * An id that stands for "nothing": its row starts at zero, and no gradient reaches it (PyTorch's `padding_idx`). A
   * negative one counts from the end. None unless stated.
   */
  readonly paddingIndex?: number;
  /** Uniform from -0.05 to 0.05 unless stated (as in Keras; PyTorch's is normal). */
  readonly weightInitializer?: Initial;
  /** Names the parameter `<name>.weight`, in place of the `const` that holds the layer. */
  readonly name?: string;
  /**
   * A table [vocabulary, size] to use in place of a new one, as for weights tied to an output layer. A new one unless
   * stated.
   */
  readonly parameters?: { readonly weight?: Tensor };
  /** False: no gradient is derived for the table and no step changes it. True unless stated. */
  readonly trainable?: boolean;
}

const EMBEDDING_OPTIONS = {
  paddingIndex: is.wholeNumber,
  weightInitializer: is.initial,
  name: is.text,
  parameters: is.parts("weight"),
  trainable: is.flag,
} satisfies Known<EmbeddingOptions>;

/** A shared table of the right shape. */
interface SharedTable<V extends number, N extends number, W extends Tensor> {
  readonly parameters?: { readonly weight?: Same<DimsOf<W>, readonly [V, N], "embedding"> & W };
}

/**
 * A trained vector for each id: row `ids[...]` of a table [vocabulary, size].
 *
 * The gradient adds up where an id repeats. A step of plain SGD touches the rows that were looked up and no others, so
 * its cost does not depend on the vocabulary; optimizers with state, penalties and clipping by norm need the whole
 * gradient.
 * @param ids any shape, int32; an input of them states `below`, at most the vocabulary, and is looked at before each
 *   run
 * @param vocabulary the number of rows: a positive integer
 * @param size the length of each row: a positive integer
 * @returns [...ids, size], float32
 * @throws WRONG_DTYPE for ids that are not int32, SHAPE_MISMATCH for a table of another shape, BAD_ARGUMENT for ids
 *   that may name no row
 * @example
 * ```ts
 * const words = input("words", ["batch", 5], { dtype: "int32", below: 1000 });
 * embedding(words, 1000, 16); // float32 [batch, 5, 16]
 * ```
 */
export function embedding<S extends Dims, const V extends number, const N extends number, W extends Tensor = Tensor>(
  ids: Tensor<S>,
  vocabulary: V,
  size: N,
  options: SharedTable<V, N, W> & EmbeddingOptions = {},
): Float32<[...S, N]> {
  const op = "embedding";
  const origin = callOrigin(op, options, EMBEDDING_OPTIONS);
  const names = tensorOperand(op, "ids", ids, origin);
  const rows = dim(positiveInteger(op, "vocabulary", vocabulary, origin));
  const shape = [rows, dim(positiveInteger(op, "size", size, origin))];
  requireBelow(op, names, rows, origin);
  const padding = paddingOf(options.paddingIndex, vocabulary, origin);
  const { parameter } = layerParameters({ site: origin.site, input: shape }, options);
  const table = parameter("weight", shape, rowsOf(options.weightInitializer ?? uniform(-0.05, 0.05), padding));
  const taken = makeTake(origin, table, names, 0);
  if (padding === undefined) return taken as Float32<[...S, N]>;
  const isPadding = equal.at(origin, names, makeFilled(origin, padding, names.shape, "int32"));
  const along = spread(origin, isPadding, taken.shape, [names.shape.length]);
  return where.at(origin, along, stopGradientAt(origin, taken), taken) as Float32<[...S, N]>;
}

function paddingOf(index: number | undefined, vocabulary: number, origin: Origin): number | undefined {
  if (index === undefined) return undefined;
  if (Number.isInteger(index) && index >= -vocabulary && index < vocabulary)
    return index < 0 ? index + vocabulary : index;
  const expected = `an integer from ${-vocabulary} to ${vocabulary - 1}`;
  throw badArgument({ op: "embedding", argument: "paddingIndex", value: index, expected, site: origin.site });
}

/** The first rows: those of the initialiser, but zeros where nothing is meant. */
const rowsOf =
  (initial: Initial, padding: number | undefined): Initial =>
  (shape, leaf) => {
    const rows = initialGraph("embedding", initial, shape, "float32", leaf);
    if (padding === undefined) return rows;
    const isPadding = equal.at(leaf, makeIota(leaf, shape, 0), makeFilled(leaf, padding, shape, "int32"));
    return where.at(leaf, isPadding, makeScalar(leaf, 0), rows);
  };
