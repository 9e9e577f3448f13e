// A module in JavaScript, with its types in a .d.ts file beside it: that is what compilers and editors read wherever the module is
// imported, so nothing is lost. The text itself was checked as TypeScript, and `checkJs` is told to leave it.

import type { ts as Ts } from "ts-morph";
import { BLOCKS } from "../5-emit/module/parts.js";
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
  const types = ts.transpileDeclaration(withNumbers(ts, withoutBodies(source)), {
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

/** Entries that a function of the module makes, one for each equal part of the network, as the members that they become. */
function spelledOut(ts: typeof Ts, { expression: call }: Ts.SpreadAssignment): string {
  invariant(ts.isCallExpression(call) && call.expression.getText() === BLOCKS, "only equal parts are spread");
  const [count, entries] = call.arguments as unknown as readonly [Ts.NumericLiteral, Ts.ArrayLiteralExpression];
  const each = entries.elements.map((entry) => {
    const [before, first, after, make] = (entry as Ts.ArrayLiteralExpression).elements;
    return {
      nameOf: (part: number): string =>
        JSON.stringify(
          `${(before as Ts.StringLiteral).text}${Number(first!.getText()) + part}${(after as Ts.StringLiteral).text}`,
        ),
      value: (make as Ts.ArrowFunction).body.getText(),
    };
  });
  const parts = Array.from({ length: Number(count.text) }, (_, part) =>
    each.map(({ nameOf, value }) => `${nameOf(part)}: ${value}`),
  );
  return parts.flat().join(",\n");
}

/** The description of a model names constants of the module; a declaration that is made of one file alone needs their values. */
function withNumbers(ts: typeof Ts, source: string): string {
  const file = ts.createSourceFile("module.ts", source, ts.ScriptTarget.ES2022, true);
  const numbers = new Map<string, string>();
  const edits: { readonly at: number; readonly end: number; readonly text: string }[] = [];
  const replace = (node: Ts.Node): void => {
    if (ts.isSpreadAssignment(node)) {
      edits.push({ at: node.getStart(), end: node.end, text: spelledOut(ts, node) });
      return;
    }
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
