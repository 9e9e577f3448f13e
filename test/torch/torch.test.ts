// A third opinion: values, gradients and training steps as PyTorch gave them in float64, against the float64 interpreter.

import { describe, expect, test } from "vitest";
import { builders } from "./cases.js";
import { functionDeviations } from "./compare.js";
import { evaluate } from "./evaluate.js";
import { recording, table, type FunctionCase, type RecordedFunction } from "./table.js";

const functions = Object.entries(table.functions).flatMap(([family, cases]) =>
  Object.entries(cases).map(([name, one]) => [`${family}/${name}`, one, builders[family]?.[name]] as const),
);

const recordedFunction = (name: string): RecordedFunction => recording.cases[name] as RecordedFunction;

function build(name: string, one: FunctionCase): ReturnType<typeof evaluate> {
  const builder = functions.find(([key]) => key === name)![2];
  return evaluate(name, one, builder!);
}

describe("the table, the builders and the recording", () => {
  const named = (families: Readonly<Record<string, object>>): string[] =>
    Object.entries(families).flatMap(([family, cases]) => Object.keys(cases).map((name) => `${family}/${name}`));

  test("name the same cases", () => {
    const inTable = [...named(table.functions), ...Object.keys(table.training).map((name) => `training/${name}`)];
    const built = named(builders);
    expect(built.toSorted()).toEqual(named(table.functions).toSorted());
    expect(Object.keys(recording.cases)).toEqual(inTable);
  });

  test("each case is recorded as it stands in the table", () => {
    const stale = functions.filter(
      ([name, one]) => JSON.stringify(recordedFunction(name).case) !== JSON.stringify(one),
    );
    expect(stale.map(([name]) => name)).toEqual([]);
  });
});

describe.each(Object.keys(table.functions))("%s", (family) => {
  const own = functions.filter(([name]) => name.startsWith(`${family}/`));
  test.each(own)("%s", (name, one) => {
    expect(functionDeviations(build(name, one), recordedFunction(name), one.tolerance)).toEqual([]);
  });
});
