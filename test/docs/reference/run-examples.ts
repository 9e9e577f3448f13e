// Checks examples: all of them in one type check, then each of them run, in files of a folder of their own.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ts, type Project } from "ts-morph";
import { runnable, show, type Runnable } from "./examples.js";

/** An example with its imports; `name` says whose it is. */
export interface Example {
  readonly name: string;
  readonly code: string;
}

/** What the type check says of the examples, each line beginning with an example's name. */
export function typeProblems(project: Project, examples: readonly Example[]): string[] {
  const files = examples.map(({ code }, i) =>
    project.createSourceFile(`${import.meta.dirname}/example-${i}.ts`, `${code}\nexport {};\n`, { overwrite: true }),
  );
  const problems = files.flatMap((file, i) =>
    file.getPreEmitDiagnostics().map((diagnostic) => {
      const { text } = examples[i]!.code.split("\n").map((text) => ({ text }))[
        (diagnostic.getLineNumber() ?? 1) - 1
      ] ?? { text: "" };
      const message = ts.flattenDiagnosticMessageText(diagnostic.compilerObject.messageText, " ");
      return `${examples[i]!.name}: ${message}\n    ${text.trim()}`;
    }),
  );
  files.forEach((file) => project.removeSourceFile(file));
  return problems;
}

/** What runs otherwise than its comments say. */
export async function valueProblems(examples: readonly Example[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "tapeless-examples-"));
  try {
    const problems: string[] = [];
    for (const [i, example] of examples.entries()) problems.push(...(await runOne(join(folder, `${i}.ts`), example)));
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOne(path: string, { name, code }: Example): Promise<string[]> {
  let made: Runnable;
  try {
    made = runnable(code);
    writeFileSync(path, made.code);
    const { $values } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as {
      readonly $values: readonly unknown[];
    };
    return made.claims.flatMap(({ says, line }, i) => {
      const is = show($values[i]);
      return is === says ? [] : [`${name}, line ${line}: says ${says}\n    but is ${is}`];
    });
  } catch (error) {
    return [`${name}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`];
  }
}
