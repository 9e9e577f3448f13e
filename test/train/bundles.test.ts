// A page ships what it uses: one that only predicts has no line of files and checkpoints, and none asks for a module of Node.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** A page's script that uses these of `tapeless/train`, without its types and with short names. */
async function bundleOf(names: string): Promise<string> {
  const { outputFiles, metafile } = await build({
    stdin: {
      resolveDir: fileURLToPath(new URL("../../src/train/", import.meta.url)),
      contents: `import { ${names} } from "./index.ts"; globalThis.used = [${names}];`,
    },
    bundle: true,
    minify: true,
    format: "esm",
    metafile: true,
    write: false,
  });
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  return outputFiles[0]!.text;
}

const kilobytes = (text: string): number => gzipSync(text, { level: 9 }).length / 1000;

const FILES = /safetensors|IndexedDB|checkpoint/;

test.each([
  ["predict", 4],
  ["predict, evaluate", 6.7],
])("%s: nothing of files", async (names, most) => {
  const text = await bundleOf(names);
  expect(FILES.test(text)).toBe(false);
  expect(kilobytes(text)).toBeLessThan(most);
});

test.each([
  ["load", 3.8],
  ["load, readSafetensors", 5.6],
  ["predict, load, readSafetensors", 8],
  // 7.5 of them before batches of iterables, checkpoints and the line on a terminal.
  ["fitAsync", 12],
])("%s: what it costs, and nothing that encodes", async (names, most) => {
  const text = await bundleOf(names);
  expect(/TextEncoder|indexedDB|getBuiltinModule/.test(text)).toBe(false);
  expect(kilobytes(text)).toBeLessThan(most);
});

test("the file system is asked for by a folder alone", async () => {
  expect((await bundleOf("fit, folder")).includes("getBuiltinModule")).toBe(true);
  const page = await bundleOf(
    "fitAsync, pageStore, restore, checkpointOf, fromPyTorch, fromKeras, tensorsOf, writeSafetensors",
  );
  expect(page.includes("indexedDB")).toBe(true);
  expect(/getBuiltinModule|node:/.test(page)).toBe(false);
});

test("control: what is used is found", async () => {
  expect(FILES.test(await bundleOf("readSafetensors"))).toBe(true);
  expect((await bundleOf("writeSafetensors")).includes("TextEncoder")).toBe(true);
});

test("nothing is made as the modules begin: as one file, of which bundlers keep such lines, they cost a page no more", async () => {
  const folder = fileURLToPath(new URL("../../src/train/", import.meta.url));
  const whole = await build({ entryPoints: [`${folder}index.ts`], bundle: true, format: "esm", write: false });
  const of = async (text: string): Promise<string> => {
    const contents = `${text.replace(/export \{[^}]*\};\s*$/, "")}\nglobalThis.used = [predict];`;
    const { outputFiles } = await build({
      stdin: { contents },
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
    });
    return outputFiles[0]!.text;
  };
  const text = whole.outputFiles[0]!.text;
  const page = await of(text);
  expect(page.length).toBeLessThan((await bundleOf("predict")).length + 50);
  expect(
    (await of(`${text.replace(/export \{[^}]*\};\s*$/, "")}\nvar kept = new Map([["${"a".repeat(99)}", f()]]);`))
      .length,
  ).toBeGreaterThan(page.length + 99);
});
