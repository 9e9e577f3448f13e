// The text of emitted modules: it type-checks under the strictest options, stands alone, evaluates nothing, and no function
// is so long that an engine would not optimise it.

import ts from "typescript";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/pipeline.js";
import { networks } from "./networks.js";
import { unsampled } from "./unsampled.js";

const CAPACITY = 4;
const FILE = "module.ts";

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2022.d.ts"],
  types: [],
  noEmit: true,
};

const libraries = new Map<string, ts.SourceFile | undefined>();

/** What the type-checker has against files given as texts. */
function complaints(texts: Readonly<Record<string, string>>): string[] {
  const host = ts.createCompilerHost(OPTIONS);
  const original = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version) => {
    const text = texts[name];
    if (text !== undefined) return ts.createSourceFile(name, text, version);
    if (!libraries.has(name)) libraries.set(name, original(name, version));
    return libraries.get(name);
  };
  host.fileExists = (name) => name in texts || ts.sys.fileExists(name);
  const program = ts.createProgram(Object.keys(texts), OPTIONS, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map((d) => `${d.file?.fileName}: ${ts.flattenDiagnosticMessageText(d.messageText, " ")}`);
}

interface Findings {
  readonly forbidden: readonly string[];
  readonly longest: number;
}

/** Names and statements that a standalone module has no business with, and the length of its longest function. */
function inspect(text: string): Findings {
  const forbidden: string[] = [];
  let longest = 0;
  const visit = (node: ts.Node, inner: boolean): void => {
    const name = ts.isIdentifier(node) ? node.text : undefined;
    if (name !== undefined && /^(eval|Function|require|globalThis|process|console|window|setTimeout)$/.test(name))
      forbidden.push(name);
    if (ts.isImportDeclaration(node) || ts.isImportEqualsDeclaration(node) || node.kind === ts.SyntaxKind.ImportKeyword)
      forbidden.push("import");
    if (node.kind === ts.SyntaxKind.AnyKeyword) forbidden.push("any");
    const isFunction = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isArrowFunction(node);
    // The factory is run once; what it holds is measured on its own.
    if (isFunction && (inner || !node.getText().startsWith("export function create")))
      longest = Math.max(longest, node.getText().length);
    ts.forEachChild(node, (child) => visit(child, inner || isFunction));
  };
  visit(ts.createSourceFile(FILE, text, ts.ScriptTarget.ES2022, true), false);
  return { forbidden, longest };
}

const MOST = 60 * 1024;
const all = { ...networks, ...unsampled };

describe.each(["float64", "float32"] as const)("%s modules", (dtype) => {
  const sources = Object.fromEntries(
    Object.values(all).map((build, i) => [`module${i}.ts`, compile(build(CAPACITY), { dtype }).source]),
  );

  test("type-check under strict options", () => expect(complaints(sources)).toEqual([]));

  test.each(Object.entries(sources))("%s stands alone, in functions of moderate length", (_, source) => {
    const { forbidden, longest } = inspect(source);
    expect(forbidden).toEqual([]);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(MOST);
  });
});

describe("negative controls", () => {
  const source = compile(Object.values(networks)[0]!(), { dtype: "float32" }).source;

  test.each([
    ["a wrong type", `${source}\nexport const wrong: string = CAPACITY;`],
    ["an unchecked index", `${source}\nexport const first = (list: number[]): number => list[0];`],
    ["an unused local", source.replace(/\): void \{/, "$&\nconst unused = 1;")],
  ])("%s is seen by the type-checker", (_, text) => {
    expect(complaints({ [FILE]: source })).toEqual([]);
    expect(complaints({ [FILE]: text })).toHaveLength(1);
  });

  test.each([
    ["import", `import { x } from "y";`],
    ["import", `const later = import("y");`],
    ["eval", `eval("1");`],
    ["Function", `new Function("return 1");`],
  ])("%s is seen: %s", (what, line) => {
    expect(inspect(`${source}\n${line}`).forbidden).toEqual([what]);
  });

  test("a long function is seen", () => {
    expect(inspect(`function f(): void {${"g();".repeat(MOST / 4)}}`).longest).toBeGreaterThan(MOST);
  });
});
