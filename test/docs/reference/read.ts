// Reads every export of the package's entries: its signature, its docstring, the members of its types.

import {
  Node,
  Project,
  type ExportedDeclarations,
  type JSDoc,
  type JSDocableNode,
  type Signature,
  type SourceFile,
  type Symbol as Declared,
  type TypeNode,
} from "ts-morph";
import { fileURLToPath } from "node:url";
import type { Entry } from "./entries.js";
import type { ExampleText, Exported, Field, Options, Parameter } from "./model.js";
import { typePrinter, type Printer } from "./types.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** A program over the package's sources. */
export const openProject = (): Project =>
  new Project({
    tsConfigFilePath: `${ROOT}tsconfig.json`,
    skipAddingFilesFromTsConfig: true,
    // An example may show a variable that nothing reads.
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
  });

interface Found {
  readonly entry: string;
  readonly name: string;
  readonly symbol: Declared;
}

const resolved = (symbol: Declared): Declared => symbol.getAliasedSymbol() ?? symbol;

/** All exports, in the order of the entries and of each entry's lines. */
export function readExports(project: Project, entries: readonly Entry[]): Exported[] {
  const fileOf = (source: string): SourceFile =>
    project.getSourceFile(`${ROOT}${source}`) ?? project.addSourceFileAtPath(`${ROOT}${source}`);
  const found = entries.flatMap(({ name, source }) => exportsOf(fileOf(source), name));
  const firsts = new Map<Declared, Found>();
  const also = new Map<Declared, string[]>();
  for (const one of found) {
    if (!firsts.has(one.symbol)) firsts.set(one.symbol, one);
    else also.set(one.symbol, [...(also.get(one.symbol) ?? []), one.entry]);
  }
  const all = [...firsts.values()].map((one) =>
    readExport(one, also.get(one.symbol) ?? [], (symbol) => firsts.get(resolved(symbol))?.name),
  );
  const times = (name: string): number => all.filter((one) => one.name === name).length;
  return all.map((one) => (times(one.name) > 1 ? { ...one, title: `${one.name} of ${one.entry}` } : one));
}

function exportsOf(file: SourceFile, entry: string): Found[] {
  return file
    .getExportSymbols()
    .map((symbol) => ({ entry, name: symbol.getName(), symbol: resolved(symbol), at: positionIn(file, symbol) }))
    .sort((a, b) => a.at - b.at);
}

const positionIn = (file: SourceFile, symbol: Declared): number => {
  const here = symbol.getDeclarations().find((declaration) => declaration.getSourceFile() === file);
  return here?.getPos() ?? Infinity;
};

function readExport(
  { entry, name, symbol }: Found,
  also: readonly string[],
  publicName: (symbol: Declared) => string | undefined,
): Exported {
  const printer = typePrinter(publicName);
  const declarations = symbol.getDeclarations() as ExportedDeclarations[];
  const declaration = declarations[0]!;
  const doc = documentation(declarations);
  const typed = Node.isVariableDeclaration(declaration) ? declaration.getTypeNode() : undefined;
  const isCallable = !Node.isClassDeclaration(declaration) && !isType(declaration) && !isOfAlias(typed, publicName);
  const signatures = isCallable ? callsOf(declaration) : [];
  const calls = printer.bound(typed, () => signatures.map((signature) => callText(name, signature, printer)));
  const kind = Node.isClassDeclaration(declaration)
    ? "class"
    : isType(declaration)
      ? "type"
      : signatures.length > 0
        ? "function"
        : "value";
  const options = printer.bound(typed, () => optionsOf(signatures, printer, publicName));
  const fields =
    Node.isInterfaceDeclaration(declaration) || Node.isClassDeclaration(declaration)
      ? membersOf([declaration], printer)
      : [];
  const shown =
    kind === "type"
      ? typeText(declaration, printer)
      : kind === "value"
        ? [`${name}: ${typeOfValue(declaration, printer)}`]
        : calls;
  const text = descriptionOf(doc);
  return {
    entry,
    also,
    name,
    title: name,
    kind,
    file: declaration.getSourceFile().getFilePath().slice(ROOT.length),
    signatures: [...new Set(shown)],
    calls:
      kind === "function" ? signatures.map((signature) => signature.getParameters().map((one) => one.getName())) : [],
    text,
    parameters: parametersOf(doc),
    returns: tagsOf(doc, "returns")[0] ?? "",
    throws: tagsOf(doc, "throws"),
    examples: tagsOf(doc, "example").map(exampleOf),
    links: [...(doc?.getInnerText() ?? "").matchAll(/\{@link (\w+)\}/g)].map(([, link]) => link!),
    options,
    fields,
    uses: [...printer.used].filter((used) => used !== name),
  };
}

/** A function that is passed on by its name has a type with a name: an initialiser. */
function isOfAlias(typed: TypeNode | undefined, publicName: (symbol: Declared) => string | undefined): boolean {
  if (typed === undefined || !Node.isTypeReference(typed)) return false;
  const symbol = typed.getTypeName().getSymbol();
  const declared = symbol && resolved(symbol);
  return (
    declared !== undefined &&
    publicName(declared) !== undefined &&
    declared.getDeclarations().some(Node.isTypeAliasDeclaration)
  );
}

const isType = (node: Node): boolean => Node.isInterfaceDeclaration(node) || Node.isTypeAliasDeclaration(node);

/** The docstring: that of the first declaration that has one. */
function documentation(declarations: readonly Node[]): JSDoc | undefined {
  for (const declaration of declarations) {
    const owner = Node.isVariableDeclaration(declaration) ? declaration.getVariableStatement() : declaration;
    const docs = owner && Node.isJSDocable(owner) ? owner.getJsDocs() : [];
    if (docs.length > 0) return docs.at(-1);
  }
  return undefined;
}

const descriptionOf = (doc: JSDoc | undefined): string => doc?.getDescription().trim() ?? "";

const commentOf = (text: string | undefined): string => (text ?? "").trim();

/** The texts of a tag, each without its name. */
const tagsOf = (doc: JSDoc | undefined, tag: string): string[] =>
  (doc?.getTags() ?? []).filter((one) => one.getTagName() === tag).map((one) => textOfTag(one.getText(), tag));

/** From the source: the compiler's own text takes the first word of some tags for a type. */
function textOfTag(source: string, tag: string): string {
  const lines = source.split("\n").map((line, i) => (i === 0 ? line : line.replace(/^\s*\* ?/, "")));
  return lines
    .join("\n")
    .replace(new RegExp(`^@${tag}[ ]*`), "")
    .replace(/\s*\*?\/?\s*$/, "")
    .trim();
}

function exampleOf(text: string): ExampleText {
  const [, page, code = ""] = /^```ts( page)?\n([^]*?)\n```$/.exec(text) ?? [];
  return { code, where: page === undefined ? "anywhere" : "page" };
}

const parametersOf = (doc: JSDoc | undefined): Parameter[] =>
  tagsOf(doc, "param").map((text) => {
    const [, name = "", rest = ""] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
    return { name, text: commentOf(rest) };
  });

const callsOf = (declaration: Node): readonly Signature[] => declaration.getType().getCallSignatures();

/** A call as one line: `dense(x: Tensor, units: number, options?: DenseOptions): Float32`. */
function callText(name: string, signature: Signature, printer: Printer): string {
  const declaration = signature.getDeclaration();
  const parameters = (declaration as unknown as { getParameters(): readonly Node[] })
    .getParameters()
    .flatMap((parameter) => {
      if (!Node.isParameterDeclaration(parameter)) return [];
      const type = parameter.getTypeNode();
      const optional = parameter.isOptional() && !parameter.isRestParameter();
      const shown = type ? printer.print(type) : parameter.getType().getText(parameter);
      return [`${parameter.isRestParameter() ? "..." : ""}${parameter.getName()}${optional ? "?" : ""}: ${shown}`];
    });
  const result = (declaration as unknown as { getReturnTypeNode?: () => TypeNode | undefined }).getReturnTypeNode?.();
  const returned = result ? printer.print(result) : signature.getReturnType().getText(declaration);
  return `${name}(${parameters.join(", ")}): ${returned}`;
}

function typeOfValue(declaration: Node, printer: Printer): string {
  const type = Node.isVariableDeclaration(declaration) ? declaration.getTypeNode() : undefined;
  return type ? printer.print(type) : declaration.getType().getText(declaration);
}

/** What a type is, where it is no list of members. */
function typeText(declaration: Node, printer: Printer): string[] {
  if (!Node.isTypeAliasDeclaration(declaration)) return [];
  return [`type ${declaration.getName()} = ${printer.print(declaration.getTypeNodeOrThrow())}`];
}

const IS_SETTINGS = /([oO]ptions|definition|parts|config)$/;

/** The members of the arguments that are objects of settings. */
function optionsOf(
  signatures: readonly Signature[],
  printer: Printer,
  publicName: (symbol: Declared) => string | undefined,
): Options[] {
  const found = new Map<string, Options>();
  for (const signature of signatures) {
    for (const parameter of signature.getParameters()) {
      const declaration = parameter.getDeclarations()[0];
      if (declaration === undefined || !Node.isParameterDeclaration(declaration)) continue;
      const type = declaration.getTypeNode();
      const argument = parameter.getName();
      if (type === undefined || !IS_SETTINGS.test(argument)) continue;
      // Public types first, for their order.
      const isPublic = (part: TypeNode): number => (publicTypes(part, publicName).length > 0 ? 0 : 1);
      const parts = printer.parts(type).toSorted((a, b) => isPublic(a) - isPublic(b));
      const fields = membersOf(parts, printer);
      if (fields.length === 0 || (found.get(argument)?.fields.length ?? 0) >= fields.length) continue;
      const [named, ...others] = parts.flatMap((part) => publicTypes(part, publicName));
      const isOne = named !== undefined && others.length === 0;
      const own = isOne ? membersOf([named.node], printer).map(({ name }) => name) : [];
      const extra = fields.filter(({ name }) => !own.includes(name));
      found.set(argument, { argument, type: isOne ? named.name : undefined, fields, extra });
    }
  }
  return [...found.values()];
}

/** A type by its public name, or what an alias without one is made of. */
function publicTypes(
  node: TypeNode,
  publicName: (symbol: Declared) => string | undefined,
): readonly { readonly name: string; readonly node: TypeNode }[] {
  if (!Node.isTypeReference(node)) return [];
  const symbol = node.getTypeName().getSymbol();
  const name = symbol && publicName(symbol);
  return name === undefined ? node.getTypeArguments().flatMap((arg) => publicTypes(arg, publicName)) : [{ name, node }];
}

/** The public members of types, those of what they extend included. */
function membersOf(nodes: readonly Node[], printer: Printer): Field[] {
  const fields = new Map<string, Field>();
  for (const node of nodes) {
    const reference = Node.isTypeNode(node) ? node : undefined;
    printer.bound(reference, () => node.getType().getProperties().forEach(addMember));
  }
  return [...fields.values()];

  function addMember(member: Declared): void {
    const declarations = member
      .getDeclarations()
      .filter((one) => !one.getSourceFile().getFilePath().includes("node_modules"));
    const declaration = declarations.find((one) => docOf(one) !== "") ?? declarations[0];
    if (declaration === undefined || member.getName().startsWith("__") || isInternal(declaration)) return;
    const text = docOf(declaration);
    const known = fields.get(member.getName());
    if (known && known.text !== "") return;
    fields.set(member.getName(), {
      name: member.getName(),
      type: memberType(declaration, printer),
      optional: member.isOptional(),
      text,
    });
  }
}

const isInternal = (node: Node): boolean =>
  Node.isJSDocable(node) &&
  (node as JSDocableNode).getJsDocs().some((doc) => doc.getTags().some((tag) => tag.getTagName() === "internal"));

const docOf = (node: Node): string =>
  Node.isJSDocable(node) ? ((node as JSDocableNode).getJsDocs().at(-1)?.getDescription().trim() ?? "") : "";

function memberType(node: Node, printer: Printer): string {
  if (Node.isMethodSignature(node) || Node.isMethodDeclaration(node)) {
    const args = node.getParameters().map((parameter) => parameter.getText());
    return `(${args.join(", ")}) => ${node.getReturnTypeNode()?.getText() ?? "void"}`;
  }
  const type =
    Node.isPropertySignature(node) || Node.isPropertyDeclaration(node) || Node.isParameterDeclaration(node)
      ? node.getTypeNode()
      : undefined;
  return type ? printer.print(type) : node.getType().getText(node);
}
