// Both adapters give the reader one tree: everything that it asks of a place is the same by either parser, at every call of
// the examples, of the definitions of these tests and of what a language may hold besides.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as acornTypescript from "@sveltejs/acorn-typescript";
import * as acorn from "acorn";
import { ts } from "ts-morph";
import { describe, expect, test } from "vitest";
import { lightParser } from "../../compiler/names/light-parser.js";
import { placeReader } from "../../compiler/names/place-reader.js";
import type { Place } from "../../compiler/names/place.js";
import type { Parse } from "../../compiler/names/syntax.js";
import { typescriptParser } from "../../compiler/names/syntax-typescript.js";

const typescript = typescriptParser(ts);
const light = lightParser(acorn, acornTypescript);

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["examples", "test/names/golden", "compiler/names", "src/nn"];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|js|mjs)$/.test(file))
    .map((file) => join(ROOT, folder, file)),
);

/** The places of all calls, each asked for by its start, the end of its callee and its own end. */
function placesIn(path: string, text: string, parse: Parse): Omit<Place, "body">[] {
  const read = placeReader(parse, path, text);
  return parse(path, text)
    .calls.toSorted((a, b) => a.start - b.start || b.end - a.end)
    .flatMap(({ start, callee, end }) => [start, callee.end - 1, callee.end, end - 1])
    .map((position) => {
      const before = text.slice(0, position).split("\n");
      // Where a function begins is each tree's own: its keyword, its modifiers.
      const { body: _, ...place } = read({ file: path, line: before.length, column: before.at(-1)!.length + 1 });
      return place;
    });
}

test.each(files)("%s", (path) => {
  const text = readFileSync(path, "utf8");
  expect(placesIn(path, text, light)).toEqual(placesIn(path, text, typescript));
});

describe("what definitions may hold", () => {
  const texts: Readonly<Record<string, string>> = {
    "parentheses and assertions":
      "const h = ((f(x) as any)! satisfies T); const g = <any>f(x); (f as F)(x); (f!)(x); (0, m.f)(x);",
    chains: "const h = a?.b?.(x)?.[f(x)]!.c(x); a?.(x).b; a![f(x)](y); new a.B(f(x)).c(x); new (f(x))();",
    "calls of calls":
      "const h = f(x)(y)(z); const g = f(x).g(y).h(z); const k = f<number>(x); const m = new F<T>(f(x));",
    keys: 'const o = { a: f(x), "b c": f(x), 0: f(x), [f(x)]: f(x), ["d"]: f(x), #e: 1 in o ? 1 : 2 };'.replace(
      ", #e: 1 in o ? 1 : 2",
      "",
    ),
    methods:
      "const o = { m() { return f(x); }, get a() { return f(x); }, async *g() { yield f(x); await f(x); }, s: (a = f(x)) => f(a) };",
    patterns:
      "const { a, b: { c }, ...d } = f(x); const [, e = f(x), ...g] = [f(x), , f(x)]; function h({ i = f(x) } = f(x), j = f(x)) {}",
    assignments:
      "a = f(x); a.b = f(x); a[f(x)] = f(x); a ??= f(x); [a, b] = [f(x), f(x)]; a += f(x); (a as any).c = f(x); class Z { #p; m() { this.#p = f(x); } }",
    operators: "const h = -f(x) + f(x) * (f(x), f(x)) || !f(x) ? f(x) : typeof f(x); f(x) in o; void f(x); i++; ++i;",
    templates: "const h = t`a${f(x)}b${`${f(x)}`}`; const g = a.t`b`; const k = `${f(x)}`;",
    loops:
      "for (let a = f(x); f(a); a = f(a)) g(a); for (const b of f(x)) f(b); for (const c in f(x)) f(c); do f(x); while (f(x)); while (f(x)) { f(x); }",
    classes:
      "@d(f(x)) class A extends f(B) { static s = f(x); static { f(x); } #p = f(x); 'q r' = f(x); [f(x)] = f(x); readonly t: T = f(x); declare u: V; constructor(private v = f(x), w = f(x)) { super(f(x)); } accessor y = f(x); }",
    types:
      "type F = <const T>(a: T) => T; interface I { <const T>(a: T): T; m?<const U>(): U; } abstract class Q<in out T> { abstract m(): void; f<const V>(a: V): a is W & V { return f(a); } }",
    modules:
      "import a, { b as c, type D } from 'x'; import * as e from 'y'; import type { G } from 'z'; export { c }; export * from 'w'; export default f(x); enum K { L = 1 } namespace N { export const h = f(x); }",
    functions:
      "function g<T>(this: T, ...a: T[]): asserts a is U { return f(x); } const h = async () => await f(await f(x)); const k = function () { return [f(x), { a: f(x) }]; }; export default () => f(x);",
    network:
      "import { network as n, add } from 'tapeless'; import * as t from 'tapeless'; n('a', { outputs: { y: f(x) } }); t.network('b', { y: f(x) }); const o = { outputs: { y: f(x) }, steps: f(x) };",
    "lists in calls":
      "const h = g([f(x), f(x)]); const k = [[f(x)], (f(x)), ...f(x)]; const m = ([f(x)] as const)[0]; return [f(x)];",
    letters: "const größe = f(x); const \\u0061b = f(x); const ω = { π: f(x) };\u2028const after = f(x);",
  };
  test.each(Object.entries(texts))("%s", (_, text) => {
    const places = placesIn("/a.ts", text, typescript);
    expect(placesIn("/a.ts", text, light)).toEqual(places);
    expect(places.length).toBeGreaterThan(3);
  });

  test("JSX, and JavaScript as a script", () => {
    const jsx = "const h = <A b={f(x)}>{f(x)}</A>; const g = f(x);";
    expect(placesIn("/a.tsx", jsx, light)).toEqual(placesIn("/a.tsx", jsx, typescript));
    const script = "#!/usr/bin/env node\nconst { f } = require('x'); const g = f(x); return;";
    expect(placesIn("/a.cjs", script, light)).toEqual(placesIn("/a.cjs", script, typescript));
  });

  test("control: another text has other places", () => {
    expect(placesIn("/a.ts", "const h = f(x);", light)).not.toEqual(placesIn("/a.ts", "const g = f(x);", typescript));
  });
});

test("what is no TypeScript is no file of the light parser's", () => {
  expect(() => light("/a.ts", "const h = ;")).toThrow(SyntaxError);
});
