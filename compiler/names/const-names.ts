// Reads the `const` names out of a definition's source files: which call stands at a stack frame's position, into which
// const its value goes, and which loops and functions are around it. The syntax tree comes from ts-morph's TypeScript,
// loaded only when a definition file is read.

import type { ts as Ts } from "ts-morph";
import type { Frame } from "../../src/graph/origin.js";
import type { ConstNames, ParameterNames, Place } from "./place.js";

export interface SourceText {
  /** The path as mapped frames name it. */
  readonly path: string;
  readonly text: string;
}

/** `mapFrame` takes an engine's frame to the user's own file; frames of other code map to undefined. */
export async function readConstNames(
  sources: readonly SourceText[],
  mapFrame: (frame: Frame) => Frame | undefined,
): Promise<ConstNames> {
  const { ts } = await import("ts-morph");
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const readers = new Map<string, (frame: Frame) => Place>();
  return {
    place(engineFrame) {
      const frame = mapFrame(engineFrame);
      const text = frame && texts.get(frame.file);
      if (frame === undefined || text === undefined) return undefined;
      let reader = readers.get(frame.file);
      if (reader === undefined) readers.set(frame.file, (reader = placeReader(ts, frame.file, text)));
      return reader(frame);
    },
  };
}

function placeReader(ts: typeof Ts, path: string, text: string): (frame: Frame) => Place {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const networkNames = importedAs(ts, file, "network");
  const places = new Map<string, Place>();
  return (frame) => {
    const spot = `${frame.line}:${frame.column}`;
    let place = places.get(spot);
    if (place === undefined) places.set(spot, (place = readPlace(ts, file, networkNames, frame)));
    return place;
  };
}

type Call = Ts.CallExpression | Ts.NewExpression | Ts.TaggedTemplateExpression;

function readPlace(ts: typeof Ts, file: Ts.SourceFile, networkNames: ReadonlySet<string>, frame: Frame): Place {
  const lines = file.getLineStarts();
  const position = (lines[Math.min(frame.line, lines.length) - 1] ?? 0) + frame.column - 1;
  const call = callAt(ts, file, position);
  if (call === undefined) {
    const key = `${frame.file}@${position}`;
    const body = frame.file;
    return {
      key,
      frame,
      name: undefined,
      direct: false,
      returned: false,
      owner: key,
      callee: undefined,
      start: position,
      end: position,
      body,
      callback: false,
      loops: [],
      parameters: [],
    };
  }
  const { body, callback, loops } = surroundings(ts, file, call);
  const { owner, ...named } = nameOf(ts, call, networkNames);
  const start = call.getStart(file);
  return {
    key: `${frame.file}@${start}-${call.end}`,
    frame,
    ...named,
    owner: `${frame.file}@${owner.getStart(file)}`,
    callee: calleeName(ts, call),
    start,
    end: call.end,
    body: `${frame.file}@${body}`,
    callback,
    loops,
    parameters: parametersOf(ts, call),
  };
}

/** The call that the engine means by a position: it points at the callee's last name. */
function callAt(ts: typeof Ts, file: Ts.SourceFile, position: number): Call | undefined {
  let exact: Call | undefined;
  let within: Call | undefined;
  let around: Call | undefined;
  const look = (node: Ts.Node): void => {
    if (position < node.pos || position > node.end) return;
    if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node)) {
      const callee = ts.isTaggedTemplateExpression(node) ? node.tag : node.expression;
      const anchor = ts.isNewExpression(node) ? node.getStart(file) : anchorOf(ts, file, callee);
      if (anchor === position) exact = node;
      if (position >= callee.getStart(file) && position < callee.end) within = node;
      if (position >= node.getStart(file) && position < node.end) around = node;
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return exact ?? within ?? around;
}

/** The last name of what is called. */
function calleeName(ts: typeof Ts, call: Call): string | undefined {
  const callee = innermost(ts, ts.isTaggedTemplateExpression(call) ? call.tag : call.expression);
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) ? name.text.replace(/^#/, "") : undefined;
}

function anchorOf(ts: typeof Ts, file: Ts.SourceFile, callee: Ts.Expression): number {
  const inner = innermost(ts, callee);
  return ts.isPropertyAccessExpression(inner) ? inner.name.getStart(file) : inner.getStart(file);
}

/** An expression out of its parentheses and type assertions. */
function innermost(ts: typeof Ts, expression: Ts.Expression): Ts.Expression {
  let inner = expression;
  while (ts.isParenthesizedExpression(inner) || ts.isNonNullExpression(inner) || ts.isAsExpression(inner)) {
    inner = inner.expression;
  }
  return inner;
}

interface Named {
  readonly name: string | undefined;
  readonly direct: boolean;
  readonly returned: boolean;
  /** Where the climb stopped: the declaration that gives the name, or the statement. */
  readonly owner: Ts.Node;
}

/** Climbs to the const, property or assignment that takes the call's value; stops at the enclosing function. */
function nameOf(ts: typeof Ts, call: Call, networkNames: ReadonlySet<string>): Named {
  let path = "";
  let direct = true;
  let node: Ts.Node = call;
  const prepend = (segment: string): void => {
    path = path === "" || path.startsWith("[") ? segment + path : `${segment}.${path}`;
  };
  const unnamed = (owner: Ts.Node): Named => ({ name: undefined, direct: false, returned: false, owner });
  const named = (segment: string | undefined, owner: Ts.Node): Named => {
    if (segment !== undefined) prepend(segment);
    return path === "" ? unnamed(owner) : { name: path, direct, returned: false, owner };
  };
  for (;;) {
    const parent: Ts.Node = node.parent;
    if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isPropertyDeclaration(parent)) {
      if (ts.isIdentifier(parent.name)) return named(parent.name.text, parent);
      if (path === "") direct = false;
      const segment = ts.isPropertyDeclaration(parent) ? propertyName(ts, parent.name) : firstName(ts, parent.name);
      return named(segment, parent);
    }
    if (ts.isBinaryExpression(parent) && isAssignment(ts, parent)) {
      return parent.right === node ? named(assignedName(ts, parent.left), parent) : unnamed(parent);
    }
    if (ts.isPropertyAssignment(parent)) {
      const key = propertyName(ts, parent.name);
      if (key === "outputs" || key === "steps") return unnamed(parent);
      if (key !== undefined) prepend(key);
      node = parent.parent;
    } else if (ts.isArrayLiteralExpression(parent)) {
      // A list handed to a call has no name of its own, and its order is the call's business.
      const list = outOfParentheses(ts, parent);
      if (!isCallLike(ts, list.parent)) prepend(`[${parent.elements.indexOf(node as Ts.Expression)}]`);
      node = parent;
    } else if (isCallLike(ts, parent)) {
      if (isNetworkCall(ts, parent, networkNames)) return unnamed(parent);
      if (path === "") direct = false;
      node = parent;
    } else if (ts.isReturnStatement(parent) || ts.isArrowFunction(parent)) {
      if (path !== "") return { name: path, direct, returned: false, owner: parent };
      return { ...unnamed(parent), returned: direct };
    } else if (passesValue(ts, parent, node)) {
      node = parent;
    } else if (isInnerExpression(ts, parent)) {
      if (path === "") direct = false;
      node = parent;
    } else {
      return named(undefined, parent);
    }
  }
}

const isCallLike = (ts: typeof Ts, node: Ts.Node): node is Call =>
  ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node);

function isNetworkCall(ts: typeof Ts, call: Call, networkNames: ReadonlySet<string>): boolean {
  const callee = ts.isTaggedTemplateExpression(call) ? call.tag : call.expression;
  if (ts.isIdentifier(callee)) return networkNames.has(callee.text);
  return ts.isPropertyAccessExpression(callee) && callee.name.text === "network";
}

/** The expression's value is the operand's own value. */
function passesValue(ts: typeof Ts, node: Ts.Node, operand: Ts.Node): boolean {
  if (ts.isConditionalExpression(node)) return operand !== node.condition;
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAwaitExpression(node)
  );
}

function isInnerExpression(ts: typeof Ts, node: Ts.Node): boolean {
  return (
    ts.isBinaryExpression(node) ||
    ts.isPrefixUnaryExpression(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isSpreadElement(node) ||
    ts.isSpreadAssignment(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isTemplateSpan(node) ||
    ts.isTemplateExpression(node) ||
    ts.isConditionalExpression(node)
  );
}

function isAssignment(ts: typeof Ts, node: Ts.BinaryExpression): boolean {
  const kind = node.operatorToken.kind;
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function assignedName(ts: typeof Ts, target: Ts.Expression): string | undefined {
  if (ts.isIdentifier(target)) return target.text;
  return ts.isPropertyAccessExpression(target) ? target.name.text.replace(/^#/, "") : undefined;
}

function propertyName(ts: typeof Ts, name: Ts.PropertyName): string | undefined {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) return name.text;
  return ts.isPrivateIdentifier(name) ? name.text.slice(1) : undefined;
}

/** `const { output, state } = …` and `const [h, c] = …` are known by the first name that they bind. */
function firstName(ts: typeof Ts, pattern: Ts.BindingName): string | undefined {
  if (ts.isIdentifier(pattern)) return pattern.text;
  for (const element of pattern.elements) {
    const name = ts.isBindingElement(element) ? firstName(ts, element.name) : undefined;
    if (name !== undefined) return name;
  }
  return undefined;
}

function outOfParentheses(ts: typeof Ts, node: Ts.Node): Ts.Node {
  let outer = node;
  while (ts.isParenthesizedExpression(outer.parent) || ts.isAsExpression(outer.parent)) outer = outer.parent;
  return outer;
}

/** The function around the call, and the loops between the two. */
function surroundings(
  ts: typeof Ts,
  file: Ts.SourceFile,
  call: Call,
): { body: number; callback: boolean; loops: readonly number[] } {
  const loops: number[] = [];
  for (let node: Ts.Node = call; node !== file; node = node.parent) {
    if (ts.isIterationStatement(node, false)) loops.push(node.getStart(file));
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) {
      const written = outOfParentheses(ts, node);
      const parent = written.parent;
      const callback =
        isCallLike(ts, parent) && !ts.isTaggedTemplateExpression(parent) && parent.expression !== written;
      return { body: node.getStart(file), callback, loops };
    }
  }
  return { body: -1, callback: false, loops };
}

/** The names of the parameters of the function that is written as the call's first argument. */
function parametersOf(ts: typeof Ts, call: Call): readonly ParameterNames[] {
  const first = ts.isTaggedTemplateExpression(call) ? undefined : call.arguments?.[0];
  const step = first && innermost(ts, first);
  if (step === undefined || !(ts.isArrowFunction(step) || ts.isFunctionExpression(step))) return [];
  const plainName = (bound: Ts.ParameterDeclaration | Ts.BindingElement): string | undefined =>
    ts.isIdentifier(bound.name) && bound.dotDotDotToken === undefined ? bound.name.text : undefined;
  return step.parameters.map((parameter) => {
    if (!ts.isArrayBindingPattern(parameter.name)) return plainName(parameter);
    return parameter.name.elements.map((element) => (ts.isBindingElement(element) ? plainName(element) : undefined));
  });
}

/** The local names under which the file imports `name` from the language. */
function importedAs(ts: typeof Ts, file: Ts.SourceFile, name: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
    for (const element of bindings.elements) {
      if ((element.propertyName ?? element.name).text === name) found.add(element.name.text);
    }
  }
  return found;
}
