// `relaxed: false`: the same bits on every engine. What came out once is recorded; a change of the code that changes numbers is
// recorded again by `npx vitest run test/bits -u`. Other engines run the same files: those that TAPELESS_ENGINES names, separated
// by ":" (`npm run verify` fetches some).

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { delimiter } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, type Compilation } from "../../compiler/compile.js";
import { typeErrors } from "../type-errors.js";
import { networks } from "../emitted/networks.js";
import { exactModules, written } from "./modules.js";

const RUN = new URL("run.mjs", import.meta.url).pathname;
const ENGINES = (process.env["TAPELESS_ENGINES"] ?? "").split(delimiter).filter((path) => path !== "");

let folder = "";
let modules: Record<string, Compilation> = {};

beforeAll(async () => {
  modules = await exactModules(false);
  folder = written(modules);
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (engine: string, argument: string): string => {
  const { stdout, stderr, error } = spawnSync(engine, [RUN, argument], { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (error || !stdout) throw new Error(`${engine}: ${error?.message ?? stderr}`);
  return stdout;
};

/** Has the engine multiply-adds that round once? */
const rounds = (engine: string): boolean => run(engine, "--relaxed").trim() === "true";

const hashesOn = (engine: string, of = folder): string => {
  const stdout = run(engine, of);
  return `${JSON.stringify(JSON.parse(stdout), undefined, 2)}\n`;
};

test.each([process.execPath, ...ENGINES])("the recorded bits on %s", { timeout: 240_000 }, async (engine) => {
  await expect(hashesOn(engine)).toMatchFileSnapshot("recorded.json");
});

describe("relaxed: false", () => {
  const declared = Object.values(networks)[0]!();

  test("leaves nothing out that an engine could choose", () => {
    for (const { source } of Object.values(modules)) expect(source).not.toMatch(/RELAXED|\bMath\.(?!imul|ceil|fround)/);
  });

  test("is an option of a model too", () => {
    const both = compile(declared, { target: "wasm" });
    expect(typeErrors([both.source])).toEqual([]);
    expect(() => both.create({ relaxed: "no" as never })).toThrow(/relaxed must be true or false/);
    const results = [
      both.create({ relaxed: false }),
      compile(declared, { target: "wasm", relaxed: false }).create(),
    ].map((model) => {
      for (const group of [model.inputs, model.targets])
        for (const view of Object.values(group)) for (let i = 0; i < view.length; i++) view[i] = Math.sin(i);
      for (const step of model.spec.steps) for (let n = 0; n < 5; n++) model[step](declared.capacity);
      return Object.values(model.parameters).map((view) => Array.from(view));
    });
    expect(results[0]).toEqual(results[1]);
  });

  test.each(ENGINES)(
    "negative control: where %s rounds sums once, that is seen",
    { timeout: 240_000 },
    async (engine) => {
      const relaxed = written(await exactModules(true));
      const hashes = hashesOn(engine, relaxed);
      rmSync(relaxed, { recursive: true, force: true });
      expect(hashes === hashesOn(engine)).toBe(!rounds(engine));
    },
  );

  test.each([{ target: "typescript" }, { target: "wasm", dtype: "float64" }, {}] as const)(
    "%j is refused",
    (options) => {
      expect(() => compile(declared, { ...options, relaxed: false })).toThrow(/BAD_ARGUMENT.*relaxed/);
      expect(() => compile(declared, { ...options, relaxed: "no" as never })).toThrow(/relaxed must be true or false/);
    },
  );
});
