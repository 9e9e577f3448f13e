// What looking at computed indices costs: a step that reads a table of 100,000 x 32 by a computed id, beside the same text without
// the look. Turns are taken.

import { expect, test } from "vitest";
import { count } from "../extent.js";
import { factoryOf } from "../../compiler/instantiate.js";
import { compile } from "../../compiler/compile.js";
import { cast, crossEntropy, dense, input, network, parameter, relu, sgd, take, target } from "../../src/index.js";
import type { Tensor } from "../../src/index.js";

const ROWS = 64;
const TABLE = 100_000;
const ROUNDS = count(6, 40);
/** Of a step; the bound of a test that runs beside others is wider. */
const BOUND = count(1.15, 1.03);

const table = parameter([TABLE, 32], 0.1, { name: "table" });
const id = cast(input("id", ["batch"]), "int32");
const features = take(table, id as never) as Tensor<["batch", number]>;
const logits = dense(relu(dense(features, 64, { name: "h" })), 10, { name: "logits" });
const declared = network("ids", {
  batch: ROWS,
  loss: crossEntropy(logits, target("class", ["batch"], { dtype: "int32", below: 10 })),
  optimizer: sgd({ rate: 0.01 }),
});

type Step = () => number;

const LOOK = /(function entryIndex\([^)]*\): number \{)[^]*?\n\}/;

let sides = 0;

/**
 * A model of the text. An engine that meets one text twice keeps one function for both, and cannot optimise it for the memory of
 * either: each side is a text of its own.
 */
function step(source: string): Step {
  const model = factoryOf(`${source}\nexport const SIDE = ${++sides};`, "ids")({ seed: 1 });
  for (let i = 0; i < ROWS; i++) {
    model.inputs["id"]![i] = (i * 7919 * 31) % TABLE;
    model.targets["class"]![i] = i % 10;
  }
  return () => model.step(ROWS);
}

/** Milliseconds of each side's blocks, side by side. */
function times(sides: readonly Step[]): readonly number[][] {
  const block = (side: Step): number => {
    const start = performance.now();
    for (let i = 0; i < 300; i++) side();
    return performance.now() - start;
  };
  for (let round = 0; round < 3; round++) sides.forEach(block);
  const all = sides.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    const order = [...sides.keys()];
    for (const side of round % 2 ? order.reverse() : order) all[side]!.push(block(sides[side]!));
  }
  return all;
}

/**
 * What a text's step takes over another's, each at its best. What runs beside makes a block longer, and what an engine makes of a text is
 * not the same each time it is given: so sides are made anew while the first one looks dear.
 */
function cost(of: string, over: string, most = 6): number {
  const best = [Infinity, Infinity];
  for (let tries = 1; ; tries++) {
    times([step(of), step(over)]).forEach((all, side) => (best[side] = Math.min(best[side]!, ...all)));
    const ratio = best[0]! / best[1]!;
    console.log(`a step takes ${best[0]! / 300} ms, ${ratio} of the other side's`);
    if (tries === most || ratio < BOUND) return ratio;
  }
}

test("the look at computed ids costs at most 3 % of a step", () => {
  const { source } = compile(declared);
  expect(source).toMatch(LOOK);
  expect(cost(source, source.replace(LOOK, "$1 return index; }"))).toBeLessThan(BOUND);
});

test("control: a look that costs a fifth is seen", () => {
  const { source } = compile(declared);
  const dear = source.replace(LOOK, (whole) =>
    whole.replace("{", "{ for (let i = 0; i < 400; i++) index = Math.sqrt(index * index);"),
  );
  expect(cost(dear, source, 2)).toBeGreaterThan(BOUND);
});
