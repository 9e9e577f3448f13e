// The names of types that files export: interfaces, type aliases, classes and enums, where they are declared.

import { ts } from "ts-morph";

const isType = (
  node: ts.Statement,
): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration | ts.EnumDeclaration =>
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isEnumDeclaration(node);

const isExported = (node: ts.HasModifiers): boolean =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** What `export { A, type B as C }` without a module exports: the name outside by the one inside. */
function exportedLater(source: ts.SourceFile): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier || !statement.exportClause) continue;
    if (!ts.isNamedExports(statement.exportClause)) continue;
    for (const { name, propertyName } of statement.exportClause.elements)
      names.set((propertyName ?? name).text, name.text);
  }
  return names;
}

/** The types that a file declares and exports, each once. */
export function exportedTypes(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const later = exportedLater(source);
  const names = source.statements.filter(isType).flatMap((statement) => {
    const name = statement.name?.text;
    if (name === undefined) return [];
    return isExported(statement) ? [name] : (later.get(name) ?? []);
  });
  return [...new Set(names)];
}

/** The files that declare each name which two files or more declare. */
export function declaredTwice(sources: Readonly<Record<string, string>>): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const [file, text] of Object.entries(sources)) {
    for (const name of exportedTypes(file, text)) files.set(name, [...(files.get(name) ?? []), file]);
  }
  return new Map([...files].filter(([, declaring]) => declaring.length > 1).sort(([a], [b]) => (a < b ? -1 : 1)));
}
