// The mutation operators: each names a kind of slip, and finds where in a syntax tree it can be made.

import { Node, SyntaxKind, type Expression, type SourceFile } from "ts-morph";
import type { Change, Mutant } from "./mutant.js";

export interface Operator {
  readonly name: string;
  /** What the slip makes of this node. */
  readonly mutate: (node: Node) => readonly Change[];
}

const replace = (node: Node, text: string): Change => ({ start: node.getStart(), end: node.getEnd(), text });

/** Removes a member of a list, with the comma beside it. */
function without(members: readonly Node[], i: number): Change {
  const [before, member, after] = [members[i - 1], members[i]!, members[i + 1]];
  if (after) return { start: member.getStart(), end: after.getStart(), text: "" };
  return { start: before ? before.getEnd() : member.getStart(), end: member.getEnd(), text: "" };
}

const swapped = (a: Node, b: Node): Change => {
  const between = a.getSourceFile().getFullText().slice(a.getEnd(), b.getStart());
  return { start: a.getStart(), end: b.getEnd(), text: b.getText() + between + a.getText() };
};

/** Symbols that are taken for one another. */
function tokens(name: string, pairs: Readonly<Record<string, string>>): Operator {
  return {
    name,
    mutate(node) {
      if (!Node.isBinaryExpression(node)) return [];
      const token = node.getOperatorToken();
      const other = Object.hasOwn(pairs, token.getText()) ? pairs[token.getText()] : undefined;
      const hasText = [node.getLeft(), node.getRight()].some(
        (side) => Node.isStringLiteral(side) || Node.isTemplateExpression(side),
      );
      return other === undefined || hasText ? [] : [replace(token, other)];
    },
  };
}

/** Names that are taken for one another, where both can be meant. */
const NAMES = [
  ["add", "sub"],
  ["mul", "div"],
  ["maximum", "minimum"],
  ["makeMax", "makeMin"],
  ["exp", "log"],
  ["sin", "cos"],
  ["logicalAnd", "logicalOr"],
  ["greater", "less"],
  ["isOne", "isZero"],
  ["makeSum", "makeMean"],
  ["addDims", "multiplyDims"],
  ["addAffine", "subtractAffine"],
] as const;

const MEMBERS = [
  ["some", "every"],
  ["min", "max"],
  ["floor", "ceil"],
  ["first", "last"],
  ["inputs", "operands"],
  ["start", "stop"],
  ["left", "right"],
] as const;

/** Of scalar instructions, in the text of the compiler. */
const INSTRUCTIONS = [
  ["add", "sub"],
  ["mul", "div"],
  ["min", "max"],
  ["gt", "ge"],
  ["lt", "le"],
  ["eq", "ne"],
  ["and", "or"],
  ["sin", "cos"],
  ["floor", "ceil"],
  ["exp", "expm1"],
  ["log", "log1p"],
  ["sum", "prod"],
] as const;

function otherOf(pairs: readonly (readonly [string, string])[], name: string): string | undefined {
  for (const [a, b] of pairs) {
    if (name === a) return b;
    if (name === b) return a;
  }
  return undefined;
}

const isCondition = (node: Node): boolean => {
  const parent = node.getParent();
  return (Node.isIfStatement(parent) || Node.isConditionalExpression(parent)) && parent.getChildren().includes(node)
    ? conditionOf(parent) === node
    : false;
};

const conditionOf = (node: Node): Node | undefined =>
  Node.isIfStatement(node)
    ? node.getExpression()
    : Node.isConditionalExpression(node)
      ? node.getCondition()
      : undefined;

/** Calls whose operands may be swapped. */
const COMMUTATIVE =
  /\b(add|mul|maximum|minimum|equal|notEqual|logicalAnd|logicalOr|max|min|both|imul|same[A-Z]\w*|addAffine)\b(\.at)?$/;

/** Is the order of a list's elements meant to decide nothing: what is tried in turn, asked of all, or the ops of a law? */
function isUnordered(list: Node): boolean {
  const parent = list.getParent();
  if (Node.isForOfStatement(parent)) return true;
  if (Node.isPropertyAccessExpression(parent)) return ["some", "every", "includes"].includes(parent.getName());
  if (Node.isNewExpression(parent)) return ["Set", "Map"].includes(parent.getExpression().getText());
  return Node.isCallExpression(parent) && parent.getExpression().getText().startsWith("law");
}

/** Can the expression be an operand, and not a name, a function, options or a whole law? */
const isOperand = (node: Node): boolean =>
  node.getStartLineNumber() === node.getEndLineNumber() &&
  !Node.isStringLiteral(node) &&
  !Node.isTemplateExpression(node) &&
  !Node.isArrowFunction(node) &&
  !Node.isFunctionExpression(node) &&
  !Node.isObjectLiteralExpression(node);

const EXIT = [
  SyntaxKind.ReturnStatement,
  SyntaxKind.ContinueStatement,
  SyntaxKind.BreakStatement,
  SyntaxKind.ThrowStatement,
];

/** Is it nothing but a way out: `return x`, or a block of that alone? */
function isExit(node: Node): boolean {
  if (Node.isBlock(node)) return node.getStatements().length === 1 && isExit(node.getStatements()[0]!);
  return EXIT.includes(node.getKind());
}

const isArithmetic = (node: Node | undefined): boolean =>
  Node.isBinaryExpression(node) && ["+", "-", "*", "/"].includes(node.getOperatorToken().getText());

/** Formulas are text: their symbols are found by pattern. */
function inFormula(node: Node): readonly Change[] {
  const parent = node.getParent();
  if (!Node.isStringLiteral(node) || !Node.isPropertyAssignment(parent) || parent.getName() !== "formula") return [];
  const other: Readonly<Record<string, string>> = { "+": "-", "-": "+", "*": "/", "/": "*", "<": "<=", ">": ">=" };
  return [...node.getText().matchAll(/ ([-+*/<>]) |\b(\d+(?:\.\d+)?)\b/g)].map((found) => {
    const [whole, symbol, number] = found;
    const start = node.getStart() + found.index;
    return { start, end: start + whole.length, text: symbol ? ` ${other[symbol]!} ` : String(Number(number) + 1) };
  });
}

export const operators: readonly Operator[] = [
  tokens("+ for -", { "+": "-", "-": "+", "+=": "-=", "-=": "+=" }),
  tokens("* for /", { "*": "/", "/": "*", "*=": "/=", "/=": "*=", "%": "*" }),
  tokens("< for <=", { "<": "<=", "<=": "<", ">": ">=", ">=": ">" }),
  tokens("=== for !==", { "===": "!==", "!==": "===" }),
  tokens("&& for ||", { "&&": "||", "||": "&&" }),
  {
    name: "negate a condition",
    mutate: (node) => (isCondition(node) ? [replace(node, `!(${node.getText()})`)] : []),
  },
  {
    name: "a condition is true",
    mutate(node) {
      if (Node.isBinaryExpression(node) && node.getOperatorToken().getText() === "&&") {
        const rest = [replace(node, node.getRight().getText()), replace(node, node.getLeft().getText())];
        return rest.map((change) => ({ ...change, text: `(${change.text})` }));
      }
      return isCondition(node) ? [replace(node, "true")] : [];
    },
  },
  {
    name: "a fallback is gone",
    mutate: (node) =>
      Node.isBinaryExpression(node) && node.getOperatorToken().getText() === "??"
        ? [replace(node, node.getLeft().getText()), replace(node, `(${node.getRight().getText()})`)]
        : [],
  },
  {
    name: "another constant",
    mutate(node) {
      if (!Node.isNumericLiteral(node)) return [];
      const value = Number(node.getText());
      const others = value === 1 ? [0, 2] : Number.isInteger(value) ? [value + 1] : [2 * value];
      return others.map((other) => replace(node, String(other)));
    },
  },
  {
    name: "true for false",
    mutate: (node) =>
      Node.isTrueLiteral(node) ? [replace(node, "false")] : Node.isFalseLiteral(node) ? [replace(node, "true")] : [],
  },
  {
    name: "operands change places",
    mutate(node) {
      if (Node.isBinaryExpression(node) && ["-", "/", "%"].includes(node.getOperatorToken().getText()))
        return [
          replace(
            node,
            `(${node.getRight().getText()}) ${node.getOperatorToken().getText()} (${node.getLeft().getText()})`,
          ),
        ];
      if (!Node.isCallExpression(node) || COMMUTATIVE.test(node.getExpression().getText())) return [];
      const args = node.getArguments();
      const from = node.getExpression().getText().endsWith(".at") ? 1 : 0;
      return args
        .slice(from + 1)
        .map((arg, i): readonly [Node, Node] => [args[from + i]!, arg])
        .filter(([a, b]) => isOperand(a) && isOperand(b) && a.getText() !== b.getText())
        .map(([a, b]) => swapped(a, b));
    },
  },
  {
    name: "branches change places",
    mutate: (node) => (Node.isConditionalExpression(node) ? [swapped(node.getWhenTrue(), node.getWhenFalse())] : []),
  },
  {
    name: "elements change places",
    mutate(node) {
      if (!Node.isArrayLiteralExpression(node) || isUnordered(node)) return [];
      const elements = node.getElements();
      return elements
        .slice(1)
        .map((element, i): readonly [Expression, Expression] => [elements[i]!, element])
        .filter(([a, b]) => isOperand(a) && isOperand(b) && a.getText() !== b.getText())
        .map(([a, b]) => swapped(a, b));
    },
  },
  {
    name: "an element is gone",
    mutate(node) {
      if (!Node.isArrayLiteralExpression(node)) return [];
      const elements = node.getElements();
      return elements.map((_, i) => without(elements, i));
    },
  },
  {
    name: "a guard is gone",
    mutate: (node) =>
      Node.isIfStatement(node) && !node.getElseStatement() && isExit(node.getThenStatement())
        ? [replace(node, ";")]
        : [],
  },
  {
    name: "a statement is gone",
    mutate: (node) =>
      Node.isExpressionStatement(node) && Node.isCallExpression(node.getExpression()) ? [replace(node, ";")] : [],
  },
  {
    name: "the sign changes",
    mutate(node) {
      if (Node.isPrefixUnaryExpression(node) && node.getOperatorToken() === SyntaxKind.MinusToken)
        return [replace(node, `(${node.getOperand().getText()})`)];
      const parent = node.getParent();
      const isReturned = Node.isReturnStatement(parent) || (Node.isArrowFunction(parent) && parent.getBody() === node);
      const isFactor = isArithmetic(parent) && Node.isExpression(node) && !Node.isStringLiteral(node);
      return (isReturned && Node.isExpression(node) && !Node.isBlock(node)) || isFactor
        ? [replace(node, `(-(${node.getText()}))`)]
        : [];
    },
  },
  {
    name: "another function",
    mutate(node) {
      if (Node.isPropertyAccessExpression(node)) {
        const other = otherOf(MEMBERS, node.getName());
        return other === undefined ? [] : [replace(node.getNameNode(), other)];
      }
      if (!Node.isIdentifier(node)) return [];
      const parent = node.getParent();
      if (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === node) return [];
      if (!Node.isPropertyAccessExpression(parent) && !Node.isCallExpression(parent)) return [];
      const other = otherOf(NAMES, node.getText());
      return other !== undefined && isImported(node.getSourceFile(), other) ? [replace(node, other)] : [];
    },
  },
  {
    name: "another instruction",
    mutate(node) {
      if (!Node.isStringLiteral(node)) return [];
      const other = otherOf(INSTRUCTIONS, node.getLiteralText());
      return other === undefined ? [] : [replace(node, JSON.stringify(other))];
    },
  },
  {
    name: "a list stays as it is",
    mutate(node) {
      if (!Node.isCallExpression(node)) return [];
      const callee = node.getExpression();
      if (!Node.isPropertyAccessExpression(callee)) return [];
      const isStep = ["filter", "slice", "reverse", "toReversed", "sort", "toSorted"].includes(callee.getName());
      return isStep ? [replace(node, callee.getExpression().getText())] : [];
    },
  },
  { name: "another formula", mutate: inFormula },
];

const isImported = (file: SourceFile, name: string): boolean =>
  file.getImportDeclarations().some((one) => one.getNamedImports().some((each) => each.getName() === name));

/** Properties that decide no number: what is said of an op, and what tests draw of it. */
const UNHEARD = new Set(["doc", "tex", "samples", "cost", "name", "notation", "ranges", "range"]);

/** Tables and functions that tests draw their samples from, by their names. */
const SAMPLES = /samples$|^CASES$|^SHAPES$/i;

/** Is nothing below this node mutated? */
function isUnheard(node: Node): boolean {
  if (Node.isImportDeclaration(node) || Node.isTypeNode(node) || Node.isInterfaceDeclaration(node)) return true;
  if (Node.isTypeAliasDeclaration(node) || Node.isThrowStatement(node) || Node.isTypeParameterDeclaration(node))
    return true;
  if (Node.isPropertyAssignment(node) || Node.isMethodDeclaration(node)) return UNHEARD.has(node.getName());
  if (Node.isVariableDeclaration(node) || Node.isFunctionDeclaration(node)) return SAMPLES.test(node.getName() ?? "");
  // Statements about our own bugs: no input makes them false.
  return Node.isCallExpression(node) && node.getExpression().getText() === "invariant";
}

/** Every mutant of a file. */
export function mutantsOf(source: SourceFile, file: string): Mutant[] {
  const found: Mutant[] = [];
  source.forEachDescendant((node, walk) => {
    if (isUnheard(node)) return void walk.skip();
    for (const { name, mutate } of operators) {
      for (const change of mutate(node)) {
        found.push({ ...change, operator: name, file, line: source.getLineAndColumnAtPos(change.start).line });
      }
    }
  });
  return found;
}
