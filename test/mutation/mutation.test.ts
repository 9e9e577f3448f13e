// The mutation tester itself: each operator makes what it says, a fault that is planted is noticed, and none is left behind.

import { readFileSync } from "node:fs";
import { Project } from "ts-morph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shuffledByTurns } from "./choose.js";
import { Killer, type Baseline } from "./killer.js";
import { diffOf, idOf, mutated, type Mutant } from "./mutant.js";
import { mutantsOf, operators } from "./operators.js";
import { failureIn } from "./with-vitest.js";

const project = new Project({ useInMemoryFileSystem: true });

const made = (text: string): Mutant[] =>
  mutantsOf(project.createSourceFile("one.ts", text, { overwrite: true }), "one.ts");

/** Operator, a source, and one of the mutants that it makes of it. */
const cases: readonly (readonly [operator: string, source: string, mutant: string])[] = [
  ["+ for -", "f(a + b);", "f(a - b);"],
  ["* for /", "f(a * b);", "f(a / b);"],
  ["< for <=", "f(a < b);", "f(a <= b);"],
  ["=== for !==", "f(a === b);", "f(a !== b);"],
  ["&& for ||", "f(a && b);", "f(a || b);"],
  ["negate a condition", "f(a ? 5 : 7);", "f(!(a) ? 5 : 7);"],
  ["a condition is true", "f(a && b);", "f((b));"],
  ["a fallback is gone", "f(a ?? b);", "f(a);"],
  ["another constant", "f(1);", "f(0);"],
  ["true for false", "f(true);", "f(false);"],
  ["operands change places", "sub.at(origin, a, b);", "sub.at(origin, b, a);"],
  ["operands change places", "f(a / b);", "f((b) / (a));"],
  ["branches change places", "f(a ? 5 : 7);", "f(a ? 7 : 5);"],
  ["elements change places", "f([a, b]);", "f([b, a]);"],
  ["an element is gone", "f([a, b]);", "f([b]);"],
  ["an element is gone", "f([a, b]);", "f([a]);"],
  ["a guard is gone", "function f() { if (a) return 5; }", "function f() { ; }"],
  ["a statement is gone", "f(a);", ";"],
  ["the sign changes", "const f = () => a;", "const f = () => (-(a));"],
  ["the sign changes", "f(-a);", "f((a));"],
  ["another function", 'import { add, sub } from "x"; add.at(a, b);', 'import { add, sub } from "x"; sub.at(a, b);'],
  ["another function", "f(Math.min(a, b));", "f(Math.max(a, b));"],
  ["another instruction", 'apply("add", a);', 'apply("sub", a);'],
  ["a list stays as it is", "f(a.filter(b));", "f(a);"],
  ["another formula", 'f({ formula: "x * 2" });', 'f({ formula: "x / 2" });'],
];

describe("operators", () => {
  test("each has a case", () => {
    expect(operators.map(({ name }) => name).filter((name) => !cases.some(([other]) => other === name))).toEqual([]);
  });

  test.each(cases)("%s: %s", (operator, source, mutant) => {
    const texts = made(source)
      .filter((one) => one.operator === operator)
      .map((one) => mutated(source, one));
    expect(texts).toContain(mutant);
  });

  test.each([
    ["operands that commute", "add.at(origin, a, b);", "operands change places"],
    ["the ops of a law", 'law("x", [a, b]);', "elements change places"],
    ["documentation", 'f({ doc: 1, samples: [a, b], formula: "x" });', "another constant"],
    ["statements about our own bugs", "invariant(a === 1);", "=== for !=="],
    ["types", "type A = [1, 2];", "another constant"],
  ])("%s are left alone", (_, source, operator) => {
    expect(made(source).filter((one) => one.operator === operator)).toEqual([]);
  });
});

test("a choice is the same for the same seed, and every operator has its turn", () => {
  const mutants = made("f(a + b, a + c, a + d, b < c, [a, b]);");
  const chosen = shuffledByTurns(mutants, 3);
  expect(chosen.map(idOf)).toEqual(shuffledByTurns(mutants, 3).map(idOf));
  expect(chosen.map(idOf)).not.toEqual(shuffledByTurns(mutants, 4).map(idOf));
  expect(chosen.map(idOf).sort()).toEqual(mutants.map(idOf).sort());
  const names = new Set(mutants.map(({ operator }) => operator));
  expect(new Set(chosen.slice(0, names.size).map(({ operator }) => operator))).toEqual(names);
});

test("a mutant reads as the lines that change", () => {
  const text = "const a = 5;\nconst b = f(a < 3);\n";
  const mutant = made(text).find(({ operator }) => operator === "< for <=");
  expect(diffOf(text, mutant!)).toBe("one.ts:2 (< for <=)\n- const b = f(a < 3);\n+ const b = f(a <= 3);");
});

test("a failure is read from Vitest's report", () => {
  const named =
    "\u001B[41m FAIL \u001B[49m \u001B[46m tests \u001B[49m test/ops/edges.test.ts > an axis > 2.5 is refused\n";
  expect(failureIn(named)).toMatchObject({ file: "test/ops/edges.test.ts", test: "an axis > 2.5 is refused" });
  expect(failureIn(" FAIL  test/a.test.ts > b\n")).toMatchObject({ file: "test/a.test.ts", test: "b" });
  expect(failureIn("out of memory")).toMatchObject({ file: "", error: "out of memory" });
});

describe("the quick runner", () => {
  const file = "src/scalar/numeric.ts";
  const text = readFileSync(file, "utf8");
  let killer: Killer;
  let baseline: Baseline;

  beforeAll(async () => {
    killer = await Killer.of(["test/scalar/instructions.test.ts"]);
    baseline = await killer.baseline(() => {});
  });
  afterAll(() => killer.dispose());

  test("runs what it runs, and finds nothing in the sources as they are", async () => {
    expect(baseline.ignored).toEqual([]);
    expect(await killer.quick(undefined, baseline)).toBeUndefined();
  });

  /** A change to the first place of a file that reads so. */
  const planted = (from: string, to: string): Mutant => {
    const start = text.indexOf(from);
    expect(start).toBeGreaterThan(0);
    return { start, end: start + from.length, text: to, operator: "planted", file, line: 1 };
  };

  test("notices a fault, one that never ends, and one that is no program, and leaves none behind", async () => {
    const body = "export function erf(x: number): number {";
    expect(await killer.quick(planted(body, `${body} x = x * 1.001;`), baseline)).toMatchObject({ by: "quick" });
    expect(await killer.quick(planted(body, `${body} (`), baseline)).toMatchObject({ by: "build" });
    const hasty = { ...baseline, patience: 2000 };
    expect(await killer.quick(planted(body, `${body} for (;;);`), hasty)).toMatchObject({ by: "timeout" });
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(await killer.quick(undefined, baseline)).toBeUndefined();
  });
});
