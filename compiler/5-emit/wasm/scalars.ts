// The scalar instructions in WebAssembly: one row each, for one value and for four lanes at once. All arithmetic on floats
// is in the module's own type.

import type { ScalarOp } from "../../../src/scalar/expression.js";
import type { VectorOp } from "./math/builder.js";

export type Row =
  /** The same instruction for `f32`, `f64` and `f32x4`; `integer`: its name for integers, where there is one. */
  | { readonly kind: "plain"; readonly name: string; readonly integer?: string }
  /** A comparison of two floats or of two integers. */
  | { readonly kind: "compare"; readonly name: string; readonly integer: string }
  /** A function: a routine for four lanes, imported in float64. Exactness: see math/. */
  | { readonly kind: "routine"; readonly routine: VectorOp }
  | { readonly kind: "logic"; readonly name: "and" | "or" | "not" }
  /** Written by hand in expression.ts. */
  | { readonly kind: "special"; readonly name: "sign" | "select" | "hash" | "uniform" };

const plain = (name: string, integer?: string): Row => ({ kind: "plain", name, ...(integer && { integer }) });
const compare = (name: string, integer = `${name}_s`): Row => ({ kind: "compare", name, integer });
const routine = (name: VectorOp): Row => ({ kind: "routine", routine: name });
const logic = (name: "and" | "or" | "not"): Row => ({ kind: "logic", name });

export const rows = {
  add: plain("add", "add"),
  sub: plain("sub", "sub"),
  mul: plain("mul", "mul"),
  div: plain("div"),
  neg: plain("neg", "neg"),
  abs: plain("abs", "abs"),
  sign: { kind: "special", name: "sign" },
  floor: plain("floor"),
  ceil: plain("ceil"),
  round: plain("nearest"),
  sqrt: plain("sqrt"),
  exp: routine("exp"),
  expm1: routine("expm1"),
  log: routine("log"),
  log1p: routine("log1p"),
  sin: routine("sin"),
  cos: routine("cos"),
  tanh: routine("tanh"),
  sigmoid: routine("sigmoid"),
  erf: routine("erf"),
  pow: routine("pow"),
  min: plain("min", "min"),
  max: plain("max", "max"),
  eq: compare("eq", "eq"),
  ne: compare("ne", "ne"),
  lt: compare("lt"),
  le: compare("le"),
  gt: compare("gt"),
  ge: compare("ge"),
  and: logic("and"),
  or: logic("or"),
  not: logic("not"),
  select: { kind: "special", name: "select" },
  hash: { kind: "special", name: "hash" },
  uniform: { kind: "special", name: "uniform" },
} satisfies Record<ScalarOp, Row>;
