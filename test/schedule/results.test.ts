// Whatever tiles a schedule chooses, results are the interpreter's within the usual bounds. On WebAssembly the order of sums is
// the tiles' own: bits may differ between schedules.

import { describe, expect, test } from "vitest";
import { emitTypescript } from "../../compiler/5-emit/typescript/module.js";
import { writeWasm } from "../../compiler/5-emit/wasm/target.js";
import { compile, type TargetName } from "../../compiler/compile.js";
import type { Schedule } from "../../compiler/ir/schedule.js";
import type { Nest, Tile } from "../../compiler/ir/tile.js";
import { ROUNDS } from "../../compiler/tools/tune/search.js";
import { scheduledModule } from "../../compiler/tools/tune/nests.js";
import { runningModel } from "../../compiler/tools/tune/probe.js";
import { copyParameters, expectEntry, expectSame, expectState, fill, pairOf, snapshot } from "../emitted/harness.js";
import { CAPACITY, modelOf, products, scheduleFor, subjectOf } from "./networks.js";

const declared = products();
const SEED = 5;

function expectResults(target: TargetName, schedule: Schedule): void {
  const compiled = compile(declared, { target, schedule });
  expect(compiled.stale).toEqual([]);
  const pair = pairOf(declared, { dtype: "float32", compiled, seed: SEED });
  // A full batch, and one that leaves rows over or is less than a tile.
  for (const rows of [CAPACITY, 3]) {
    copyParameters(pair);
    fill(pair, rows, { parameters: true });
    for (const entry of ["gradients", "step"]) expectEntry(pair, entry, rows);
    expectState(pair);
  }
}

/** Tiles for a nest, some from each round of a search, and one of the smallest and largest sizes. */
function tiles(target: TargetName, nest: Nest): readonly Tile[] {
  const { choose, candidates, problem } = modelOf(target);
  const model = choose(nest);
  const list = Array.from({ length: ROUNDS }, (_, round) => candidates(nest, model, round)).flatMap((found) =>
    [found[0], found.at(-1)].filter((one) => one !== undefined),
  );
  const all = [...list, { ...model, unroll: 3 }, { ...model, rows: 1 }, { ...model, rows: 2, pack: true, unroll: 4 }];
  return all.filter((tile) => problem(tile, nest) === undefined);
}

const MOST = 4;

describe.each(["typescript", "wasm"] as const)("%s", (target) => {
  const subject = subjectOf(declared, target);

  test.each(Array.from({ length: MOST }, (_, n) => n))("tiles %d", (n) => {
    const schedule = scheduleFor(subject, ({ nest, model }) => {
      const list = tiles(target, nest);
      return list[n % list.length] ?? model;
    });
    expect(schedule.kernels.length).toBeGreaterThan(5);
    expectResults(target, schedule);
  });

  // Scalar tiles add the terms of each sum in their order, whatever the tile; vectors of terms do not.
  test.runIf(target === "typescript")("the same bits from any tile", () => {
    const parametersOf = (schedule: Schedule): Record<string, number[]> => {
      const model = runningModel(subject, schedule);
      model["step"](CAPACITY);
      return snapshot(model.parameters);
    };
    const plain = parametersOf({ kernels: [] });
    for (const n of [0, 1]) {
      const schedule = scheduleFor(subject, ({ nest }) => tiles(target, nest).at(n)!);
      expectSame("parameters", parametersOf(schedule), plain);
    }
  });

  test.runIf(target === "wasm")("the text of WebAssembly is as tuned, whatever the compilation is for", () => {
    const schedule = scheduleFor(subject, ({ nest }) => tiles(target, nest)[0]!);
    const watOf = (of: TargetName, scheduled?: Schedule): string =>
      compile(declared, { target: of, schedule: scheduled }).print("wat");
    expect(watOf("typescript", schedule)).toBe(watOf("wasm", schedule));
    expect(watOf("typescript", schedule)).not.toBe(watOf("typescript"));
  });

  test("negative control: a schedule changes the code", () => {
    const textOf = (schedule: Schedule): string => {
      const { spec, layout } = scheduledModule(subject, schedule);
      return target === "wasm"
        ? writeWasm(spec, layout, undefined).code.text
        : emitTypescript(spec, layout, undefined).source;
    };
    const own = scheduleFor(subject, ({ model }) => model);
    expect(textOf(own)).toBe(textOf({ kernels: [] }));
    const other = scheduleFor(subject, ({ nest }) => tiles(target, nest)[0]!);
    expect(textOf(other)).not.toBe(textOf(own));
  });
});
