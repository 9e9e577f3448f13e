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
  const compilerOptions = optionsOf(ts);
  const { outputText } = ts.transpileModule(source, { compilerOptions, fileName: "module.ts" });
  return {
    code: `// @ts-nocheck: its types are in the .d.ts file beside it\n${outputText}`,
    types: await declarationsOf(source),
  };
}

/** As `javascriptOf`, in a tenth of the time, for who does not read the code: comments go. */
export async function strippedOf(source: string): Promise<Javascript> {
  const { transform } = await import("esbuild");
  const { code } = await transform(source, { loader: "ts", target: "es2022" });
  return { code, types: await declarationsOf(source) };
}

const optionsOf = ({ ModuleKind, ScriptTarget }: typeof Ts): Ts.CompilerOptions => ({
  target: ScriptTarget.ES2022,
  module: ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  declaration: true,
  strict: true,
});

/** The declarations of an emitted module. */
async function declarationsOf(source: string): Promise<string> {
  const { ts } = await import("ts-morph");
  const types = ts.transpileDeclaration(withoutBodies(source), {
    compilerOptions: optionsOf(ts),
    fileName: "module.ts",
    reportDiagnostics: true,
  });
  const problem = types.diagnostics?.[0];
  invariant(
    problem === undefined,
    `an emitted module states its types: ${problem && ts.flattenDiagnosticMessageText(problem.messageText, " ")}`,
  );
  return types.outputText;
}

/**
 * The module without what declarations say nothing of, which is most of it: its own functions, and what exported ones do.
 * Top-level statements are parted by blank lines; what does not look like a function stays as it is.
 */
function withoutBodies(source: string): string {
  const statements = source.split(/\n{2,}(?=[^\s})\]`])/);
  return statements
    .filter((statement) => !/^(?:\/\*\*[^]*?\*\/\n)?(?:async )?function /.test(statement))
    .map((statement) =>
      statement.replace(/^((?:\/\*\*[^]*?\*\/\n)?export (?:async )?function [^\n]*\{)\n[^]*\n\}$/, "$1\n}"),
    )
    .join("\n\n");
}
