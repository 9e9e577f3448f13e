// Where the record of each op is written, read off the syntax of sources: an object that states a family, or a call of a function
// that makes such objects.

import { ts } from "ts-morph";

/** A record as it is written: `name: "sum", family: "reduce"`. */
export interface WrittenRecord {
  readonly name: string;
  readonly family: string;
  readonly file: string;
}

/** A function that makes records of one family; the name is one of its arguments. */
interface Maker {
  readonly family: string;
  readonly argument: number;
  /** Where it can be called: everywhere, or in its own file alone. */
  readonly file: string | undefined;
}

/** A name that is written out, or the argument of the function around it that holds the name. */
type Naming = { readonly text: string } | { readonly argument: number; readonly maker: string };

type Named = ts.VariableDeclaration | ts.FunctionDeclaration;

function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** The functions around a node, the innermost first, with the declaration that names each. */
function* functionsAround(node: ts.Node): Generator<readonly [ts.SignatureDeclaration, Named]> {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionDeclaration(at) && at.name) yield [at, at];
    if (ts.isArrowFunction(at) && ts.isVariableDeclaration(at.parent)) yield [at, at.parent];
  }
}

function namingOf(value: ts.Expression | undefined): Naming | undefined {
  if (value === undefined) return undefined;
  if (ts.isStringLiteral(value)) return { text: value.text };
  if (!ts.isIdentifier(value)) return undefined;
  for (const [call, declaration] of functionsAround(value)) {
    const argument = call.parameters.findIndex(({ name }) => name.getText() === value.text);
    if (argument >= 0) return { argument, maker: declaration.name!.getText() };
  }
  return undefined;
}

const isExported = (source: ts.SourceFile, name: string): boolean =>
  source.statements.some(
    (statement) =>
      (ts.isFunctionDeclaration(statement) || ts.isVariableStatement(statement)) &&
      statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true &&
      (ts.isFunctionDeclaration(statement)
        ? statement.name?.text === name
        : statement.declarationList.declarations.some((declaration) => declaration.name.getText() === name)),
  );

/** `name: "sum"`, or the short form `name`. */
function valueOf(object: ts.ObjectLiteralExpression, key: string): ts.Expression | undefined {
  for (const property of object.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === key) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property) && property.name.text === key) return property.name;
  }
  return undefined;
}

/** All records that are written in sources, which are given by their paths. */
export function writtenRecords(sources: Readonly<Record<string, string>>): WrittenRecord[] {
  const parsed = Object.entries(sources).map(
    ([file, text]) => [file, ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)] as const,
  );
  const records: WrittenRecord[] = [];
  const makers = new Map<string, Maker[]>();
  const add = (file: string, source: ts.SourceFile, family: string, naming: Naming | undefined): boolean => {
    if (naming === undefined) return false;
    if ("text" in naming) {
      records.push({ name: naming.text, family, file });
      return false;
    }
    const maker = { family, argument: naming.argument, file: isExported(source, naming.maker) ? undefined : file };
    const others = makers.get(naming.maker) ?? [];
    if (others.some((other) => other.file === maker.file)) return false;
    makers.set(naming.maker, [...others, maker]);
    return true;
  };
  for (const [file, source] of parsed) {
    for (const node of nodesOf(source)) {
      if (!ts.isObjectLiteralExpression(node)) continue;
      const family = valueOf(node, "family");
      if (family && ts.isStringLiteral(family)) add(file, source, family.text, namingOf(valueOf(node, "name")));
    }
  }
  const calls = parsed.flatMap(([file, source]) =>
    [...nodesOf(source)].filter(ts.isCallExpression).map((call) => ({ file, source, call })),
  );
  const makerOf = (name: string, file: string): Maker | undefined =>
    makers.get(name)?.find((maker) => maker.file === undefined || maker.file === file);
  // Makers that call makers, until there are no more.
  for (let isMore = true; isMore;) {
    isMore = false;
    for (const { file, source, call } of calls) {
      const maker = makerOf(call.expression.getText(), file);
      const naming = maker && namingOf(call.arguments[maker.argument]);
      if (naming && !("text" in naming)) isMore = add(file, source, maker.family, naming) || isMore;
    }
  }
  for (const { file, source, call } of calls) {
    const maker = makerOf(call.expression.getText(), file);
    const naming = maker && namingOf(call.arguments[maker.argument]);
    if (naming && "text" in naming) add(file, source, maker.family, naming);
  }
  return records;
}

/** What stands elsewhere than in the folder of its family. */
export const misplaced = (records: readonly WrittenRecord[]): string[] =>
  records
    .filter(({ family, file }) => !file.startsWith(`src/ops/${family}/`))
    .map(({ name, family, file }) => `${name} is of the family ${family}, and stands in ${file}`);
