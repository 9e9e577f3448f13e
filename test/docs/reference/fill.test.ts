import { test } from "vitest";
import { writeFileSync } from "node:fs";
import { packageEntries } from "./entries.js";
import { openProject, readExports } from "./read.js";
import { importable, withImports } from "./examples.js";
import { typeProblems, valueProblems } from "./run-examples.js";
test("fill", async () => {
  const project = openProject();
  const all = readExports(project, packageEntries());
  const known = importable(all);
  const want = all.filter((one) => one.examples.some((code) => code.includes("// ?")));
  const out: unknown[] = [];
  for (const one of want) {
    const problems: string[] = [];
    const texts = one.examples.map((code) => ({ name: one.name, code: withImports(code, one, known) }));
    const types = typeProblems(project, texts);
    problems.push(...(await valueProblems(texts)));
    out.push({ file: one.file, name: one.name, problems, types });
  }
  writeFileSync("/tmp/fill.json", JSON.stringify(out, null, 1));
}, 600000);
