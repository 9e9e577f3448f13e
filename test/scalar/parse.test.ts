import { describe, expect, test } from "vitest";
import { parseFormula } from "../../compiler/formula/parse.js";
import { functions } from "../../compiler/formula/vocabulary.js";
import { resolveScalar } from "../../compiler/formula/resolve.js";
import type { OpDef } from "../../src/graph/op.js";
import { TapelessError } from "../../src/messages.js";
import { compileScalar } from "../../src/scalar/evaluate.js";
import { erf, sigmoid } from "../../src/scalar/numeric.js";
import { printScalar } from "../../src/scalar/print.js";

const parse = (text: string, values: Record<string, number> = {}) =>
  parseFormula(text, { operands: ["x", "y"], values: new Map(Object.entries(values)) });

const print = (text: string, values: Record<string, number> = {}): string =>
  printScalar(parse(text, values), ({ index }) => ["x", "y"][index]!);

const VALUES: readonly (readonly [text: string, f: (x: number, y: number) => number])[] = [
  ["x + y * 2 - 3 / x", (x, y) => x + y * 2 - 3 / x],
  ["-x^2", (x) => -(x ** 2)],
  ["2^3^2 + 0 * x", () => 512],
  ["2^-y", (_, y) => 2 ** -y],
  ["(x - y) * (x + y) / 2", (x, y) => ((x - y) * (x + y)) / 2],
  ["x - (y - 1)", (x, y) => x - (y - 1)],
  ["x - y - 1", (x, y) => x - y - 1],
  ["x / y / 3", (x, y) => x / y / 3],
  ["+x", (x) => x],
  ["where(x > 0, x, slope * x)", (x) => (x > 0 ? x : 0.25 * x)],
  ["x <= y ? x : y > 1 ? 1 : 2", (x, y) => (x <= y ? x : y > 1 ? 1 : 2)],
  ["where(x >= 0 and not (y < 1) or x == y, 1, 2)", (x, y) => ((x >= 0 && !(y < 1)) || x === y ? 1 : 2)],
  ["where(x != y, 1, 2)", (x, y) => (x !== y ? 1 : 2)],
  ["0.5 * x * (1 + erf(x / sqrt(2)))", (x) => 0.5 * x * (1 + erf(x / Math.SQRT2))],
  ["x * tanh(softplus(x))", (x) => x * Math.tanh(Math.log(1 + Math.exp(x)))],
  ["softplus(x) + logSigmoid(y)", (x, y) => Math.log(1 + Math.exp(x)) + Math.log(sigmoid(y))],
  ["square(x) + reciprocal(x) + rsqrt(abs(y))", (x, y) => x * x + 1 / x + 1 / Math.sqrt(Math.abs(y))],
  ["clip(x, -1, 1) + relu(y)", (x, y) => Math.min(Math.max(x, -1), 1) + Math.max(y, 0)],
  ["min(x, y, 0.5) + max(x, y, 1, 2)", (x, y) => Math.min(x, y, 0.5) + Math.max(x, y, 1, 2)],
  ["pow(abs(x), 1.5) + abs(x)^y", (x, y) => Math.abs(x) ** 1.5 + Math.abs(x) ** y],
  ["floor(x) + ceil(x) + round(y) + sign(x)", (x, y) => Math.floor(x) + Math.ceil(x) + Math.round(y) + Math.sign(x)],
  [
    "exp(x) + expm1(x) + sin(x) + cos(y) + log(abs(x)) + log1p(abs(y))",
    (x, y) => Math.exp(x) + Math.expm1(x) + Math.sin(x) + Math.cos(y) + Math.log(Math.abs(x)) + Math.log1p(Math.abs(y)),
  ],
  ["pi + e + x", (x) => Math.PI + Math.E + x],
  ["min(x, Infinity) + max(x, -Infinity)", (x) => 2 * x],
  ["x\n  + 1e-3\n  + .5", (x) => x + 0.501],
];

describe("values", () => {
  for (const [text, f] of VALUES) {
    test(text, () => {
      const evaluate = compileScalar(parse(text, { slope: 0.25 }));
      const again = compileScalar(parse(print(text, { slope: 0.25 })));
      for (const [x, y] of [
        [0.7, 1.9],
        [-1.3, 0.6],
        [2.2, -0.8],
        [1.5, 1.5],
      ] as const) {
        expect(evaluate([x, y])).toBeCloseTo(f(x, y), 12);
        expect(again([x, y]), `printed as ${print(text, { slope: 0.25 })}`).toBeCloseTo(f(x, y), 12);
      }
    });
  }
});

const PRINTED: readonly (readonly [text: string, printed: string])[] = [
  ["x * sigmoid(x)", "x * sigmoid(x)"],
  ["x - (y - 1)", "x - (y - 1)"],
  ["x - y - 1", "x - y - 1"],
  ["x * (y / x)", "x * (y / x)"],
  ["(x + y) * 2", "2 * (x + y)"],
  ["x * x * x", "x^3"],
  ["(x + 1)^2", "(x + 1)^2"],
  ["x^2.5", "x^2.5"],
  ["x^(-2.5)", "x^(-2.5)"],
  ["(-x)^2.5", "(-x)^2.5"],
  ["-(x * y)", "-x * y"],
  ["x + -3", "x - 3"],
  ["2 * 3 * x", "6 * x"],
  ["slope * (2 * x)", "0.5 * x"],
  ["x > -1", "x > -1"],
  ["not (x > 1)", "not (x > 1)"],
  ["x > 0 and (y > 0 or x > 1)", "x > 0 and (y > 0 or x > 1)"],
  ["where(x > 0, x, 0)", "where(x > 0, x, 0)"],
  ["x / (1 + exp(-x))", "x * sigmoid(x)"],
  ["exp(x) - 1", "expm1(x)"],
  ["log(1 + x)", "log1p(x)"],
];

describe("printing", () => {
  for (const [text, printed] of PRINTED) test(text, () => expect(print(text, { slope: 0.25 })).toBe(printed));
});

const REFUSED: readonly (readonly [text: string, column: number, sentence: string, hint?: string])[] = [
  ["", 1, "it is empty"],
  ["   ", 1, "it is empty"],
  ["x +", 4, "unexpected end of expression"],
  ["x * * y", 5, "value expected"],
  ["(x + 1", 7, "parenthesis ) expected"],
  ["x + z", 5, 'nothing is called "z" here', "did you mean x?"],
  ["x + slop * y", 5, 'nothing is called "slop" here', "did you mean slope?"],
  ["x + sigmod(x)", 5, 'there is no function "sigmod"', "did you mean sigmoid?"],
  ["x + gamma(x)", 5, 'there is no function "gamma"', "known: "],
  ["tanh + x", 1, "tanh is a function: write tanh(...)"],
  ["x(y)", 1, "x is not a function", "write x * (...)"],
  ["2 x", 3, 'an operator is missing before "x"', "write a product as a * b"],
  ["x (y + 1) ", 1, "x is not a function"],
  ["0 < x < 1", 1, '"0 < x < 1" compares more than two values', "join two comparisons with and"],
  ["tanh(x, y)", 1, 'tanh takes 1 value, but "tanh(x, y)" gives 2'],
  ["max(x)", 1, 'max takes at least 2 values, but "max(x)" gives 1'],
  ["clip(x, 1)", 1, "clip takes 3 values"],
  ["x * (y > 0)", 6, '* needs a number in "x * (y > 0)", but "(y > 0)" is a condition', "use where"],
  ["where(x, 1, exp(x - 1))", 1, ""],
  [
    "where(x + 1, 1, 2)",
    7,
    'where needs a condition in "where(x + 1, 1, 2)", but "x + 1" is a number',
    "compare it: x + 1 != 0",
  ],
  ["not x > 0", 5, "> needs a number", "write not (a > b)"],
  ["x and y + 1", 7, 'and needs a condition in "x and y + 1", but "y + 1" is a number'],
  ["uniform(x + 0.5)", 9, "uniform needs an integer"],
  ["x = 1", 1, '"x = 1" is not part of the formula language'],
  ["f(x) = x", 1, "is not part of the formula language"],
  ["x.y", 1, '"x.y" is not part of the formula language'],
  ["x:y", 1, '"x:y" is not part of the formula language'],
  ["x mod y", 1, "the operator mod"],
  ["x xor y", 1, "the operator xor"],
  ["x!", 1, "the operator !"],
  ["x .* y", 1, "the operator .*"],
  ["NaN + x", 1, '"NaN" is not a number'],
  ["true", 1, '"true" is not a number'],
  ["x + null", 5, '"null" is not a number'],
  ['x + "s"', 5, 'the character """ is not part of the formula language'],
  ["x[1]", 2, 'the character "[" is not part of the formula language'],
  ["x; y", 2, 'the character ";" is not part of the formula language'],
  ["x # y", 3, 'the character "#" is not part of the formula language'],
  ["x % 2", 3, 'the character "%" is not part of the formula language'],
  ["x + 😀", 5, 'the character "😀" is not part of the formula language'],
  ["`x`", 1, 'the character "`" is not part of the formula language'],
  ["__proto__", 1, 'nothing is called "__proto__" here'],
  ["x + constructor", 5, 'nothing is called "constructor" here'],
  ["constructor(x)", 1, 'there is no function "constructor"'],
  ["toString()", 1, 'there is no function "toString"'],
  ["x.constructor", 1, '"x.constructor" is not part of the formula language'],
  ["import(x)", 1, 'there is no function "import"'],
  ["(".repeat(4000) + "x" + ")".repeat(4000), 1, "it is nested too deeply"],
  ["-".repeat(9000) + "x", 1, "it is nested too deeply"],
  ["x + ".repeat(5000) + "x", 1, "it has 20001 characters; at most 10000 are allowed"],
];

describe("refused", () => {
  for (const [text, column, sentence, hint] of REFUSED) {
    if (sentence === "") {
      test(`${text} is allowed`, () => void parse(text));
      continue;
    }
    test(text.slice(0, 40) || "nothing", () => {
      let error: unknown;
      try {
        parse(text, { slope: 1 });
      } catch (caught) {
        error = caught;
      }
      if (!(error instanceof TapelessError)) throw new Error(`not refused, or not clearly: ${String(error)}`);
      expect(error.code).toBe("FORMULA_ERROR");
      expect(error.sentence).toContain(sentence);
      expect(error.sentence).toContain(`column ${column}:`);
      if (hint) expect(error.hint).toContain(hint);
    });
  }

  test("hostile names of operands and attributes", () => {
    for (const name of ["__proto__", "constructor", "toString", "a b", "1x", "x'", ""]) {
      expect(() => parseFormula("1", { operands: [name], values: new Map() })).toThrow("cannot be the name");
      expect(() => parseFormula("1", { operands: [], values: new Map([[name, 1]]) })).toThrow("cannot be the name");
    }
  });
});

describe("resolve", () => {
  const record = (fields: Partial<OpDef>): OpDef => ({ name: "test", operands: ["x"], ...fields }) as OpDef;

  test("attributes become constants, and the result is kept per record and values", () => {
    const def = record({ formula: "slope * x" });
    const half = resolveScalar(def, { slope: 0.5, label: "not a number" });
    expect(printScalar(half, () => "x")).toBe("0.5 * x");
    expect(resolveScalar(def, { slope: 0.5 })).toBe(half);
    expect(resolveScalar(def, { slope: 0.25 })).not.toBe(half);
    expect(resolveScalar(record({ formula: "slope * x" }), { slope: 0.5 })).not.toBe(half);
  });

  test("0 and -0 are different values", () => {
    const def = record({ formula: "x / zero" });
    expect(compileScalar(resolveScalar(def, { zero: 0 }))([1])).toBe(Infinity);
    expect(compileScalar(resolveScalar(def, { zero: -0 }))([1])).toBe(-Infinity);
  });

  test("a record's own expression is taken as it is", () => {
    const scalar = parse("tanh(x)");
    expect(resolveScalar(record({ scalar }), {})).toBe(scalar);
  });
});

test("every word of the language is reachable", () => {
  expect([...functions.keys()].sort()).toMatchInlineSnapshot(`
    [
      "abs",
      "ceil",
      "clip",
      "cos",
      "erf",
      "exp",
      "expm1",
      "floor",
      "hash",
      "log",
      "log1p",
      "logSigmoid",
      "max",
      "min",
      "pow",
      "reciprocal",
      "relu",
      "round",
      "rsqrt",
      "sigmoid",
      "sign",
      "sin",
      "softplus",
      "sqrt",
      "square",
      "tanh",
      "uniform",
      "where",
    ]
  `);
});
