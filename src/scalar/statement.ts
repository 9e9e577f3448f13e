// What a law says, from text to LaTeX: "(x * c1) * c2 = x * (c1 * c2)", "slice(pad(x)) = x, where both mean the same part".
// What is no formula is set as the words that it is.

interface Token {
  readonly kind: "name" | "number" | "symbol";
  readonly text: string;
}

/** LaTeX in math mode. */
export function texOfStatement(statement: string): string {
  const [formula, remark] = apart(statement);
  const typeset = formula && new Reader(tokensOf(formula)).statement();
  if (typeset === undefined || typeset === "") return words(statement);
  return remark === "" ? typeset : `${typeset} \\quad ${words(remark)}`;
}

/** The formula, and what is said of it after a comma or colon outside of its parentheses. */
function apart(statement: string): readonly [formula: string, remark: string] {
  let depth = 0;
  for (let i = 0; i < statement.length; i++) {
    const character = statement[i]!;
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth === 0 && (character === "," || character === ":"))
      return [statement.slice(0, i), statement.slice(i + 1).trim()];
  }
  return [statement, ""];
}

const words = (text: string): string => `\\text{${text.replace(/[#$%&_{}]/g, (c) => `\\${c}`)}}`;

const tokensOf = (text: string): readonly Token[] =>
  [...text.matchAll(/[a-z]\w*|\d+(?:\.\d+)?|\.\.\.|[<>]=|\S/gi)].map(([token]) => ({
    kind: /^[a-z]/i.test(token) ? "name" : /^\d/.test(token) ? "number" : "symbol",
    text: token,
  }));

const COMPARISONS: Readonly<Record<string, string>> = { "<": "<", ">": ">", "<=": "\\le", ">=": "\\ge" };

const FUNCTIONS: Readonly<Record<string, string>> = {
  exp: "\\exp",
  log: "\\log",
  cos: "\\cos",
  min: "\\min",
  max: "\\max",
  sigmoid: "\\sigma",
};

const CONSTANTS: Readonly<Record<string, string>> = { true: "\\mathrm{true}", false: "\\mathrm{false}" };

/** By precedence, the lowest first. Each gives undefined for what is no formula. */
class Reader {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  statement(): string | undefined {
    const sides: string[] = [];
    let logical = false;
    do {
      const from = this.at;
      const side = this.disjunction();
      if (side === undefined) return undefined;
      sides.push(side);
      logical ||= this.tokens.slice(from, this.at).some(({ text }) => Object.hasOwn(COMPARISONS, text));
    } while (this.take("="));
    return this.at === this.tokens.length ? sides.join(logical ? " \\iff " : " = ") : undefined;
  }

  private disjunction(): string | undefined {
    return this.joined(() => this.conjunction(), { or: " \\lor " });
  }

  private conjunction(): string | undefined {
    return this.joined(() => this.comparison(), { and: " \\land " });
  }

  private comparison(): string | undefined {
    return this.joined(
      () => this.sum(),
      Object.fromEntries(Object.entries(COMPARISONS).map(([text, tex]) => [text, ` ${tex} `])),
    );
  }

  private sum(): string | undefined {
    return this.joined(() => this.product(), { "+": " + ", "-": " - " });
  }

  private product(): string | undefined {
    let left = this.prefixed();
    while (left !== undefined) {
      if (this.take("/")) {
        const below = this.prefixed();
        left = below === undefined ? undefined : `\\frac{${bare(left)}}{${bare(below)}}`;
        continue;
      }
      const times = this.take("*") ? " \\cdot " : this.take("@") || this.isAdjacent() ? "\\," : undefined;
      if (times === undefined) return left;
      const right = this.prefixed();
      left = right === undefined ? undefined : `${left}${times}${signed(right)}`;
    }
    return undefined;
  }

  private prefixed(): string | undefined {
    const sign = this.take("-") ? "-" : this.take("not") ? "\\lnot " : undefined;
    if (sign === undefined) return this.power();
    const operand = this.prefixed();
    return operand === undefined ? undefined : sign + operand;
  }

  private power(): string | undefined {
    const base = this.atom();
    if (base === undefined || !this.take("^")) return base;
    const exponent = this.prefixed();
    return exponent === undefined ? undefined : `${base}^{${exponent}}`;
  }

  private atom(): string | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || token.text === "and" || token.text === "or") return undefined;
    if (token.text === "(") return this.group();
    if (token.text === "...") return this.advance("\\ldots");
    if (token.kind === "number") return this.advance(token.text);
    if (token.kind !== "name") return undefined;
    this.at++;
    return this.tokens[this.at]?.text === "(" ? this.call(token.text) : variable(token.text);
  }

  private group(): string | undefined {
    const inner = this.arguments();
    return inner?.length === 1 ? `\\left(${inner[0]}\\right)` : undefined;
  }

  private call(name: string): string | undefined {
    const inner = this.arguments();
    if (inner === undefined) return undefined;
    if (name === "abs") return `\\left|${inner[0]}\\right|`;
    if (name === "sqrt") return `\\sqrt{${inner[0]}}`;
    return `${FUNCTIONS[name] ?? (name.length === 1 ? name : `\\operatorname{${name}}`)}\\left(${inner.join(", ")}\\right)`;
  }

  /** In parentheses, with commas between them. */
  private arguments(): readonly string[] | undefined {
    if (!this.take("(")) return undefined;
    const found: string[] = [];
    do {
      const each = this.disjunction();
      if (each === undefined) return undefined;
      found.push(each);
    } while (this.take(","));
    return this.take(")") ? found : undefined;
  }

  private joined(part: () => string | undefined, operators: Readonly<Record<string, string>>): string | undefined {
    let left = part();
    for (;;) {
      const operator = this.tokens[this.at]?.text ?? "";
      if (left === undefined || !Object.hasOwn(operators, operator)) return left;
      this.at++;
      const right = part();
      left = right === undefined ? undefined : `${left}${operators[operator]!}${signed(right)}`;
    }
  }

  /** A function may follow without a sign: t log(x). Two words are none of a formula. */
  private isAdjacent(): boolean {
    const token = this.tokens[this.at];
    return token?.kind === "name" && this.tokens[this.at + 1]?.text === "(";
  }

  private take(text: string): boolean {
    if (this.tokens[this.at]?.text !== text) return false;
    this.at++;
    return true;
  }

  private advance(tex: string): string {
    this.at++;
    return tex;
  }
}

function variable(name: string): string {
  if (Object.hasOwn(CONSTANTS, name)) return CONSTANTS[name]!;
  const numbered = /^([a-z])(\d+)$/.exec(name);
  if (numbered) return `${numbered[1]}_{${numbered[2]}}`;
  return name.length === 1 ? name : `\\mathrm{${name}}`;
}

/** What follows a sign of its own. */
const signed = (tex: string): string => (tex.startsWith("-") ? `\\left(${tex}\\right)` : tex);

/** What stands above or below a line needs no parentheses of its own. */
function bare(tex: string): string {
  const inner = /^\\left\((.*)\\right\)$/s.exec(tex)?.[1];
  return inner !== undefined && closes(inner) ? inner : tex;
}

/** Do the parentheses within match, so that those around it are a pair? */
function closes(inner: string): boolean {
  let depth = 0;
  for (const [token] of inner.matchAll(/\\left\(|\\right\)/g)) {
    depth += token === "\\left(" ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
