// Functions of the formula language that are not instructions, as the numerically stable expression of instructions
// that everyone uses, so that shared parts and known shapes are recognised.

import type { Expr } from "./expression.js";
import type { AnyLeaf } from "./instructions.js";
import { is, under, type Make } from "./patterns.js";

export interface Form {
  readonly operands: readonly string[];
  readonly build: <Leaf>(make: Make<Leaf>, ...args: readonly Expr<Leaf>[]) => Expr<Leaf>;
}

/** log(1 + exp(x)), without overflow and with both tails exact. */
const softplus: Form = {
  operands: ["x"],
  build: (m, x) => {
    const tail = m.apply("log1p", [m.apply("exp", [m.apply("neg", [m.apply("abs", [x!])])])]);
    return m.apply("add", [m.apply("max", [x!, m.constant(0)]), tail]);
  },
};

export const forms = {
  square: { operands: ["x"], build: (m, x) => m.apply("mul", [x!, x!]) },
  reciprocal: { operands: ["x"], build: (m, x) => m.apply("div", [m.constant(1), x!]) },
  rsqrt: { operands: ["x"], build: (m, x) => m.apply("div", [m.constant(1), m.apply("sqrt", [x!])]) },
  /** Slope 0 at the kink. */
  relu: {
    operands: ["x"],
    build: (m, x) => m.apply("select", [m.apply("gt", [x!, m.constant(0)]), x!, m.constant(0)]),
  },
  /** Slope 1 on both bounds. */
  clip: {
    operands: ["x", "low", "high"],
    build: (m, x, low, high) => {
      const capped = m.apply("select", [m.apply("gt", [x!, high!]), high!, x!]);
      return m.apply("select", [m.apply("lt", [x!, low!]), low!, capped]);
    },
  },
  softplus,
  /** log(sigmoid(x)) = -softplus(-x). */
  logSigmoid: {
    operands: ["x"],
    build: (m, x) => m.apply("neg", [softplus.build(m, m.apply("neg", [x!]))]),
  },
} satisfies Record<string, Form>;

/** An expression whose slope is known as a whole: better than what the slopes of its parts combine to. */
export interface KnownSlope<Leaf> {
  readonly of: Expr<Leaf>;
  readonly slope: (make: Make<Leaf>) => Expr<Leaf>;
}

/** Recognises such an expression. Equal expressions must be one object. */
export function knownSlope<Leaf extends AnyLeaf>(expr: Expr<Leaf>): KnownSlope<Leaf> | undefined {
  return softplusSlope(expr) ?? rsqrtSlope(expr) ?? softsignSlope(expr);
}

/** softplus'(x) = sigmoid(x), at the kinks of its parts too. */
function softplusSlope<Leaf extends AnyLeaf>(expr: Expr<Leaf>): KnownSlope<Leaf> | undefined {
  const x = softplusOperand(expr);
  return x && { of: x, slope: (m) => m.apply("sigmoid", [x]) };
}

/** (1 / sqrt(x))' = -y³ / 2, without a division. */
function rsqrtSlope<Leaf extends AnyLeaf>(expr: Expr<Leaf>): KnownSlope<Leaf> | undefined {
  const quotient = under(expr, "div");
  const x = quotient && is(quotient[0]!, 1) ? under(quotient[1]!, "sqrt")?.[0] : undefined;
  const cube = (m: Make<Leaf>): Expr<Leaf> => m.apply("mul", [m.apply("mul", [expr, expr]), expr]);
  return x && { of: x, slope: (m) => m.apply("mul", [m.constant(-0.5), cube(m)]) };
}

/** (x / (1 + |x|))' = 1 / (1 + |x|)²; the quotient rule would subtract two nearly equal numbers. */
function softsignSlope<Leaf extends AnyLeaf>(expr: Expr<Leaf>): KnownSlope<Leaf> | undefined {
  const quotient = under(expr, "div");
  const sum = quotient && under(quotient[1]!, "add");
  if (!sum) return undefined;
  const [x, below] = [quotient[0]!, quotient[1]!];
  const matches = [sum, [sum[1]!, sum[0]!]].some(([one, size]) => is(one!, 1) && under(size!, "abs")?.[0] === x);
  return matches ? { of: x, slope: (m) => m.apply("div", [m.constant(1), m.apply("mul", [below, below])]) } : undefined;
}

/** The `x` of a softplus. Equal expressions must be one object. */
function softplusOperand<Leaf extends AnyLeaf>(expr: Expr<Leaf>): Expr<Leaf> | undefined {
  const sum = under(expr, "add");
  if (sum === undefined) return undefined;
  for (const [head, tail] of [sum, [sum[1]!, sum[0]!]]) {
    const bound = under(head, "max");
    const magnitude = under(under(under(under(tail, "log1p")?.[0], "exp")?.[0], "neg")?.[0], "abs")?.[0];
    if (bound === undefined || magnitude === undefined) continue;
    const x = is(bound[1]!, 0) ? bound[0]! : is(bound[0]!, 0) ? bound[1]! : undefined;
    if (x === undefined) continue;
    if (x === magnitude || under(x, "neg")?.[0] === magnitude || under(magnitude, "neg")?.[0] === x) return x;
  }
  return undefined;
}
