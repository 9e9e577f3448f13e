// Modules of networks: byte for byte as WABT assembles their text where nothing is made better, and where it is, valid, with
// every value read from the slot that holds it.

import { describe, expect, test } from "vitest";
import { assemble } from "../../compiler/5-emit/wasm/encode/assemble.js";
import { laidOut } from "../../compiler/5-emit/wasm/encode/layout.js";
import { verifyFused } from "../../compiler/5-emit/wasm/fused.js";
import { writeWasm } from "../../compiler/5-emit/wasm/target.js";
import { checkedCalls } from "../../compiler/5-emit/checked/calls.js";
import { planned } from "../../compiler/pipeline.js";
import type { Network } from "../../src/graph/network.js";
import { calls } from "../emitted/calls.js";
import { files, load } from "../emitted/example.js";
import { layers } from "../emitted/layers.js";
import { networks } from "../emitted/networks.js";
import { unsampled } from "../emitted/unsampled.js";
import { count, some } from "../extent.js";
import { build } from "../fuzz/build.js";
import { generate } from "../fuzz/generate.js";
import { seedOfDay } from "../fuzz/variants.js";
import { listingOf } from "./listing.js";
import { expectSameValues } from "./same-values.js";
import { assembledByWabt, disassembled } from "./wabt.js";

const FLOATS = ["float32", "float64"] as const;

function textOf(network: Network, dtype: (typeof FLOATS)[number], checked = false): string {
  const { spec, layout } = planned(network, { target: "wasm", dtype, constNames: "ordinals" });
  return writeWasm(spec, layout, checked ? checkedCalls(spec, layout) : undefined).code.text;
}

function expectAssembled(text: string): void {
  const [written, own] = [assemble(text, { asWritten: true }), assemble(text)];
  expect(Buffer.compare(written, assembledByWabt(text)), "as WABT assembles it").toBe(0);
  expect(WebAssembly.validate(own)).toBe(true);
  verifyFused(text, own);
  const functions = listingOf(own);
  for (const [n, listing] of listingOf(written).entries()) expectSameValues(listing, functions[n]!);
  expect(Buffer.compare(own, assemble(laidOut(text))), "laid out, it is the same").toBe(0);
}

describe.each(FLOATS)("%s", (dtype) => {
  test.each(some(calls, 8))("%s", (_, { network }) => expectAssembled(textOf(network, dtype)));

  test.each(some(Object.entries({ ...unsampled, ...networks, ...layers }), 9))("%s", (_, make) =>
    expectAssembled(textOf(make(4), dtype)),
  );
});

test.each(some(files, 5))("%s", async (file) => expectAssembled(textOf(await load(file), "float32")));

test("a checked build", () => expectAssembled(textOf(calls[0]![1].network, "float32", true)));

const seed = Number(process.env["FUZZ_SEED"] ?? seedOfDay(new Date()));

test(`random networks with seed ${seed}`, () => {
  for (let index = 0; index < count(6, 100); index++)
    for (const dtype of FLOATS) expectAssembled(textOf(build(generate(seed, index).sketch), dtype));
});

test("the names of functions, where asked for", () => {
  const text = textOf(calls[0]![1].network, "float32");
  const [named, own] = [assemble(text, { names: true }), assemble(text)];
  expect(Buffer.compare(named.slice(0, own.length), own)).toBe(0);
  const names = [...text.matchAll(/^\(func (\$\S+)/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(5);
  const listed = [...disassembled(named, true).matchAll(/^ {2}\(func (\$\S+)/gm)].map(([, name]) => name!);
  expect(listed).toEqual(names);
});

describe("negative controls", () => {
  const own = listingOf(assemble(textOf(networks["two players"]!(), "float32")));
  const written = listingOf(assemble(textOf(networks["two players"]!(), "float32"), { asWritten: true }));

  test("a value that is not stored is seen", () => {
    for (const [n, listing] of own.entries()) {
      const sets = listing.instructions.filter(({ text }) => text === "local.set");
      for (const set of sets) {
        const instructions = listing.instructions.filter((one) => one !== set);
        expect(() => expectSameValues(written[n]!, { ...listing, instructions })).toThrow(/not so/);
      }
    }
  });

  test("slots of lives that are not apart are seen", () => {
    let seen = 0;
    let merged = 0;
    for (const [n, { parameters, instructions }] of own.entries()) {
      const slots = new Set(instructions.flatMap(({ local = -1 }) => (local > parameters ? [local] : [])));
      for (const slot of slots) {
        const changed = instructions.map((one) => (one.local === slot ? { ...one, local: slot - 1 } : one));
        merged++;
        try {
          expectSameValues(written[n]!, { parameters, instructions: changed });
        } catch {
          seen++;
        }
      }
    }
    // Slots of two types may well be apart: they are two for their types alone.
    expect(merged).toBeGreaterThan(50);
    expect(seen / merged).toBeGreaterThan(0.95);
  });
});
