// Which rows to learn from and which to look at: numbers of rows, by seed, and with the classes' shares where asked for.

import { badOption } from "../train/messages.js";
import { checkOptions, elsewhere, finite, flag, integer, type OptionChecks } from "../train/options.js";
import { shuffle } from "../train/shuffle.js";
import { checkClasses } from "./classes.js";
import * as say from "./messages.js";
import { countOf } from "./rows.js";

interface FoldOptions {
  /** Whether rows are drawn. Otherwise they stay in their order, the last ones being the test's: what follows in time. Default true. */
  readonly shuffle?: boolean | undefined;
  /** An integer that the order follows from. Default 0. */
  readonly seed?: number | undefined;
  /**
   * The class of each row, an integer: each part has as large a share of every class as the whole, up to two rows.
   * Default: none.
   */
  readonly stratify?: ArrayLike<number> | undefined;
}

/** How large the parts are, and which rows they have. {@link splitRows} takes them. */
export interface SplitOptions extends FoldOptions {
  /** The share of rows, 0 <= x < 1, that are kept for validation. Default 0. */
  readonly validation?: number | undefined;
  /** The share of rows, 0 <= x < 1, that are kept for the test. Default 0.2. */
  readonly test?: number | undefined;
}

/** Which rows the parts have. {@link kFold} takes them. */
export interface KFoldOptions extends FoldOptions {}

const isList = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value);

const FOLD_OPTIONS = {
  shuffle: flag,
  seed: elsewhere,
  stratify: { expected: "a list of classes", accepts: isList },
} satisfies OptionChecks<KFoldOptions>;

const SPLIT_OPTIONS = { ...FOLD_OPTIONS, validation: elsewhere, test: elsewhere } satisfies OptionChecks<SplitOptions>;

/** The numbers of the rows of each part. {@link splitRows} gives them. */
export interface Split {
  /** Rows to train on. */
  readonly train: Int32Array;
  /** Rows to validate on. */
  readonly validation: Int32Array;
  /** Rows to test on. */
  readonly test: Int32Array;
}

/** The numbers of the rows of one way to split. {@link kFold} gives them. */
export interface Fold {
  /** Rows to train on. */
  readonly train: Int32Array;
  /** Rows to validate on. */
  readonly validation: Int32Array;
}

/**
 * Each row's number in one of three parts. Parts have round(rows * share) rows; a part whose share is 0 has none, and
 * any other at least one.
 * @param rows how many: a positive integer
 * @returns three Int32Arrays, for {@link takeRows}
 * @throws BAD_OPTION, EMPTY_SPLIT, ROW_COUNTS, BAD_VALUE
 * @example
 * ```ts
 * const { train, test } = splitRows(5, { test: 0.4, seed: 1 }); // { train: [0, 4, 2], test: [1, 3] }
 * ```
 */
export function splitRows(rows: number, options: SplitOptions = {}): Split {
  checkOptions(options, SPLIT_OPTIONS);
  countOf("rows", rows, 0);
  const shares = { validation: options.validation ?? 0, test: options.test ?? 0.2 };
  for (const [option, share] of Object.entries(shares)) {
    if (finite(option, share, 0) >= 1) throw badOption({ option, value: share, expected: "less than 1" });
  }
  const test = Math.round(rows * shares.test);
  const validation = Math.round(rows * shares.validation);
  const train = rows - test - validation;
  const parts = { train, validation, test };
  for (const [part, count] of Object.entries(parts)) {
    const share = part === "train" ? 1 : shares[part as "validation" | "test"];
    if (count < 0 || (count === 0 && share > 0)) throw say.emptyPart({ part, rows });
  }
  const order = orderOf(rows, options);
  const drawn = (from: number, to: number): Int32Array => mixed(order.slice(from, to), options);
  return {
    train: drawn(0, train),
    validation: drawn(train, train + validation),
    test: drawn(train + validation, rows),
  };
}

/**
 * `folds` ways to split: every row is in the validation part of exactly one of them, whose sizes differ by one at most
 * (scikit-learn: KFold, StratifiedKFold).
 * @param rows how many: a positive integer
 * @param folds how many ways: an integer, 2 or more
 * @returns a list with two Int32Arrays for each way
 * @throws BAD_OPTION, EMPTY_SPLIT, ROW_COUNTS, BAD_VALUE
 * @example
 * ```ts
 * kFold(4, 2, { shuffle: false }); // [{ train: [2, 3], validation: [0, 1] }, { train: [0, 1], validation: [2, 3] }]
 * ```
 */
export function kFold(rows: number, folds: number, options: KFoldOptions = {}): readonly Fold[] {
  checkOptions(options, FOLD_OPTIONS);
  countOf("rows", rows, 0);
  countOf("folds", folds, 2);
  if (folds > rows) throw say.emptyPart({ part: `fold ${rows + 1}`, rows });
  const order = orderOf(rows, options);
  return Array.from({ length: folds }, (_, fold) => {
    const from = Math.floor((fold * rows) / folds);
    const to = Math.floor(((fold + 1) * rows) / folds);
    const train = new Int32Array(rows - (to - from));
    train.set(order.subarray(0, from));
    train.set(order.subarray(to), from);
    return { train: mixed(train, options), validation: mixed(order.slice(from, to), options) };
  });
}

/** Every stretch of this order has the shares of the classes, up to two rows, where they are given. */
function orderOf(rows: number, options: FoldOptions): Int32Array {
  const seed = integer("seed", options.seed ?? 0, -Infinity);
  const order = new Int32Array(rows).map((_, row) => row);
  if (options.shuffle ?? true) shuffle(order, seed, 0);
  const { stratify } = options;
  if (stratify === undefined) return order;
  if (stratify.length !== rows)
    throw say.rowCounts({
      counts: [
        ["rows", rows],
        ["stratify", stratify.length],
      ],
    });
  checkClasses(stratify, undefined);
  return spread(order, stratify);
}

/** Rows of each class at even distances: the k-th of n stands at (k + 1/2) / n of the way. */
function spread(order: Int32Array, classes: ArrayLike<number>): Int32Array {
  const counts = new Map<number, number>();
  for (const row of order) counts.set(classes[row]!, (counts.get(classes[row]!) ?? 0) + 1);
  const seen = new Map<number, number>();
  const places = new Float64Array(order.length);
  for (const row of order) {
    const of = classes[row]!;
    const before = seen.get(of) ?? 0;
    seen.set(of, before + 1);
    places[row] = (before + 0.5) / counts.get(of)!;
  }
  return order.slice().sort((a, b) => places[a]! - places[b]! || classes[a]! - classes[b]! || a - b);
}

/** A part in an order of its own: rows that were spread by class come mixed. Rows that are not drawn come in theirs. */
function mixed(part: Int32Array, options: FoldOptions): Int32Array {
  if (!(options.shuffle ?? true)) return part.sort();
  if (options.stratify === undefined) return part;
  const order = new Int32Array(part.length);
  shuffle(order, options.seed ?? 0, 1);
  return order.map((at) => part[at]!);
}
