// Writing letter by letter beside predicting the whole window for each letter: what an entry that carries its state is for.

import { expect, test } from "vitest";
import lstm from "../../examples/char-lstm/char-lstm.net.js";
import transformer from "../../examples/char-transformer/char-transformer.net.js";
import { medianRatio } from "../../bench/src/statistics.js";
import { compile, type Model } from "../../compiler/compile.js";
import { count } from "../extent.js";

const ROUNDS = count(5, 31);
const LENGTH = 64;
/** How many times the letters a second there are at least. */
const BOUND = 10;

/** Microseconds of this process for one call. */
function cost(calls: number, run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function sidesOf(model: Model): { readonly window: () => void; readonly letters: () => void } {
  const next = model["next"] as (rows: number) => void;
  return {
    window: () => {
      for (let n = 0; n < 4; n++) model.predict(1);
    },
    letters: () => {
      model.resetCarries();
      for (let n = 0; n < LENGTH; n++) next(1);
    },
  };
}

test.each([
  ["char-lstm", lstm, "typescript"],
  ["char-lstm", lstm, "wasm"],
  ["char-transformer", transformer, "typescript"],
  ["char-transformer", transformer, "wasm"],
] as const)("$0 on $2", { timeout: 120_000 }, (name, network, target) => {
  const { window, letters } = sidesOf(compile(network, { target }).create({ seed: 1 }));
  for (let round = 0; round < 2; round++) [window, letters].forEach((run) => run());
  const times = Array.from({ length: ROUNDS }, (_, round) => {
    const sides = [() => cost(4, window), () => cost(LENGTH, letters)];
    if (round % 2 === 0) return sides.map((side) => side());
    return sides
      .reverse()
      .map((side) => side())
      .reverse();
  });
  const [windows, singles] = [times.map(([time]) => time!), times.map(([, time]) => time!)];
  const ratio = medianRatio(windows, singles);
  console.log(`${name} on ${target}: ${ratio.toFixed(0)} times the letters a second`);
  expect(ratio).toBeGreaterThan(BOUND);
});
