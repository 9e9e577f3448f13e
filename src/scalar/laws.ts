// The laws by which scalar expressions are simplified, as data: id, statement, instruction, rewrite.

import { isConstant, type Expr, type ScalarOp } from "./expression.js";
import { forms } from "./forms.js";
import type { AnyLeaf } from "./instructions.js";
import {
  assume,
  hasFactor,
  is,
  isModerate,
  isNormal,
  isPowerOfTwo,
  multiple,
  onePlusExp,
  reciprocal,
  scaled,
  under,
  value,
  type Make,
} from "./patterns.js";
import type { Reason, ReasonClass } from "./reason.js";
import { texOfStatement } from "./statement.js";

type Rewrite = <Leaf extends AnyLeaf>(args: readonly Expr<Leaf>[], make: Make<Leaf>) => Expr<Leaf> | undefined;

export interface ScalarLaw extends Reason {
  /** What it says, as text. */
  readonly statement: string;
  readonly op: ScalarOp;
  /** The replacement, or undefined where the law does not apply. Operands are interned: equal ones are one object. */
  readonly rewrite: Rewrite;
}

const ofClass =
  (of: ReasonClass) =>
  (id: string, statement: string, op: ScalarOp, rewrite: Rewrite): ScalarLaw => ({
    id: `scalar.${id}`,
    title: statement,
    get tex() {
      return texOfStatement(statement);
    },
    class: of,
    statement,
    op,
    rewrite,
  });

const algebra = ofClass("algebra");
const stability = ofClass("stability");

/** Comparisons have their constant on the right, so that equal ones look equal. */
const constantRight =
  (mirrored: ScalarOp): Rewrite =>
  ([a, b], m) =>
    isConstant(a!) && !isConstant(b!) ? m.apply(mirrored, [b!, a]) : undefined;

export const scalarLaws: readonly ScalarLaw[] = [
  algebra("add-zero", "x + 0 = x", "add", ([a, b]) => (is(b!, 0) ? a : is(a!, 0) ? b : undefined)),
  algebra("add-minus", "a + -b = a - b", "add", ([a, b], m) => {
    const [negB, negA] = [under(b!, "neg"), under(a!, "neg")];
    if (negB) return m.apply("sub", [a!, negB[0]!]);
    return negA && m.apply("sub", [b!, negA[0]!]);
  }),
  algebra("add-negative-number", "a + (-c) = a - c", "add", ([a, b], m) => {
    const [c, d] = [value(b!), value(a!)];
    if (c !== undefined && c < 0) return m.apply("sub", [a!, m.constant(-c)]);
    return d !== undefined && d < 0 ? m.apply("sub", [b!, m.constant(-d)]) : undefined;
  }),
  algebra("add-negative-multiple", "a + (-c * b) = a - c * b", "add", ([a, b], m) => {
    const s = scaled(b!);
    return s && s[0] < 0 ? m.apply("sub", [a!, m.apply("mul", [m.constant(-s[0]), s[1]])]) : undefined;
  }),
  algebra("add-multiples", "c1 * x + c2 * x = (c1 + c2) * x", "add", ([a, b], m) => {
    const [s, t] = [multiple(a!), multiple(b!)];
    return s[1] === t[1] && s[0] + t[0] !== 0 && !isConstant(s[1])
      ? m.apply("mul", [m.constant(s[0] + t[0]), s[1]])
      : undefined;
  }),

  algebra("subtract-zero", "x - 0 = x", "sub", ([a, b]) => (is(b!, 0) ? a : undefined)),
  algebra("zero-minus", "0 - x = -x", "sub", ([a, b], m) => (is(a!, 0) ? m.apply("neg", [b!]) : undefined)),
  algebra("subtract-minus", "a - -b = a + b", "sub", ([a, b], m) => {
    const inner = under(b!, "neg");
    return inner && m.apply("add", [a!, inner[0]!]);
  }),
  algebra("subtract-negative-number", "a - (-c) = a + c", "sub", ([a, b], m) => {
    const c = value(b!);
    return c !== undefined && c < 0 ? m.apply("add", [a!, m.constant(-c)]) : undefined;
  }),
  algebra("subtract-negative-multiple", "a - (-c * b) = a + c * b", "sub", ([a, b], m) => {
    const s = scaled(b!);
    return s && s[0] < 0 ? m.apply("add", [a!, m.apply("mul", [m.constant(-s[0]), s[1]])]) : undefined;
  }),
  algebra("subtract-multiples", "c1 * x - c2 * x = (c1 - c2) * x", "sub", ([a, b], m) => {
    const [s, t] = [multiple(a!), multiple(b!)];
    return s[1] === t[1] && s[0] - t[0] !== 0 && !isConstant(s[1])
      ? m.apply("mul", [m.constant(s[0] - t[0]), s[1]])
      : undefined;
  }),
  algebra("minus-out-of-difference", "-a - b = -(a + b)", "sub", ([a, b], m) => {
    const inner = under(a!, "neg");
    return inner && m.apply("neg", [m.apply("add", [inner[0]!, b!])]);
  }),
  stability("expm1", "exp(x) - 1 = expm1(x)", "sub", ([a, b], m) => {
    const power = is(b!, 1) ? under(a!, "exp") : undefined;
    return power && m.apply("expm1", power);
  }),
  stability("exp-of-expm1", "expm1(x) + 1 = exp(x)", "add", ([a, b], m) => {
    const power = is(b!, 1) ? under(a!, "expm1") : is(a!, 1) ? under(b!, "expm1") : undefined;
    return power && m.apply("exp", power);
  }),

  algebra("number-first", "x * c = c * x", "mul", ([a, b], m) =>
    isConstant(b!) ? m.apply("mul", [b, a!]) : undefined,
  ),
  algebra("multiply-by-one", "1 * x = x", "mul", ([a, b]) => (is(a!, 1) ? b : undefined)),
  algebra("multiply-by-minus-one", "-1 * x = -x", "mul", ([a, b], m) =>
    is(a!, -1) ? m.apply("neg", [b!]) : undefined,
  ),
  algebra("minus-into-number", "c * -x = -c * x", "mul", ([a, b], m) => {
    const [c, inner] = [value(a!), under(b!, "neg")];
    return c !== undefined && inner ? m.apply("mul", [m.constant(-c), inner[0]!]) : undefined;
  }),
  algebra("gather-constants", "c1 * (c2 * x) = (c1 * c2) * x", "mul", ([a, b], m) => {
    const [c, s] = [value(a!), scaled(b!)];
    return c !== undefined && s && isNormal(c * s[0]) ? m.apply("mul", [m.constant(c * s[0]), s[1]]) : undefined;
  }),
  algebra("multiply-a-numerator", "c1 * (c2 / x) = (c1 * c2) / x", "mul", ([a, b], m) => {
    const [c, quotient] = [value(a!), under(b!, "div")];
    const top = quotient && value(quotient[0]!);
    if (c === undefined || top === undefined || !isNormal(c * top)) return undefined;
    return m.apply("div", [m.constant(c * top), quotient![1]!]);
  }),
  algebra("factor-into-where", "c * where(p, c1, c2) = where(p, c * c1, c * c2)", "mul", ([a, b], m) => {
    const [c, branches] = [value(a!), under(b!, "select")];
    if (c === undefined || !branches || !isConstant(branches[1]!) || !isConstant(branches[2]!)) return undefined;
    const times = (x: number): number => (x === 0 ? 0 : c * x);
    if (!Number.isFinite(c)) return undefined;
    return m.apply("select", [
      branches[0]!,
      m.constant(times(branches[1].value)),
      m.constant(times(branches[2].value)),
    ]);
  }),
  algebra("minus-out-of-product", "-a * b = -(a * b)", "mul", ([a, b], m) => {
    const [negA, negB] = [under(a!, "neg"), under(b!, "neg")];
    if (negA && negB) return m.apply("mul", [negA[0]!, negB[0]!]);
    if (negA) return m.apply("neg", [m.apply("mul", [negA[0]!, b!])]);
    return negB && m.apply("neg", [m.apply("mul", [a!, negB[0]!])]);
  }),
  algebra("factor-out-numbers", "(c1 * a) * (c2 * b) = (c1 * c2) * (a * b)", "mul", ([a, b], m) => {
    const [s, t] = [scaled(a!), scaled(b!)];
    if (isModerate(s?.[0]) && isModerate(t?.[0])) {
      return m.apply("mul", [m.constant(s![0] * t![0]), m.apply("mul", [s![1], t![1]])]);
    }
    if (isModerate(s?.[0]) && !isConstant(b!)) return m.apply("mul", [m.constant(s![0]), m.apply("mul", [s![1], b!])]);
    if (isModerate(t?.[0]) && !isConstant(a!)) return m.apply("mul", [m.constant(t![0]), m.apply("mul", [a!, t![1]])]);
    return undefined;
  }),
  // Powers of a reciprocal keep it: they need one division.
  algebra("multiply-by-reciprocal", "a * (1 / b) = a / b", "mul", ([a, b], m) => {
    const [p, q] = [reciprocal(a!), reciprocal(b!)];
    if (q && !p && !hasFactor(a!, b!)) return m.apply("div", [a!, q]);
    return p && !q && !hasFactor(b!, a!) ? m.apply("div", [b!, p]) : undefined;
  }),

  algebra("divide-by-one", "x / 1 = x", "div", ([a, b]) => (is(b!, 1) ? a : undefined)),
  algebra("divide-by-power-of-two", "x / 2^n = 2^-n * x", "div", ([a, b], m) => {
    const c = value(b!);
    return c !== undefined && isPowerOfTwo(c) ? m.apply("mul", [m.constant(1 / c), a!]) : undefined;
  }),
  algebra("minus-out-of-quotient", "-a / b = -(a / b)", "div", ([a, b], m) => {
    const [negA, negB] = [under(a!, "neg"), under(b!, "neg")];
    if (negA && negB) return m.apply("div", [negA[0]!, negB[0]!]);
    if (negA) return m.apply("neg", [m.apply("div", [negA[0]!, b!])]);
    return negB && m.apply("neg", [m.apply("div", [a!, negB[0]!])]);
  }),
  // The quotient's slope would be infinity / infinity where exp overflows; the sigmoid's is 0.
  stability("sigmoid-of-quotient", "a / (1 + exp(u)) = a * sigmoid(-u)", "div", ([a, b], m) => {
    const u = onePlusExp(b!);
    return u && m.apply("mul", [a!, m.apply("sigmoid", [m.apply("neg", [u])])]);
  }),

  algebra("minus-minus", "-(-x) = x", "neg", ([a]) => under(a!, "neg")?.[0]),
  algebra("minus-difference", "-(a - b) = b - a", "neg", ([a], m) => {
    const difference = under(a!, "sub");
    return difference && m.apply("sub", [difference[1]!, difference[0]!]);
  }),
  algebra("minus-into-factor", "-(c * x) = -c * x", "neg", ([a], m) => {
    const s = scaled(a!);
    return s && m.apply("mul", [m.constant(-s[0]), s[1]]);
  }),
  algebra("minus-into-numerator", "-(c / x) = -c / x", "neg", ([a], m) => {
    const quotient = under(a!, "div");
    const c = quotient && value(quotient[0]!);
    return c === undefined ? undefined : m.apply("div", [m.constant(-c), quotient![1]!]);
  }),
  algebra("minus-into-where", "-where(p, c1, c2) = where(p, -c1, -c2)", "neg", ([a], m) => {
    const branches = under(a!, "select");
    if (!branches || !isConstant(branches[1]!) || !isConstant(branches[2]!)) return undefined;
    return m.apply("select", [branches[0]!, m.constant(0 - branches[1].value), m.constant(0 - branches[2].value)]);
  }),

  algebra("abs-of-minus", "abs(-x) = abs(x)", "abs", ([a], m) => {
    const inner = under(a!, "neg");
    return inner && m.apply("abs", inner);
  }),
  algebra("abs-of-abs", "abs(abs(x)) = abs(x)", "abs", ([a]) => (under(a!, "abs") ? a : undefined)),
  algebra("cos-of-minus", "cos(-x) = cos(x)", "cos", ([a], m) => {
    const inner = under(a!, "neg");
    return inner && m.apply("cos", inner);
  }),
  algebra("min-same", "min(x, x) = x", "min", ([a, b]) => (a === b ? a : undefined)),
  algebra("max-same", "max(x, x) = x", "max", ([a, b]) => (a === b ? a : undefined)),

  algebra("power-one", "x^1 = x", "pow", ([a, b]) => (is(b!, 1) ? a : undefined)),
  algebra("power-two", "x^2 = x * x", "pow", ([a, b], m) => (is(b!, 2) ? m.apply("mul", [a!, a!]) : undefined)),
  algebra("power-three", "x^3 = x * x * x", "pow", ([a, b], m) =>
    is(b!, 3) ? m.apply("mul", [m.apply("mul", [a!, a!]), a!]) : undefined,
  ),
  algebra("power-four", "x^4 = (x * x) * (x * x)", "pow", ([a, b], m) => {
    const square = is(b!, 4) ? m.apply("mul", [a!, a!]) : undefined;
    return square && m.apply("mul", [square, square]);
  }),
  // They differ only at x = -Infinity.
  algebra("power-half", "x^0.5 = sqrt(x)", "pow", ([a, b], m) => (is(b!, 0.5) ? m.apply("sqrt", [a!]) : undefined)),
  algebra("negative-power", "x^-n = 1 / x^n", "pow", ([a, b], m) =>
    is(b!, -0.5) || is(b!, -1) || is(b!, -2)
      ? m.apply("div", [m.constant(1), m.apply("pow", [a!, m.constant(-value(b!)!)])])
      : undefined,
  ),

  stability("log-of-sigmoid", "log(sigmoid(x)) = logSigmoid(x)", "log", ([a], m) => {
    const inner = under(a!, "sigmoid");
    return inner && forms.logSigmoid.build(m, inner[0]!);
  }),
  stability("softplus", "log(1 + exp(x)) = softplus(x)", "log", ([a], m) => {
    const u = onePlusExp(a!);
    return u && forms.softplus.build(m, u);
  }),
  stability("log1p", "log(1 + x) = log1p(x)", "log", ([a], m) => {
    const sum = under(a!, "add");
    if (!sum) return undefined;
    return is(sum[0]!, 1) ? m.apply("log1p", [sum[1]!]) : is(sum[1]!, 1) ? m.apply("log1p", [sum[0]!]) : undefined;
  }),
  stability("log-of-one-minus-sigmoid", "log(1 - sigmoid(x)) = logSigmoid(-x)", "log", ([a], m) => {
    const difference = under(a!, "sub");
    const inner = difference && is(difference[0]!, 1) ? under(difference[1]!, "sigmoid") : undefined;
    return inner && forms.logSigmoid.build(m, m.apply("neg", [inner[0]!]));
  }),
  stability("log1p-minus", "log(1 - x) = log1p(-x)", "log", ([a], m) => {
    const difference = under(a!, "sub");
    return difference && is(difference[0]!, 1) ? m.apply("log1p", [m.apply("neg", [difference[1]!])]) : undefined;
  }),

  algebra("where-same", "where(p, x, x) = x", "select", ([, a, b]) => (a === b ? a : undefined)),
  algebra("where-known", "where(true, a, b) = a", "select", ([c, a, b]) =>
    isConstant(c!) ? (c.value === 0 ? b : a) : undefined,
  ),
  algebra("where-not", "where(not p, a, b) = where(p, b, a)", "select", ([c, a, b], m) => {
    const inner = under(c!, "not");
    return inner && m.apply("select", [inner[0]!, b!, a!]);
  }),
  algebra("where-in-where", "where(p, where(p, a, b), c) = where(p, a, c)", "select", ([c, a, b], m) => {
    const [then, otherwise] = [assume(c!, true, a!, m), assume(c!, false, b!, m)];
    return then === a && otherwise === b ? undefined : m.apply("select", [c!, then, otherwise]);
  }),
  algebra("where-or", "where(p, a, where(q, a, b)) = where(p or q, a, b)", "select", ([c, a, b], m) => {
    const inner = under(b!, "select");
    return inner && inner[1] === a ? m.apply("select", [m.apply("or", [c!, inner[0]!]), a!, inner[2]!]) : undefined;
  }),

  algebra("greater-mirrored", "c > x = x < c", "gt", constantRight("lt")),
  algebra("less-mirrored", "c < x = x > c", "lt", constantRight("gt")),
  algebra("greater-equal-mirrored", "c >= x = x <= c", "ge", constantRight("le")),
  algebra("less-equal-mirrored", "c <= x = x >= c", "le", constantRight("ge")),

  algebra("not-not", "not not p = p", "not", ([a]) => under(a!, "not")?.[0]),
  algebra("and-same", "p and p = p", "and", ([a, b]) => (a === b ? a : undefined)),
  algebra("and-true", "p and true = p", "and", ([a, b]) =>
    isConstant(a!) ? (a.value === 0 ? a : b) : isConstant(b!) ? (b.value === 0 ? b : a) : undefined,
  ),
  algebra("or-same", "p or p = p", "or", ([a, b]) => (a === b ? a : undefined)),
  algebra("or-false", "p or false = p", "or", ([a, b]) =>
    isConstant(a!) ? (a.value === 0 ? b : a) : isConstant(b!) ? (b.value === 0 ? a : b) : undefined,
  ),
];

/** The laws of an instruction, in order. */
export const lawsOf = (op: ScalarOp): readonly ScalarLaw[] => byOp.get(op) ?? [];

const byOp = new Map<ScalarOp, ScalarLaw[]>();
for (const each of scalarLaws) byOp.set(each.op, [...(byOp.get(each.op) ?? []), each]);
