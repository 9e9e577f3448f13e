// What looking at computed indices costs: a step that reads a table of 100,000 x 32 by a computed id, beside the same text without
// the look. Turns are taken, and a third side is the first once more: what those two differ by is the machine's.

import { expect, test } from "vitest";
import { median, medianRatio } from "../../bench/src/statistics.js";
import { count } from "../extent.js";
import { factoryOf } from "../../compiler/instantiate.js";
import { compile } from "../../compiler/pipeline.js";
import { cast, crossEntropy, dense, input, network, parameter, relu, sgd, take, target } from "../../src/index.js";
import type { Tensor } from "../../src/index.js";

const ROWS = 64;
const TABLE = 100_000;
const ROUNDS = count(8, 40);
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

function step(source: string): Step {
  const model = factoryOf(source, "ids")({ seed: 1 });
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

test("the look at computed ids costs at most 3 % of a step", () => {
  const { source } = compile(declared);
  expect(source).toMatch(LOOK);
  const unlooked = source.replace(LOOK, "$1 return index; }");
  const [looks, looksNot, again] = times([step(source), step(unlooked), step(source)]);
  const [cost, same] = [medianRatio(looks!, looksNot!), medianRatio(looks!, again!)];
  console.log(`a step takes ${median(looks!) / 300} ms; with the look ${cost} of without, A/A ${same}`);
  // What A/A shows is no cost of the look.
  expect(cost / Math.max(1, same)).toBeLessThan(BOUND);
});

test("control: a look that costs a tenth is seen", () => {
  const { source } = compile(declared);
  const dear = source.replace(LOOK, (whole) =>
    whole.replace("{", "{ for (let i = 0; i < 40; i++) index = Math.sqrt(index * index);"),
  );
  const [slow, plain] = times([step(dear), step(source)]);
  expect(medianRatio(slow!, plain!)).toBeGreaterThan(1.03);
});
