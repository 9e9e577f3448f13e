// Derivatives of formulas: against differences, against mathjs' own derivative where it can, repeated, at kinks and far
// out, and through the output.

import { derivative as mathjsDerivative, parse as mathjsParse } from "mathjs/number";
import { describe, expect, test } from "vitest";
import { derivative } from "../../compiler/formula/derivative.js";
import { parseFormula } from "../../compiler/formula/parse.js";
import { derivativeThroughOutput } from "../../compiler/formula/through-output.js";
import { costOf, leavesOf, simplifyScalar } from "../../src/scalar/algebra.js";
import { compileScalar } from "../../src/scalar/evaluate.js";
import { applyScalar, constant, type Scalar } from "../../src/scalar/expression.js";
import { sigmoid } from "../../src/scalar/numeric.js";
import { printScalar, texScalar } from "../../src/scalar/print.js";
import { expectDerivative, randomNumbers } from "./oracle.js";

const parse = (text: string): Scalar => parseFormula(text, { operands: ["x", "y"], values: new Map() });
const show = (expr: Scalar | null): string =>
  expr === null ? "0" : printScalar(expr, ({ index }) => ["x", "y", "out"][index]!);
const at = (expr: Scalar | null, x: number, y = 0): number => (expr === null ? 0 : compileScalar(expr)([x, y]));

/** The activations and losses of the field, and shapes that stress the rules. */
const FORMULAS = [
  "where(x > 0, x, 0)",
  "where(x > 0, x, 0.01 * x)",
  "where(x > 0, x, 1.6 * expm1(x))",
  "1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(x))",
  "1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(min(x, 0)))",
  "0.5 * x * (1 + erf(x / sqrt(2)))",
  "0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))",
  "x * sigmoid(x)",
  "x / (1 + exp(-1.5 * x))",
  "x * tanh(softplus(x))",
  "softplus(x)",
  "logSigmoid(x)",
  "log(1 + exp(x))",
  "log(sigmoid(x))",
  "max(x, 0) + log1p(exp(-abs(x)))",
  "x / (1 + abs(x))",
  "clip(x / 6 + 0.5, 0, 1)",
  "min(max(x / 6 + 0.5, 0), 1)",
  "rsqrt(x * x + 0.1)",
  "1 / (x * x + 1)",
  "3 / (x + 5)",
  "(x - y) * (x - y)",
  "where(abs(x - y) < 1, 0.5 * (x - y)^2, abs(x - y) - 0.5)",
  "softplus(x) - x * y",
  "-(y * log(sigmoid(x)) + (1 - y) * log(1 - sigmoid(x)))",
  "max(x, y) * min(x, y)",
  "max(x * y, x + y)",
  "(x * x + 1) ^ y",
  "(x * x + 1) ^ 1.5",
  "(x * x + 1) ^ -2",
  "exp(-x * x) * sin(y * x) + cos(x)",
  "sqrt(x * x + y * y + 1)",
  "tanh(x * y) / (1 + exp(y))",
  "exp(x) - 1",
  "x * x * x * x",
  "log(1 - 0.1 * x)",
  "sign(x) * floor(abs(x)) + x",
  "where(x > y, where(y > 0, x * y, x), where(x > 0, sin(x), cos(x)))",
];

const POINTS: readonly (readonly [x: number, y: number])[] = [
  [0.7, 1.9],
  [-1.3, 0.6],
  [2.2, -0.8],
  [-2.7, -0.4],
  [0.3, 0.45],
];

function checkRepeated(text: string, orders: number, scale: number): void {
  for (const index of [0, 1] as const) {
    let formula = parse(text);
    for (let order = 1; order <= orders; order++) {
      const next = derivative(formula, index);
      const value = compileScalar(formula);
      for (const point of POINTS) {
        const along = (v: number): number => value(index === 0 ? [v, point[1]] : [point[0], v]);
        const shift = (scale - 1) * 0.1;
        expectDerivative(along, point[index], at(next, ...point) * scale + shift, `derivative ${order} of ${text}`);
      }
      if (next === null) break;
      formula = next;
    }
  }
}

describe("against differences, three times over", () => {
  for (const text of FORMULAS) {
    test(text, () => {
      checkRepeated(text, 3, 1);
      expect(() => checkRepeated(text, 1, 1.01)).toThrow("but differences give");
    });
  }
});

describe("against mathjs", () => {
  // mathjs knows neither conditions nor our functions; these it can do.
  const texts = [
    "tanh(x)",
    "sin(x) * cos(x)",
    "exp(-x * x)",
    "x^3 / (1 + x^2)",
    "sqrt(1 + x^2)",
    "log(1 + x^2)",
    "1 / (1 + exp(-x))",
    "x / (1 + exp(-x))",
    "abs(x)^3",
    "(1 + x^2)^2.5",
    "2^x",
    "x * tanh(log(1 + exp(x)))",
    "exp(sin(x)) / (2 + cos(x))",
    "0.5 * x * (1 + tanh(0.79788 * (x + 0.044715 * x^3)))",
  ];
  const random = randomNumbers(7);
  for (const text of texts) {
    test(text, () => {
      const ours = derivative(parse(text), 0);
      const second = derivative(ours!, 0);
      const theirs = mathjsDerivative(mathjsParse(text), "x", { simplify: false });
      const theirSecond = mathjsDerivative(theirs, "x", { simplify: false });
      let differs = 0;
      for (let n = 0; n < 50; n++) {
        const x = (random() - 0.5) * 6;
        const [first, twice] = [theirs.evaluate({ x }) as number, theirSecond.evaluate({ x }) as number];
        expect(Math.abs(at(ours, x) - first)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(first)));
        expect(Math.abs(at(second, x) - twice)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(twice)));
        if (Math.abs(1.01 * at(ours, x) - first) > 1e-12 * Math.max(1, Math.abs(first))) differs++;
      }
      expect(differs, "a derivative that is off by a hundredth is seen").toBeGreaterThan(40);
    });
  }
});

describe("kinks, by the documented table", () => {
  const KINKS: readonly (readonly [text: string, x: number, y: number, byX: number, byY?: number])[] = [
    ["where(x > 0, x, 0)", 0, 0, 0],
    ["relu(x)", -0, 0, 0],
    ["abs(x)", 0, 0, 0],
    ["sign(x)", 0, 0, 0],
    ["clip(x, -1, 1)", 1, 0, 1],
    ["clip(x, -1, 1)", -1, 0, 1],
    ["clip(x, -1, 1)", 1.001, 0, 0],
    ["max(x, y)", 2, 2, 0.5, 0.5],
    ["min(x, y)", 2, 2, 0.5, 0.5],
    ["max(x, y)", 3, 2, 1, 0],
    ["min(x, y)", 3, 2, 0, 1],
    ["max(x, x)", 3, 0, 1],
    ["max(x, y, 1)", 1, 0, 0.5],
    ["softplus(x)", 0, 0, 0.5],
    ["logSigmoid(x)", 0, 0, 0.5],
    ["x / (1 + abs(x))", 0, 0, 1],
    ["round(x)", 0.5, 0, 0],
    ["x ^ 2", 0, 0, 0],
    ["x ^ 0", 0, 0, 0],
    ["x ^ y", 0, 2, 0, 0],
    ["x ^ y", 0, 1, 1, 0],
    ["x ^ y", 0, 0, 0, 0],
    ["x ^ y", -2, 2, -4, 0],
    ["x ^ y", 2, 0, 0, Math.LN2],
  ];
  for (const [text, x, y, byX, byY] of KINKS) {
    test(`${text} at ${x}, ${y}`, () => {
      expect(at(derivative(parse(text), 0), x, y) + 0).toBeCloseTo(byX, 14);
      if (byY !== undefined) expect(at(derivative(parse(text), 1), x, y) + 0).toBeCloseTo(byY, 14);
    });
  }

  test("softplus curves at 0 too", () => {
    expect(at(derivative(derivative(parse("softplus(x)"), 0)!, 0), 0)).toBe(0.25);
    expect(at(derivative(derivative(parse("log(1 + exp(x))"), 0)!, 0), 0)).toBe(0.25);
  });
});

describe("far out and in branches not taken", () => {
  const LIMITS: readonly (readonly [text: string, left: number, right: number])[] = [
    ["x * sigmoid(x)", 0, 1],
    ["x / (1 + exp(-x))", 0, 1],
    ["x * tanh(softplus(x))", 0, 1],
    ["softplus(x)", 0, 1],
    ["log(1 + exp(x))", 0, 1],
    ["logSigmoid(x)", 1, 0],
    ["log(sigmoid(x))", 1, 0],
    ["log(1 - sigmoid(x))", 0, -1],
    ["sigmoid(x)", 0, 0],
    ["tanh(x)", 0, 0],
    ["0.5 * x * (1 + erf(x / sqrt(2)))", 0, 1],
    ["where(x > 0, x, expm1(x))", 0, 1],
    ["where(x > 0, log(x + 1), 0)", 0, 0],
  ];
  for (const [text, left, right] of LIMITS) {
    test(text, () => {
      const first = derivative(parse(text), 0);
      const second = derivative(first!, 0);
      for (const far of [88, 710, 1000]) {
        // 1/88 and 1/710 are still in the tail of a logarithm.
        const digits = text.includes("log(x + 1)") ? 1 : 12;
        expect(at(first, -far)).toBeCloseTo(left, digits);
        expect(at(first, far)).toBeCloseTo(right, digits);
        expect(at(second, -far)).toBeCloseTo(0, 3);
        expect(at(second, far)).toBeCloseTo(0, 3);
      }
    });
  }

  test.each(["x / (1 + abs(x))", "x / (abs(x) + 1)"])("%s, which the quotient rule would lose", (text) => {
    const slope = derivative(parse(text), 0);
    for (const far of [1e9, 1e17, -1e17]) expect(at(slope, far) * far * far).toBeCloseTo(1, 8);
  });

  test("mathjs' own derivative of silu does overflow", () => {
    const theirs = mathjsDerivative("x / (1 + exp(-x))", "x");
    expect(theirs.evaluate({ x: -1000 })).toBeNaN();
  });

  const UNTAKEN = [
    "where(x > 0, log(x), 0)",
    "where(x > 0, sqrt(x), x)",
    "sqrt(where(x > 0, x, 0))",
    "log(where(x > 0, x, 1))",
    "where(x > 0, x ^ 0.3, 0) * 2",
    "exp(where(x > 0, 1 / x, -2))",
    "where(x > 0, 1 / x, 1) * where(x > 0, sqrt(x), 3)",
  ];
  for (const text of UNTAKEN) {
    test(`no NaN from the other branch: ${text}`, () => {
      for (let formula: Scalar | null = derivative(parse(text), 0), n = 0; formula !== null && n < 2; n++) {
        for (const x of [-4, -1e-3, 0, 2])
          expect(Number.isFinite(at(formula, x)), `${show(formula)} at ${x}`).toBe(true);
        formula = derivative(formula, 0);
      }
    });
  }

  test("a product of masks would have leaked", () => {
    const masked = parse("where(x > 0, 1, 0) / x");
    expect(at(masked, 0)).toBeNaN();
  });
});

describe("structure", () => {
  test("null where nothing flows", () => {
    for (const text of ["y", "3", "floor(x)", "sign(x)", "x ^ 0", "where(x > 0, 1, 2)", "where(x > y, y, 2)"]) {
      expect(derivative(parse(text), 0), text).toBeNull();
    }
    expect(derivativeThroughOutput(parse("round(x)"), 0, 2)).toBeNull();
  });

  test("the result is kept, and simplified", () => {
    const formula = parse("x * tanh(x)");
    expect(derivative(formula, 0)).toBe(derivative(formula, 0));
    for (const text of FORMULAS) {
      const slope = derivative(parse(text), 0);
      if (slope) expect(show(simplifyScalar(slope))).toBe(show(slope));
    }
  });

  const PRINTED: readonly (readonly [text: string, derivative: string])[] = [
    ["x * x", "2 * x"],
    ["x ^ 3", "3 * x^2"],
    ["x ^ 2.5", "2.5 * x^1.5"],
    ["tanh(x)", "1 - tanh(x)^2"],
    ["sigmoid(x)", "sigmoid(x) * (1 - sigmoid(x))"],
    ["sqrt(x)", "0.5 / sqrt(x)"],
    ["1 / x", "-(1 / x)^2"],
    ["rsqrt(x)", "-0.5 * (1 / sqrt(x))^3"],
    ["x * sigmoid(x)", "sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x))"],
    ["where(x > 0, x, 0.1 * x)", "where(x > 0, 1, 0.1)"],
    ["softplus(x)", "sigmoid(x)"],
    ["logSigmoid(x)", "sigmoid(-x)"],
    ["clip(x, -1, 1)", "where(x < -1 or x > 1, 0, 1)"],
    ["max(x, y)", "where(x > y, 1, where(x < y, 0, 0.5))"],
    ["x / (1 + abs(x))", "1 / (1 + abs(x))^2"],
    [
      "0.5 * x * (1 + erf(x * sqrt(0.5)))",
      "0.5 * (1 + erf(0.7071067811865476 * x) + 0.7978845608028654 * x * exp(-0.5000000000000001 * x^2))",
    ],
  ];
  for (const [text, expected] of PRINTED)
    test(`${text}: ${expected}`, () => expect(show(derivative(parse(text), 0))).toBe(expected));

  test("LaTeX", () => {
    const tex = (expr: Scalar): string => texScalar(expr, ({ index }) => ["x", "y"][index]!);
    expect(tex(derivative(parse("tanh(x)"), 0)!)).toBe("1 - \\tanh\\left(x\\right)^{2}");
    expect(tex(derivative(parse("erf(x)"), 0)!)).toBe("\\frac{2}{\\sqrt{\\pi}} \\cdot e^{-x^{2}}");
    expect(tex(parse("where(x > 0 and not (y >= 1), abs(x) / 3, 1e-7 * x^y)"))).toBe(
      "\\begin{cases} \\frac{\\left|x\\right|}{3} & \\text{if } x > 0 \\land \\lnot \\left(y \\ge 1\\right) \\\\ " +
        "1 \\cdot 10^{-7} \\cdot x^{y} & \\text{otherwise} \\end{cases}",
    );
  });
});

describe("through the output", () => {
  const EXPECTED: readonly (readonly [text: string, through: string])[] = [
    ["tanh(x)", "1 - out^2"],
    ["sigmoid(x)", "out * (1 - out)"],
    ["exp(x)", "out"],
    ["expm1(x)", "out + 1"],
    ["sqrt(x)", "0.5 / out"],
    ["1 / x", "-out^2"],
    ["rsqrt(x)", "-0.5 * out^3"],
    ["where(x > 0, x, 0)", "where(out > 0, 1, 0)"],
    ["where(x > 0, x, 0.1 * x)", "where(out > 0, 1, 0.1)"],
    ["where(x > 0, x, 1.6 * expm1(x))", "where(out > 0, 1, out + 1.6)"],
    ["softplus(x)", "-expm1(-out)"],
    ["logSigmoid(x)", "-expm1(out)"],
    ["2 * tanh(x)", "2 * (1 - 0.25 * out^2)"],
    ["-exp(x)", "out"],
  ];
  for (const [text, expected] of EXPECTED) {
    test(text, () => {
      const through = derivativeThroughOutput(parse(text), 0, 2)!;
      expect(through.usesOutput).toBe(true);
      expect(show(through.scalar)).toBe(expected);
    });
  }

  const NOT: readonly string[] = [
    "x * sigmoid(x)",
    "x * x",
    "x + y",
    "where(x > 0, x, abs(x))", // Positive on both sides: the output does not tell the branch.
    "where(x > 0, x, -0.1 * x)",
    "where(x > 0, 0.1 * x, 0)", // Underflow could make the output 0 where x is positive.
    "where(x > 1, x, 0)",
    "where(x < 0, x, 0)",
    "max(x, 0)",
    "1 + tanh(x)", // The output has lost digits of tanh.
  ];
  for (const text of NOT)
    test(`not ${text}`, () => expect(derivativeThroughOutput(parse(text), 0, 2)!.usesOutput).toBe(false));

  test("by the second operand", () => {
    const power = derivativeThroughOutput(parse("x ^ y"), 1, 2)!;
    expect(show(power.scalar)).toBe("where(x > 0, out * log(x), 0)");
  });

  test("has the value of the plain derivative, and is no dearer", () => {
    for (const text of [...FORMULAS, ...EXPECTED.map(([each]) => each), ...NOT]) {
      const formula = parse(text);
      const value = compileScalar(formula);
      for (const index of [0, 1]) {
        const plain = derivative(formula, index);
        const through = derivativeThroughOutput(formula, index, 2);
        expect(through === null).toBe(plain === null);
        if (plain === null || through === null) continue;
        expect(costOf([through.scalar], 20)).toBeLessThanOrEqual(costOf([plain], 20));
        expect(leavesOf([through.scalar]).some((leaf) => leaf.index === 2)).toBe(through.usesOutput);
        for (const [x, y] of [...POINTS, [0, 0], [1, 1], [40, 1], [-40, 1], [1e-30, 2], [-1e-30, 2]] as const) {
          const [direct, output] = [at(plain, x, y), value([x, y])];
          const actual = compileScalar(through.scalar)([x, y, output]);
          if (!Number.isFinite(direct)) continue;
          expect(Math.abs(actual - direct), `${text} at ${x}, ${y}: ${actual}, plainly ${direct}`).toBeLessThanOrEqual(
            1e-14 * Math.max(1, Math.abs(direct)),
          );
        }
      }
    }
  });

  test("negative control: the wrong output gives another value", () => {
    const through = derivativeThroughOutput(parse("tanh(x)"), 0, 1)!;
    expect(compileScalar(through.scalar)([NaN, 0.9])).not.toBeCloseTo(1 - sigmoid(0.9) ** 2, 3);
    expect(compileScalar(through.scalar)([NaN, 0.9])).toBeCloseTo(0.19, 14);
  });
});

test("a formula nested a thousand deep is differentiated", () => {
  let expr = parse("x");
  for (let i = 0; i < 1000; i++) expr = applyScalar("tanh", applyScalar("mul", constant(1.1), expr));
  expect(at(derivative(expr, 0), 0.1)).toBeGreaterThan(0);
});
