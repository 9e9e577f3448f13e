// Where bytes come from: each kind gives the same, packed or not, and what is wrong with it is said.

import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { idxBatches, parseIdx, readIdx, type Source } from "../../src/data/index.js";
import { all, codeOf, idx, inPieces, joined } from "./bytes.js";

const folder = mkdtempSync(join(tmpdir(), "tapeless-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const values = Array.from({ length: 1000 * 30 }, (_, i) => (i * 7919) % 251);
const bytes = idx("uint8", [1000, 30], values);
const path = join(folder, "a.idx");
writeFileSync(path, bytes);
writeFileSync(`${path}.gz`, gzipSync(bytes));

/** Every kind, of bytes that may be packed. */
const sources = (content: Uint8Array, file: string): Record<string, () => Source> => ({
  path: () => file,
  url: () => pathToFileURL(file),
  bytes: () => content,
  buffer: () => Buffer.from(content),
  "part of a buffer": () => joined([1, 2, 3], content).subarray(3),
  arrayBuffer: () => new Uint8Array(content).buffer,
  blob: () => new Blob([new Uint8Array(content)]),
  response: () => new Response(new Uint8Array(content)),
  stream: () => new Blob([new Uint8Array(content)]).stream(),
  "stream of Node": () => createReadStream(file),
  "list of chunks": () => [content.slice(0, 1), content.slice(1, 900), new Uint8Array(0), content.slice(900)],
  "async iterable": () => inPieces(content, 1013),
  "one byte at a time": () => inPieces(content, 1),
  promise: () => Promise.resolve(content),
  function: () => () => content,
  "function that fetches": () => async () => new Response(new Uint8Array(content)),
});

describe.each([
  ["plain", bytes, path],
  ["gzip", new Uint8Array(gzipSync(bytes)), `${path}.gz`],
] as const)("%s", (_, content, file) => {
  test.each(Object.entries(sources(content, file)))("%s", async (__, source) => {
    const { shape, data } = await readIdx(source());
    expect(shape).toEqual([1000, 30]);
    expect(Buffer.compare(Buffer.from(data as Uint8Array), Buffer.from(values))).toBe(0);
  });
});

describe("again", () => {
  const rows = async (batches: AsyncIterable<{ readonly shape: readonly number[] }>): Promise<number> =>
    (await all(batches)).reduce((sum, { shape }) => sum + shape[0]!, 0);

  test.each(Object.entries(sources(bytes, path)))("%s begins anew, or says that it cannot", async (name, source) => {
    const batches = idxBatches(source());
    expect(await rows(batches)).toBe(1000);
    const once = ["response", "stream", "stream of Node", "async iterable", "one byte at a time", "promise"];
    if (once.includes(name)) await expect(rows(batches)).rejects.toThrow(/^READ_TWICE: .*\n.*\(\) => fetch/);
    else expect(await rows(batches)).toBe(1000);
  });
});

describe("what is wrong", () => {
  test("a fetch that fails says what a page's policy must allow, and another fault stays what it is", async () => {
    const refused = readIdx(() => fetch("http://127.0.0.1:1/images"));
    await expect(refused).rejects.toThrow(/^CANNOT_READ: nothing was fetched: .+\n {2}hint: .*connect-src 'self'/);
    await expect(readIdx(Promise.reject(new TypeError("x is no function")))).rejects.toThrow(/^x is no function$/);
  });

  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /^NOT_A_SOURCE/],
    ["a number", 3, /^NOT_A_SOURCE/],
    ["an object", {}, /^NOT_A_SOURCE/],
    ["chunks that are no bytes", ["abc"], /^NOT_A_SOURCE/],
    ["a file that is not there", join(folder, "absent"), /^CANNOT_READ: .*absent.*ENOENT/],
    ["a folder", folder, /^CANNOT_READ/],
    ["an address as a path", "https://example.org/a.idx", /^NOT_A_SOURCE: .*\n.*\(\) => fetch/],
    ["a refused request", new Response("no", { status: 404 }), /^CANNOT_READ: .*404/],
  ])("%s", async (_, source, message) => {
    await expect(readIdx(source as Source)).rejects.toThrow(message);
  });

  test("bytes of another realm are bytes", async () => {
    const foreign = runInNewContext(
      `[Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7).buffer]`,
    ) as Uint8Array[];
    expect(foreign[0]).not.toBeInstanceOf(Uint8Array);
    for (const bytes of foreign) {
      expect([...(await readIdx(bytes)).data]).toEqual([7]);
      expect([...parseIdx(bytes).data]).toEqual([7]);
    }
  });

  test("what a source throws is thrown", async () => {
    const failing = async function* () {
      yield bytes.slice(0, 10);
      throw new Error("the cable");
    };
    await expect(readIdx(failing())).rejects.toThrow("the cable");
    const packed = async function* () {
      yield new Uint8Array(gzipSync(bytes)).slice(0, 40);
      throw new Error("the cable");
    };
    await expect(readIdx(packed())).rejects.toThrow("the cable");
  });

  test("gzip that is cut at any length, or changed", async () => {
    const packed = new Uint8Array(gzipSync(idx("uint8", [4], [1, 2, 3, 4])));
    expect(await codeOf(() => readIdx(packed))).toBe("none");
    for (let length = 0; length < packed.length; length++) {
      expect(["TRUNCATED", "BAD_FILE"], `${length}`).toContain(await codeOf(() => readIdx(packed.slice(0, length))));
    }
    for (let at = 10; at < packed.length; at++) {
      const changed = packed.with(at, packed[at]! ^ 0x55);
      expect(["TRUNCATED", "BAD_FILE"], `${at}`).toContain(await codeOf(() => readIdx(changed)));
    }
  });

  test("a packed file that unpacks to far more than its header says is left", async () => {
    const bomb = new Uint8Array(gzipSync(joined(idx("uint8", [4], [1, 2, 3, 4]), new Uint8Array(2 ** 27))));
    const before = process.memoryUsage().arrayBuffers;
    expect(await codeOf(() => readIdx(bomb))).toBe("BAD_FILE");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  });
});

test("the folder imports tapeless/train alone, and asks for Node in one place", () => {
  const room = fileURLToPath(new URL("../../src/data/", import.meta.url));
  const files = readdirSync(room);
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const text = readFileSync(room + file, "utf8");
    for (const [, from] of text.matchAll(/\bfrom "([^"]+)"/g))
      expect(from, file).toMatch(/^\.(\.\/train)?\/[a-z-]+\.js$/);
    if (file !== "source.ts")
      expect(text, file).not.toMatch(/\b(process|Buffer|require|setImmediate|__dirname)\b|node:/);
    expect(text, file).not.toMatch(/\bimport\(/);
  }
});
