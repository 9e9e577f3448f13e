// A record's family is its folder: `src/ops` reads as a table of contents.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { registry } from "../../src/ops/registry.js";
import { misplaced, writtenRecords } from "./families.js";

const root = resolve(import.meta.dirname, "../..");

const sources: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(join(root, "src/ops"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/ops/${file.replaceAll("\\", "/")}`)
    .map((file) => [file, readFileSync(join(root, file), "utf8")]),
);

test("each record of the registry is written once, and nothing else is", () => {
  const written = writtenRecords(sources).map(({ name, family }) => `${name}: ${family}`);
  expect(written.sort()).toEqual(registry.map(({ name, family }) => `${name}: ${family}`).sort());
});

test("each record lies in the folder of its family", () => {
  expect(misplaced(writtenRecords(sources))).toEqual([]);
});

test("negative control: what lies elsewhere is named", () => {
  const record = 'export const sumDef = record({ name: "sum", family: "reduce" });';
  const maker = 'export const pointwise = (name, doc) => record({ name, doc, family: "pointwise" });';
  const through = 'export function unary(title) { return pointwise(title, ""); }';
  const found = writtenRecords({
    "src/ops/reduce/sum.ts": record,
    "src/ops/view/sum.ts": record,
    "src/ops/pointwise/pointwise.ts": maker,
    "src/ops/view/relu.ts": `${through}\nexport const relu = unary("relu");`,
    "src/ops/pointwise/exp.ts": 'export const exp = unary("exp");',
  });
  expect(found).toHaveLength(4);
  expect(misplaced(found)).toEqual([
    "sum is of the family reduce, and stands in src/ops/view/sum.ts",
    "relu is of the family pointwise, and stands in src/ops/view/relu.ts",
  ]);
});

test("negative control: a file that moves to another folder is named", () => {
  const { "src/ops/reduce/sum-record.ts": sum, ...others } = sources;
  const found = misplaced(writtenRecords({ ...others, "src/ops/view/sum-record.ts": sum! }));
  expect(found).toEqual(["sum is of the family reduce, and stands in src/ops/view/sum-record.ts"]);
});
