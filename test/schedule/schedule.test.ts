// Schedules as data: what identifies a kernel, what is refused, and what is stale.

import { describe, expect, test } from "vitest";
import { checkSchedule, type Schedule } from "../../compiler/ir/schedule.js";
import type { Tile } from "../../compiler/ir/tile.js";
import { compile } from "../../compiler/compile.js";
import { nestsOf } from "../../compiler/tools/tune/nests.js";
import { CAPACITY, products, scheduleFor, subjectOf } from "./networks.js";
import { dense, input, network } from "../../src/index.js";

const keysOf = (...of: Parameters<typeof subjectOf>): string[] => nestsOf(subjectOf(...of)).map(({ key }) => key);

const layer = (name: string, units: number, batch = 8) =>
  network(name, {
    batch,
    outputs: { [name]: dense(input(`${name}_in`, ["batch", 32]), units, { name: `${name}_layer` }) },
  });

describe("keys", () => {
  test("are the same for equal kernels of other names, in each process", () => {
    const [key, ...others] = keysOf(layer("a", 16), "typescript");
    expect(others).toEqual([]);
    expect(keysOf(layer("b", 16), "typescript")).toEqual([key]);
    // Written down: a key must not depend on the machine, nor on what was compiled before.
    expect(key).toBe("a5502678c54a788e");
  });

  test("differ by shape, capacity, target and number type", () => {
    const keys = [
      ...keysOf(layer("a", 16), "typescript"),
      ...keysOf(layer("a", 17), "typescript"),
      ...keysOf(layer("a", 16, 9), "typescript"),
      ...keysOf(layer("a", 16), "wasm"),
      ...keysOf(layer("a", 16), "typescript", "float64"),
    ];
    expect(new Set(keys).size).toBe(5);
  });

  test("kernels that entries share are one", () => {
    const { kernels } = scheduleFor(subjectOf(products(), "wasm"), ({ model }) => model);
    expect(new Set(kernels.map(({ key }) => key)).size).toBe(kernels.length);
    const shared = kernels.find(({ loops }) => loops === "batch x 13 over 30")!;
    expect(shared.entries).toEqual(["gradients", "loss", "predict", "step"]);
  });
});

const small: Tile = { rows: 1, columns: 4, order: "rows", pack: false, unroll: 1 };

describe("stale entries", () => {
  const first = products(13);
  const schedule = scheduleFor(subjectOf(first, "typescript"), () => small);

  const other = products(14);

  test("are named when shapes change, and ignored", () => {
    const names = compile(other, { schedule }).stale.map(({ kernel, loops }) => `${kernel}: ${loops}`);
    expect(names).toContainEqual(expect.stringContaining("batch x 13 over 30"));
    // The convolution and its gradients have not changed.
    expect(names.length).toBeLessThan(schedule.kernels.length);
  });

  test("none are without a change, on another target, or in a build without their entries", () => {
    expect(compile(first, { schedule }).stale).toEqual([]);
    expect(compile(other, { target: "wasm", schedule }).stale).toEqual([]);
    expect(compile(other, { schedule, entries: ["predict"] }).stale).not.toEqual([]);
    const steps = { kernels: schedule.kernels.filter(({ entries }) => !entries.includes("predict")) };
    expect(compile(other, { schedule: steps, entries: ["predict"] }).stale).toEqual([]);
  });
});

describe("what is no schedule is refused", () => {
  const one = scheduleFor(subjectOf(layer("a", 16), "typescript"), () => small).kernels[0]!;
  const cases: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    "a number": [7, /^BAD_SCHEDULE: a schedule must be an object/],
    "no list": [{ kernels: {} }, /kernels must be a list/],
    "another field": [{ kernels: [], batch: 3 }, /batch must be absent, but it is 3/],
    "a kernel that is none": [{ kernels: [one, null] }, /kernels\[1\] must be an object/],
    "no size": [{ kernels: [{ ...one, rows: 0 }] }, /kernels\[0\]\.rows must be a whole number of at least 1/],
    "a fraction": [{ kernels: [{ ...one, columns: 1.5 }] }, /columns must be a whole number/],
    "an order": [{ kernels: [{ ...one, order: "down" }] }, /order must be "rows" or "columns", but it is "down"/],
    "a word for a bit": [{ kernels: [{ ...one, pack: "yes" }] }, /pack must be true or false/],
    "a key": [{ kernels: [{ ...one, key: "h1" }] }, /key must be 16 hexadecimal digits/],
    "a terminal's commands": [{ kernels: [{ ...one, kernel: "h1\u001b[2J" }] }, /kernel must be a string of one line/],
    "a target": [{ kernels: [{ ...one, target: "wgsl" }] }, /target must be "typescript" or "wasm"/],
    "a missing field": [{ kernels: [{ ...one, unroll: undefined }] }, /unroll must be .* but it is undefined/],
    "a misspelt field": [{ kernels: [{ ...one, colums: 4 }] }, /colums must be absent/],
    "a kernel twice": [{ kernels: [one, one] }, /kernels\[1\]\.key must be another one/],
  };
  test.each(Object.entries(cases))("%s", (_, [value, message]) => {
    expect(() => checkSchedule(value)).toThrow(message);
    expect(() => compile(layer("a", 16), { schedule: value as Schedule })).toThrow(message);
  });

  test("a tile that the target cannot emit", () => {
    const schedule = { kernels: [{ ...one, rows: 8, columns: 8 }] };
    expect(() => compile(layer("a", 16), { schedule }).source).toThrow(
      /BAD_SCHEDULE: .*\([0-9a-f]{16}\): a tile holds/,
    );
  });

  test("negative control: a schedule is taken", () => {
    expect(checkSchedule({ kernels: [one] })).toEqual({ kernels: [one] });
    expect(CAPACITY).toBeGreaterThan(1);
  });
});
