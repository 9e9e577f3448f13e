// Modules in JavaScript: what their declarations say is what the modules are, for every example.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { javascriptOf, strippedOf } from "../../compiler/tools/javascript.js";
import { typeErrors } from "../type-errors.js";

const GENERATED = join(import.meta.dirname, "../../generated");

interface Emitted {
  readonly spec: { readonly parameters: object; readonly states: object };
}

test("declarations name all that the modules have, and stand alone", async () => {
  const all: string[] = [];
  for (const file of readdirSync(GENERATED)) {
    const source = readFileSync(join(GENERATED, file), "utf8");
    const { code, types } = await strippedOf(source);
    all.push(types);
    const module = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as Record<
      string,
      () => Emitted
    >;
    for (const name of Object.keys(module))
      expect(types).toMatch(new RegExp(`export declare (const|function) ${name}\\b`));
    const { parameters, states } = module[Object.keys(module).find((name) => name.startsWith("create"))!]!().spec;
    // Names that are identifiers bear no quotes; those of equal blocks have a pattern of the block's number.
    const patterns = [...types.matchAll(/readonly \[name: `([^`]*)`\]/g)].map(([, pattern]) => pattern!);
    const isNamed = (name: string): boolean =>
      patterns.includes(name.replace(/\d+(?=\])/, "${number}")) ||
      new RegExp(`readonly "?${name.replace(/[.[\]]/g, "\\$&")}"?:`).test(types);
    expect(Object.keys({ ...parameters, ...states }).filter((name) => !isNamed(name))).toEqual([]);
    expect(isNamed("nothing.of.it")).toBe(false);
  }
  expect(all.some((types) => types.includes("block[${number}].linear2.bias"))).toBe(true);
  expect(typeErrors(all)).toEqual([]);
  // The control.
  expect(typeErrors([`${all[0]}\nexport const wrong: number = CAPACITY satisfies string;`])).not.toEqual([]);
}, 120_000);

test("with comments or without, it is the same module", async () => {
  const source = readFileSync(join(GENERATED, "logistic.ts"), "utf8");
  const [slow, fast] = [await javascriptOf(source), await strippedOf(source)];
  expect(fast.types).toBe(slow.types);
  expect(slow.code).toContain("/** probability = sigmoid(");
  const exportsOf = async (code: string): Promise<string[]> =>
    Object.keys((await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as object);
  expect(await exportsOf(fast.code)).toEqual(await exportsOf(slow.code));
});
