// docs/data.md names every function of tapeless/data, and no function that there is not.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as data from "tapeless/data";
import * as page from "tapeless/page";
import * as train from "tapeless/train";

const text = readFileSync(new URL("../../docs/data.md", import.meta.url), "utf8");

const functions = Object.entries({ ...train, ...data, ...page }).flatMap(([name, value]) =>
  typeof value === "function" && name !== "TrainError" ? [name] : [],
);

/** What is called without a dot in code of the page. */
const called = (page: string): string[] => {
  const code = [...page.matchAll(/```ts\n([^]*?)```|`([^`\n]+)`/g)]
    .map(([, block, inline]) => block ?? inline!)
    .join("\n");
  return [...code.matchAll(/(?<!\.|function\* )\b([a-z]\w*)\(/g)].map(([, name]) => name!);
};

/** The page's own, and the runtime's. */
const OTHERS = ["fetch"];

test("every function of tapeless/data is there", () => {
  expect(Object.keys(data).filter((name) => name !== "TrainError" && !called(text).includes(name))).toEqual([]);
});

test("every function that is called there is", () => {
  expect(called(text).filter((name) => !functions.includes(name) && !OTHERS.includes(name))).toEqual([]);
  expect(called("`readXlsx(file)`").filter((name) => !functions.includes(name))).toEqual(["readXlsx"]);
});
