// What test files import as "vitest" in the quick runner: their tests are collected here, and run where nothing else is started.

import { expect, expectTypeOf, vi } from "vitest";

export { expect, expectTypeOf, vi };

type Run = (...args: readonly unknown[]) => unknown;

interface Suite {
  readonly name: string;
  readonly parent: Suite | undefined;
  readonly hooks: Record<"beforeAll" | "afterAll" | "beforeEach" | "afterEach", Run[]>;
  begun: boolean;
}

export interface Collected {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const suiteOf = (name: string, parent: Suite | undefined): Suite => ({
  name,
  parent,
  hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
  begun: false,
});

let current = suiteOf("", undefined);
let collected: Collected[] = [];
let ends: Run[] = [];

const outerFirst = (suite: Suite): Suite[] => (suite.parent ? [...outerFirst(suite.parent), suite] : [suite]);

async function runIn(suite: Suite, run: Run, args: readonly unknown[]): Promise<void> {
  const around = outerFirst(suite);
  for (const each of around) {
    if (each.begun) continue;
    each.begun = true;
    for (const hook of each.hooks.beforeAll) await hook();
    ends.push(...each.hooks.afterAll);
  }
  for (const each of around) for (const hook of each.hooks.beforeEach) await hook();
  try {
    await run(...args);
  } finally {
    for (const each of around) for (const hook of each.hooks.afterEach) await hook();
  }
}

/** The tests of a file, and what is to be done after them. */
export async function collect(file: () => Promise<unknown>): Promise<{ tests: Collected[]; end: () => Promise<void> }> {
  collected = [];
  ends = [];
  current = suiteOf("", undefined);
  await file();
  const after = ends;
  return {
    tests: collected,
    end: async () => {
      for (const hook of after) await hook();
    },
  };
}

const titleOf = (suite: Suite, name: string): string =>
  [...outerFirst(suite).map((s) => s.name), name].filter(Boolean).join(" > ");

const functionOf = (given: readonly unknown[]): Run => given.find((one) => typeof one === "function") as Run;

function addTest(name: string, run: Run, args: readonly unknown[]): void {
  const suite = current;
  collected.push({ name: titleOf(suite, name), run: () => runIn(suite, run, args) });
}

function addSuite(name: string, run: Run, args: readonly unknown[]): void {
  const outer = current;
  current = suiteOf(name, outer);
  try {
    run(...args);
  } finally {
    current = outer;
  }
}

type Add = (name: string, run: Run, args: readonly unknown[]) => void;

interface Declare {
  (name: string, ...given: readonly unknown[]): void;
  each: (table: readonly unknown[]) => (name: string, ...given: readonly unknown[]) => void;
  skipIf: (condition: unknown) => Declare;
  runIf: (condition: unknown) => Declare;
  concurrent: Declare;
}

function declare(add: Add): Declare {
  const one = (name: string, ...given: readonly unknown[]): void => add(name, functionOf(given), []);
  const each =
    (table: readonly unknown[]) =>
    (name: string, ...given: readonly unknown[]): void =>
      table.forEach((row, i) => {
        const args: readonly unknown[] = Array.isArray(row) ? row : [row];
        add(`${name} #${i} ${typeof args[0] === "string" ? args[0].slice(0, 60) : ""}`, functionOf(given), args);
      });
  const made = one as Declare;
  made.each = each;
  made.concurrent = made;
  made.skipIf = (condition) => (condition ? skipped : made);
  made.runIf = (condition) => (condition ? made : skipped);
  return made;
}

const skipped: Declare = declare(() => {});

export const test = declare(addTest);
export const it = declare(addTest);
export const describe = declare(addSuite);

const hook =
  (kind: keyof Suite["hooks"]) =>
  (run: Run): void =>
    void current.hooks[kind].push(run);

export const beforeAll = hook("beforeAll");
export const afterAll = hook("afterAll");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");
