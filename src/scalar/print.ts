// Printing expressions: as formula text with few parentheses, and as LaTeX. The caller says how leaves print; they must
// read as one piece (a name, a call).
//
// The text parses back to the same value up to rounding: sums of sums and products of products print without the
// parentheses that only tell an order, and x * x prints as a power.

import { isApply, isConstant, type Expr, type ScalarOp } from "./expression.js";
import { instructionOf, PRECEDENCE, type AnyLeaf, type Notation } from "./instructions.js";

/** Text and how tightly it holds together. */
interface Printed {
  readonly text: string;
  readonly precedence: number;
  readonly op?: ScalarOp;
}

interface Style {
  readonly enclose: (text: string) => string;
  readonly number: (value: number) => string;
  readonly symbol: (notation: Notation) => string;
  readonly power: (base: string, exponent: string) => string;
  /** Operands of a call. */
  readonly list: (args: readonly string[]) => string;
  /** Notation with a layout of its own. `tight` is the first operand as one piece. */
  readonly layout: (op: ScalarOp, args: readonly string[], tight: string) => Printed | undefined;
}

/** `0.5 * x * (1 + erf(x))`. */
export const printScalar = <Leaf extends AnyLeaf>(root: Expr<Leaf>, leaf: (leaf: Leaf) => string): string =>
  print(root, leaf, TEXT).text;

/** LaTeX. Numbers are shortened to six digits, well-known ones are named. */
export const texScalar = <Leaf extends AnyLeaf>(root: Expr<Leaf>, leaf: (leaf: Leaf) => string): string =>
  print(root, leaf, TEX).text;

const atom = (text: string): Printed => ({ text, precedence: PRECEDENCE.atom });

function print<Leaf extends AnyLeaf>(root: Expr<Leaf>, leaf: (leaf: Leaf) => string, style: Style): Printed {
  const within = ({ text, precedence }: Printed, least: number): string =>
    precedence < least ? style.enclose(text) : text;
  /** Two signs in a row are hard to read. */
  const unsigned = (part: Printed, least: number): string =>
    part.text.startsWith("-") ? style.enclose(part.text) : within(part, least);

  function visit(expr: Expr<Leaf>): Printed {
    if (isConstant(expr)) return number(expr.value);
    if (!isApply(expr)) return atom(leaf(expr as Leaf));
    const power = asPower(expr);
    if (power) {
      const base = within(visit(power.base), PRECEDENCE.atom);
      return { text: style.power(base, String(power.exponent)), precedence: PRECEDENCE.power };
    }
    return { ...application(expr.op, expr.args.map(visit)), op: expr.op };
  }

  function number(value: number): Printed {
    const negative = value < 0 || Object.is(value, -0);
    return negative ? { text: `-${style.number(-value)}`, precedence: PRECEDENCE.prefix } : atom(style.number(value));
  }

  function application(op: ScalarOp, args: readonly Printed[]): Printed {
    const [a, b] = args;
    const texts = args.map((arg) => arg.text);
    const special = style.layout(op, texts, within(a!, PRECEDENCE.atom));
    if (special) return special;
    const { notation } = instructionOf(op);
    const symbol = style.symbol(notation);
    if (notation.kind === "call") return atom(`${symbol}${style.list(texts)}`);
    const { precedence } = notation;
    if (notation.kind === "prefix") return { text: `${symbol}${unsigned(a!, precedence)}`, precedence };
    if (precedence === PRECEDENCE.compare) {
      return { text: `${within(a!, precedence + 1)} ${symbol} ${within(b!, precedence + 1)}`, precedence };
    }
    // On the right only the same operation may stand bare, and only where the order does not matter.
    const bare = b!.op === op && instructionOf(op).commutative;
    return {
      text: `${within(a!, precedence)} ${symbol} ${unsigned(b!, bare ? precedence : precedence + 1)}`,
      precedence,
    };
  }

  return visit(root);
}

/** `x * x` and `x * x * x`, when the factors are one object. */
function asPower<Leaf extends AnyLeaf>(expr: Expr<Leaf>): { base: Expr<Leaf>; exponent: number } | undefined {
  if (!isApply(expr) || expr.op !== "mul") return undefined;
  const [a, b] = [expr.args[0]!, expr.args[1]!];
  if (a === b) return { base: a, exponent: 2 };
  for (const [square, base] of [[a, b] as const, [b, a] as const]) {
    if (isApply(square) && square.op === "mul" && square.args.every((arg) => arg === base))
      return { base, exponent: 3 };
  }
  return undefined;
}

const TEXT: Style = {
  enclose: (text) => `(${text})`,
  number: String,
  symbol: (notation) => (notation.kind === "call" ? notation.name : notation.symbol),
  power: (base, exponent) => `${base}^${exponent}`,
  list: (args) => `(${args.join(", ")})`,
  layout: (op, args, tight) => {
    if (op === "not") return { text: `not ${tight}`, precedence: PRECEDENCE.prefix };
    if (op !== "pow") return undefined;
    const exponent = /^[\w.]+$/.test(args[1]!) ? args[1]! : `(${args[1]!})`;
    return { text: `${tight}^${exponent}`, precedence: PRECEDENCE.power };
  },
};

const TEX: Style = {
  enclose: (text) => `\\left(${text}\\right)`,
  number: texNumber,
  symbol: (notation) => notation.tex,
  power: (base, exponent) => `${base}^{${exponent}}`,
  list: (args) => `\\left(${args.join(", ")}\\right)`,
  layout: (op, [a, b, c], tight) => {
    switch (op) {
      case "div":
        return { text: `\\frac{${a}}{${b}}`, precedence: PRECEDENCE.power };
      case "pow":
        return { text: `${tight}^{${b}}`, precedence: PRECEDENCE.power };
      case "sqrt":
        return atom(`\\sqrt{${a}}`);
      case "exp":
        return { text: `e^{${a}}`, precedence: PRECEDENCE.power };
      case "abs":
        return atom(`\\left|${a}\\right|`);
      case "floor":
        return atom(`\\left\\lfloor ${a} \\right\\rfloor`);
      case "ceil":
        return atom(`\\left\\lceil ${a} \\right\\rceil`);
      case "not":
        return { text: `\\lnot ${tight}`, precedence: PRECEDENCE.prefix };
      case "select":
        return {
          text: `\\begin{cases} ${b} & \\text{if } ${a} \\\\ ${c} & \\text{otherwise} \\end{cases}`,
          precedence: PRECEDENCE.or,
        };
      default:
        return undefined;
    }
  },
};

/** Numbers that formulas are made of, as mathematicians write them. */
const NAMED: readonly (readonly [number, string])[] = [
  [Infinity, "\\infty"],
  [Math.PI, "\\pi"],
  [Math.E, "e"],
  [Math.SQRT2, "\\sqrt{2}"],
  [Math.SQRT1_2, "\\frac{1}{\\sqrt{2}}"],
  [Math.sqrt(Math.PI), "\\sqrt{\\pi}"],
  [2 / Math.sqrt(Math.PI), "\\frac{2}{\\sqrt{\\pi}}"],
  [1 / Math.sqrt(Math.PI), "\\frac{1}{\\sqrt{\\pi}}"],
  [Math.sqrt(2 / Math.PI), "\\sqrt{\\frac{2}{\\pi}}"],
  [1 / Math.sqrt(2 * Math.PI), "\\frac{1}{\\sqrt{2\\pi}}"],
];

function texNumber(value: number): string {
  const named = NAMED.find(([known]) => known === value || Math.abs(known - value) < 4e-16 * known);
  if (named) return named[1];
  const [digits, exponent] = String(Number(value.toPrecision(6))).split("e");
  return exponent === undefined ? digits! : `${digits} \\cdot 10^{${Number(exponent)}}`;
}
