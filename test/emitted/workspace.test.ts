// The memory of a model: what its workspace holds before a call changes no bit, nothing outside the arena is touched, and
// models that share code share no memory.

import { describe, expect, test } from "vitest";
import { factoryOf } from "../../compiler/instantiate.js";
import type { Compilation, Model, ModelOptions, TargetName } from "../../compiler/compile.js";
import { randomNumbers } from "../oracle/leaves.js";
import { expectSame, snapshot } from "./harness.js";
import { CAPACITY, networks } from "./networks.js";
import { compiledOf } from "./once.js";
import { unsampled } from "./unsampled.js";

/** Bytes after the model's memory, all of one value. */
const GUARD = 4096;
const MARK = 0xa5;

/** Memory for a model, with a guard behind what it may touch. */
interface Room {
  readonly buffer: ArrayBuffer;
  readonly options: ModelOptions;
  readonly guard: Uint8Array;
}

function guarded(compiled: Compilation, target: TargetName = "typescript"): Room {
  const end = target === "wasm" ? endOf(compiled.source) : compiled.memory.arenaBytes;
  const pages = Math.ceil((end + GUARD) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages });
  const buffer = target === "wasm" ? memory.buffer : new ArrayBuffer(end + GUARD);
  const guard = new Uint8Array(buffer, end).fill(MARK);
  return { buffer, options: { ...(target === "wasm" ? { memory } : { buffer }), seed: 3 }, guard };
}

/** Behind the arena one thread has its words, and memory for itself. */
function endOf(source: string): number {
  const [start, bytes] = ["SCRATCH", "SCRATCH_BYTES"].map((name) =>
    Number(new RegExp(`^const ${name} = (\\d+);`, "m").exec(source)![1]),
  );
  return start! + bytes!;
}

function write(model: Model, seed: number): void {
  const random = randomNumbers(seed);
  for (const group of ["inputs", "targets"] as const) {
    for (const [name, view] of Object.entries(model[group])) {
      const below = model.spec[group][name]!.below;
      for (let i = 0; i < view.length; i++)
        view[i] = below === undefined ? random() - 0.5 : Math.floor(random() * below);
    }
  }
}

const callable = (model: Model): string[] =>
  Object.keys(model).filter((key) => typeof model[key] === "function" && !/reset|dispose/.test(key));

const everything = (model: Model): Record<string, number[]> =>
  Object.fromEntries(
    (["inputs", "targets", "outputs", "parameters", "states", "grads"] as const).flatMap((group) =>
      Object.entries(snapshot(model[group])).map(([name, list]) => [`${group}.${name}`, list]),
    ),
  );

/** Runs all entries; before each call the workspace is filled with the pattern. All that is left is returned. */
function results(model: Model, buffer: ArrayBuffer, pattern: number): Record<string, number[]> {
  const { offset, bytes } = model.spec.workspace;
  const workspace = new Uint8Array(buffer, offset, bytes);
  const losses: number[] = [];
  model.reset(3);
  for (const rows of [CAPACITY, 1, 3]) {
    write(model, rows);
    for (const entry of callable(model)) {
      workspace.fill(pattern);
      losses.push((model[entry] as (rows: number) => number | undefined)(rows) ?? 0);
    }
  }
  return { losses, ...everything(model) };
}

// All bits set: a NaN of either type, and true as a bool.
const NANS = 0xff;

const all = { ...networks, ...unsampled };

const BUILDS = [
  { target: "typescript", dtype: "float64", every: 1 },
  { target: "typescript", dtype: "float32", every: 1 },
  // A third of them: the ops alone on WebAssembly are many.
  { target: "wasm", dtype: "float32", every: 3 },
] as const;

describe.each(BUILDS)("$target, $dtype", ({ target, dtype, every }) => {
  const some = Object.entries(all).filter((_, n) => n % every === 0);

  test.each(some)("%s", (_, build) => {
    const compiled = compiledOf(build(CAPACITY), dtype, target);
    const { buffer, options, guard } = guarded(compiled, target);
    const model = compiled.create(options);
    const clean = results(model, buffer, 0);
    expectSame("with NaN before each call", results(model, buffer, NANS), clean);
    expect(Object.values(clean).flat().every(Number.isFinite)).toBe(true);
    expect(guard.every((byte) => byte === MARK)).toBe(true);
  });
});

describe("negative controls", () => {
  const compiled = compiledOf(all["an actor and a critic over shared features"]!(CAPACITY), "float64");

  test("the pattern is a NaN", () => {
    const bytes = new Uint8Array(8).fill(NANS).buffer;
    expect([new Float64Array(bytes)[0], new Float32Array(bytes)[1]]).toEqual([NaN, NaN]);
  });

  test("a kernel that adds to what was there is seen", () => {
    const source = compiled.source;
    const written = /^( *)f\[(\w+ at\b|\w+)([^\]]*)\] = /gm;
    // The first store of a kernel that writes to the workspace becomes an addition.
    const seen = [...source.matchAll(written)].some((match) => {
      const spoiled =
        source.slice(0, match.index) + match[0].replace(/ = $/, " += ") + source.slice(match.index + match[0].length);
      const { buffer, options } = guarded(compiled);
      const model = factoryOf(spoiled, "spoiled")(options);
      try {
        expectSame("spoiled", results(model, buffer, NANS), results(model, buffer, 0));
        return false;
      } catch {
        return true;
      }
    });
    expect(seen).toBe(true);
  });
});

test("models of one module share nothing", () => {
  const compiled = compiledOf(all["dropout and noise"]!(CAPACITY), "float32");
  const [a, b, alone] = [1, 2, 2].map((seed) => compiled.create({ seed }));
  const steps = (model: Model): number => {
    write(model, 5);
    return model.step(CAPACITY);
  };
  const first = steps(alone!);
  const second = steps(alone!);
  steps(a!);
  expect(steps(b!)).toBe(first);
  steps(a!);
  steps(a!);
  expect(steps(b!)).toBe(second);
  expectSame("parameters", b!.parameters, alone!.parameters);
});
