// Classes: what names stand for, as numbers, as vectors, and how much each counts.

import { checkOptions, elsewhere, type OptionChecks } from "../train/options.js";
import * as say from "./messages.js";
import type { NdArray } from "./nd-array.js";
import { countOf } from "./rows.js";

/**
 * The distinct names of a list, sorted by their code points, and for each element the position of its name (pandas:
 * factorize with sort=True; scikit-learn: LabelEncoder).
 * @param values a list of texts
 * @returns the names, and an Int32Array with a position for each element
 * @example
 * ```ts
 * categories(["dog", "cat", "dog"]); // { names: ["cat", "dog"], classes: [1, 0, 1] }
 * ```
 */
export function categories(values: readonly string[]): {
  readonly names: readonly string[];
  readonly classes: Int32Array;
} {
  const names = [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
  const positions = new Map(names.map((name, i) => [name, i]));
  return { names, classes: Int32Array.from(values, (value) => positions.get(value)!) };
}

/**
 * A row for each class, 1 at its position and 0 elsewhere.
 * @param classes integers in 0 .. depth - 1
 * @param depth the number of classes: a positive integer
 * @returns a Float32Array of shape [classes.length, depth]
 * @throws BAD_VALUE with the row, BAD_OPTION
 * @example
 * ```ts
 * oneHot([2, 0], 3); // { shape: [2, 3], data: [0, 0, 1, 1, 0, 0] }
 * ```
 */
export function oneHot(classes: ArrayLike<number>, depth: number): NdArray<Float32Array> {
  countOf("depth", depth, 1);
  checkClasses(classes, depth);
  const data = new Float32Array(classes.length * depth);
  for (let row = 0; row < classes.length; row++) data[row * depth + classes[row]!] = 1;
  return { shape: [classes.length, depth], data };
}

/** How many classes there are. {@link classWeights} takes it. */
export interface ClassWeightOptions {
  /** The number of classes, where some may not occur. Default: one more than the largest. */
  readonly classes?: number | undefined;
}

const OPTIONS = { classes: elsewhere } satisfies OptionChecks<ClassWeightOptions>;

/**
 * How much each class must count for all to count alike: rows / (number of classes * rows of the class), as
 * scikit-learn's `class_weight="balanced"` has it.
 * @param classes integers, 0 or more: the class of each row
 * @returns a Float32Array with an entry for each class; 0 for one that does not occur, which is not counted
 * @throws BAD_VALUE, NO_ROWS, BAD_OPTION
 * @example
 * ```ts
 * const y = [0, 0, 0, 1];
 * const weights = classWeights(y); // [0.6667, 2]
 * const perRow = Float32Array.from(y, (c) => weights[c]!); // [0.6667, 0.6667, 0.6667, 2]
 * ```
 */
export function classWeights(classes: ArrayLike<number>, options: ClassWeightOptions = {}): Float32Array {
  checkOptions(options, OPTIONS);
  const below = options.classes === undefined ? undefined : countOf("classes", options.classes, 1);
  if (classes.length === 0) throw say.noRows({ what: "a list of no classes" });
  const counts = countsOf(classes, below);
  const present = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : classes.length / (present * count)));
}

/** How often each class occurs. */
function countsOf(classes: ArrayLike<number>, below: number | undefined): readonly number[] {
  checkClasses(classes, below);
  let most = (below ?? 0) - 1;
  for (let row = 0; row < classes.length; row++) most = Math.max(most, classes[row]!);
  const counts = Array.from({ length: most + 1 }, () => 0);
  for (let row = 0; row < classes.length; row++) counts[classes[row]!]!++;
  return counts;
}

/** Beyond this no class is meant: it would be as many counts. */
const MOST = 2 ** 24;

/** Refuses the first that is no class. */
export function checkClasses(classes: ArrayLike<number>, below: number | undefined): void {
  for (let row = 0; row < classes.length; row++) {
    const value = classes[row]!;
    if (Number.isInteger(value) && value >= 0 && value < (below ?? MOST)) continue;
    throw say.notAClass({ row, value, below });
  }
}
