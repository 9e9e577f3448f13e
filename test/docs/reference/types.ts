// Types as a reader needs them: what serves the editor alone (shapes computed from shapes, sentences for wrong calls) is left
// out, and names that a user cannot import are replaced by what they stand for.

import { Node, SyntaxKind, type Symbol as Declared, type TypeNode } from "ts-morph";

/** The public name of a declaration, where it has one. */
export type PublicNames = (symbol: Declared) => string | undefined;

export interface Printer {
  readonly print: (node: TypeNode) => string;
  /** The types whose members an argument may have. */
  readonly parts: (node: TypeNode) => readonly TypeNode[];
  /** Says what the type parameters of an alias or an interface stand for, while `within` runs. */
  readonly bound: <Result>(reference: TypeNode | undefined, within: () => Result) => Result;
  /** Public types that have been printed. */
  readonly used: ReadonlySet<string>;
}

/** Longer than this, an alias that is not exported stays a name. */
const LONG = 100;

/** Types without a public name that are longer than what they mean. */
const SHORT: Readonly<Record<string, string>> = {
  Initial: "number | Tensor | Initializer",
  Nested: "nested lists of numbers",
  SplitParts: "Tensor[]",
  Kept: "Tensor[]",
  Loose: "Tensor[]",
  OptionsOf: "the layer's options",
};

/** Types of the language's library whose arguments are what a reader looks for. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "Promise",
  "PromiseLike",
  "Iterable",
  "AsyncIterable",
  "Record",
  "Partial",
  "Omit",
  "Map",
  "ReadonlyMap",
]);

export function typePrinter(publicName: PublicNames): Printer {
  const used = new Set<string>();
  const meanings = new Map<Declared, TypeNode>();
  /** Type parameters whose meaning is being printed: it may contain itself. */
  const open = new Set<Declared>();

  const symbolOf = (node: TypeNode): Declared | undefined => {
    if (!Node.isTypeReference(node)) return undefined;
    const symbol = node.getTypeName().getSymbol();
    return symbol?.getAliasedSymbol() ?? symbol;
  };

  /** True for what only the editor needs: a reference to a conditional type that gives `unknown` or a sentence. */
  const isSentence = (node: TypeNode): boolean => {
    const symbol = symbolOf(node);
    if (symbol === undefined || publicName(symbol) !== undefined) return false;
    const alias = symbol.getDeclarations().find(Node.isTypeAliasDeclaration)?.getTypeNode();
    return alias !== undefined && Node.isConditionalTypeNode(alias) && /\bunknown\b/.test(alias.getText());
  };

  /** What a type parameter stands for, or what it must be. */
  const constraintOf = (node: TypeNode): TypeNode | undefined => {
    const symbol = symbolOf(node);
    const meaning = symbol && !open.has(symbol) ? meanings.get(symbol) : undefined;
    return meaning ?? symbol?.getDeclarations().find(Node.isTypeParameterDeclaration)?.getConstraint();
  };

  const bound: Printer["bound"] = (reference, within) => {
    if (reference === undefined || !Node.isTypeReference(reference)) return within();
    const owner = symbolOf(reference)
      ?.getDeclarations()
      .find((one) => Node.isTypeAliasDeclaration(one) || Node.isInterfaceDeclaration(one));
    const parameters = owner && Node.isTypeParametered(owner) ? owner.getTypeParameters() : [];
    const symbols = parameters.map((parameter) => parameter.getSymbolOrThrow());
    reference.getTypeArguments().forEach((meaning, i) => {
      const symbol = symbols[i];
      // Not itself, as in an alias that calls itself.
      if (symbol !== undefined && symbolOf(meaning) !== symbol) meanings.set(symbol, meaning);
    });
    const result = within();
    symbols.forEach((symbol) => meanings.delete(symbol));
    return result;
  };

  const isParameter = (node: TypeNode): boolean =>
    symbolOf(node)?.getDeclarations().some(Node.isTypeParameterDeclaration) === true;

  /** The members of a union, each once; a plain name covers the same name with arguments, and Tensor covers Float32. */
  const union = (members: readonly string[]): string => {
    const all = [...new Set(members.flatMap((member) => splitUnion(member)))];
    const kept = all.filter(
      (member) =>
        !all.some((other) => other !== member && member.startsWith(`${other}<`)) &&
        !(/^Float32\b/.test(member) && all.includes("Tensor")) &&
        !(member === "never" && all.length > 1),
    );
    return kept.map((member) => (kept.length > 1 && isFunction(member) ? `(${member})` : member)).join(" | ");
  };

  const reference = (node: TypeNode, depth: number): string => {
    if (!Node.isTypeReference(node)) return node.getText();
    const symbol = symbolOf(node);
    if (symbol && isParameter(node)) {
      const constraint = constraintOf(node);
      const isOpen = open.has(symbol);
      open.add(symbol);
      const shown = constraint === undefined ? "unknown" : show(constraint, depth);
      if (!isOpen) open.delete(symbol);
      return shown;
    }
    const short = SHORT[node.getTypeName().getText()];
    if (short !== undefined) return short;
    const name = symbol && publicName(symbol);
    const args = node.getTypeArguments();
    if (symbol && name === undefined) {
      const declaration = symbol.getDeclarations().find(Node.isTypeAliasDeclaration);
      const body = declaration?.getTypeNode();
      const isOurs = !declaration?.getSourceFile().getFilePath().includes("/node_modules/");
      if (body && depth < 4 && isOurs) {
        const shown = bound(node, () => show(body, depth + 1));
        if (shown.length <= LONG) return shown;
      }
    }
    if (name !== undefined) used.add(name);
    const shown = name ?? node.getTypeName().getText();
    const shownArgs = args.map((arg) => (isInternal(arg) && !CONTAINERS.has(shown) ? "…" : show(arg, depth)));
    if (shown === "Readonly" && shownArgs.length === 1) return shownArgs[0]!;
    return shownArgs.every((arg) => arg === "…" || arg === "Dims") ? shown : `${shown}<${shownArgs.join(", ")}>`;
  };

  /** Whether a type argument says nothing to a reader: computed from the call's own types. */
  const isInternal = (node: TypeNode): boolean => {
    const inside = [node, ...node.getDescendants().filter(Node.isTypeNode)];
    return inside.some((part) => isParameter(part) || (Node.isTypeReference(part) && isComputed(part)));
  };

  const isComputed = (node: TypeNode): boolean => {
    const symbol = symbolOf(node);
    if (symbol === undefined || publicName(symbol) !== undefined) return false;
    return symbol
      .getDeclarations()
      .some((declaration) =>
        /\/src\/graph\/.*types\.ts$|\/tensor\.ts$/.test(declaration.getSourceFile().getFilePath()),
      );
  };

  const show = (node: TypeNode, depth = 0): string => {
    if (Node.isParenthesizedTypeNode(node)) return show(node.getTypeNode(), depth);
    if (Node.isTypeOperatorTypeNode(node) && node.getOperator() === SyntaxKind.ReadonlyKeyword)
      return show(node.getTypeNode(), depth);
    if (Node.isIntersectionTypeNode(node)) {
      const told = node.getTypeNodes().filter((part) => !isSentence(part));
      const isPublic = (part: TypeNode): boolean => {
        const symbol = symbolOf(part);
        return symbol !== undefined && publicName(symbol) !== undefined;
      };
      // A helper beside a public type narrows it for the editor.
      const kept = told.some(isPublic)
        ? told.filter((part) => !Node.isTypeReference(part) || isPublic(part) || isParameter(part))
        : told;
      const shown = [...new Set(kept.map((part) => show(part, depth)))].filter((part) => part !== "unknown");
      return shown.length === 0 ? "unknown" : shown.join(" & ");
    }
    if (Node.isUnionTypeNode(node)) return union(node.getTypeNodes().map((part) => show(part, depth)));
    if (Node.isConditionalTypeNode(node))
      return union([show(node.getTrueType(), depth), show(node.getFalseType(), depth)]);
    if (Node.isTypeReference(node)) return reference(node, depth);
    if (Node.isArrayTypeNode(node)) {
      const element = show(node.getElementTypeNode(), depth);
      return / \| |=>|&/.test(element) ? `(${element})[]` : `${element}[]`;
    }
    if (Node.isTupleTypeNode(node))
      return `[${node
        .getElements()
        .map((part) => show(part, depth))
        .join(", ")}]`;
    if (Node.isNamedTupleMember(node)) return `${node.getName()}: ${show(node.getTypeNode(), depth)}`;
    if (Node.isRestTypeNode(node)) return `...${show(node.getTypeNode(), depth)}`;
    if (Node.isFunctionTypeNode(node)) {
      const args = node.getParameters().map((parameter) => {
        const type = parameter.getTypeNode();
        return `${parameter.isRestParameter() ? "..." : ""}${parameter.getName()}${parameter.isOptional() && !parameter.isRestParameter() ? "?" : ""}: ${type ? show(type, depth) : "unknown"}`;
      });
      return `(${args.join(", ")}) => ${show(node.getReturnTypeNodeOrThrow(), depth)}`;
    }
    if (Node.isIndexedAccessTypeNode(node)) {
      const words = node.getType().isUnion() ? node.getType().getUnionTypes() : [];
      if (words.length > 0 && words.every((word) => word.isLiteral()))
        return words.map((word) => word.getText()).join(" | ");
    }
    if (Node.isMappedTypeNode(node)) {
      const type = node.getTypeNode();
      return `{ [name]: ${type ? show(type, depth) : "unknown"} }`;
    }
    if (Node.isTypeLiteral(node)) {
      const members = node.getProperties().map((member) => {
        const type = member.getTypeNode();
        return `${member.getName()}${member.hasQuestionToken() ? "?" : ""}: ${type ? show(type, depth) : "unknown"}`;
      });
      if (members.length > 0) return `{ ${members.join("; ")} }`;
    }
    return node.getText().replace(/\s+/g, " ");
  };

  const parts = (node: TypeNode): readonly TypeNode[] => {
    if (Node.isParenthesizedTypeNode(node)) return parts(node.getTypeNode());
    if (Node.isIntersectionTypeNode(node))
      return node
        .getTypeNodes()
        .filter((part) => !isSentence(part))
        .flatMap(parts);
    if (!isParameter(node)) return [node];
    const constraint = constraintOf(node);
    return constraint === undefined ? [] : parts(constraint);
  };

  return { print: (node) => show(node), parts, bound, used };
}

/** Whether a printed type is a function, and no list of functions. */
function isFunction(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")" && --depth === 0) return text.startsWith(" => ", i + 1);
    else if (depth === 0) return false;
  }
  return false;
}

/** The members of a printed union, at its own level. */
function splitUnion(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if ("([{<".includes(text[i]!)) depth++;
    else if (")]}".includes(text[i]!) || (text[i] === ">" && text[i - 1] !== "=")) depth--;
    else if (depth === 0 && text.startsWith("=>", i)) return [text];
    else if (depth === 0 && text.startsWith(" | ", i)) {
      parts.push(text.slice(start, i));
      start = i + 3;
    }
  }
  return [...parts, text.slice(start)];
}
