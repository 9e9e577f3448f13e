// Whether a mutant type-checks: what the compiler refuses, nobody could run.

import type { Project } from "ts-morph";
import { mutated, type Mutant } from "./mutant.js";

/** The first thing that the type checker says of the mutated file. */
export function typeError(project: Project, mutant: Mutant): string | undefined {
  const source = project.getSourceFileOrThrow(mutant.file);
  const before = source.getFullText();
  source.replaceWithText(mutated(before, mutant));
  try {
    const program = project.getProgram().compilerObject;
    const tree = program.getSourceFile(source.getFilePath());
    const [first] = [...program.getSyntacticDiagnostics(tree), ...program.getSemanticDiagnostics(tree)];
    // What is unused is no error of types.
    const said = first?.messageText;
    return said === undefined ? undefined : typeof said === "string" ? said : said.messageText;
  } finally {
    source.replaceWithText(before);
  }
}
