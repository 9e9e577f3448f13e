// The random instructions: does the hash mix well enough for dropout masks, initial values and samples?

import { expect, test } from "vitest";
import { hash, uniform } from "../../src/scalar/numeric.js";
import { randomNumbers } from "./oracle.js";

type Mix = (a: number, b: number) => number;

/** The furthest that flipping one input bit is from flipping an output bit half the time. */
function worstAvalanche(mix: Mix, seed: number): number {
  const random = randomNumbers(seed);
  const samples = 8000;
  let worst = 0;
  for (let bit = 0; bit < 64; bit++) {
    const flips = Array.from({ length: 32 }, () => 0);
    for (let n = 0; n < samples; n++) {
      const a = Math.floor(random() * 2 ** 32);
      const b = n;
      const other = bit < 32 ? mix((a ^ (1 << bit)) >>> 0, b) : mix(a, (b ^ (1 << (bit - 32))) >>> 0);
      const changed = mix(a, b) ^ other;
      for (let k = 0; k < 32; k++) flips[k]! += (changed >>> k) & 1;
    }
    for (const count of flips) worst = Math.max(worst, Math.abs(count / samples - 0.5));
  }
  return worst;
}

/** Pearson's statistic over 256 equal cells, as a distance from its mean in standard deviations. */
function chiSquare(values: Iterable<number>): number {
  const cells = Array.from({ length: 256 }, () => 0);
  let count = 0;
  for (const value of values) {
    cells[Math.floor(value * 256)]!++;
    count++;
  }
  const expected = count / 256;
  const statistic = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
  return (statistic - 255) / Math.sqrt(2 * 255);
}

function* stream(mix: Mix, key: number, count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield uniform(mix(key, i));
}

const weak: Mix = (a, b) => (Math.imul(a, 0x9e3779b1) + Math.imul(b, 0x85ebca6b)) >>> 0;

test("each input bit flips each output bit half the time", () => {
  expect(worstAvalanche(hash, 20240501)).toBeLessThan(0.03);
  expect(worstAvalanche(weak, 20240501)).toBeGreaterThan(0.4);
});

test("uniforms of a stream: mean, variance, cells, neighbours", () => {
  const count = 200_000;
  for (const seed of [0, 1, 2, 12345]) {
    const values = [...stream(hash, hash(hash(seed, 77), 3), count)];
    const mean = values.reduce((sum, x) => sum + x, 0) / count;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    let product = 0;
    for (let i = 1; i < count; i++) product += (values[i]! - mean) * (values[i - 1]! - mean);
    const deviation = 1 / Math.sqrt(12 * count);
    expect(Math.abs(mean - 0.5)).toBeLessThan(4.5 * deviation);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.001);
    expect(Math.abs(product / count / variance)).toBeLessThan(4.5 / Math.sqrt(count));
    expect(Math.abs(chiSquare(values))).toBeLessThan(5);
  }
  // A constant sequence fails the same check, and so does one that is too even.
  expect(Math.abs(chiSquare(stream(() => 0, 1, count)))).toBeGreaterThan(5);
  expect(Math.abs(chiSquare(stream((_, i) => (i * 16777619) >>> 0, 1, count)))).toBeGreaterThan(5);
});

test("across seeds, streams and steps the first value is as uniform as within a stream", () => {
  const count = 100_000;
  const firstOf = (key: (i: number) => number): number =>
    Math.abs(chiSquare(Array.from({ length: count }, (_, i) => uniform(hash(key(i), 0)))));
  expect(firstOf((seed) => hash(hash(seed, 99), 0))).toBeLessThan(5);
  expect(firstOf((name) => hash(hash(1, name), 0))).toBeLessThan(5);
  expect(firstOf((step) => hash(hash(1, 99), step))).toBeLessThan(5);
});

test("two streams are not one sequence shifted", () => {
  const count = 1 << 16;
  // Streams whose keys differ by the index' multiplier would coincide, shifted by one, if the key entered only once.
  const key = 0x12345678;
  for (const other of [(key ^ 0x9e3779b1) >>> 0, (key + 0x9e3779b1) >>> 0, key + 1]) {
    const words = new Set(Array.from({ length: count }, (_, i) => hash(key, i)));
    let common = 0;
    for (let i = 0; i < count; i++) if (words.has(hash(other, i))) common++;
    // Chance alone gives count² / 2^32 = 1.
    expect(common).toBeLessThan(10);
  }
  const words = new Set(Array.from({ length: count }, (_, i) => weak(key, i)));
  const shifted = Array.from({ length: count }, (_, i) => weak(key, i + 1)).filter((word) => words.has(word));
  expect(shifted.length).toBeGreaterThan(count / 2);
});
