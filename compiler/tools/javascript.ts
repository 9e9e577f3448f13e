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
  const types = ts.transpileDeclaration(source, {
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
