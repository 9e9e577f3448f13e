// Several sums of products in one element: what is emitted parses, type-checks and is what the interpreter says.

import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { plainAccess } from "../../compiler/5-emit/typescript/access.js";
import { printKernel } from "../../compiler/5-emit/typescript/kernel.js";
import { LocalNames } from "../../compiler/5-emit/typescript/names.js";
import { verifyNames } from "../../compiler/5-emit/typescript/verify-names.js";
import type { Kernel, Statement } from "../../compiler/ir/kernel.js";
import type { Tile } from "../../compiler/ir/tile.js";
import { callsOf } from "../../compiler/ir/walk.js";
import { compile } from "../../compiler/compile.js";
import { planned } from "../../compiler/pipeline.js";
import type { Network } from "../../src/graph/network.js";
import { add, dense, input, network } from "../../src/index.js";
import { count } from "../extent.js";
import { typeErrors } from "../type-errors.js";
import { expectEntry, expectState, fill, pairOf } from "./harness.js";
import { productsOf } from "./neighbours.js";

const parse = (source: string): string => transformSync(source, { loader: "ts", format: "cjs" }).code;

/** All entries, full and partial, twice with other numbers. */
function expectNetwork(declared: Network, seed: number): void {
  const { capacity } = declared;
  const pair = pairOf(declared, { dtype: seed % 4 === 0 ? "float64" : "float32" });
  for (const rows of [capacity, 1, Math.ceil(capacity / 2)]) {
    fill(pair, seed + rows, { parameters: true });
    for (const entry of ["predict", "loss", "gradients", "step"]) expectEntry(pair, entry, rows);
    expectState(pair);
  }
}

test("two layers of different lengths that are added up", () => {
  const [x, y] = [input("x", ["batch", 64]), input("y", ["batch", 48])];
  const z = add(dense(x, 32, { name: "a" }), dense(y, 32, { name: "b" }));
  const declared = network("wide", { batch: 5, outputs: { z } });
  const { source } = compile(declared);
  parse(source);
  expect(typeErrors([source])).toEqual([]);
  const pair = pairOf(declared, { dtype: "float32" });
  for (const rows of [5, 1, 3]) {
    fill(pair, rows, { parameters: true });
    expectEntry(pair, "predict", rows);
  }
});

describe("random neighbours", () => {
  const SEED = 4100;
  const seeds = Array.from({ length: count(24, 200) }, (_, n) => SEED + n);

  test(`seeds from ${SEED}`, () => {
    for (const seed of seeds) {
      try {
        expectNetwork(productsOf(seed), seed);
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      }
    }
  });

  test("their modules type-check under strict options", () => {
    const sources = seeds.filter((seed) => seed % 4 === 1).map((seed) => compile(productsOf(seed)).source);
    expect(typeErrors(sources)).toEqual([]);
  });
});

/** The kernel with another tile for each nest, and how many nests it has. */
function cut(kernel: Kernel, tile: Tile): { readonly kernel: Kernel; readonly nests: number } {
  let nests = 0;
  const statement = (s: Statement): Statement => {
    if (s.kind !== "loop") return s;
    const { tile: chosen } = s.run;
    if (!chosen) return { ...s, body: s.body.map(statement) };
    nests++;
    return { ...s, run: { ...s.run, tile: { ...chosen, tile } } };
  };
  return { kernel: { ...kernel, body: kernel.body.map(statement) }, nests };
}

describe("tiles of any form", () => {
  const tiles = [
    { rows: 2, columns: 3, order: "columns", pack: false, unroll: 2 },
    { rows: 1, columns: 12, order: "rows", pack: false, unroll: 4 },
    { rows: 5, columns: 3, order: "rows", pack: false, unroll: 8 },
  ] as const;

  test.each(tiles)("rows $rows, columns $columns, unroll $unroll: names are declared once", (tile) => {
    let all = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { spec } = planned(productsOf(seed), {});
      for (const { program } of spec.entries) {
        for (const call of callsOf(program.items)) {
          const { kernel, nests } = cut(call.kernel, tile);
          all += nests;
          const slotNames = kernel.slots.map((_, n) => `slot${n}`);
          const options = { float: "float32", access: plainAccess, slotNames, taken: [], stream: String } as const;
          parse(`function kernel() {${printKernel(kernel, options).body}}`);
        }
      }
    }
    expect(all).toBeGreaterThan(0);
  });
});

describe("names of a function", () => {
  test("are its own in every block", () => {
    const names = new LocalNames([]);
    expect([names.declare("a"), names.declare("a"), names.declare("f")]).toEqual(["a", "a_2", "f_2"]);
    names.block(() => expect([names.declare("a"), names.declare("b")]).toEqual(["a_3", "b"]));
    names.block(() => expect(names.declare("b")).toBe("b"));
    expect(() => names.reserve("a")).toThrow(/a is declared once/);
  });

  const verified = (body: string) => (): void => verifyNames("kernel k", body, ["f", "rows", "Math"]);

  test.each([
    "for (let i = 0, end = rows; i < end; i++) {\n const a = f[i]!;\n f[i] = a * 0x1f + 1e-8;\n}\nlet i = 0;",
    "const a = Math.max(f[0]!, 1), b = a;\n{\n const a = b;\n f[0] = a;\n}",
  ])("what is right passes: %s", (body) => expect(verified(body)).not.toThrow());

  test.each([
    ["const aAt = 1;\nlet aAt = 2;", /aAt is declared once/],
    ["let s = 0, s = 1;", /s is declared once/],
    ["for (let i = 0; i < rows; i++) {\n f[i] = 0;\n}\nf[i] = 1;", /i is declared before it is read/],
    ["f[0] = a;\nconst a = 1;", /a is declared before it is read/],
    ['f[0] = "a;\nb;" + b;', /b is declared before it is read/],
    ['f[0] = b + "a;', /b is declared before it is read/],
  ])("negative control: %s", (body, message) => expect(verified(body)).toThrow(message));

  test("negative control: a duplicate does not parse", () => {
    expect(() => parse("function k() { const aAt = 1; const aAt = 2; }")).toThrow(/already been declared/);
  });
});
