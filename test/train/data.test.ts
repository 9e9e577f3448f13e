// The loaders of examples/data, against what is known of the data sets.

import { describe, expect, test } from "vitest";
import { mnist } from "../../examples/data/mnist.js";
import { blobs, moons, rings, xor, type Points } from "../../examples/data/points.js";

const histogram = (digits: Int32Array): number[] => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const digit of digits) counts[digit]!++;
  return counts;
};

describe("mnist", () => {
  test("all of it, with the published counts of each digit", () => {
    const { train, test } = mnist();
    expect(train.images.length).toBe(60_000 * 784);
    expect(test.images.length).toBe(10_000 * 784);
    expect(histogram(train.digits)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(histogram(test.digits)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    // The figures that every tutorial normalises with.
    let sum = 0;
    let squares = 0;
    let low = Infinity;
    let high = -Infinity;
    for (const grey of train.images) {
      sum += grey;
      squares += grey * grey;
      low = Math.min(low, grey);
      high = Math.max(high, grey);
    }
    const mean = sum / train.images.length;
    expect([low, high]).toEqual([0, 1]);
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(Math.sqrt(squares / train.images.length - mean * mean)).toBeCloseTo(0.3081, 4);
  });

  test("a limit takes the first rows", () => {
    const { train, test } = mnist({ rows: 20 });
    expect(train.images.length).toBe(20 * 784);
    expect([...train.digits]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5, 3, 6, 1, 7, 2, 8, 6, 9]);
    expect([...test.digits.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });
});

describe("points", () => {
  const sets: Record<string, (seed: number) => Points> = {
    blobs: (seed) => blobs({ rows: 100, seed, distance: 6 }),
    xor: (seed) => xor({ rows: 100, seed, gap: 0.1 }),
    rings: (seed) => rings({ rows: 100, seed, gap: 0.3 }),
    moons: (seed) => moons({ rows: 100, seed, width: 0.3 }),
  };
  const rule: Record<string, (x: number, y: number) => boolean> = {
    blobs: (x, y) => x + y > 0,
    xor: (x, y) => x * y < 0,
    rings: (x, y) => Math.hypot(x, y) > 0.65,
    moons: (x, y) => Math.abs(Math.hypot(x - 1, y - 0.5) - 1) < 0.16 && y <= 0.5,
  };

  test.each(Object.keys(sets))("%s: seeded, balanced, separable as described", (name) => {
    const { points, classes } = sets[name]!(1);
    expect(points).toHaveLength(200);
    expect(classes.reduce((sum, label) => sum + label, 0)).toBe(50);
    expect(sets[name]!(1)).toEqual({ points, classes });
    expect(sets[name]!(2).points).not.toEqual(points);
    const right = [...classes].filter((label, i) => rule[name]!(points[2 * i]!, points[2 * i + 1]!) === (label === 1));
    expect(right.length).toBeGreaterThanOrEqual(name === "moons" ? 90 : 99);
    const turned = [...classes].filter((label, i) => rule[name]!(points[2 * i]!, points[2 * i + 1]!) === (label === 0));
    expect(turned.length).toBeLessThanOrEqual(10);
  });

  test("only blobs is linearly separable: the others need the hidden layer", () => {
    // Of many lines through the plane, the share of points that the best one gets right.
    const best = ({ points, classes }: Points): number => {
      let most = 0;
      for (let angle = 0; angle < 2 * Math.PI; angle += 0.1) {
        for (let offset = -2; offset <= 2; offset += 0.1) {
          const right = [...classes].filter(
            (label, i) =>
              Math.cos(angle) * points[2 * i]! + Math.sin(angle) * points[2 * i + 1]! > offset === (label === 1),
          );
          most = Math.max(most, right.length / classes.length);
        }
      }
      return most;
    };
    expect(best(sets["blobs"]!(1))).toBeGreaterThan(0.98);
    for (const name of ["xor", "rings", "moons"]) expect(best(sets[name]!(1)), name).toBeLessThan(0.95);
  });
});
