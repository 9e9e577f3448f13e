// The size of a module does not grow with the number of equal blocks: it prints them once, and loops.

import { transformSync } from "esbuild";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { expectEntry, expectState, fill, pairOf } from "./harness.js";
import { typeErrors } from "../type-errors.js";

const { adam, add, dense, embedding, gelu, input, labels, layerNorm, learnedEncoding, sequenceCrossEntropy, softmax } =
  tapeless;

/** A causal language model of equal blocks, declared with a loop. */
function language(blocks: number, size: number, equal = true, optimizer = adam({ rate: 0.001 })): tapeless.Network {
  const ids = input("ids", ["batch", 6], { dtype: "int32", below: 7 });
  let y = add(embedding(ids, 7, size, { name: "tokens" }), learnedEncoding(6, size, { name: "places" })) as Tensor;
  for (let i = 0; i < blocks; i++) {
    const feedForward = equal ? 2 * size : 2 * size + i;
    y = tapeless.transformerEncoder(y, 2, {
      norm: "pre",
      causal: true,
      activation: gelu,
      feedForward,
      name: `block[${i}]`,
    });
  }
  const logits = dense(layerNorm(y, { name: "last" }) as never, 7, { name: "head" }) as Tensor;
  const loss = sequenceCrossEntropy(logits, labels("next", ["batch", 6], 7));
  return tapeless.network("language", {
    batch: 3,
    outputs: { probability: softmax(logits) as never },
    loss,
    optimizer,
  });
}

const sizesOf = (source: string): { text: number; minified: number; gzipped: number } => {
  const { code } = transformSync(source, { loader: "ts", format: "esm", minify: true });
  return { text: source.length, minified: code.length, gzipped: gzipSync(code, { level: 9 }).length };
};

describe("2 and 12 equal blocks", () => {
  const [small, large] = [2, 12].map((blocks) => language(blocks, 32));
  const few = sizesOf(compile(small!).source);
  const many = compile(large!);

  test.each(["typescript", "wasm"] as const)("differ by less than 25 % in bytes: %s", (target) => {
    const [one, other] = [small!, large!].map((net) => sizesOf(compile(net, { target }).source));
    for (const form of ["text", "minified", "gzipped"] as const) {
      expect(Math.abs(other![form] / one![form] - 1), form).toBeLessThan(0.25);
    }
  });

  test("control: blocks that differ are printed one by one", () => {
    const other = sizesOf(compile(language(5, 32, false)).source);
    expect(other.minified).toBeGreaterThan(1.3 * few.minified);
  });

  test("all views are there, in order, and typed", () => {
    const model = many.create({ seed: 1 });
    const names = Object.keys(model.parameters);
    expect(names.slice(0, 3)).toEqual(["tokens.weight", "places.weight", "block[0].norm1.weight"]);
    expect(names).toHaveLength(2 + 12 * 16 + 4);
    expect(Object.keys(model.spec.parameters)).toEqual(names);
    expect(Object.keys(model.grads)).toEqual(names);
    const views = names.map((name) => model.parameters[name]!);
    views.forEach((view, i) => {
      const before = views[i - 1];
      if (before) expect(view.byteOffset).toBeGreaterThanOrEqual(before.byteOffset + before.byteLength);
    });
    const reading = (name: string): string =>
      `${many.source}\nexport const view: Float32Array | undefined = createLanguage().parameters["${name}"];`;
    expect(typeErrors([reading("block[3].norm1.bias"), reading("block[3].norm7.bias")])).toEqual([
      expect.stringMatching(/^1\.ts.*norm7/),
    ]);
  });
});

const count = (text: string, part: string): number => text.split(part).length - 1;

// On wasm a large kernel, which threads take part by part, is called in a loop too, with two calls of $take.
test.each([
  ["typescript", "float64"],
  ["typescript", "float32"],
  ["wasm", "float32"],
] as const)("a loop over blocks computes what the interpreter does: %s, %s", (target, dtype) => {
  // Not with Adam, which makes large numbers of what rounding leaves of a gradient that is 0, as that of a key's bias.
  const net = language(4, 24, true, tapeless.momentum({ rate: 0.1 }));
  const compiled = compile(net, { dtype, target });
  const pair = pairOf(net, { dtype, seed: 3, compiled });
  const loops =
    target === "wasm"
      ? compiled
          .print("wat")
          .split("(func ")
          .filter((text) => text.startsWith("$run") && count(text, "(loop") > count(text, "(call $take") / 2)
      : compiled.source.match(/for \(let block = 0; block < \d; block\+\+\)/g)!;
  expect(loops.length).toBeGreaterThan(2);
  fill(pair, 5, {});
  for (const entry of ["loss", "gradients", "step"]) expectEntry(pair, entry, 2);
  expectState(pair);
});
