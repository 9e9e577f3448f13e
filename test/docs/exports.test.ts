// docs/reference is written from the types and docstrings of all exports, and checked here: `npx vitest run test/docs -u` writes
// it anew. Every export has text and an example, which is compiled and run.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { functions } from "../../compiler/formula/vocabulary.js";
import type { OpDef } from "../../src/graph/op.js";
import { lacking, type Facts } from "./reference/complete.js";
import { packageEntries } from "./reference/entries.js";
import { importable, withImports } from "./reference/examples.js";
import { deadLinks } from "./reference/links.js";
import { writePages, type OpNotes } from "./reference/markdown.js";
import type { Exported, ExampleText } from "./reference/model.js";
import { openProject, readExports } from "./reference/read.js";
import { typeProblems, valueProblems, type Example } from "./reference/run-examples.js";

const FOLDER = fileURLToPath(new URL("../../docs/reference/", import.meta.url));

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const entries = packageEntries();
const project = openProject();
const all = readExports(project, entries);
const known = importable(all);

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
  const pointwise = def.family === "pointwise";
  const heading = `${def.name}(${def.operands.join(", ")})`;
  return {
    formula: pointwise ? def.formula : undefined,
    derivative: pointwise && def.differentiable ? heading : undefined,
    notes: notes.filter((note) => note !== ""),
  };
}

const MESSAGES = ["src/messages.ts", "src/train/messages.ts", "src/data/messages.ts", "src/page/messages.ts"];

const facts: Facts = {
  codes: new Set(
    MESSAGES.flatMap((path) => [...text(path).matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g)].map(([, code]) => code!)),
  ),
  recordText: (one) => recordOf(one)?.doc,
};

const examplesOf = (found: readonly Exported[]): (Example & Pick<ExampleText, "where">)[] =>
  found.flatMap((one) =>
    one.examples.map(({ code, where }) => ({
      name: `${one.entry} ${one.name}`,
      code: withImports(code, one, known),
      where,
    })),
  );
const examples = examplesOf(all);

const pages = (): Map<string, string> => writePages(all, known, notesOf);

const opsPage = (path: string): string => readFileSync(`${FOLDER}${path}`, "utf8");

test("every export has text and an example", () => {
  expect(lacking(all, facts)).toEqual([]);
});

test("every example compiles", () => {
  expect(typeProblems(project, examples)).toEqual([]);
});

test("every example gives what it says", async () => {
  expect(await valueProblems(examples.filter(({ where }) => where === "anywhere"))).toEqual([]);
});

test("docs/reference is what the sources say", async () => {
  const written = pages();
  for (const [name, page] of written) await expect(page).toMatchFileSnapshot(`${FOLDER}${name}`);
  expect(readdirSync(FOLDER).sort()).toEqual([...written.keys()].sort());
});

test("every export is in the list, and every link leads somewhere", () => {
  const written = pages();
  const listed = [...written.get("README.md")!.matchAll(/^\| \[([^\]]+)\]\(/gm)].map(([, name]) => name!);
  expect(listed.toSorted()).toEqual(all.map(({ title }) => title).toSorted());
  expect(deadLinks(written, FOLDER, opsPage)).toEqual([]);
});

test("formula names the functions of formulas", () => {
  const { text } = all.find(({ name }) => name === "formula")!;
  const named = /these\s+functions:\s+([^.]*)\./.exec(text)![1]!.split(/,\s+/);
  // Those two are of whole numbers, for the seeds of random numbers.
  expect(named).toEqual(
    [...functions.keys()]
      .filter((name) => name !== "hash" && name !== "uniform")
      .toSorted((a, b) => a.localeCompare(b, "en")),
  );
});

test("few examples need a page", () => {
  const ofPages = examples.filter(({ where }) => where === "page").map(({ name }) => name);
  expect(ofPages.filter((name) => !name.startsWith("tapeless/page "))).toEqual(["tapeless/train pageStore"]);
});

describe("negative controls", () => {
  const FIXTURE = "test/docs/reference/fixture-entry.ts";

  const read = (source: string): Exported[] => {
    const path = fileURLToPath(new URL(`../../${FIXTURE}`, import.meta.url));
    const file = project.createSourceFile(path, source, { overwrite: true });
    const found = readExports(project, [{ name: "fixture", source: FIXTURE }]);
    project.removeSourceFile(file);
    return found;
  };
  const problems = (source: string): string[] =>
    lacking(read(source), { ...facts, recordText: () => undefined }).map((line) => line.replace(/^.*?\): /, ""));

  const EXAMPLE =
    " * @param x a number\n * @returns twice as much\n * @example\n * ```ts\n * double(2); // 4\n * ```\n";
  const double = "export const double = (x: number): number => 2 * x;";

  test("a complete docstring has nothing to say about", () => {
    expect(problems(`/**\n * Doubles.\n${EXAMPLE} */\n${double}`)).toEqual([]);
  });

  test("an export without text, and one without an example", () => {
    const silent = ["does not describe x", "does not say what it returns"];
    expect(problems(double)).toEqual(["has no text", "has no example", ...silent]);
    expect(problems(`/** Doubles. */\n${double}`)).toEqual(["has no example", ...silent]);
    const tags = " * @param x a number\n * @returns twice as much\n";
    expect(problems(`/**\n * Doubles.\n${tags} * @example double(2)\n */\n${double}`)).toEqual([
      "has an example that is no fence of ts",
    ]);
  });

  test("a type that no example shows, a member and an option without text", () => {
    const shown = `/**\n * Doubles.\n${EXAMPLE} */\nexport const double = (x: number, options: Own = {}): number => 2 * x;\n`;
    expect(problems(`${shown}/** Own options. */\nexport interface Own { readonly a?: number }`)).toEqual([
      "options.a has no text",
      "its member a has no text",
    ]);
    expect(problems(`/** Nobody's. */\nexport interface Own {\n/** One. */\nreadonly a: number }`)).toEqual([
      "has no example",
    ]);
    const silent = `${shown}/** Own options. */\nexport interface Own {\n/** A factor. */\nreadonly a?: number }`;
    expect(problems(silent)).toEqual(["options.a does not say what it is unless stated"]);
  });

  test("an argument that there is not, a code that there is not, a link to no export", () => {
    expect(problems(`/**\n * Doubles as {@link\n * double}.\n${EXAMPLE} */\n${double}`)).toEqual([
      "has a link that is none",
    ]);
    expect(problems(`/**\n * Gives 2\n * * x.\n${EXAMPLE} */\n${double}`)).toEqual([
      "has a line that begins as a list",
    ]);
    const tags = " * @param y a number\n * @throws NO_SUCH_CODE\n";
    expect(problems(`/**\n * Doubles as {@link triple}.\n${tags}${EXAMPLE} */\n${double}`)).toEqual([
      "links to triple, which is no export",
      "throws NO_SUCH_CODE, which is no code",
      "describes y, which is no argument",
    ]);
  });

  test("another text than that of the record", () => {
    const abs = all.find(({ name }) => name === "abs");
    expect(lacking([{ ...abs!, text: "Something else." }], facts)).toHaveLength(1);
  });

  test("an example that does not compile", () => {
    const wrong = [
      { name: "types", code: 'import { add } from "tapeless";\nadd("one", 2);' },
      { name: "names", code: "const x: number = missing;" },
    ];
    expect(typeProblems(project, wrong).map((line) => line.split(":")[0])).toEqual(["types", "names"]);
  });

  test("an example that gives something else, that throws, or that should", async () => {
    const run = (code: string): Promise<string[]> => valueProblems([{ name: "example", code }]);
    expect(await run("1 + 1; // 2")).toEqual([]);
    expect(await run("1 + 1; // 3")).toEqual(["example, line 1: says 3\n    but is 2"]);
    expect(await run("const { a } = { a: [1, 2] }; // [1, 3]")).toHaveLength(1);
    expect(await run('throw new Error("no");')).toEqual(["example: Error: no"]);
    const flatten = 'import { flatten, constant } from "tapeless";\nflatten(constant(1)); // throws';
    expect(await run(`${flatten} WRONG_RANK`)).toEqual([]);
    expect(await run(`${flatten} BAD_ARGUMENT`)).toHaveLength(1);
    expect(await run("1 + 1; // throws BAD_ARGUMENT")).toHaveLength(1);
    expect(await run("if (1 > 0) 1; // 1")).toHaveLength(1);
  });

  test("a page that is stale, an export that is new, a link that leads nowhere", () => {
    const [first, ...rest] = all;
    const changed = writePages([{ ...first!, text: "Something else." }, ...rest], known, notesOf);
    expect(changed).not.toEqual(pages());
    const own = { ...first!, entry: "tapeless/other", file: "src/other/index.ts", name: "other" };
    expect([...writePages([...all, own], known, notesOf).keys()]).toContain("other.md");
    const links = new Map([["a.md", "# A\n\n[a](#a) [b](#b) [c](c.md) [ops](../ops.md#ops) [ops](../ops.md#none)"]]);
    expect(deadLinks(links, FOLDER, opsPage)).toEqual(["a.md: #b", "a.md: c.md", "a.md: ../ops.md#none"]);
  });
});
