// What the type-checker of a user's own build says of emitted modules: all strict options, nothing but the language's library.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The native compiler: the one of the workshop's own check takes seconds to start. */
const TSC = resolve(import.meta.dirname, "../node_modules/typescript7/bin/tsc");

const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  // A build that makes declarations file by file takes a module as it is.
  isolatedDeclarations: true,
  declaration: true,
  target: "ES2022",
  module: "ESNext",
  moduleResolution: "bundler",
  lib: ["ES2022"],
  types: [],
  noEmit: true,
};

/** The complaints about modules given as texts, each beginning with its module's place among them. */
export function typeErrors(sources: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "tapeless-types-"));
  try {
    const files = sources.map((source, i) => {
      writeFileSync(join(folder, `${i}.ts`), source);
      return `${i}.ts`;
    });
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const { stdout, stderr, status } = spawnSync(process.execPath, [TSC, "-p", ".", "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    if (stderr !== "") throw new Error(stderr);
    const errors = stdout.split("\n").filter((line) => line !== "" && !line.startsWith(" "));
    if (status !== 0 && errors.length === 0) throw new Error(`the type-checker ended with ${status} and said nothing`);
    return errors;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
