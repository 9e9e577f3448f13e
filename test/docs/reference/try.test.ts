import { test } from "vitest";
import { writeFileSync } from "node:fs";
import { packageEntries } from "./entries.js";
import { openProject, readExports } from "./read.js";
test("x", () => {
  const t = performance.now();
  const project = openProject();
  const all = readExports(project, packageEntries());
  console.log(performance.now() - t, all.length);
  writeFileSync("/tmp/ref-all.json", JSON.stringify(all, null, 1));
  const rows = all.map((e) => `${e.entry}\t${e.file}\t${e.kind}\t${e.text ? "T" : "-"}${e.examples.length ? "E" : "-"}\t${e.name}\t${e.signatures.join(" || ")}`);
  writeFileSync("/tmp/ref-list.txt", rows.join("\n") + "\n");
});
