// The judgement whether a stated derivative is that of a function: at smooth points, beside kinks, at kinks.

import { describe, expect, test } from "vitest";
import { judge } from "../../compiler/differences.js";

const NOISE = 1e-14;
const relu = (x: number): number => Math.max(x, 0);

describe("smooth functions", () => {
  const at = 0.7;
  const functions = [
    ["exp", Math.exp, Math.exp(at)],
    ["sin 20 x", (x: number) => Math.sin(20 * x), 20 * Math.cos(20 * at)],
    ["1 / x", (x: number) => 1 / x, -1 / at ** 2],
    ["a constant", () => 3, 0],
  ] as const;

  test.each(functions)("%s", (_, f, slope) => {
    expect(judge(slope, (h) => f(at + h), NOISE).kind).toBe("agrees");
    for (const wrong of [slope * 1.01 + 1e-9, slope * (1 + 1e-5) + 1e-9, -slope + 1e-3, NaN, Infinity])
      expect(judge(wrong, (h) => f(at + h), NOISE).kind).toBe("differs");
  });

  test("a derivative as small as the noise allows is not waved through by narrow steps", () => {
    const f = (h: number): number => 1e-6 * h + 1;
    expect(judge(1e-6, f, NOISE).kind).toBe("agrees");
    expect(judge(1.01e-6, f, NOISE).kind).toBe("differs");
  });

  test("a function that is nowhere finite differs", () => {
    expect(judge(1, () => NaN, NOISE).kind).toBe("differs");
  });
});

describe("kinks", () => {
  test.each([1e-3, 1e-4, 1e-5, 1e-6])("beside one at %d the derivative is compared", (distance) => {
    const f = (h: number): number => relu(h + distance) * 2;
    expect(judge(2, f, NOISE).kind).toBe("agrees");
    expect(judge(0, f, NOISE).kind).toBe("differs");
    expect(judge(2.02, f, NOISE).kind).toBe("differs");
  });

  test("at one, what lies between the sides is not compared, and what does not is wrong", () => {
    for (const stated of [0, 0.5, 1]) expect(judge(stated, relu, NOISE).kind).toBe(stated === 0.5 ? "agrees" : "kink");
    for (const stated of [-0.1, 1.1]) expect(judge(stated, relu, NOISE).kind).toBe("differs");
  });

  test("a jump is not compared", () => {
    expect(judge(0, (h) => Math.floor(h), NOISE).kind).toBe("kink");
  });

  test("strong curvature is no kink", () => {
    expect(judge(1, (h) => 1e4 * h * h, NOISE).kind).toBe("differs");
  });
});
