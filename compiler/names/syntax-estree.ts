// The adapter over ESTree with TypeScript's nodes, as acorn and its kin make it. Parentheses must be nodes
// (`preserveParens`), as in TypeScript's own tree: a call in them is another call to the reader than the one around them.

import type { ParameterNames } from "./place.js";
import { collected, type Import, type Open, type SyntaxFile, type SyntaxNode } from "./syntax.js";

/** A node of ESTree, whose fields depend on its type. */
export interface EstreeNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

type Fields = EstreeNode & Readonly<Record<string, unknown>>;

/** `program`: a whole file. */
export function fileOfEstree(program: EstreeNode): SyntaxFile {
  const found = collected();

  const open = <K extends SyntaxNode["kind"]>(kind: K, node: Fields, parent: SyntaxNode | undefined): Open<K> => {
    found.starts.add(node.start);
    return { kind, start: node.start, end: node.end, parent } as Open<K>;
  };

  const one = (node: Fields, field: string): Fields => node[field] as Fields;

  /** Makes what is below the node; `known` are the fields that were made already. */
  const rest = (node: Fields, made: SyntaxNode, known: readonly string[]): void => {
    for (const [field, value] of Object.entries(node)) {
      if (known.includes(field) || TYPES.has(field)) continue;
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child) && !isBare(child)) convert(child, made);
      }
    }
  };

  const call = (node: Fields, parent: SyntaxNode) => {
    const made = open("call", node, parent);
    found.calls.push(made);
    const field = node.type === "TaggedTemplateExpression" ? "tag" : "callee";
    made.form = field === "tag" ? "tag" : node.type === "NewExpression" ? "new" : "call";
    made.callee = convert(one(node, field), made);
    made.parameters = field === "tag" ? [] : parametersOf((node["arguments"] as readonly Fields[])[0]);
    rest(node, made, [field]);
    return made;
  };

  const member = (node: Fields, parent: SyntaxNode) => {
    const made = open("member", node, parent);
    made.object = convert(one(node, "object"), made);
    made.property = convert(one(node, "property"), made) as Open<"name">;
    return made;
  };

  const group = (node: Fields, parent: SyntaxNode) => {
    const made = open("group", node, parent);
    made.expression = convert(one(node, "expression"), made);
    return made;
  };

  const conditional = (node: Fields, parent: SyntaxNode) => {
    const made = open("conditional", node, parent);
    made.test = convert(one(node, "test"), made);
    rest(node, made, ["test"]);
    return made;
  };

  /** `target`: an identifier or a pattern; of a field of a class its key. */
  const binding = (node: Fields, target: Fields, parent: SyntaxNode) => {
    const made = open("binding", node, parent);
    made.whole = target.type === "Identifier" && node["computed"] !== true;
    made.field = isField(node);
    made.name = made.field ? keyOf(node) : firstName(target);
    if (node["computed"] === true) computedKey(node, made);
    rest(node, made, node["computed"] === true ? ["key"] : []);
    return made;
  };

  const assignment = (node: Fields, parent: SyntaxNode) => {
    const made = open("assignment", node, parent);
    const left = one(node, "left");
    const isMember = left.type === "MemberExpression" && left["computed"] !== true;
    made.name = nameIn(isMember ? one(left, "property") : left);
    made.value = convert(one(node, "right"), made);
    rest(node, made, ["right"]);
    return made;
  };

  const property = (node: Fields, parent: SyntaxNode) => {
    const made = open("property", node, parent);
    made.key = keyOf(node);
    if (node["computed"] === true) computedKey(node, made);
    rest(node, made, node["computed"] === true ? ["key"] : []);
    return made;
  };

  /** What computes a key has no part in the value. */
  const computedKey = (node: Fields, parent: SyntaxNode): void => {
    const key = one(node, "key");
    convert(key, open("other", key, parent));
  };

  const list = (node: Fields, parent: SyntaxNode) => {
    const made = open("list", node, parent);
    made.elements = (node["elements"] as readonly (Fields | null)[]).map((element) =>
      element === null ? undefined : convert(element, made),
    );
    return made;
  };

  /** Defaults of parameters bind; those inside of patterns do not. */
  const withParameters = (kind: "arrow" | "function", node: Fields, parent: SyntaxNode) => {
    const made = open(kind, node, parent);
    for (const parameter of node["params"] as readonly Fields[]) {
      const bound = parameter.type === "TSParameterProperty" ? one(parameter, "parameter") : parameter;
      const whole = { ...bound, start: parameter.start, end: parameter.end } as Fields;
      binding(whole, bound.type === "AssignmentPattern" ? one(bound, "left") : bound, made);
    }
    rest(node, made, ["params"]);
    return made;
  };

  /** What a class extends stands by itself. */
  const classOf = (node: Fields, parent: SyntaxNode) => {
    const made = open("other", node, parent);
    const base = node["superClass"];
    if (isNode(base)) convert(base, open("other", base, made));
    rest(node, made, ["superClass"]);
    return made;
  };

  const plain = (
    kind: "inner" | "await" | "return" | "function" | "loop" | "other",
    node: Fields,
    parent?: SyntaxNode,
  ) => {
    const made = open(kind, node, parent);
    rest(node, made, []);
    return made;
  };

  const convert = (node: Fields, parent: SyntaxNode): SyntaxNode => {
    switch (node.type) {
      case "Identifier":
      case "PrivateIdentifier": {
        const made = open("name", node, parent);
        made.text = nameIn(node)!;
        return made;
      }
      case "CallExpression":
      case "NewExpression":
      case "TaggedTemplateExpression":
        return call(node, parent);
      // TypeScript's tree has no node around an optional chain.
      case "ChainExpression":
        return convert(one(node, "expression"), parent);
      case "MemberExpression":
        return node["computed"] === true ? plain("inner", node, parent) : member(node, parent);
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
        return group(node, parent);
      case "ConditionalExpression":
        return conditional(node, parent);
      case "VariableDeclarator":
        return binding(node, one(node, "id"), parent);
      case "PropertyDefinition":
      case "AccessorProperty":
        return binding(node, one(node, "key"), parent);
      case "AssignmentExpression":
        return assignment(node, parent);
      case "Property":
        return isPlainProperty(node) ? property(node, parent) : plain("other", node, parent);
      case "ArrayExpression":
        return list(node, parent);
      case "ArrowFunctionExpression":
        return withParameters("arrow", node, parent);
      case "FunctionDeclaration":
      case "FunctionExpression":
        return withParameters("function", node, parent);
      case "ClassDeclaration":
      case "ClassExpression":
        return classOf(node, parent);
      case "UnaryExpression":
        return plain(/^[-+!~]$/.test(String(node["operator"])) ? "inner" : "other", node, parent);
      case "UpdateExpression":
        return plain(node["prefix"] === true ? "inner" : "other", node, parent);
      case "ImportDeclaration":
        found.imports.push(...importsOf(node));
    }
    return plain(PLAIN[node.type] ?? "other", node, parent);
  };

  plain("other", program as Fields);
  return found;
}

/** What an expression stands in without being another. */
const GROUPS = /^(ParenthesizedExpression|TS(As|Satisfies|NonNull)Expression|TSTypeAssertion)$/;

const PLAIN: Readonly<Record<string, "inner" | "await" | "return" | "function" | "loop">> = {
  BinaryExpression: "inner",
  LogicalExpression: "inner",
  SequenceExpression: "inner",
  SpreadElement: "inner",
  ObjectExpression: "inner",
  TemplateLiteral: "inner",
  AwaitExpression: "await",
  ReturnStatement: "return",
  StaticBlock: "function",
  ForStatement: "loop",
  ForInStatement: "loop",
  ForOfStatement: "loop",
  WhileStatement: "loop",
  DoWhileStatement: "loop",
};

/** Fields that hold types. */
const TYPES: ReadonlySet<string> = new Set([
  "typeAnnotation",
  "typeParameters",
  "typeArguments",
  "returnType",
  "superTypeParameters",
  "superTypeArguments",
  "implements",
]);

/** TypeScript's nodes that hold expressions; all others are types. */
const EXPRESSIONS =
  /^(?!TS)|^TS(As|Satisfies|NonNull|Instantiation)Expression$|^TS(TypeAssertion|ParameterProperty|ExportAssignment)$|^TS(Module|Enum)/;

const isNode = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && "type" in value && EXPRESSIONS.test(String(value.type));

/** Words and signs, which hold nothing. */
const isBare = ({ type, expressions }: Fields): boolean =>
  /^(Literal|TemplateElement|ThisExpression|Super)$/.test(type) ||
  (type === "TemplateLiteral" && (expressions as readonly unknown[]).length === 0);

const isField = ({ type }: Fields): boolean => type === "PropertyDefinition" || type === "AccessorProperty";

/** `key: value` of an object, and no method, accessor, shorthand or part of a pattern. */
const isPlainProperty = (node: Fields): boolean =>
  node["kind"] === "init" && node["method"] !== true && node["shorthand"] !== true && !isPattern(node["value"]);

const isPattern = (value: unknown): boolean => isNode(value) && value.type.endsWith("Pattern");

const nameIn = (node: Fields): string | undefined =>
  node.type === "Identifier" || node.type === "PrivateIdentifier" ? String(node["name"]) : undefined;

function keyOf(node: Fields): string | undefined {
  const key = node["key"] as Fields;
  if (node["computed"] === true) return undefined;
  if (key.type === "Literal") return typeof key["value"] === "string" ? key["value"] : undefined;
  return nameIn(key);
}

/** `const { output, state } = …` and `const [h, c] = …` are known by the first name that they bind. */
function firstName(pattern: Fields): string | undefined {
  const within = (field: string): string | undefined => firstName(pattern[field] as Fields);
  const among = (field: string): string | undefined => {
    for (const part of pattern[field] as readonly (Fields | null)[]) {
      const name = part === null ? undefined : firstName(part);
      if (name !== undefined) return name;
    }
    return undefined;
  };
  switch (pattern.type) {
    case "ObjectPattern":
      return among("properties");
    case "ArrayPattern":
      return among("elements");
    case "Property":
      return within("value");
    case "AssignmentPattern":
      return within("left");
    case "RestElement":
      return within("argument");
  }
  return nameIn(pattern);
}

/** The names of a function's parameters, where an argument is a function. */
function parametersOf(argument: Fields | undefined): readonly ParameterNames[] {
  let written = argument;
  while (written && GROUPS.test(written.type)) written = written["expression"] as Fields;
  if (written === undefined || !/^(Arrow)?FunctionExpression$/.test(written.type)) return [];
  const target = (bound: Fields): Fields => (bound.type === "AssignmentPattern" ? (bound["left"] as Fields) : bound);
  return (written["params"] as readonly Fields[]).map((parameter) => {
    const bound = target(parameter);
    if (bound.type !== "ArrayPattern") return nameIn(bound);
    return (bound["elements"] as readonly (Fields | null)[]).map((element) =>
      element === null ? undefined : nameIn(target(element)),
    );
  });
}

function importsOf(node: Fields): Import[] {
  const from = String((node["source"] as Fields)["value"]);
  return (node["specifiers"] as readonly Fields[]).map((specifier) => {
    const local = nameIn(specifier["local"] as Fields)!;
    if (specifier.type === "ImportNamespaceSpecifier") return { local, imported: "*", from };
    if (specifier.type === "ImportDefaultSpecifier") return { local, imported: "default", from };
    const imported = specifier["imported"] as Fields;
    return { local, imported: nameIn(imported) ?? String(imported["value"]), from };
  });
}
