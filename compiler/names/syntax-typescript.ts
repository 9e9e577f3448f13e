// The adapter over TypeScript's own syntax tree, which ts-morph brings.

import type { ts as Ts } from "ts-morph";
import type { ParameterNames } from "./place.js";
import { collected, type Import, type Open, type Parse, type SyntaxFile, type SyntaxNode } from "./syntax.js";

/** `ts` is given, so that it is loaded only where it is used. */
export function typescriptParser(ts: typeof Ts): Parse {
  return (path, text) => fileOf(ts, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
}

function fileOf(ts: typeof Ts, file: Ts.SourceFile): SyntaxFile {
  const found = collected();

  const open = <K extends SyntaxNode["kind"]>(kind: K, node: Ts.Node, parent: SyntaxNode | undefined): Open<K> => {
    const start = node.getStart(file);
    found.starts.add(start);
    return { kind, start, end: node.end, parent } as Open<K>;
  };

  /** Makes the node and all below it; `known` are the children that were made already. */
  const rest = (node: Ts.Node, made: SyntaxNode, known: readonly (Ts.Node | undefined)[]): void =>
    ts.forEachChild(node, (child) => {
      if (!known.includes(child) && !isType(child) && !isBare(child)) convert(child, made);
    });

  /** Words and signs, which hold nothing. */
  const isBare = (node: Ts.Node): boolean =>
    ts.isToken(node) && !ts.isIdentifier(node) && !ts.isPrivateIdentifier(node);

  const isType = (node: Ts.Node): boolean =>
    (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) || ts.isTypeParameterDeclaration(node);

  const call = (node: Ts.CallExpression | Ts.NewExpression | Ts.TaggedTemplateExpression, parent: SyntaxNode) => {
    const made = open("call", node, parent);
    found.calls.push(made);
    const tagged = ts.isTaggedTemplateExpression(node);
    const callee = tagged ? node.tag : node.expression;
    made.form = tagged ? "tag" : ts.isNewExpression(node) ? "new" : "call";
    made.callee = convert(callee, made);
    made.parameters = tagged ? [] : parametersOf(ts, node.arguments?.[0]);
    rest(node, made, [callee]);
    return made;
  };

  const member = (node: Ts.PropertyAccessExpression, parent: SyntaxNode) => {
    const made = open("member", node, parent);
    made.object = convert(node.expression, made);
    made.property = convert(node.name, made) as Open<"name">;
    return made;
  };

  const group = (node: Ts.Node & { readonly expression: Ts.Expression }, parent: SyntaxNode) => {
    const made = open("group", node, parent);
    made.expression = convert(node.expression, made);
    return made;
  };

  const conditional = (node: Ts.ConditionalExpression, parent: SyntaxNode) => {
    const made = open("conditional", node, parent);
    made.test = convert(node.condition, made);
    rest(node, made, [node.condition]);
    return made;
  };

  const binding = (
    node: Ts.VariableDeclaration | Ts.ParameterDeclaration | Ts.PropertyDeclaration,
    parent: SyntaxNode,
  ) => {
    const made = open("binding", node, parent);
    made.whole = ts.isIdentifier(node.name);
    made.field = ts.isPropertyDeclaration(node);
    made.name = ts.isPropertyDeclaration(node) ? keyOf(ts, node.name) : firstName(ts, node.name as Ts.BindingName);
    rest(node, made, []);
    return made;
  };

  const assignment = (node: Ts.BinaryExpression, parent: SyntaxNode) => {
    const made = open("assignment", node, parent);
    const { left } = node;
    made.name = nameIn(ts, ts.isPropertyAccessExpression(left) ? left.name : left);
    made.value = convert(node.right, made);
    rest(node, made, [node.right, node.operatorToken]);
    return made;
  };

  const property = (node: Ts.PropertyAssignment, parent: SyntaxNode) => {
    const made = open("property", node, parent);
    made.key = keyOf(ts, node.name);
    rest(node, made, []);
    return made;
  };

  const list = (node: Ts.ArrayLiteralExpression, parent: SyntaxNode) => {
    const made = open("list", node, parent);
    made.elements = node.elements.map((element) =>
      ts.isOmittedExpression(element) ? undefined : convert(element, made),
    );
    return made;
  };

  const plain = (kind: Parameters<typeof open>[0], node: Ts.Node, parent: SyntaxNode | undefined) => {
    const made = open(kind, node, parent) as SyntaxNode;
    rest(node, made, []);
    return made;
  };

  const convert = (node: Ts.Node, parent: SyntaxNode): SyntaxNode => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      const made = open("name", node, parent);
      made.text = nameIn(ts, node)!;
      return made;
    }
    if (isCall(ts, node)) return call(node, parent);
    if (ts.isPropertyAccessExpression(node)) return member(node, parent);
    if (isGroup(ts, node)) return group(node, parent);
    if (ts.isConditionalExpression(node)) return conditional(node, parent);
    if (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isPropertyDeclaration(node)) {
      return binding(node, parent);
    }
    if (ts.isBinaryExpression(node) && isAssignment(ts, node)) return assignment(node, parent);
    if (ts.isPropertyAssignment(node)) return property(node, parent);
    if (ts.isArrayLiteralExpression(node)) return list(node, parent);
    if (ts.isComputedPropertyName(node)) {
      const made = open("other", node.expression, parent);
      convert(node.expression, made);
      return made;
    }
    if (ts.isImportDeclaration(node)) found.imports.push(...importsOf(ts, node));
    return plain(plainKind(ts, node), node, parent);
  };

  plain("other", file, undefined);
  return found;
}

/** A dynamic import calls nothing of the file's. */
const isCall = (
  ts: typeof Ts,
  node: Ts.Node,
): node is Ts.CallExpression | Ts.NewExpression | Ts.TaggedTemplateExpression =>
  (ts.isCallExpression(node) && node.expression.kind !== ts.SyntaxKind.ImportKeyword) ||
  ts.isNewExpression(node) ||
  ts.isTaggedTemplateExpression(node);

const isGroup = (ts: typeof Ts, node: Ts.Node): node is Ts.Node & { readonly expression: Ts.Expression } =>
  ts.isParenthesizedExpression(node) ||
  ts.isAsExpression(node) ||
  ts.isSatisfiesExpression(node) ||
  ts.isNonNullExpression(node) ||
  ts.isTypeAssertionExpression(node);

function plainKind(
  ts: typeof Ts,
  node: Ts.Node,
): "inner" | "await" | "return" | "function" | "arrow" | "loop" | "other" {
  if (ts.isArrowFunction(node)) return "arrow";
  if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return "function";
  if (ts.isIterationStatement(node, false)) return "loop";
  if (ts.isReturnStatement(node)) return "return";
  if (ts.isAwaitExpression(node)) return "await";
  return isInner(ts, node) ? "inner" : "other";
}

const isInner = (ts: typeof Ts, node: Ts.Node): boolean =>
  ts.isBinaryExpression(node) ||
  ts.isPrefixUnaryExpression(node) ||
  ts.isElementAccessExpression(node) ||
  ts.isSpreadElement(node) ||
  ts.isSpreadAssignment(node) ||
  ts.isObjectLiteralExpression(node) ||
  ts.isTemplateSpan(node) ||
  ts.isTemplateExpression(node);

function isAssignment(ts: typeof Ts, node: Ts.BinaryExpression): boolean {
  const { kind } = node.operatorToken;
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

const nameIn = (ts: typeof Ts, node: Ts.Node): string | undefined =>
  ts.isIdentifier(node) || ts.isPrivateIdentifier(node) ? node.text.replace(/^#/, "") : undefined;

const keyOf = (ts: typeof Ts, key: Ts.PropertyName): string | undefined =>
  ts.isStringLiteralLike(key) ? key.text : nameIn(ts, key);

/** `const { output, state } = …` and `const [h, c] = …` are known by the first name that they bind. */
function firstName(ts: typeof Ts, pattern: Ts.BindingName): string | undefined {
  if (ts.isIdentifier(pattern)) return pattern.text;
  for (const element of pattern.elements) {
    const name = ts.isBindingElement(element) ? firstName(ts, element.name) : undefined;
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The names of a function's parameters, where an argument is a function. */
function parametersOf(ts: typeof Ts, argument: Ts.Expression | undefined): readonly ParameterNames[] {
  let written: Ts.Node | undefined = argument;
  while (written && isGroup(ts, written)) written = written.expression;
  if (written === undefined || !(ts.isArrowFunction(written) || ts.isFunctionExpression(written))) return [];
  const plainName = (bound: Ts.ParameterDeclaration | Ts.BindingElement): string | undefined =>
    ts.isIdentifier(bound.name) && bound.dotDotDotToken === undefined ? bound.name.text : undefined;
  return written.parameters.map((parameter) => {
    if (!ts.isArrayBindingPattern(parameter.name)) return plainName(parameter);
    return parameter.name.elements.map((element) => (ts.isBindingElement(element) ? plainName(element) : undefined));
  });
}

function importsOf(ts: typeof Ts, { importClause, moduleSpecifier }: Ts.ImportDeclaration): Import[] {
  const from = ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : "";
  const { name, namedBindings: bindings } = importClause ?? {};
  const whole = name ? [{ local: name.text, imported: "default", from }] : [];
  if (bindings === undefined) return whole;
  if (ts.isNamespaceImport(bindings)) return [...whole, { local: bindings.name.text, imported: "*", from }];
  const named = bindings.elements.map((element) => ({
    local: element.name.text,
    imported: (element.propertyName ?? element.name).text,
    from,
  }));
  return [...whole, ...named];
}
