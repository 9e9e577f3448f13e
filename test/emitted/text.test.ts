// The text of emitted modules: it type-checks under the strictest options, stands alone, evaluates nothing, and no function
// is so long that an engine would not optimise it.

import ts from "typescript";
import { describe, expect, test } from "vitest";
import { typeErrors } from "../type-errors.js";
import { CAPACITY, networks } from "./networks.js";
import { compiledOf } from "./once.js";
import { unsampled } from "./unsampled.js";

const FILE = "module.ts";

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
  const sources = Object.values(all).map((build) => compiledOf(build(CAPACITY), dtype).source);

  test("type-check under strict options", () => expect(typeErrors(sources)).toEqual([]));

  test.each(Object.keys(all).map((name, i) => [name, sources[i]!]))(
    "%s stands alone, in functions of moderate length",
    (_, source) => {
      const { forbidden, longest } = inspect(source);
      expect(forbidden).toEqual([]);
      expect(longest).toBeGreaterThan(0);
      expect(longest).toBeLessThan(MOST);
    },
  );
});

describe("negative controls", () => {
  const source = compiledOf(Object.values(networks)[0]!(), "float32").source;

  test("what is wrong is seen by the type-checker, once each", () => {
    const wrong = [
      `${source}\nexport const wrong: string = CAPACITY;`,
      `${source}\nexport const first = (list: number[]): number => list[0];`,
      source.replace(/\): void \{/, "$&\nconst unused = 1;"),
    ];
    expect(typeErrors([source, ...wrong]).map((error) => error[0])).toEqual(["1", "2", "3"]);
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
