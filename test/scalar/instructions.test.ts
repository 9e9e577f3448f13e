import { describe, expect, test } from "vitest";
import { derivative } from "../../compiler/formula/derivative.js";
import { compileScalar } from "../../src/scalar/evaluate.js";
import { applyScalar, argument, constant, type ScalarOp, type Scalar } from "../../src/scalar/expression.js";
import { instructionOf, instructions, scalarType } from "../../src/scalar/instructions.js";
import { erf, hash, roundHalfEven, sigmoid, uniform } from "../../src/scalar/numeric.js";
import { erfExact, expectDerivative } from "./oracle.js";

const ops = Object.keys(instructions) as ScalarOp[];

const KNOWN: Record<ScalarOp, readonly (readonly [args: readonly number[], value: number])[]> = {
  add: [[[2, 3], 5]],
  sub: [[[2, 3], -1]],
  mul: [
    [[2, 3], 6],
    [[0, Infinity], NaN],
  ],
  div: [
    [[3, 2], 1.5],
    [[1, 0], Infinity],
  ],
  neg: [[[2], -2]],
  abs: [
    [[-2], 2],
    [[2], 2],
  ],
  sign: [
    [[-2], -1],
    [[0], 0],
    [[3], 1],
  ],
  floor: [
    [[-1.5], -2],
    [[1.5], 1],
  ],
  ceil: [
    [[-1.5], -1],
    [[1.5], 2],
  ],
  round: [
    [[0.5], 0],
    [[1.5], 2],
    [[2.5], 2],
    [[-0.5], 0],
    [[-1.5], -2],
    [[2.4], 2],
    [[-2.6], -3],
    [[1e300], 1e300],
    [[NaN], NaN],
  ],
  sqrt: [
    [[2], 1.4142135623730951],
    [[-1], NaN],
  ],
  exp: [
    [[1], 2.718281828459045],
    [[-1000], 0],
  ],
  expm1: [
    [[1e-10], 1.00000000005e-10],
    [[1], 1.718281828459045],
  ],
  log: [
    [[2], 0.6931471805599453],
    [[0], -Infinity],
  ],
  log1p: [
    [[1e-10], 9.9999999995e-11],
    [[1], 0.6931471805599453],
  ],
  sin: [[[1], 0.8414709848078965]],
  cos: [[[1], 0.5403023058681398]],
  tanh: [
    [[1], 0.7615941559557649],
    [[1000], 1],
  ],
  sigmoid: [
    [[0], 0.5],
    [[1], 0.7310585786300049],
    [[-1000], 0],
    [[1000], 1],
    [[-700], 9.859676543759771e-305],
    [[NaN], NaN],
  ],
  erf: [
    [[1], 0.8427007929497149],
    [[-0.5], -0.5204998778130465],
    [[0], 0],
    [[Infinity], 1],
    [[-Infinity], -1],
    [[NaN], NaN],
  ],
  pow: [
    [[2, 10], 1024],
    [[2, 0.5], 1.4142135623730951],
    [[0, 0], 1],
  ],
  min: [
    [[2, 3], 2],
    [[NaN, 1], NaN],
  ],
  max: [
    [[2, 3], 3],
    [[1, NaN], NaN],
  ],
  eq: [
    [[1, 1], 1],
    [[1, 2], 0],
    [[NaN, NaN], 0],
  ],
  ne: [
    [[1, 1], 0],
    [[1, 2], 1],
    [[NaN, NaN], 1],
  ],
  lt: [
    [[1, 2], 1],
    [[2, 2], 0],
  ],
  le: [
    [[2, 2], 1],
    [[3, 2], 0],
  ],
  gt: [
    [[3, 2], 1],
    [[2, 2], 0],
  ],
  ge: [
    [[2, 2], 1],
    [[1, 2], 0],
  ],
  and: [
    [[1, 1], 1],
    [[1, 0], 0],
    [[0, 0], 0],
  ],
  or: [
    [[1, 0], 1],
    [[0, 1], 1],
    [[0, 0], 0],
  ],
  not: [
    [[1], 0],
    [[0], 1],
  ],
  select: [
    [[1, 5, 6], 5],
    [[0, 5, 6], 6],
  ],
  // Pinned: every target must give these words.
  hash: [
    [[0, 0], 0],
    [[1, 0], 3985521267],
    [[0, 1], 570881921],
    [[4294967295, 123456789], 1075706606],
    [[-1, 123456789], 1075706606],
  ],
  uniform: [
    [[4294967295], 1 - 2 ** -24],
    [[255], 0],
    [[256], 2 ** -24],
  ],
};

const close = (a: number, b: number): boolean => Object.is(a, b) || a === b || Math.abs(a - b) <= 4e-16 * Math.abs(b);

describe("values", () => {
  for (const op of ops) {
    test(op, () => {
      const row = instructionOf(op);
      expect(row.operands).toHaveLength(row.arity);
      for (const [args, value] of KNOWN[op]) {
        const actual = row.value(...args);
        const compiled = compileScalar(applyScalar(op, ...args.map((_, i) => argument(i))))(args);
        expect(compiled, "compiled as evaluated directly").toBe(actual);
        if (!close(actual, value)) throw new Error(`${op}(${args.join(", ")}) = ${actual}, expected ${value}`);
      }
      expect(row.commutative && row.arity !== 2).toBe(false);
      if (row.commutative) expect(row.value(0.3, 0.7)).toBe(row.value(0.7, 0.3));
    });
  }
});

test("erf is within 4e-16 of its 60-digit series, and smooth where the method changes", () => {
  let worst = 0;
  for (let x = -4.75; x <= 4.75; x += 1 / 128)
    worst = Math.max(worst, Math.abs(erf(x) - erfExact(x)) / Math.abs(erfExact(x) || 1));
  expect(worst).toBeLessThan(1e-15);
  expect(Math.abs(erf(1e-300) / 1e-300 - 2 / Math.sqrt(Math.PI))).toBeLessThan(1e-15);
  // The oracle can tell: one part in 1e14 is seen.
  expect(Math.abs(erf(0.7) * (1 + 1e-14) - erfExact(0.7)) / erfExact(0.7)).toBeGreaterThan(1e-15);
});

test("sigmoid keeps its relative accuracy in the lower tail", () => {
  for (const x of [-20, -100, -500, -700]) expect(close(sigmoid(x), Math.exp(x) / (1 + Math.exp(x)))).toBe(true);
  expect(sigmoid(20) + sigmoid(-20)).toBeCloseTo(1, 15);
});

test("round goes to the even neighbour like IEEE 754", () => {
  for (let n = -50; n <= 50; n++) {
    expect(roundHalfEven(n + 0.5) % 2 === 0).toBe(true);
    expect(roundHalfEven(n + 0.25) === n && roundHalfEven(n + 0.75) === n + 1).toBe(true);
  }
});

test("hash and uniform stay in their ranges", () => {
  for (let i = 0; i < 1000; i++) {
    const word = hash(i, -i * 7919);
    expect(Number.isInteger(word) && word >= 0 && word < 2 ** 32).toBe(true);
    expect(uniform(word) >= 0 && uniform(word) < 1 && Math.fround(uniform(word)) === uniform(word)).toBe(true);
  }
});

/** Points of each operand away from kinks and poles; several instructions only have integer or boolean operands. */
const POINTS: { readonly [op in ScalarOp]?: readonly (readonly number[])[] } = {
  sqrt: [[0.4], [3]],
  log: [[0.4], [30]],
  log1p: [[-0.5], [2]],
  pow: [
    [0.7, 1.3],
    [2.5, -1.4],
    [1.2, 3],
  ],
  select: [
    [1, 0.4, 2],
    [0, 0.4, 2],
  ],
};
const UNARY = [[-3.3], [-0.6], [0.45], [2.2]];
const BINARY = [
  [0.7, 1.9],
  [-1.3, 0.6],
  [2.2, -0.8],
];

const floats = ops.filter((op) => instructionOf(op).result === "float" && op !== "uniform");

describe("derivatives against differences", () => {
  for (const op of floats) {
    const row = instructionOf(op);
    const formula: Scalar = applyScalar(op, ...row.operands.map((_, i) => argument(i)));
    const check = (scale: number): void => {
      for (const point of POINTS[op] ?? (row.arity === 1 ? UNARY : BINARY)) {
        row.operands.forEach((type, i) => {
          if (type !== "float") return;
          for (let slope: Scalar | null = formula, order = 0; order < 3; order++) {
            const value = compileScalar(slope);
            const next: Scalar | null = derivative(slope, i);
            const actual = next === null ? 0 : compileScalar(next)(point);
            const along = (x: number): number => value(point.map((other, k) => (k === i ? x : other)));
            expectDerivative(
              along,
              point[i]!,
              actual * scale + (scale - 1) * 0.1,
              `derivative ${order + 1} of ${op} by operand ${i}`,
            );
            if (next === null) return;
            slope = next;
          }
        });
      }
    };
    test(op, () => {
      check(1);
      expect(() => check(1.01)).toThrow("but differences give");
    });
  }

  test("comparisons, logic and hashes have none", () => {
    for (const op of ops.filter((each) => !floats.includes(each))) {
      const row = instructionOf(op);
      const formula: Scalar = applyScalar(op, ...row.operands.map((_, i) => argument(i)));
      expect(derivative(formula, 0)).toBeNull();
    }
  });
});

test("powers by a number have slopes without needless powers", () => {
  const x = argument(0);
  const slope = (exponent: number): unknown =>
    instructionOf("pow").derivative([x, constant(exponent)], applyScalar("pow", x, constant(exponent)))[0];
  expect(slope(0)).toBeNull();
  expect(slope(1)).toEqual(constant(1));
  expect(slope(2)).toEqual(applyScalar("mul", constant(2), x));
});

test("select evaluates only the branch it takes, and shared parts once", () => {
  let reads = 0;
  const shared = applyScalar("exp", argument(0));
  const formula = applyScalar(
    "select",
    applyScalar("gt", argument(0), constant(0)),
    applyScalar("mul", shared, shared),
    argument(1),
  );
  const counting = new Proxy([1, 7], {
    get: (target, key) => {
      reads++;
      return Reflect.get(target, key) as unknown;
    },
  });
  expect(compileScalar(formula)(counting)).toBeCloseTo(Math.exp(2), 12);
  expect(reads).toBe(2);
});

test("a 60-fold diamond evaluates in linear time", () => {
  let expr: Scalar = argument(0);
  for (let i = 0; i < 60; i++) expr = applyScalar("add", expr, expr);
  expect(compileScalar(expr)([1])).toBe(2 ** 60);
});

test("types", () => {
  const typeOf = (expr: Scalar): string => scalarType(expr, ({ index }) => (["int", "float", "bool"] as const)[index]!);
  const [int, float, bool] = [argument(0), argument(1), argument(2)];
  expect(typeOf(applyScalar("select", bool, int, constant(0)))).toBe("int");
  expect(typeOf(applyScalar("select", bool, int, float))).toBe("float");
  expect(typeOf(applyScalar("select", bool, bool, bool))).toBe("bool");
  expect(typeOf(applyScalar("add", int, int))).toBe("float");
  expect(typeOf(applyScalar("hash", int, int))).toBe("int");
  expect(typeOf(applyScalar("lt", int, float))).toBe("bool");
});
