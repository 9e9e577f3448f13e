// Printing expressions: as formula text with few parentheses, and as LaTeX. The caller says how leaves print.
//
// The text parses back to the same value up to rounding: sums and products print without the parentheses that only
// tell the order of equal operations.

import { isApply, isConstant, type Expr } from "./expression.js";
import { instructionOf, PRECEDENCE, type AnyLeaf } from "./instructions.js";

interface Printed {
  readonly text: string;
  readonly precedence: number;
}

const atom = (text: string): Printed => ({ text, precedence: PRECEDENCE.atom });

/** `0.5 * x * (1 + erf(x))`. Leaves must print as atoms (a name, a call). */
export function printScalar<Leaf extends AnyLeaf>(root: Expr<Leaf>, leaf: (leaf: Leaf) => string): string {
  const enclose = ({ text, precedence }: Printed, least: number): string => (precedence < least ? `(${text})` : text);

  function print(expr: Expr<Leaf>): Printed {
    if (isConstant(expr)) return number(expr.value, String);
    if (!isApply(expr)) return atom(leaf(expr as Leaf));
    const { notation } = instructionOf(expr.op);
    const args = expr.args.map(print);
    if (notation.kind === "call") {
      // `not` is an operator to the parser; as a call it reads the same.
      return atom(`${notation.name}(${args.map((arg) => arg.text).join(", ")})`);
    }
    if (notation.kind === "prefix") {
      const [x] = args;
      return {
        text: `-${x!.text.startsWith("-") ? `(${x!.text})` : enclose(x!, notation.precedence)}`,
        precedence: notation.precedence,
      };
    }
    const { symbol, precedence } = notation;
    const [a, b] = bounds(expr.op, precedence);
    const right = args[1]!.text.startsWith("-") ? `(${args[1]!.text})` : enclose(args[1]!, b);
    const left = enclose(args[0]!, a);
    return { text: expr.op === "pow" ? `${left}${symbol}${right}` : `${left} ${symbol} ${right}`, precedence };
  }

  return print(root).text;
}

/** The least precedence that each operand of an infix instruction may have without parentheses. */
function bounds(op: string, precedence: number): readonly [number, number] {
  if (precedence === PRECEDENCE.compare) return [precedence + 1, precedence + 1];
  if (op === "pow") return [PRECEDENCE.atom, PRECEDENCE.atom];
  return [precedence, op === "sub" || op === "div" ? precedence + 1 : precedence];
}

function number(value: number, show: (value: number) => string): Printed {
  const negative = value < 0 || Object.is(value, -0);
  return negative ? { text: `-${show(-value)}`, precedence: PRECEDENCE.prefix } : atom(show(value));
}

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

/** LaTeX. Numbers are shortened to six digits, well-known ones are named. */
export function texScalar<Leaf extends AnyLeaf>(root: Expr<Leaf>, leaf: (leaf: Leaf) => string): string {
  const enclose = ({ text, precedence }: Printed, least: number): string =>
    precedence < least ? `\\left(${text}\\right)` : text;

  function print(expr: Expr<Leaf>): Printed {
    if (isConstant(expr)) return number(expr.value, texNumber);
    if (!isApply(expr)) return atom(leaf(expr as Leaf));
    const { notation } = instructionOf(expr.op);
    const args = expr.args.map(print);
    const special = layout(
      expr.op,
      args.map((arg) => arg.text),
      enclose(args[0]!, PRECEDENCE.atom),
    );
    if (special !== undefined) return special;
    if (notation.kind === "call") {
      return atom(`${notation.tex}\\left(${args.map((arg) => arg.text).join(", ")}\\right)`);
    }
    if (notation.kind === "prefix") {
      const x = args[0]!;
      return {
        text: `-${x.text.startsWith("-") ? `\\left(${x.text}\\right)` : enclose(x, notation.precedence)}`,
        precedence: notation.precedence,
      };
    }
    const { tex, precedence } = notation;
    const [a, b] = bounds(expr.op, precedence);
    const right = args[1]!.text.startsWith("-") ? `\\left(${args[1]!.text}\\right)` : enclose(args[1]!, b);
    return { text: `${enclose(args[0]!, a)} ${tex} ${right}`, precedence };
  }

  return print(root).text;
}

/** Notation with a layout of its own. `base` is the first operand as an atom. */
function layout(op: string, [a, b, c]: readonly string[], base: string): Printed | undefined {
  switch (op) {
    case "div":
      return { text: `\\frac{${a}}{${b}}`, precedence: PRECEDENCE.power };
    case "pow":
      return { text: `${base}^{${b}}`, precedence: PRECEDENCE.power };
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
    case "select":
      return atom(`\\begin{cases} ${b} & \\text{if } ${a} \\\\ ${c} & \\text{otherwise} \\end{cases}`);
    default:
      return undefined;
  }
}
