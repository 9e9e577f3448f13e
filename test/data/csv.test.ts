// CSV: the same table however the text comes, what cells mean, and what is refused, with its line.

import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { csvBatches, parseCsv, readCsv, type CsvTable } from "../../src/data/index.js";
import { all, codeOf, inPieces } from "./bytes.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** All cells as texts. */
const cellsOf = (text: string, options: object = {}): readonly (readonly string[])[] => {
  const { columns } = parseCsv(text, { header: false, missing: [], ...options });
  const lists = Object.values(columns as Record<string, ArrayLike<unknown>>);
  return Array.from({ length: lists[0]?.length ?? 0 }, (_, row) => lists.map((list) => String(list[row])));
};

describe("text to cells", () => {
  test.each<[string, readonly (readonly string[])[]]>([
    [
      "a,b\nc,d\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,b\r\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,b\rc,d\r",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["\ufeffa,b\n", [["a", "b"]]],
    ['"a,b","c\nd"\n', [["a,b", "c\nd"]]],
    ['"a ""quoted"" word",""\n', [['a "quoted" word', ""]]],
    ['a "b" c,d\n', [['a "b" c', "d"]]],
    [
      ",\n,x\n",
      [
        ["", ""],
        ["", "x"],
      ],
    ],
    ["a\n\n\nb\n", [["a"], ["b"]]],
    [" a , b \n", [[" a ", " b "]]],
    ['"x"\r\n"y"', [["x"], ["y"]]],
    ["ü,😀\n", [["ü", "😀"]]],
  ])("%j", async (text, expected) => {
    expect(cellsOf(text)).toEqual(expected);
    for (const size of [1, 2, 3, 5]) {
      const { columns } = await readCsv(inPieces(utf8(text), size), { header: false, missing: [] });
      const lists = Object.values(columns as Record<string, readonly string[]>);
      expect(
        lists[0]!.map((_, row) => lists.map((list) => list[row])),
        `${size}`,
      ).toEqual(expected);
    }
  });

  test("what is written by the rules is read again, in pieces of any size", async () => {
    const cell = fc.stringMatching(/^[ab",;\n\r é]{0,5}$/);
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
      );
    const written = (rows: readonly (readonly string[])[], end: string): string =>
      rows.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(",") + end).join("");
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.integer({ min: 1, max: 9 }),
        async (rows, end, size) => {
          const text = written(rows, end);
          const names = rows[0]!.map((_, i) => `c${i}`);
          const columns = Object.fromEntries(names.map((name) => [name, "text" as const]));
          const whole = parseCsv(text, { names, columns });
          expect(rows.map((_, row) => names.map((name) => whole.columns[name]![row]))).toEqual(rows);
          expect(await readCsv(inPieces(utf8(text), size), { names, columns })).toEqual(whole);
        },
      ),
      { seed: 20_261_130, numRuns: 300 },
    );
  });
});

describe("cells to columns", () => {
  const text = "x,kind,note,y\n1.5,cat,a,-2e3\n,dog,b,.5\nNA,cat,7,+1\n";

  test("numbers where all that are there are numbers, else texts", () => {
    const { rows, columns } = parseCsv(text);
    expect(rows).toBe(3);
    expect(columns).toEqual({
      x: Float64Array.of(1.5, NaN, NaN),
      kind: ["cat", "dog", "cat"],
      note: ["a", "b", "7"],
      y: Float64Array.of(-2000, 0.5, 1),
    });
  });

  test("the columns that are asked for, with their types", () => {
    const { columns } = parseCsv(text, { columns: { y: "text", kind: ["dog", "cat"], x: "number" } });
    expect(columns).toEqual({
      y: ["-2e3", ".5", "+1"],
      kind: Int32Array.of(1, 0, 1),
      x: Float64Array.of(1.5, NaN, NaN),
    });
    expectTypeOf(columns.kind).toEqualTypeOf<Int32Array>();
    expectTypeOf(columns.x).toEqualTypeOf<Float64Array>();
    expectTypeOf(columns.y).toEqualTypeOf<readonly string[]>();
  });

  test("a missing category is -1; one that is not listed is refused", () => {
    expect(parseCsv("k\na\nNA\n", { columns: { k: ["a"] } }).columns.k).toEqual(Int32Array.of(0, -1));
    expect(() => parseCsv("j,k\n1,a\n2,b\n", { columns: { k: ["a"] } })).toThrow(
      /^BAD_CELL: line 3, column "k": "b" is not/,
    );
  });

  test.each(["0x10", "1_000", "1,5", "12 m", "Infinity", "--1", "1e", "."])("%j is no number", (cell) => {
    const line = `a;${cell}\n`;
    expect(parseCsv(line, { header: false, delimiter: ";" }).columns["column2"]).toEqual([cell]);
    const stated = { names: ["a", "b"], delimiter: ";", columns: { b: "number" } } as const;
    expect(() => parseCsv(line, stated)).toThrow(/^BAD_CELL: line 1, column "b": .* is not a number\n.*missing/);
  });

  test("names of one's own, with a header and without", () => {
    expect(Object.keys(parseCsv("a,b\n1,2\n", { names: ["p", "q"], header: true }).columns)).toEqual(["p", "q"]);
    expect(parseCsv("1,2\n", { names: ["p", "q"] }).columns).toEqual({ p: Float64Array.of(1), q: Float64Array.of(2) });
    expect(parseCsv("__proto__,b\n1,2\n").columns["__proto__"]).toEqual(Float64Array.of(1));
  });

  test("a header and no rows, names and no rows", () => {
    expect(parseCsv("a,b\n")).toEqual({ rows: 0, columns: { a: [], b: [] } });
    expect(parseCsv("", { names: ["a"], columns: { a: "number" } })).toEqual({
      rows: 0,
      columns: { a: new Float64Array(0) },
    });
  });
});

describe("in batches", () => {
  const text = `n,k\n${Array.from({ length: 10 }, (_, i) => `${i},${i % 2 ? "a" : "b"}`).join("\n")}`;

  test("the rows of the whole, the last batch partial, again from the start", async () => {
    const batches = csvBatches(utf8(text), { batchSize: 4, columns: { n: "number", k: ["a", "b"] } });
    const whole = parseCsv(text, { columns: { n: "number", k: ["a", "b"] } });
    for (let time = 0; time < 2; time++) {
      const parts = await all(batches);
      expect(parts.map(({ rows }) => rows)).toEqual([4, 4, 2]);
      expect(parts.flatMap(({ columns }) => [...columns.n])).toEqual([...whole.columns.n]);
      expect(parts.flatMap(({ columns }) => [...columns.k])).toEqual([...whole.columns.k]);
    }
  });

  test("the first batch says what columns hold; a later text is refused, not read in another way", async () => {
    const odd = "n\n1\n2\nthree\n";
    await expect(all(csvBatches(utf8(odd), { batchSize: 2 }))).rejects.toThrow(
      /^BAD_CELL: line 4, column "n": "three"/,
    );
    const parts = await all(csvBatches(utf8(odd), { batchSize: 2, columns: { n: "text" } }));
    expect(parts.flatMap(({ columns }) => columns.n)).toEqual(["1", "2", "three"]);
  });
});

describe("what is refused", () => {
  test.each<[string, string, object, RegExp]>([
    ["a short line", "a,b\n1,2\n3\n", {}, /^BAD_ROW: line 3 has 1 cells, and the table has 2/],
    ["a long line, behind a cell of two lines", 'a,b\n"x\ny",2\n1,2,3\n', {}, /^BAD_ROW: line 4 has 3/],
    ["an open quote", 'a\n1\n"2\n3\n', {}, /^BAD_ROW: line 3: a quote is left open/],
    ["text behind a quote", 'a\n"1"2\n', {}, /^BAD_ROW: line 2: text follows/],
    ["no header", "\n\n", {}, /^NO_ROWS/],
    ["a name twice", "a,a\n1,2\n", {}, /^DUPLICATE_NAME: .*"a"/],
    ["a column that is not there", "a,b\n1,2\n", { columns: { c: "number" } }, /^UNKNOWN_NAME: .*"c"\n.*"a", "b"/],
    ["a type that is not there", "a\n", { columns: { a: "int" } }, /^BAD_OPTION: columns.a/],
    ["too few names", "1,2\n", { names: ["a"] }, /^BAD_ROW/],
    ["a long delimiter", "a\n", { delimiter: "||" }, /^BAD_OPTION: delimiter must be one character/],
    ["the quote as delimiter", "a\n", { delimiter: '"' }, /^BAD_OPTION: quote/],
    ["an unknown option", "a\n", { separator: ";" }, /^UNKNOWN_NAME: .*"separator"/],
  ])("%s", async (_, text, options, message) => {
    expect(() => parseCsv(text, options)).toThrow(message);
    await expect(readCsv(inPieces(utf8(text), 1), options)).rejects.toThrow(message);
  });

  test("other bytes than UTF-8, cut letters too", async () => {
    expect(await codeOf(() => readCsv(Uint8Array.of(97, 10, 0xe4, 10)))).toBe("BAD_FILE");
    expect(await codeOf(() => readCsv(utf8("é").slice(0, 1)))).toBe("BAD_FILE");
    expect(await codeOf(() => readCsv(utf8("é\n1\n")))).toBe("none");
  });

  test("a quote that never closes ends soon", async () => {
    const endless = async function* () {
      yield utf8('a\n"');
      for (;;) yield utf8("x".repeat(1 << 20));
    };
    await expect(readCsv(endless())).rejects.toThrow(/^BAD_ROW: line 2: more than/);
  });
});

test("a header of two hundred thousand names takes less than two seconds", () => {
  const names = Array.from({ length: 200_000 }, (_, i) => `c${i}`);
  const began = performance.now();
  expect(() => parseCsv(`${[...names, "c7"].join()}\n`)).toThrow(/^DUPLICATE_NAME: .*"c7"/);
  expect(performance.now() - began).toBeLessThan(2000);
});

test("a hundred thousand lines take less than two seconds", async () => {
  const text = `a,b,c\n${"1.25,abc,17\n".repeat(100_000)}`;
  const began = performance.now();
  const table: CsvTable = await readCsv(utf8(text));
  expect(table.rows).toBe(100_000);
  expect(performance.now() - began).toBeLessThan(2000);
});
