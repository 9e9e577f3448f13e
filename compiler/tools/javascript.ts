// A module in JavaScript, with its types in a .d.ts file beside it: that is what compilers and editors read wherever the module is
// imported, so nothing is lost. The text itself was checked as TypeScript, and `checkJs` is told to leave it.

import type { ts as Ts } from "ts-morph";
import { invariant } from "../../src/messages.js";

export interface Javascript {
  readonly code: string;
  /** The declarations of the module. */
  readonly types: string;
}

/** Takes the types off emitted TypeScript. Comments stay. */
export async function javascriptOf(source: string): Promise<Javascript> {
  const { ts } = await import("ts-morph");
  const compilerOptions: Ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    isolatedDeclarations: true,
    declaration: true,
    strict: true,
  };
  const code = ts.transpileModule(source, { compilerOptions, fileName: "module.ts" });
  const types = ts.transpileDeclaration(withNumbers(ts, source), {
    compilerOptions,
    fileName: "module.ts",
    reportDiagnostics: true,
  });
  const problem = types.diagnostics?.[0];
  invariant(
    problem === undefined,
    `an emitted module states its types: ${problem && ts.flattenDiagnosticMessageText(problem.messageText, " ")}`,
  );
  return {
    code: `// @ts-nocheck: its types are in the .d.ts file beside it\n${code.outputText}`,
    types: types.outputText,
  };
}

/** The description of a model names constants of the module; a declaration that is made of one file alone needs their values. */
function withNumbers(ts: typeof Ts, source: string): string {
  const file = ts.createSourceFile("module.ts", source, ts.ScriptTarget.ES2022, true);
  const numbers = new Map<string, string>();
  const edits: { readonly at: number; readonly end: number; readonly text: string }[] = [];
  const replace = (node: Ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.initializer)) {
      const text = numbers.get(node.initializer.text);
      if (text !== undefined) edits.push({ at: node.initializer.getStart(), end: node.initializer.end, text });
    }
    ts.forEachChild(node, replace);
  };
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!initializer || !ts.isIdentifier(name)) continue;
      if (ts.isNumericLiteral(initializer)) numbers.set(name.text, initializer.text);
      else if (ts.isAsExpression(initializer)) replace(initializer);
    }
  }
  return edits.reduceRight((text, { at, end, text: value }) => text.slice(0, at) + value + text.slice(end), source);
}
