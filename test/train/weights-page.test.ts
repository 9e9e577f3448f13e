// docs/weights.md says what there is: names, options and codes.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as train from "../../src/train/index.js";
import { memory } from "./resuming.js";
import { line, linearModel } from "./fake-model.js";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/weights.md");
const blocks = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code!);

/** What the page's code takes from elsewhere. */
const ELSEWHERE = ["readFile", "writeFile", "fetch", "arrayBuffer", "abort", "once", "AbortController"];

const called = (code: string): string[] => [...code.matchAll(/\b([a-zA-Z]+)\(/g)].map(([, name]) => name!);

const unknown = (code: string): string[] =>
  called(code).filter((name) => !(name in train) && !ELSEWHERE.includes(name));

describe("docs/weights.md", () => {
  test("calls what there is", () => {
    expect(blocks.length).toBeGreaterThan(4);
    expect(blocks.flatMap(unknown)).toEqual([]);
    expect(unknown("loadFrom(net)"), "the control").toEqual(["loadFrom"]);
  });

  test("names every function that is for files", () => {
    const others = [
      "TrainError",
      "evaluate",
      "evaluateAsync",
      "predict",
      "historyToCsv",
      "historyToJsonLines",
      "lossCurve",
    ];
    const all = Object.keys(train).filter((name) => !others.includes(name));
    expect(all.filter((name) => !page.includes(name))).toEqual([]);
  });

  test("names the options of checkpoints, and no others", () => {
    const [, table] = /\| option \| [^]*?\n((?:\|.*\n)+)/.exec(page)!;
    const names = [...table!.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
    const given = (options: object) => () =>
      train.fit(linearModel({ capacity: 4, features: 1, rate: 0.1 }), line(4), { checkpoint: options as never });
    const error = (() => {
      try {
        given({ store: memory(), nothing: 1 })();
      } catch (thrown) {
        return String(thrown);
      }
      return "";
    })();
    expect([...error.split("hint")[1]!.matchAll(/"(\w+)"/g)].map(([, name]) => name)).toEqual(names);
  });

  test("names codes of errors that there are", () => {
    const sources = readdirSync(new URL("../../src/train/", import.meta.url)).map((file) => read(`src/train/${file}`));
    const codes = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(3);
    expect(codes.filter((code) => !sources.some((text) => text.includes(`"${code}"`)))).toEqual([]);
  });
});
