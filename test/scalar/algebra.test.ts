// The laws: each is parsed from its own name and compared with what it rewrites, and random expressions keep their
// value under all of them together.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derivative } from "../../compiler/formula/derivative.js";
import { costOf, formulaAlgebra, leavesOf, simplifyScalar } from "../../src/scalar/algebra.js";
import { compileScalar } from "../../src/scalar/evaluate.js";
import {
  applyScalar,
  argument,
  constant,
  isApply,
  isConstant,
  mapLeaves,
  type Argument,
  type Scalar,
  type ScalarOp,
} from "../../src/scalar/expression.js";
import { forms } from "../../src/scalar/forms.js";
import { scalarLaws, type ScalarLaw } from "../../src/scalar/laws.js";
import { printScalar } from "../../src/scalar/print.js";
import { share } from "../../src/scalar/share.js";
import { foldOnly, randomNumbers, raw } from "./oracle.js";

const SEED = Number(process.env["SEED"] ?? 20240607);
console.log(`algebra.test.ts: seed ${SEED}`);

const show = (expr: Scalar): string => printScalar(expr, ({ index }) => `x${index}`);

describe("each law says what it does", () => {
  const OPERANDS = ["x", "a", "b", "u", "p", "q", "c"];
  const random = randomNumbers(SEED);
  /** Values for the constants of a law: names with `c` are numbers in the pattern, `c` is an operand where it may be. */
  const constantsOf = (name: string): Record<string, number> => {
    const draw = (): number => (random() < 0.5 ? -1 : 1) * (0.3 + Math.floor(random() * 40) / 8);
    const values: Record<string, number> = { n: name.includes("2^n") ? 3 : 2, c1: draw(), c2: draw() + 1 / 16 };
    const c = draw();
    return name.includes("where(p, a, c)") ? values : { ...values, c: /-c\b/.test(name) ? Math.abs(c) : c };
  };

  /** The rewrite of a law on its own left side. */
  function rewritten(law: ScalarLaw): { left: Scalar; right: Scalar; result: Scalar | undefined } {
    const text = law.statement.replace("true", "(1 < 2)").replace("false", "(1 > 2)");
    const [leftText, rightText] = text.split(" = ") as [string, string];
    const values = constantsOf(law.statement);
    const operands = OPERANDS.filter((operand) => !(operand in values));
    const left = raw(leftText, operands, values);
    if (!isApply(left)) throw new Error(`"${leftText}" folded`);
    expect(left.op).toBe(law.op);
    // The law is tried with operands that one maker owns, as the algebra does.
    const make = foldOnly();
    const own = (expr: Scalar): Scalar =>
      isConstant(expr)
        ? make.constant(expr.value)
        : isApply(expr)
          ? make.apply(expr.op, expr.args.map(own))
          : make.leaf(expr);
    return { left, right: raw(rightText, operands, values), result: law.rewrite(left.args.map(own), make) };
  }

  function point(): number[] {
    return OPERANDS.map((name) => (name === "p" || name === "q" ? Number(random() < 0.5) : (random() - 0.4) * 6));
  }

  const differs = (a: Scalar, b: Scalar): string | undefined => {
    const [f, g] = [compileScalar(a), compileScalar(b)];
    for (let n = 0; n < 200; n++) {
      const at = point();
      const [x, y] = [f(at), g(at)];
      if (Number.isNaN(x)) continue;
      if (!(x === y || Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(x))))
        return `${show(a)} is ${x}, ${show(b)} is ${y}`;
    }
    return undefined;
  };

  for (const law of scalarLaws) {
    test(law.statement, () => {
      for (let n = 0; n < 10; n++) {
        const { left, right, result } = rewritten(law);
        if (result === undefined) throw new Error(`the law did not apply to ${show(left)}`);
        expect(differs(left, right) ?? differs(left, result)).toBeUndefined();
      }
    });
  }

  test("statements are unique, and a false law is caught", () => {
    expect(new Set(scalarLaws.map((law) => law.statement)).size).toBe(scalarLaws.length);
    expect(differs(raw("x - u", OPERANDS), raw("u - x", OPERANDS))).toContain(" is ");
  });
});

/** An expression together with a bound on the rounding error of evaluating it in any of the ways the laws allow. */
interface Bounded {
  readonly value: number;
  readonly error: number;
}

const ROUNDING = 1e-14;

/** First-order error propagation; infinite where a law's other rounding could turn a comparison or leave a domain. */
function bounded(expr: Scalar, at: readonly number[], memo = new Map<Scalar, Bounded>()): Bounded {
  const seen = memo.get(expr);
  if (seen) return seen;
  let result: Bounded;
  if (isConstant(expr)) result = { value: expr.value, error: 0 };
  else if (!isApply(expr)) result = { value: at[expr.index]!, error: 0 };
  else {
    const args = expr.args.map((arg) => bounded(arg, at, memo));
    const value = compileScalar(expr)(at);
    result = { value, error: errorOf(expr.op, args, value) + ROUNDING * Math.abs(value) };
  }
  memo.set(expr, result);
  return result;
}

function errorOf(op: ScalarOp, args: readonly Bounded[], value: number): number {
  const [a, b, c] = args as [Bounded, Bounded, Bounded];
  const apart = (x: Bounded, y: Bounded): boolean =>
    Math.abs(x.value - y.value) > x.error + y.error || x.error + y.error === 0;
  switch (op) {
    case "add":
    case "sub":
      return a.error + b.error;
    case "mul":
      return Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + a.error * b.error;
    case "div":
      return Math.abs(b.value) > 2 * b.error
        ? (2 * (a.error + Math.abs(value) * b.error)) / Math.abs(b.value)
        : Infinity;
    case "min":
    case "max":
      return Math.max(a.error, b.error);
    case "neg":
    case "abs":
    case "tanh":
    case "sigmoid":
    case "sin":
    case "cos":
      return a.error + (op === "sin" || op === "cos" ? ROUNDING * Math.abs(a.value) : 0);
    case "erf":
      return 1.2 * a.error;
    case "exp":
    case "expm1":
      return 2 * Math.exp(a.value) * a.error + ROUNDING;
    case "sqrt":
      return a.value > 4 * a.error ? a.error / value : a.error === 0 ? 0 : Infinity;
    case "log":
      return a.value > 4 * a.error ? (2 * a.error) / a.value + ROUNDING / a.value : Infinity;
    case "log1p":
      return 1 + a.value > 4 * a.error ? (2 * a.error) / (1 + a.value) : Infinity;
    case "eq":
    case "ne":
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return apart(a, b) ? 0 : Infinity;
    case "floor":
    case "ceil":
    case "round":
    case "sign":
      return a.error === 0 ? 0 : Infinity;
    case "and":
    case "or":
      return a.error + b.error;
    case "not":
      return a.error;
    case "select":
      return a.error === 0 ? (a.value ? b.error : c.error) : Infinity;
    case "pow":
      return Infinity;
    default:
      return Infinity;
  }
}

const number: fc.Arbitrary<Scalar> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(argument(0), argument(1)) },
  { weight: 2, arbitrary: fc.constantFrom(-2, -1, -0.5, 0, 0.5, 1, 2, 3, 8).map(constant) },
);

const formula = fc.letrec<{ number: Scalar; truth: Scalar }>((tie) => {
  const node = (op: ScalarOp, ...args: fc.Arbitrary<Scalar>[]): fc.Arbitrary<Scalar> =>
    fc.tuple(...args).map((drawn) => applyScalar(op, ...drawn));
  const x = tie("number");
  const p = tie("truth");
  const unaryOps = [
    "neg",
    "neg",
    "neg",
    "abs",
    "sign",
    "floor",
    "round",
    "sqrt",
    "exp",
    "exp",
    "expm1",
    "log",
    "log",
    "log1p",
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "erf",
  ] as const;
  const binaryOps = ["add", "add", "sub", "sub", "mul", "mul", "mul", "div", "min", "max"] as const;
  return {
    number: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      number,
      ...unaryOps.map((op) => node(op, x)),
      ...binaryOps.map((op) => node(op, x, x)),
      ...binaryOps.map((op) => x.map((same) => applyScalar(op, same, same))),
      node("select", p, x, x),
    ),
    truth: fc.oneof(
      { depthSize: "small" },
      ...(["eq", "ne", "lt", "le", "gt", "ge"] as const).map((op) => node(op, x, x)),
      node("and", p, p),
      node("or", p, p),
      node("not", p),
    ),
  };
}).number;

const operand = fc.integer({ min: -24, max: 24 }).map((n) => n / 8);

/** Throws when `other` has not the value of `expr` at the point; false when the point says nothing. */
function sameValue(expr: Scalar, other: Scalar, at: readonly number[]): boolean {
  const { value, error } = bounded(expr, at);
  if (!Number.isFinite(value) || !(error < 1e-4 * Math.max(1, Math.abs(value)))) return false;
  const actual = compileScalar(other)(at);
  if (Math.abs(actual - value) <= 10 * error + 1e-300) return true;
  throw new Error(`at ${at.join(", ")}: ${show(expr)} is ${value} +- ${error}, but ${show(other)} is ${actual}`);
}

describe("random expressions", () => {
  test("simplification keeps the value, and doing it again changes nothing", () => {
    let told = 0;
    let changed = 0;
    const property = fc.property(formula, operand, operand, (expr, x, y) => {
      const simple = simplifyScalar(expr);
      if (sameValue(expr, simple, [x, y])) told++;
      if (show(simple) !== show(expr)) changed++;
      expect(show(simplifyScalar(simple)), "simplifying again changes nothing").toBe(show(simple));
    });
    fc.assert(property, { seed: SEED, numRuns: 8000 });
    expect(told).toBeGreaterThan(3000);
    expect(changed).toBeGreaterThan(2000);
  });

  test("negative control: a law that does not hold is found", () => {
    const broken = (expr: Scalar): Scalar => {
      if (!isApply(expr)) return expr;
      const args = expr.args.map(broken);
      return expr.op === "sub" ? applyScalar("sub", args[1]!, args[0]!) : applyScalar(expr.op, ...args);
    };
    const property = fc.property(formula, operand, operand, (expr, x, y) => void sameValue(expr, broken(expr), [x, y]));
    expect(fc.check(property, { seed: SEED, numRuns: 2000 }).failed).toBe(true);
  });

  test("no NaN where there was a value, and no infinity", () => {
    const property = fc.property(formula, fc.constantFrom(-1e3, -88, 0, -0, 1e-30, 88, 1e3), operand, (expr, x, y) => {
      const value = compileScalar(expr)([x, y]);
      if (!Number.isFinite(value) || bounded(expr, [x, y]).error === Infinity) return;
      expect(Number.isFinite(compileScalar(simplifyScalar(expr))([x, y])), show(expr)).toBe(true);
    });
    fc.assert(property, { seed: SEED, numRuns: 5000 });
  });

  test("sharing keeps the value bit by bit and leaves one object for equal parts", () => {
    const property = fc.property(formula, operand, operand, (expr, x, y) => {
      const [one, two] = share<Argument>(
        [expr, applyScalar("neg", structuredClone(expr) as Scalar)],
        (leaf) => leaf.index,
      );
      expect(compileScalar(one!)([x, y])).toBe(compileScalar(expr)([x, y]));
      expect(isApply(two!) && two.args[0]).toBe(one);
    });
    fc.assert(property, { seed: SEED, numRuns: 3000 });
  });
});

describe("what must not be rewritten", () => {
  for (const text of [
    "x * 0",
    "x - x",
    "x / x",
    "x ^ 0",
    "exp(log(x))",
    "sqrt(x * x)",
    "log(exp(x))",
    "not (x > y)",
    "min(x, y)",
    "(x + 1) - 1",
  ]) {
    test(text, () => expect(show(simplifyScalar(raw(text)))).toBe(show(raw(text)).replace("x0 * 0", "0 * x0")));
  }

  test("x * 0 is NaN at infinity, still", () => {
    expect(compileScalar(simplifyScalar(raw("x * 0")))([Infinity])).toBeNaN();
    expect(compileScalar(simplifyScalar(raw("x - x")))([Infinity])).toBeNaN();
  });
});

test("a law of negative numbers leaves zero alone", () => {
  const make = formulaAlgebra();
  const x = make.leaf(argument(0));
  const negative = scalarLaws.find(({ statement }) => statement === "a + (-c) = a - c")!;
  for (const c of [0, -0, 1]) {
    expect(negative.rewrite([x, make.constant(c)], make)).toBeUndefined();
    expect(negative.rewrite([make.constant(c), x], make)).toBeUndefined();
  }
  for (const args of [
    [x, make.constant(-2)],
    [make.constant(-2), x],
  ])
    expect(show(negative.rewrite(args, make)!)).toBe("x0 - 2");

  const multiple = scalarLaws.find(({ statement }) => statement === "a + (-c * b) = a - c * b")!;
  const y = make.leaf(argument(1));
  const times = (c: number): Scalar => foldOnly().apply("mul", [make.constant(c), y]);
  for (const c of [0, -0, 1]) expect(multiple.rewrite([x, times(c)], make)).toBeUndefined();
  expect(show(multiple.rewrite([x, times(-2)], make)!)).toBe("x0 - 2 * x1");
});

test("constants are multiplied where the product is far from the ends of the range, whatever they are themselves", () => {
  const make = foldOnly();
  const x = make.leaf(argument(0));
  const within: readonly (readonly [string, (c: number) => Scalar])[] = [
    ["c1 * (c2 * x) = (c1 * c2) * x", (c) => make.apply("mul", [make.constant(c), x])],
    ["c1 * (c2 / x) = (c1 * c2) / x", (c) => make.apply("div", [make.constant(c), x])],
  ];
  for (const [name, inner] of within) {
    const { rewrite } = scalarLaws.find((law) => law.statement === name)!;
    for (const c of [1e-20, 1e20]) {
      expect(rewrite([make.constant(c), inner(c)], make)).toBeUndefined();
      expect(compileScalar(rewrite([make.constant(c), inner(1 / c)], make)!)([1])).toBeCloseTo(1, 12);
    }
  }
});

test("a truth that is known decides what it is joined with, on either side", () => {
  const make = foldOnly();
  const p = make.leaf(argument(0));
  const [yes, no] = [make.constant(1), make.constant(0)];
  for (const [name, known, expected] of [
    ["p and true = p", yes, p],
    ["p and true = p", no, no],
    ["p or false = p", yes, yes],
    ["p or false = p", no, p],
  ] as const) {
    const { rewrite } = scalarLaws.find((law) => law.statement === name)!;
    expect(rewrite([known, p], make)).toBe(expected);
    expect(rewrite([p, known], make)).toBe(expected);
  }
});

test("with its leaves replaced, what was shared is shared still, between roots too where one memory is given", () => {
  let asked = 0;
  const leaf = ({ index }: Argument): Scalar => {
    asked += 1;
    return argument(index + 1);
  };
  let tower: Scalar = argument(0);
  for (let i = 0; i < 20; i++) tower = applyScalar("add", tower, tower);
  const moved = mapLeaves(tower, leaf);
  expect(asked).toBe(1);
  expect(compileScalar(moved)([NaN, 3])).toBe(3 * 2 ** 20);
  expect(isApply(moved) && moved.args[0] === moved.args[1]).toBe(true);
  const memory = new Map<Scalar, Scalar>();
  expect(mapLeaves(tower, leaf, memory)).toBe(mapLeaves(tower, leaf, memory));
});

test("stable forms read as they are known", () => {
  const make = formulaAlgebra();
  const [x, y, z] = [0, 1, 2].map((i) => make.leaf(argument(i))) as [Argument, Argument, Argument];
  expect(show(forms.softplus.build(make, x))).toBe("max(x0, 0) + log1p(exp(-abs(x0)))");
  expect(show(forms.relu.build(make, x))).toBe("where(x0 > 0, x0, 0)");
  expect(show(forms.rsqrt.build(make, x))).toBe("1 / sqrt(x0)");
  expect(show(forms.clip.build(make, x, y, z))).toBe("where(x0 < x1, x1, where(x0 > x2, x2, x0))");
});

test("equal parts in either order of a commutative operation are one object", () => {
  const make = formulaAlgebra();
  const [x, y] = [make.leaf(argument(0)), make.leaf(argument(1))];
  expect(make.make("add", x, y)).toBe(make.make("add", y, x));
  expect(make.make("sub", x, y)).not.toBe(make.make("sub", y, x));
  expect(make.constant(0)).not.toBe(make.constant(-0));
});

test("leaves and costs count shared parts once", () => {
  const twice = simplifyScalar(raw("exp(x) * y + exp(x)"));
  expect(leavesOf([twice]).map((leaf) => leaf.index)).toEqual([0, 1]);
  expect(costOf([twice], 0)).toBe(22);
  expect(costOf([twice], 20)).toBe(20);
});

test("a 60-fold diamond simplifies, shares and differentiates in linear time", () => {
  let expr: Scalar = argument(0);
  for (let i = 0; i < 60; i++) expr = applyScalar("mul", expr, applyScalar("sigmoid", expr));
  expect(costOf([simplifyScalar(expr)], 0)).toBeLessThan(2000);
  expect(costOf([derivative(expr, 0)!], 0)).toBeLessThan(10_000);
});
