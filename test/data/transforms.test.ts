// Transforms against their definitions, and what scikit-learn and NumPy are known to give.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  categories,
  classWeights,
  columnStack,
  kFold,
  normalize,
  oneHot,
  shuffledRows,
  splitRows,
  takeRows,
  type NdArray,
} from "../../src/data/index.js";
import { shuffle } from "../../src/train/shuffle.js";

const seed = 20_261_130;
const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

describe("normalize", () => {
  test("mean 0 and deviation 1 for each feature, and what it used", () => {
    // StandardScaler().fit([[0, 0], [0, 0], [1, 1], [1, 1]]): mean 0.5, scale 0.5 (its documentation).
    const train = normalize({ shape: [4, 2], data: [0, 0, 0, 0, 1, 1, 1, 1] });
    expect(train.mean).toEqual(Float64Array.of(0.5, 0.5));
    expect(train.deviation).toEqual(Float64Array.of(0.5, 0.5));
    expect(train.data).toEqual(Float32Array.of(-1, -1, -1, -1, 1, 1, 1, 1));
    expect(normalize({ shape: [1, 2], data: [2, 2] }, { like: train }).data).toEqual(Float32Array.of(3, 3));
  });

  test("numbers far from 0 keep their digits", () => {
    const { data, deviation } = normalize({ shape: [3, 1], data: [1e9 - 1, 1e9, 1e9 + 1] });
    expect(deviation[0]).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect([...data]).toEqual([-Math.sqrt(1.5), 0, Math.sqrt(1.5)].map(Math.fround));
  });

  test("over any axes", () => {
    const x = { shape: [2, 3, 2], data: counting(12) };
    const means = (axis: number | number[]): number[] => [...normalize(x, { axis }).mean];
    expect(means(0)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(means([0, 1])).toEqual([5, 6]);
    expect(means([0, 1, 2])).toEqual([5.5]);
    expect(means([0, -1])).toEqual([3.5, 5.5, 7.5]);
    expect(means(2)).toEqual([0.5, 2.5, 4.5, 6.5, 8.5, 10.5]);
    expect(means([])).toEqual(counting(12));
    for (const axis of [0, 1, 2, [0, 2], [1, 2]]) {
      const { data, mean, deviation } = normalize(x, { axis });
      expect(
        data.reduce((sum, value) => sum + value, 0),
        `${axis}`,
      ).toBeCloseTo(0, 4);
      expect(normalize(x, { axis, like: { mean, deviation } }).data).toEqual(data);
    }
  });

  test("missing numbers count for nothing, and stay or become the mean", () => {
    const x = { shape: [3, 2], data: [1, NaN, 3, 5, NaN, 7] };
    const kept = normalize(x);
    expect(kept.mean).toEqual(Float64Array.of(2, 6));
    expect([...kept.data]).toEqual([-1, NaN, 1, -1, NaN, 1]);
    expect([...normalize(x, { fillMissing: true }).data]).toEqual([-1, 0, 1, -1, 0, 1]);
  });

  test("a feature that never changes becomes 0", () => {
    expect([...normalize({ shape: [3, 1], data: [7, 7, 7] }).data]).toEqual([0, 0, 0]);
  });

  test.each<[string, NdArray<number[]>, object, RegExp]>([
    ["another length", { shape: [2, 2], data: [1, 2, 3] }, {}, /^BAD_LENGTH/],
    ["an axis that is not there", { shape: [2, 2], data: [1, 2, 3, 4] }, { axis: 2 }, /^BAD_OPTION: axis/],
    [
      "another number of features",
      { shape: [2, 1], data: [1, 2] },
      { like: { mean: [1, 2], deviation: [1, 1] } },
      /^BAD_OPTION: like/,
    ],
    ["a feature without numbers", { shape: [2, 2], data: [1, NaN, 2, NaN] }, {}, /^NO_ROWS: feature 1/],
    ["no rows", { shape: [0, 2], data: [] }, {}, /^NO_ROWS/],
    ["no scale", { shape: [1, 1], data: [1] }, { like: 3 }, /^BAD_OPTION: like/],
  ])("%s is refused", (_, x, options, message) => expect(() => normalize(x, options)).toThrow(message));
});

describe("classes", () => {
  test("one-hot", () => {
    expect(oneHot([2, 0], 3)).toEqual({ shape: [2, 3], data: Float32Array.of(0, 0, 1, 1, 0, 0) });
    expect(() => oneHot([0, 3], 3)).toThrow(/^BAD_VALUE: the class of row 1 is 3, and not an integer in 0 \.\. 2/);
    for (const bad of [-1, 0.5, NaN]) expect(() => oneHot([bad], 3)).toThrow("BAD_VALUE");
    expect(() => oneHot([0], 0)).toThrow("BAD_OPTION");
  });

  test("categories", () => {
    expect(categories(["dog", "cat", "dog", "Ant"])).toEqual({
      names: ["Ant", "cat", "dog"],
      classes: Int32Array.of(2, 1, 2, 0),
    });
    expect(categories([])).toEqual({ names: [], classes: new Int32Array(0) });
  });

  test("balanced weights, as scikit-learn documents them", () => {
    // compute_class_weight("balanced", classes=[0, 1], y=[1, 1, 1, 1, 0, 0]): [1.5, 0.75].
    expect(classWeights([1, 1, 1, 1, 0, 0])).toEqual(Float32Array.of(1.5, 0.75));
    expect(classWeights([0, 2, 2], { classes: 4 })).toEqual(Float32Array.of(1.5, 0, 0.75, 0));
    expect(() => classWeights([0, 2], { classes: 2 })).toThrow("BAD_VALUE");
    expect(() => classWeights([2 ** 40])).toThrow("BAD_VALUE");
    expect(() => classWeights([])).toThrow("NO_ROWS");
  });
});

describe("rows", () => {
  test("an order by seed, that of fit's first epoch", () => {
    const expected = new Int32Array(20);
    shuffle(expected, 5, 0);
    expect(shuffledRows(20, { seed: 5 })).toEqual(expected);
    expect(shuffledRows(20, { seed: 6 })).not.toEqual(expected);
    expect(shuffledRows(0)).toEqual(new Int32Array(0));
    expect(() => shuffledRows(-1)).toThrow("BAD_OPTION");
    expect(() => shuffledRows(3, { seed: 0.5 })).toThrow("BAD_OPTION: seed");
  });

  test("some rows, of what they were", () => {
    expect(takeRows({ shape: [3, 2], data: Int16Array.of(1, 2, 3, 4, 5, 6) }, [2, 0, 2])).toEqual({
      shape: [3, 2],
      data: Int16Array.of(5, 6, 1, 2, 5, 6),
    });
    expect(takeRows(Uint8Array.of(7, 8, 9), Int32Array.of(1))).toEqual(Uint8Array.of(8));
    expect(takeRows(["a", "b"], [1, 0])).toEqual(["b", "a"]);
    expect(takeRows({ shape: [2, 0], data: new Float32Array(0) }, [1]).shape).toEqual([1, 0]);
    for (const bad of [[3], [-1], [0.5]]) {
      expect(() => takeRows(Uint8Array.of(7, 8, 9), bad)).toThrow("BAD_OPTION");
      expect(() => takeRows({ shape: [3, 2], data: new Float32Array(6) }, bad)).toThrow("BAD_OPTION");
      expect(() => takeRows(["a", "b", "c"], bad)).toThrow("BAD_OPTION");
    }
    expect(() => takeRows({ shape: [3, 2], data: new Float32Array(5) }, [0])).toThrow("BAD_LENGTH");
  });

  test("columns side by side", () => {
    expect(columnStack([[1, 2], Float64Array.of(3, 4)])).toEqual({ shape: [2, 2], data: Float32Array.of(1, 3, 2, 4) });
    expect(() => columnStack([[1], [1, 2]])).toThrow("ROW_COUNTS");
    expect(() => columnStack([])).toThrow("NO_ROWS");
  });
});

describe("splits", () => {
  const parts = ({ train, validation, test }: ReturnType<typeof splitRows>): Int32Array[] => [train, validation, test];

  test("each row once, of the sizes that were asked for, by seed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 200 }),
        fc.integer({ min: 0, max: 40 }).map((percent) => percent / 100),
        fc.integer({ min: 0, max: 40 }).map((percent) => percent / 100),
        fc.integer(),
        (rows, validation, held, order) => {
          const sizes = [validation, held].map((share) => Math.round(rows * share));
          fc.pre([validation, held].every((share, i) => share === 0 || sizes[i]! > 0) && rows > sizes[0]! + sizes[1]!);
          const options = { validation, test: held, seed: order };
          const found = parts(splitRows(rows, options));
          expect(sorted(found.flatMap((part) => [...part]))).toEqual(counting(rows));
          expect(found.slice(1).map((part) => part.length)).toEqual(sizes);
          expect(parts(splitRows(rows, options))).toEqual(found);
        },
      ),
      { seed, numRuns: 200 },
    );
    expect(splitRows(100, { seed: 1 })).not.toEqual(splitRows(100, { seed: 2 }));
  });

  test("without shuffling the last rows are the test's", () => {
    const found = splitRows(10, { validation: 0.1, test: 0.2, shuffle: false });
    expect(parts(found).map((part) => [...part])).toEqual([counting(7), [7], [8, 9]]);
  });

  test("stratified: every part has every class's share, up to two rows", () => {
    const random = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 20, maxLength: 120 });
    const shareOf = (part: Int32Array, classes: readonly number[], one: number): number =>
      [...part].filter((row) => classes[row] === one).length;
    fc.assert(
      fc.property(
        random,
        fc.integer(),
        fc.integer({ min: 2, max: 7 }),
        fc.boolean(),
        (classes, order, folds, shuffled) => {
          const rows = classes.length;
          const options = { stratify: classes, seed: order, shuffle: shuffled };
          const found = parts(splitRows(rows, { ...options, test: 0.25, validation: 0.2 }));
          const every = [...found, ...kFold(rows, folds, options).map(({ validation }) => validation)];
          expect(sorted(found.flatMap((part) => [...part]))).toEqual(counting(rows));
          for (const part of every) {
            for (const one of new Set(classes)) {
              const count = classes.filter((other) => other === one).length;
              expect(Math.abs(shareOf(part, classes, one) - (count * part.length) / rows)).toBeLessThanOrEqual(LEEWAY);
            }
          }
        },
      ),
      { seed, numRuns: 200 },
    );
    // Control: without it, shares differ.
    const classes = counting(100).map((row) => (row < 50 ? 1 : 0));
    const worst = counting(20).map((n) => Math.abs(shareOf(splitRows(100, { seed: n }).test, classes, 1) - 10));
    expect(Math.max(...worst)).toBeGreaterThan(LEEWAY);
  });

  test("a stratified part is mixed", () => {
    const classes = counting(60).map((row) => row % 3);
    const { train } = splitRows(60, { stratify: classes });
    const cycles = [...train].filter((row, i) => classes[row] === i % 3).length;
    expect(cycles).toBeLessThan(40);
  });

  test("folds: each row is held once, sizes differ by one at most", () => {
    for (const [rows, folds] of [
      [10, 3],
      [7, 7],
      [23, 2],
    ] as const) {
      const found = kFold(rows, folds, { seed: 4 });
      expect(sorted(found.flatMap(({ validation }) => [...validation]))).toEqual(counting(rows));
      for (const { train, validation } of found) {
        expect(sorted([...train, ...validation])).toEqual(counting(rows));
        expect(Math.abs(validation.length - rows / folds)).toBeLessThan(1);
      }
    }
    expect(kFold(4, 2, { shuffle: false }).map(({ validation }) => [...validation])).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["a share of 1", () => splitRows(10, { test: 1 }), /^BAD_OPTION: test must be less than 1/],
    ["a share that is none", () => splitRows(10, { validation: NaN }), /^BAD_OPTION: validation/],
    ["shares of more than all", () => splitRows(10, { test: 0.6, validation: 0.5 }), /^EMPTY_SPLIT: .*train/],
    ["a part without rows", () => splitRows(2, { test: 0.1 }), /^EMPTY_SPLIT: .*test/],
    ["classes of other rows", () => splitRows(10, { stratify: [1, 2] }), /^ROW_COUNTS: .*rows 10, stratify 2/],
    ["classes that are none", () => splitRows(2, { test: 0.5, stratify: [0, -1] }), /^BAD_VALUE: the class of row 1/],
    ["more folds than rows", () => kFold(3, 4), /^EMPTY_SPLIT/],
    ["one fold", () => kFold(3, 1), /^BAD_OPTION: folds/],
    ["an unknown option", () => splitRows(10, { validationSplit: 0.1 } as never), /^UNKNOWN_NAME/],
  ])("%s is refused", (_, run, message) => expect(run).toThrow(message));
});

/** Two cuts, each of which may fall a row beside a class. */
const LEEWAY = 2;
