import { describe, expect, test } from "vitest";
import type { VectorBuilder, VectorOp } from "../../compiler/5-emit/wasm/math/builder.js";
import { errorBounds, vectorRoutines } from "../../compiler/5-emit/wasm/math/index.js";
import { instructions } from "../../src/scalar/instructions.js";
import { distance, runner, ulp, worst, type Routines, type Worst } from "./harness.js";
import { fused } from "./fused.js";
import { evenly, joined, patterns, powers, special } from "./points.js";

const reference = (op: VectorOp): ((x: number, y: number) => number) => instructions[op].value;

const trigonometric = (op: VectorOp): boolean => op === "sin" || op === "cos";

const everywhere = joined(special, patterns(131071), evenly(-12, 12, 30_000), evenly(0, 2, 20_000));
const upTo2To20 = joined(
  everywhere.filter((x) => !(Math.abs(x) > 2 ** 20) || !Number.isFinite(x)),
  evenly(-(2 ** 20), 2 ** 20, 30_000),
  // Next to the zeros, where the reduction must not lose anything.
  Array.from({ length: 10_000 }, (_, i) => 66 * i * (Math.PI / 2)),
);
const operands = powers(60_000);
const pairs = [
  joined(operands[0], ...special.map((x) => special.map(() => x))),
  joined(operands[1], ...special.map(() => special)),
] as const;

function accuracy(op: VectorOp, routines: Routines, relaxed: boolean): Worst {
  const run = runner(op, routines, relaxed);
  if (op === "pow") return worst(run, reference(op), ...pairs);
  return worst(run, reference(op), trigonometric(op) ? upTo2To20 : everywhere);
}

const ops = Object.keys(vectorRoutines) as VectorOp[];

/** The distance over fewer points, of a routine whose result is changed. */
function distanceWhere(op: VectorOp, change: (v: VectorBuilder, result: string) => string): number {
  const { parameters, build } = vectorRoutines[op];
  const changed = { parameters, build: (v: VectorBuilder) => change(v, build(v)) };
  const run = runner(op, { ...vectorRoutines, [op]: changed }, false);
  const points = joined(evenly(0.1, 2, 5000), [NaN]);
  return worst(run, reference(op), points, points.slice().fill(1.5)).distance;
}

describe.each(ops)("%s", (op) => {
  test.each([false, ...(fused ? [true] : [])])("is within its bound, fused: %s", (relaxed) => {
    const found = accuracy(op, vectorRoutines, relaxed);
    expect(found.distance, `at ${found.at.join(", ")}`).toBeLessThanOrEqual(errorBounds[op]);
    // No result is right by chance alone: the sweep does reach roundings.
    expect(found.distance).toBeGreaterThan(0.5);
  });

  test("an error of 2^-21 is seen", () => {
    const seen = distanceWhere(op, (v, result) => v.op("f32x4.mul", result, v.f32(1 + 2 ** -21)));
    expect(seen).toBeGreaterThan(errorBounds[op]);
  });

  test("a NaN that is lost is seen", () => {
    const seen = distanceWhere(op, (v, result) => v.op("f32x4.pmax", v.f32(-(2 ** 127)), result));
    expect(seen).toBe(Infinity);
  });

  test("all lanes compute the same", () => {
    const run = runner(op, vectorRoutines, false);
    const x = evenly(-3, 5, 404);
    const y = evenly(4, -4, 404);
    const straight = run.run(x, y).slice();
    const turned = run.run(x.slice().reverse(), y.slice().reverse()).slice().reverse();
    expect(turned).toEqual(straight);
    const shifted = run.run(x.subarray(1), y.subarray(1)).slice();
    expect(shifted).toEqual(straight.subarray(1));
  });
});

test.each(["sin", "cos"] as const)("%s stays bounded beyond 2^20, and right to |x| 2^-51 up to 2^40", (op) => {
  const x = patterns(262139).filter((x) => Number.isFinite(x) && Math.abs(x) > 2 ** 20);
  const results = runner(op, vectorRoutines, false).run(x);
  const beyond = Array.from(results.filter((y) => !(Math.abs(y) <= 1)));
  expect(beyond).toEqual([]);
  const error = (at: number, i: number): number => Math.abs(results[i]! - reference(op)(at, NaN));
  const wrong = x.filter((at, i) => Math.abs(at) < 2 ** 40 && error(at, i) > Math.abs(at) * 2 ** -51 + 2 ** -23);
  expect(Array.from(wrong)).toEqual([]);
});

test("the error function that the sweep compares with is right to 2^-48: the Maclaurin series in 300 binary digits", () => {
  const BITS = 300n;
  const one = 1n << BITS;
  // sum of (-1)^n x^(2n+1) / (n! (2n+1)); pi by Machin's formula, the root by Newton's.
  const series = (x: bigint): bigint => {
    const square = (x * x) >> BITS;
    let [power, sum] = [x, x];
    for (let n = 1n; power !== 0n && n < 400n; n++) {
      power = ((-power * square) / n) >> BITS;
      sum += power / (2n * n + 1n);
    }
    return sum;
  };
  const arctangent = (k: bigint): bigint => {
    let [power, sum] = [one / k, one / k];
    for (let n = 3n; power !== 0n; n += 2n) {
      power = -power / (k * k);
      sum += power / n;
    }
    return sum;
  };
  const pi = 4n * (4n * arctangent(5n) - arctangent(239n));
  let root = BigInt(Math.round(Math.sqrt(Math.PI) * 2 ** 50)) << (BITS - 50n);
  for (let i = 0; i < 5; i++) root = (root + (pi << BITS) / root) / 2n;
  for (const x of evenly(0.01, 5.5, 200)) {
    const exact = (2n * series(BigInt(Math.round(x * 2 ** 40)) << (BITS - 40n)) * one) / root;
    const expected = Number(exact >> (BITS - 60n)) / 2 ** 60;
    expect(Math.abs(reference("erf")(Math.round(x * 2 ** 40) / 2 ** 40, NaN) / expected - 1)).toBeLessThan(2 ** -48);
  }
});

test("distances count units in the last place, and infinities where the kind of number differs", () => {
  expect(ulp(1)).toBe(2 ** -23);
  expect(ulp(1 - 2 ** -24)).toBe(2 ** -24);
  expect(ulp(2 ** -140)).toBe(2 ** -149);
  expect(distance(1 + 2 ** -22, 1)).toBe(2);
  expect(distance(NaN, NaN)).toBe(0);
  for (const [result, expected] of [
    [NaN, 1],
    [1, NaN],
    [-0, 0],
    [0, -0],
    [1, Infinity],
    [-1, 1],
  ] as const) {
    expect(distance(result, expected), `${result} for ${expected}`).toBe(Infinity);
  }
});
