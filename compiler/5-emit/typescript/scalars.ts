// The scalar instructions in TypeScript: one row each. Arithmetic is in doubles, whatever the buffers hold.

import type { ScalarOp } from "../../../src/scalar/expression.js";
import { throwBadIndex } from "../module/indices.js";
import type { FloatType } from "../../ir/choices.js";

/** JavaScript's binding strengths, as far as they are needed. */
export const LEVEL = {
  conditional: 1,
  or: 2,
  and: 3,
  equality: 4,
  relational: 5,
  sum: 6,
  product: 7,
  unary: 8,
  atom: 9,
} as const;

export type Render =
  | { readonly kind: "infix"; readonly symbol: string; readonly level: number; readonly associative: boolean }
  | { readonly kind: "prefix"; readonly symbol: string }
  | { readonly kind: "call"; readonly callee: string; readonly helper?: Helper }
  /** `$` stands for the operand, printed as an argument. */
  | { readonly kind: "template"; readonly text: string; readonly level: number; readonly helper?: Helper }
  /**
   * Statements before the one that uses the result: `$0` stands for the first operand, `@` for a number of their own. A
   * function would box its operands and its result wherever the engine does not inline it, and it has a budget for that.
   */
  | {
      readonly kind: "written";
      readonly lines: readonly string[];
      readonly result: string;
      readonly level: number;
      readonly helper?: Helper;
    }
  | { readonly kind: "conditional" };

export type Helper = "erf" | "POWERS" | "entryIndex";

const infix = (symbol: string, level: number, associative = false): Render => ({
  kind: "infix",
  symbol,
  level,
  associative,
});
const call = (callee: string): Render => ({ kind: "call", callee });
const written = (lines: readonly string[], result: string, level: number = LEVEL.atom): Render => ({
  kind: "written",
  lines,
  result,
  level,
});

const typescriptScalars = {
  add: infix("+", LEVEL.sum),
  sub: infix("-", LEVEL.sum),
  mul: infix("*", LEVEL.product),
  div: infix("/", LEVEL.product),
  neg: { kind: "prefix", symbol: "-" },
  abs: call("Math.abs"),
  sign: call("Math.sign"),
  floor: call("Math.floor"),
  ceil: call("Math.ceil"),
  // To the nearest integer, halves to the even one.
  round: written(
    ["const rx@ = $0;", "const rb@ = Math.floor(rx@);", "const rr@ = rx@ - rb@;"],
    "rr@ < 0.5 ? rb@ : rr@ > 0.5 ? rb@ + 1 : rr@ === 0.5 ? rb@ + (rb@ % 2 === 0 ? 0 : 1) : rx@",
    LEVEL.conditional,
  ),
  sqrt: call("Math.sqrt"),
  exp: call("Math.exp"),
  expm1: call("Math.expm1"),
  log: call("Math.log"),
  log1p: call("Math.log1p"),
  sin: call("Math.sin"),
  cos: call("Math.cos"),
  tanh: call("Math.tanh"),
  // exp overflows to infinity for very negative operands, and the quotient is 0: the right limit.
  sigmoid: { kind: "template", text: "1 / (1 + Math.exp(-$))", level: LEVEL.product },
  erf: { ...written(["numbers[0] = $0;", "erf();", "const ef@ = numbers[1]!;"], "ef@"), helper: "erf" } as Render,
  pow: call("Math.pow"),
  min: call("Math.min"),
  max: call("Math.max"),
  eq: infix("===", LEVEL.equality),
  ne: infix("!==", LEVEL.equality),
  lt: infix("<", LEVEL.relational),
  le: infix("<=", LEVEL.relational),
  gt: infix(">", LEVEL.relational),
  ge: infix(">=", LEVEL.relational),
  and: infix("&&", LEVEL.and, true),
  or: infix("||", LEVEL.or, true),
  not: { kind: "prefix", symbol: "!" },
  select: { kind: "conditional" },
  // Mixes two 32-bit words into one: the only source of randomness.
  hash: written(
    [
      "const ha@ = $0;",
      "const hb@ = ha@ ^ Math.imul($1, 0x9e3779b1);",
      "const hc@ = Math.imul(hb@ ^ (hb@ >>> 16), 0x21f0aaad);",
      "const hd@ = Math.imul((hc@ ^ (hc@ >>> 15)) + ha@, 0x735a2d97);",
      "const he@ = Math.imul(hd@ ^ (hd@ >>> 15), 0x85ebca6b);",
    ],
    "((he@ ^ (he@ >>> 16)) >>> 0)",
  ),
  uniform: { kind: "template", text: "($ >>> 8) * 5.960464477539063e-8", level: LEVEL.product },
} satisfies Record<ScalarOp, Render>;

/** e^x with a relative error below 3e-10: a power of two times a polynomial within half an octave. */
const exponential = [
  "const en@ = Math.floor(ex@ * 1.4426950408889634 + 0.5);",
  "const er@ = ex@ - en@ * 0.6931471805599453;",
  "const es@ = er@ * er@;",
  "const eh@ = 1 / 24 + er@ * (1 / 120) + es@ * (1 / 720 + er@ * (1 / 5040) + es@ * (1 / 40320));",
  "const ep@ = 1 + er@ + es@ * (0.5 + er@ * (1 / 6)) + es@ * es@ * eh@;",
  "const exp@ = ex@ < 709.7 ? (ex@ < -745.2 ? 0 : ep@ * POWERS[en@ + 1075]!) : ex@ > 0 ? Infinity : ex@;",
];

/** log(1 + x) with a relative error below 1e-10 for x from 0 to 1, by the series of atanh; elsewhere the engine's. */
const logarithm = [
  "const lx@ = $0;",
  "const ls@ = lx@ / (2 + lx@);",
  "const lq@ = ls@ * ls@;",
  "const ll@ = 1 + lq@ * (1 / 3 + lq@ * (1 / 5 + lq@ * (1 / 7 + lq@ * (1 / 9))));",
  "const lh@ = 1 / 11 + lq@ * (1 / 13 + lq@ * (1 / 15 + lq@ * (1 / 17 + lq@ * (1 / 19))));",
  "const log@ = lx@ >= 0 && lx@ <= 1 ? 2 * ls@ * (ll@ + lq@ * lq@ * lq@ * lq@ * lq@ * lh@) : Math.log1p(lx@);",
];

/** What float32 modules print instead: the engine's own functions are calls out of compiled code, eight times as slow. */
const shorter: Partial<Record<ScalarOp, Render>> = {
  exp: {
    kind: "written",
    lines: ["const ex@ = $0;", ...exponential],
    result: "exp@",
    level: LEVEL.atom,
    helper: "POWERS",
  },
  log1p: { kind: "written", lines: logarithm, result: "log@", level: LEVEL.atom },
  sigmoid: {
    kind: "written",
    lines: ["const ex@ = -$0;", ...exponential],
    result: "1 / (1 + exp@)",
    level: LEVEL.product,
    helper: "POWERS",
  },
};

export type Renders = Readonly<Record<ScalarOp, Render>>;

/** How a module of the given floating type prints the instructions. */
export const rendersFor = (float: FloatType): Renders =>
  float === "float32" ? { ...typescriptScalars, ...shorter } : typescriptScalars;

/** Functions that a module carries when one of its kernels calls them. */
export const helpers: Readonly<Record<Helper, string>> = {
  erf: `/** Operand and result of a function: as arguments they would be boxed. */
const numbers = new Float64Array(2);

/** The error function: a series below 2, a continued fraction of the complement above. */
function erf(): void {
  const x = numbers[0]!;
  const size = Math.abs(x);
  if (!(size < 6)) numbers[1] = Number.isNaN(x) ? x : Math.sign(x);
  else if (size < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    numbers[1] = 1.1283791670955126 * Math.exp(-x * x) * sum;
  } else {
    let tail = size;
    for (let n = 120; n >= 1; n--) tail = size + n / 2 / tail;
    numbers[1] = Math.sign(x) * (1 - Math.exp(-size * size) / (1.772453850905516 * tail));
  }
}`,
  entryIndex: `/** A computed index of an axis of so many entries. Throws where it names none of them. */
function entryIndex(index: number, below: number, op: string): number {
  if (index >= 0 && index < below) return index;
  ${throwBadIndex("op", "index", "below")}
}`,
  POWERS: `/** 2^n for the exponents of doubles, from n = -1075. */
const POWERS = Float64Array.from({ length: 2100 }, (_, i) => 2 ** (i - 1075));`,
};
