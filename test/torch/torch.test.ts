// A third opinion: values, gradients and training steps as PyTorch gave them in float64, against the float64 interpreter.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as language from "../../src/index.js";
import { mul, straightThrough } from "../../src/index.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { training } from "./builders/training.js";
import { builders } from "./cases.js";
import { functionDeviations, trainingDeviations } from "./compare.js";
import { evaluate } from "./evaluate.js";
import { recording, table, type RecordedFunction, type RecordedTraining } from "./table.js";
import { train } from "./train.js";

const functions = Object.entries(table.functions).flatMap(([family, cases]) =>
  Object.entries(cases).map(([name, one]) => ({ family, name, key: `${family}/${name}`, one })),
);
const trained = Object.entries(table.training).map(([name, one]) => ({ name, key: `training/${name}`, one }));
const all = [...functions, ...trained];

const recordedFunction = (key: string): RecordedFunction => recording.cases[key] as RecordedFunction;
const recordedTraining = (key: string): RecordedTraining => recording.cases[key] as RecordedTraining;

describe("the table, the builders and the recording", () => {
  test("name the same cases", () => {
    const built = Object.entries({ ...builders, training }).flatMap(([family, own]) =>
      Object.keys(own).map((name) => `${family}/${name}`),
    );
    const inTable = all.map(({ key }) => key);
    expect(built.toSorted()).toEqual(inTable.toSorted());
    expect(Object.keys(recording.cases)).toEqual(inTable);
  });

  test("say the same of each case", () => {
    const stale = all.filter(({ key, one }) => JSON.stringify(recording.cases[key]?.case) !== JSON.stringify(one));
    expect(stale.map(({ key }) => key)).toEqual([]);
  });

  test("a case with a tolerance of its own says why", () => {
    expect(all.filter(({ one }) => (one.tolerance === undefined) !== (one.because === undefined))).toEqual([]);
  });

  test("each export is called, or it is said why not", () => {
    const folder = new URL("builders/", import.meta.url);
    const texts = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
    const listed = texts.flatMap((text) => /import \{([^}]*)\} from "[./]*src\/index\.js"/.exec(text)![1]!.split(","));
    // What cases in training are made of, in train.ts.
    const called = new Set([
      ...listed.map((name) => name.trim()),
      "constant",
      "input",
      "network",
      "parameter",
      "state",
    ]);
    const missing = Object.keys(language).filter((name) => !called.has(name));
    expect(Object.values(table.without).flat().toSorted()).toEqual(missing.toSorted());
  });
});

describe.each(Object.keys(table.functions))("%s", (of) => {
  const own = functions.filter(({ family }) => family === of).map((one) => [one.name, one] as const);
  test.each(own)("%s", (name, { family, key, one }) => {
    const actual = evaluate(key, one, builders[family]![name]!);
    expect(functionDeviations(actual, recordedFunction(key), one.tolerance)).toEqual([]);
  });
});

describe("training", () => {
  test.each(trained.map((one) => [one.name, one] as const))("%s", (name, { key, one }) => {
    expect(trainingDeviations(train(key, one, training[name]!), recordedTraining(key), one.tolerance)).toEqual([]);
  });
});

describe("what is off is refused", () => {
  const off = (values: readonly number[]): number[] => values.map((value) => value * (1 + 1e-9));
  const x = { key: "products/matmul", one: table.functions["products"]!["matmul"]! };
  const product = builders["products"]!["matmul"]!;
  const refused = (build: typeof product): string[] =>
    functionDeviations(evaluate(x.key, x.one, build), recordedFunction(x.key));

  test("a value by 1e-9", () => {
    const found = refused((given) => mul(product(given) as Tensor, 1 + 1e-9));
    expect(found.join()).toMatch(/output 0 \[2,2\]\[\d\] is .* PyTorch has .* bounds off/);
  });

  test("a gradient by 1e-9, of a value that is right", () => {
    const found = refused((given) => {
      const y = product(given) as Tensor;
      return straightThrough(y, mul(y, 1 + 1e-9) as Tensor);
    });
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((line) => /^gradient of [xw]/.test(line))).toBe(true);
  });

  test("an axis of 1 too much", () => {
    expect(refused((given) => language.expandDims(product(given) as Tensor, 0))[0]).toContain("in place of");
  });

  test("a rate by 1e-9", () => {
    const { sgd } = training as { readonly sgd: (typeof training)[string] };
    const rated: typeof sgd = (given) => ({ ...sgd(given), optimizer: language.sgd({ rate: 0.1 * (1 + 1e-9) }) });
    const found = trainingDeviations(
      train("training/sgd", table.training["sgd"]!, rated),
      recordedTraining("training/sgd"),
    );
    expect(found.join()).toMatch(/w after step 1/);
  });

  test("a recording by 1e-9, of each case: none is all zeros", () => {
    const unseen = functions.filter(({ key, one }) => {
      const { outputs, gradients } = recordedFunction(key);
      const moved = outputs.map(({ shape, values }) => ({ shape, values: off(values) }));
      return (
        functionDeviations({ outputs: moved, ...(gradients && { gradients }) }, recordedFunction(key), one.tolerance)
          .length === 0
      );
    });
    const blind = trained.filter(({ key, one }) => {
      const { losses, ...rest } = recordedTraining(key);
      return trainingDeviations({ losses: off(losses), ...rest }, recordedTraining(key), one.tolerance).length === 0;
    });
    expect([...unseen, ...blind].map(({ key }) => key)).toEqual([]);
  });
});
