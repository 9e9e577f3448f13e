// docs/reference is written from the types and docstrings of all exports, and checked here: `npx vitest run test/docs -u` writes
// it anew. Every export has text and an example, which is compiled and run.

import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { OpDef } from "../../src/graph/op.js";
import { lacking } from "./reference/complete.js";
import { packageEntries } from "./reference/entries.js";
import { importable, withImports } from "./reference/examples.js";
import { writePages, type OpNotes } from "./reference/markdown.js";
import type { Exported } from "./reference/model.js";
import { openProject, readExports } from "./reference/read.js";
import { typeProblems, valueProblems, type Example } from "./reference/run-examples.js";

const FOLDER = "../../docs/reference";

const entries = packageEntries();
const project = openProject();
const all = readExports(project, entries);
const known = importable(all);
const codes = new Set(
  ["src/messages.ts", "src/train/messages.ts", "src/data/messages.ts"].flatMap((path) =>
    [...readFileSync(new URL(`../../${path}`, import.meta.url), "utf8").matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g)].map(([, code]) => code!),
  ),
);

const values = new Map<string, object>();
beforeAll(async () => {
  for (const { name } of entries) values.set(name, (await import(name)) as object);
});

/** The record of an export that is an op. */
function recordOf({ entry, name }: Exported): OpDef | undefined {
  const value = (values.get(entry) as Record<string, unknown> | undefined)?.[name];
  return typeof value === "function" && "def" in value ? (value.def as OpDef) : undefined;
}

function notesOf(one: Exported): OpNotes | undefined {
  const def = recordOf(one);
  if (def === undefined) return undefined;
  const notes = [def.differentiable ? "" : "No gradient passes.", def.inference ? "It differs in inference." : ""];
  return { formula: def.family === "pointwise" ? def.formula : undefined, notes: notes.filter((note) => note !== "") };
}

const facts = { codes, recordText: (one: Exported) => recordOf(one)?.doc };

const examples: readonly Example[] = all.flatMap((one) =>
  one.examples.map((code) => ({ name: `${one.entry} ${one.name}`, code: withImports(code, one, known) })),
);

test("every export has text and an example", () => {
  expect(lacking(all, facts)).toEqual([]);
});

test("every example compiles", () => {
  expect(typeProblems(project, examples)).toEqual([]);
});

test("every example gives what it says", async () => {
  expect(await valueProblems(examples)).toEqual([]);
});

test("docs/reference is what the sources say", async () => {
  const pages = writePages(all, known, notesOf);
  for (const [name, text] of pages) await expect(text).toMatchFileSnapshot(`${FOLDER}/${name}`);
  expect(readdirSync(new URL(FOLDER, import.meta.url)).sort()).toEqual([...pages.keys()].sort());
});
