// Examples of docstrings: the imports that they need, and what their comments say of values.
//
// A comment behind a statement says the value of its expression, or of the variable that it declares:
//   add(a, b).shape; // [2]
//   const h = dense(x, 4); // float32 [batch, 4]
//   parseIdx(new Uint8Array(3)); // throws BAD_FILE

import { ts } from "ts-morph";
import type { Exported } from "./model.js";

/** What can be imported, by name. */
export type Importable = ReadonlyMap<string, readonly { readonly entry: string; readonly isType: boolean }[]>;

export function importable(all: readonly Exported[]): Importable {
  const known = new Map<string, { entry: string; isType: boolean }[]>();
  for (const { name, kind, entry, also } of all) {
    const places = [entry, ...also].map((entry) => ({ entry, isType: kind === "type" }));
    known.set(name, [...(known.get(name) ?? []), ...places]);
  }
  return known;
}

const parsed = (code: string): ts.SourceFile =>
  ts.createSourceFile("example.ts", code, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);

/** The names that code uses and that it does not declare itself: properties and keys are none. */
function freeNames(file: ts.SourceFile): Set<string> {
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isKey =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node) ||
        (ts.isPropertySignature(parent) && parent.name === node) ||
        (ts.isMethodDeclaration(parent) && parent.name === node) ||
        (ts.isBindingElement(parent) && parent.propertyName === node);
      const isDeclared =
        (ts.isVariableDeclaration(parent) ||
          ts.isParameter(parent) ||
          ts.isBindingElement(parent) ||
          ts.isFunctionDeclaration(parent) ||
          ts.isImportSpecifier(parent) ||
          ts.isImportClause(parent) ||
          ts.isNamespaceImport(parent)) &&
        parent.name === node;
      if (isDeclared) declared.add(node.text);
      else if (!isKey) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return new Set([...used].filter((name) => !declared.has(name)));
}

/** The example as a reader can copy it: with the imports of what it uses, those of its own entry first. */
export function withImports(
  code: string,
  own: { readonly name: string; readonly entry: string },
  known: Importable,
): string {
  const byEntry = new Map<string, string[]>();
  for (const name of freeNames(parsed(code))) {
    const places = known.get(name) ?? [];
    const place = places.find(({ entry }) => entry === own.entry) ?? places[0];
    if (place === undefined) continue;
    byEntry.set(place.entry, [...(byEntry.get(place.entry) ?? []), place.isType ? `type ${name}` : name]);
  }
  const lines = [...byEntry]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([entry, names]) => {
      const plain = (name: string): string => name.replace(/^type /, "");
      const sorted = names.toSorted((a, b) => plain(a).localeCompare(plain(b), "en"));
      const types = names.every((name) => name.startsWith("type "));
      return types
        ? `import type { ${sorted.map(plain).join(", ")} } from "${entry}";`
        : `import { ${sorted.join(", ")} } from "${entry}";`;
    });
  if (lines.length === 0) return code;
  return `${lines.join("\n")}\n${code.startsWith("import ") ? "" : "\n"}${code}`;
}

/** What a line says of a value. */
export interface Claim {
  readonly line: number;
  readonly says: string;
}

export interface Runnable {
  /** The example, noting its values in `$values`, in the order of its claims. */
  readonly code: string;
  readonly claims: readonly Claim[];
}

/** The example as a module whose export `$values` has what its comments speak of. */
export function runnable(code: string): Runnable {
  const file = parsed(code);
  const claims: Claim[] = [];
  let out = "";
  let from = 0;
  for (const statement of file.statements) {
    const says = commentBehind(code, statement.end);
    if (says === undefined) continue;
    const noted = noteOf(statement, file, says.startsWith("throws "));
    if (noted === undefined) throw new Error(`the comment "${says}" stands behind what has no value`);
    claims.push({ line: file.getLineAndCharacterOfPosition(statement.end).line + 1, says });
    out += code.slice(from, statement.getStart(file)) + noted;
    from = statement.end;
  }
  return {
    code: `const $values: unknown[] = [];\n${CAUGHT}\n${out}${code.slice(from)}\nexport { $values };\n`,
    claims,
  };
}

const CAUGHT =
  "const $caught = async (run: () => unknown) => { try { await run(); } catch (error) { return { $code: (error as any).code }; } };";

const commentBehind = (code: string, end: number): string | undefined =>
  /^[ \t]*\/\/ ?(.*)/.exec(code.slice(end))?.[1]?.trim();

function noteOf(statement: ts.Statement, file: ts.SourceFile, throws: boolean): string | undefined {
  const text = statement.getText(file);
  if (throws) return `$values.push(await $caught(async () => { ${text} }));`;
  if (ts.isExpressionStatement(statement)) return `$values.push(${statement.expression.getText(file)});`;
  if (!ts.isVariableStatement(statement)) return undefined;
  const { name } = statement.declarationList.declarations[0]!;
  if (ts.isIdentifier(name)) return `${text} $values.push(${name.text});`;
  const names = name.elements.flatMap((part) => (ts.isBindingElement(part) ? [part.name.getText(file)] : []));
  if (names.length === 1) return `${text} $values.push(${names[0]!});`;
  const all = names.join(", ");
  return `${text} $values.push(${ts.isObjectBindingPattern(name) ? `{ ${all} }` : `[${all}]`});`;
}

const isTensor = (
  value: object,
): value is { readonly dtype: string; readonly shape: readonly { readonly times: number; readonly power: number }[] } =>
  "dtype" in value && "shape" in value && "def" in value;

/** What rounding leaves of 0 is 0. */
const showNumber = (value: number): string =>
  !Number.isFinite(value) ? String(value) : Math.abs(value) < 1e-12 ? "0" : String(Number(value.toPrecision(4)));

/** A value as an example writes it: numbers with four digits, tensors of a graph as dtype and shape. */
export function show(value: unknown): string {
  if (typeof value === "number") return showNumber(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if ("$code" in value) return `throws ${String(value.$code)}`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return show(Array.from(value as unknown as ArrayLike<number>));
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (isTensor(value)) {
    const axes = value.shape.map(({ times, power }) =>
      power === 0 ? String(times) : times === 1 ? "batch" : `${times} batch`,
    );
    return `${value.dtype} [${axes.join(", ")}]`;
  }
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const members = Object.entries(value).map(
    ([key, member]) => `${/^[a-zA-Z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${show(member)}`,
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
