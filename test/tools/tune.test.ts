// `tapeless tune` and the schedules that `generate` reads, from the command line to the bytes of a module.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { describe, expect, test, vi } from "vitest";
import type { Schedule } from "../../compiler/ir/schedule.js";
import type { Tile } from "../../compiler/ir/tile.js";
import { main } from "../../compiler/tools/main.js";
import { readSchedule, schedulePath, withTuned, writeSchedule } from "../../compiler/tools/schedule-file.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { nestsOf, scheduled, subjectOf } from "../../compiler/tools/tune/nests.js";
import { put, workspace } from "./workspace.js";

vi.setConfig({ testTimeout: 60_000 });

const definition = (units = 12): string => `import { dense, input, network } from "tapeless";
const image = input("image", ["batch", 16]);
const h1 = dense(image, ${units});
export default network("small", { batch: 8, outputs: { h1 } });
`;

const folderOf = (units?: number): string => workspace({ "package.json": "{}", "small.net.ts": definition(units) });

async function cli(cwd: string, ...args: string[]) {
  const told = { out: "", err: "" };
  const write = (stream: "out" | "err") => (text: string) => void (told[stream] += text);
  const code = await main(args, {
    cwd,
    out: write("out"),
    err: write("err"),
    paint: pc.createColors(false),
    colors: false,
  });
  return { code, ...told };
}

const generate = (cwd: string, ...args: string[]) => cli(cwd, "generate", "small.net.ts", ...args);

const TILE: Tile = { rows: 3, columns: 2, order: "columns", pack: false, unroll: 2 };

/** A schedule for the definition as it stands. */
async function scheduleOf(folder: string, tile: Tile = TILE): Promise<Schedule> {
  const { network, constNames } = await loadDefinition(join(folder, "small.net.ts"));
  const subject = subjectOf(network, { constNames, target: "typescript" });
  return { kernels: nestsOf(subject).map((nest) => scheduled(nest, tile, subject)) };
}

const write = async (folder: string, schedule: Schedule): Promise<string> => {
  const path = schedulePath(join(folder, "small.net.ts"), undefined);
  await writeSchedule(path, schedule);
  return path;
};

const emitted = (folder: string): string => readFileSync(join(folder, "generated/small.ts"), "utf8");

describe("tune", () => {
  test.each(["typescript", "wasm"])("measures a small network for %s and says what it found", async (target) => {
    const folder = folderOf();
    const { code, out, err } = await cli(folder, "tune", "small.net.ts", "--target", target, "--time", "1");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(new RegExp(`^small {2}${target}, float32, 8 rows, 1 product\n`));
    expect(out).toMatch(/\nh1 +batch x 12 over 16 +\d x \d/);
    expect(out).toMatch(/\d of 1 faster; \d+ candidates in \d+\.\d s/);
    const path = join(folder, "small.schedule.json");
    expect(existsSync(path)).toBe(/small\.schedule\.json {2}written/.test(out));
    if (!existsSync(path)) return;
    expect((await readSchedule(path))!.kernels.map(({ kernel }) => kernel)).toEqual(["h1"]);
    expect((await generate(folder, "--target", target)).code).toBe(0);
  });

  test("says so where there is nothing to choose, and refuses what it does not know", async () => {
    const folder = folderOf();
    const nothing = await cli(folder, "tune", "small.net.ts", "--target", "wasm", "--dtype", "float64", "--time", "1");
    expect(nothing).toMatchObject({ code: 0, out: expect.stringContaining("no kernel has tiles to choose") });
    const wrong = { "--time": "0", "--entries": "step", "--target": "wgsl" };
    for (const [flag, value] of Object.entries(wrong)) {
      expect(await cli(folder, "tune", "small.net.ts", flag, value)).toMatchObject({ code: 2 });
    }
  });
});

describe("schedule files", () => {
  test("are read as they were written, with the same bytes in any order", async () => {
    const folder = folderOf();
    const [one] = (await scheduleOf(folder)).kernels;
    const other = { ...one!, key: "0123456789abcdef", kernel: "a", entries: ["predict", "step"] };
    const path = await write(folder, { kernels: [one!, other] });
    const text = readFileSync(path, "utf8");
    expect(await readSchedule(path)).toEqual({ kernels: [other, one] });
    await write(folder, { kernels: [other, one!] });
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(text).not.toContain(folder);
    expect(await writeSchedule(path, { kernels: [] })).toBe("removed");
    expect(await readSchedule(path)).toBeUndefined();
  });

  test("tuning replaces what it measured and keeps the rest", async () => {
    const [one] = (await scheduleOf(folderOf())).kernels;
    const wasm = { ...one!, key: "1".repeat(16), target: "wasm" } as const;
    const step = { ...one!, key: "2".repeat(16), entries: ["step"] };
    const before = { kernels: [one!, wasm, step] };
    const tuned = { ...one!, rows: 4 };
    const of = { target: "typescript", dtype: "float32", entries: ["predict"] };
    expect(withTuned(before, [tuned], of).kernels).toEqual([wasm, step, tuned]);
    expect(withTuned(before, [], of).kernels).toEqual([wasm, step]);
    expect(withTuned(undefined, [tuned], of).kernels).toEqual([tuned]);
  });
});

describe("generate", () => {
  test("takes the schedule: the bytes, and the hash that --check compares", async () => {
    const folder = folderOf();
    await generate(folder);
    const plain = emitted(folder);
    const path = await write(folder, await scheduleOf(folder));
    expect(await generate(folder, "--check")).toMatchObject({
      code: 1,
      out: expect.stringMatching(/small\.ts {2}stale/),
    });
    expect(await generate(folder)).toMatchObject({ code: 0, err: "" });
    expect(emitted(folder)).toContain("j0 += 2");
    expect(emitted(folder).split("\n")[0]).not.toBe(plain.split("\n")[0]);
    expect((await generate(folder, "--check")).code).toBe(0);
    await write(folder, await scheduleOf(folder, { ...TILE, rows: 2 }));
    expect((await generate(folder, "--check")).code).toBe(1);
    rmSync(path);
    await generate(folder);
    expect(emitted(folder)).toBe(plain);
  });

  test("reads schedules from another folder", async () => {
    const folder = folderOf();
    const path = await write(folder, await scheduleOf(folder));
    put(folder, "tuned/small.schedule.json", readFileSync(path, "utf8"));
    rmSync(path);
    await generate(folder, "--schedules", "tuned");
    expect(emitted(folder)).toMatch(/run npx tapeless generate small\.net\.ts --schedules tuned\n/);
    expect(emitted(folder)).toContain("j0 += 2");
  });

  test("warns of kernels that are no more; --check fails for them", async () => {
    const folder = folderOf();
    await write(folder, await scheduleOf(folder));
    put(folder, "small.net.ts", definition(14));
    const warned = await generate(folder);
    expect(warned.code).toBe(0);
    expect(warned.err).toMatch(
      /^warning STALE_SCHEDULE {2}small\.schedule\.json has tiles .*: h1 \(batch x 12 over 16\)\n +hint: .*tapeless tune/,
    );
    expect(await generate(folder, "--check")).toMatchObject({
      code: 1,
      out: expect.stringMatching(/small\.ts {2}its schedule is stale/),
    });
  });

  test("refuses what is no schedule, at its place", async () => {
    const folder = folderOf();
    const good = readFileSync(await write(folder, await scheduleOf(folder)), "utf8");
    const cases: readonly (readonly [text: string, message: RegExp])[] = [
      ["{\n  kernels", /BAD_SCHEDULE {2}small\.schedule\.json is no JSON: .*\n +at small\.schedule\.json:2:3\n/],
      ["[]", /BAD_SCHEDULE {2}a schedule must be an object .*\n +at small\.schedule\.json:1:1\n/],
      [
        good.replace(`"rows": 3`, `"rows": "3"`),
        /kernels\[0\]\.rows must be .*"3"\n +at small\.schedule\.json:\d+:15\n/,
      ],
      [good.replace(`"rows": 3`, `"rows": 300`), /h1 \(\w{16}\): a tile holds .*\n +at small\.schedule\.json:3:5\n/],
    ];
    for (const [text, message] of cases) {
      put(folder, "small.schedule.json", text);
      const { code, err } = await generate(folder);
      expect(err).toMatch(message);
      expect(err).toMatch(/hint: write it again with tapeless tune, or delete it/);
      expect(code).toBe(2);
      expect(existsSync(join(folder, "generated"))).toBe(false);
    }
  });
});
