// What the editor shows at a name: the language service of TypeScript, as editors ask it.

import { join, resolve } from "node:path";
import ts from "typescript";
import { beforeAll, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const FILE = join(ROOT, "test/types/shown.ts");

const SOURCE = `
import { conv2d, crossEntropy, dense, embedding, flatten, greater, input, labels, lstm, maxPool, maxPoolWithIndices,
  multiHeadAttention, parameter, relu, split, sum, type Tensor } from "tapeless";
const image = input("image", ["batch", 28, 28, 1]);
const digit = labels("digit", ["batch"], 10);
const c = conv2d(image, 8, 3);
const activated = relu(c);
const pooled = maxPool(activated, 2);
const flat = flatten(pooled);
const logits = dense(flat, 10);
const loss = crossEntropy(logits, digit);
const total = sum(pooled, { axis: -1 });
const tokens = input("tokens", ["batch", 16], { dtype: "int32", below: 50 });
const vectors = embedding(tokens, 50, 32);
const last = lstm(vectors, 24);
const every = lstm(vectors, 24, { returnSequences: true });
const attended = multiHeadAttention(vectors, 4);
const found = maxPoolWithIndices(c, 2).indices;
const positive = greater(logits, 0);
const bias = parameter([10], 0);
const halves = split(flat, 2, { axis: 1 });
const loop: Tensor = flat;

`;

let shown: (name: string) => string;

beforeAll(() => {
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile).config as unknown;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const text = (path: string): string | undefined => (path === FILE ? SOURCE : ts.sys.readFile(path));
  const host: ts.LanguageServiceHost = {
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path) => {
      const found = text(path);
      return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
    },
    getCurrentDirectory: () => ROOT,
    getCompilationSettings: () => options,
    getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
    fileExists: (path) => path === FILE || ts.sys.fileExists(path),
    readFile: text,
    directoryExists: ts.sys.directoryExists,
  };
  const service = ts.createLanguageService(host);
  shown = (name) => {
    const at =
      SOURCE.indexOf(`const ${name} `) < 0 ? SOURCE.indexOf(`const ${name}:`) : SOURCE.indexOf(`const ${name} `);
    const info = service.getQuickInfoAtPosition(FILE, at + "const ".length);
    return ts.displayPartsToString(info?.displayParts);
  };
}, 120_000);

test.each([
  ["image", 'Tensor<["batch", 28, 28, 1]>'],
  ["c", 'Tensor<["batch", 26, 26, 8]>'],
  ["activated", 'Tensor<["batch", 26, 26, 8]>'],
  ["pooled", 'Tensor<["batch", 13, 13, 8]>'],
  ["flat", 'Tensor<["batch", 1352]>'],
  ["logits", 'Tensor<["batch", 10]>'],
  ["loss", "Tensor<[]>"],
  ["total", 'Tensor<["batch", 13, 13]>'],
  ["vectors", 'Tensor<["batch", 16, 32]>'],
  ["last", 'Tensor<["batch", 24]>'],
  ["every", 'Tensor<["batch", 16, 24]>'],
  ["attended", 'Tensor<["batch", 16, 32]>'],
  ["bias", "Tensor<[10]>"],
  ["halves", '[Tensor<["batch", 676]>, Tensor<["batch", 676]>]'],
])("%s is shown by its axes", (name, type) => {
  expect(shown(name)).toBe(`const ${name}: ${type}`);
});

test.each([
  ["digit", 'Tensor<["batch"], "int32">'],
  ["tokens", 'Tensor<["batch", 16], "int32">'],
  ["found", 'Tensor<["batch", 13, 13, 8], "int32">'],
  ["positive", 'Tensor<["batch", 10], "bool">'],
])("%s shows its dtype, which is not float32", (name, type) => {
  expect(shown(name)).toBe(`const ${name}: ${type}`);
});
