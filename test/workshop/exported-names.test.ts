// No two files export a type of one name: who reads `Place` knows which. What is re-exported is declared elsewhere.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { declaredTwice, exportedTypes } from "./exported-names.js";

const root = resolve(import.meta.dirname, "../..");

const sourcesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => [`${folder}/${file.replaceAll("\\", "/")}`, readFileSync(join(root, folder, file), "utf8")]),
  );

const language = sourcesOf("src");
const doubled = declaredTwice({ ...language, ...sourcesOf("compiler") });

/** Names that the compiler still gives to two types, or to one that has it in the language. No name is added. */
const STILL_DOUBLED: readonly string[] = [
  "Access",
  "Address",
  "Assignment",
  "Body",
  "Bound",
  "BuildOptions",
  "Call",
  "Callable",
  "Comparison",
  "Derived",
  "Entry",
  "Form",
  "Formula",
  "Instruction",
  "Item",
  "KernelOptions",
  "KernelText",
  "Known",
  "Linear",
  "Measure",
  "Member",
  "MetricSpec",
  "Model",
  "Names",
  "Naming",
  "NetworkOptions",
  "Parse",
  "Part",
  "Parts",
  "Place",
  "Plan",
  "PrintOptions",
  "Region",
  "Resolve",
  "Run",
  "Schedule",
  "Scope",
  "SizeValue",
  "Slot",
  "Source",
  "Split",
  "StepOptions",
  "Stored",
  "Surroundings",
  "Table",
  "Values",
  "View",
];

test("no two files of the language export a type of one name", () => {
  expect(Object.fromEntries(declaredTwice(language))).toEqual({});
});

test("no two files export a type of one name, but those that still do", () => {
  const others = [...doubled].filter(([name]) => !STILL_DOUBLED.includes(name));
  expect(Object.fromEntries(others)).toEqual({});
});

test("each name that is let pass is doubled: one that is not any more leaves the list", () => {
  expect(STILL_DOUBLED.filter((name) => !doubled.has(name))).toEqual([]);
});

test("negative control: a name that two files declare is found, whatever it names and however it is exported", () => {
  const found = declaredTwice({
    "a.ts":
      "export interface Place {}\nexport type Plan = 1;\nexport class Scope {}\nexport enum Level {}\ninterface Own {}",
    "b.ts":
      "export type Place = 2;\nclass Inner {}\nexport { Inner as Scope };\nexport enum Level {}\ninterface Own {}",
    "c.ts":
      'export { type Place } from "./a.js";\nexport * from "./b.js";\nimport type { Plan } from "./a.js";\nexport type { Plan };',
    "d.ts": "export default interface Plan {}",
  });
  expect([...found]).toEqual([
    ["Level", ["a.ts", "b.ts"]],
    ["Place", ["a.ts", "b.ts"]],
    ["Plan", ["a.ts", "d.ts"]],
    ["Scope", ["a.ts", "b.ts"]],
  ]);
});

test("several declarations of one file are one name", () => {
  expect(exportedTypes("a.ts", "export interface Node {}\nexport interface Node {}")).toEqual(["Node"]);
});
