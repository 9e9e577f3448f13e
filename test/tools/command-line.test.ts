// The command line keeps its word: whatever a definition or an example does to the process, there is a sentence and the exit
// code that belongs to it; files of one build belong together; names are shown as they are.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runUserCode } from "../../compiler/tools/user-code.js";
import { signedWasm, writeGenerated } from "../../compiler/tools/write.js";
import { builtCli, ended, startBuilt } from "./built-cli.js";
import { buildCli, cli, processCli, removeCli, startCli } from "./cli-process.js";
import { put, workspace } from "./workspace.js";

vi.setConfig({ testTimeout: 60_000 });
beforeAll(buildCli, 60_000);
afterAll(removeCli);

const BODY = `import { dense, input, network, relu } from "tapeless";
const x = input("x", ["batch", 8]);
export default network("digits", { batch: 4, outputs: { y: relu(dense(x, 4)) } });
`;
const package_ = { "package.json": "{}" };
const BUG = /bug in tapeless|unexpected error/;

describe("what a definition does to the process", () => {
  test.each([
    ["ends it", "process.exit(0);", /DEFINITION_ENDS {2}net\.ts called process\.exit\(0\)[^]*at net\.ts:1:9/],
    [
      "ends it and catches that",
      "try { process.exit(7); } catch {}",
      /DEFINITION_ENDS {2}net\.ts called process\.exit\(7\)/,
    ],
    [
      "ends it in a timer",
      "setTimeout(() => process.exit(), 1); await new Promise((r) => setTimeout(r, 500));",
      /DEFINITION_ENDS {2}net\.ts called process\.exit\(\)/,
    ],
    [
      "awaits what never comes",
      "await new Promise(() => {});",
      /DEFINITION_WAITS {2}net\.ts awaits something that never comes/,
    ],
    [
      "throws in a timer",
      "setTimeout(() => { throw new Error('late'); }, 1); await new Promise((r) => setTimeout(r, 500));",
      /DEFINITION_THROWS {2}net\.ts threw after it was loaded[^]*late[^]*at net\.ts:1:26/,
    ],
    [
      "rejects what nobody awaits",
      "Promise.reject(new Error('nobody')); await new Promise((r) => setTimeout(r, 500));",
      /DEFINITION_THROWS {2}net\.ts threw after it was loaded[^]*nobody/,
    ],
    ["throws no error", "throw 'a string';", /DEFINITION_THROWS {2}net\.ts threw while it was loaded: a string/],
  ])("%s", async (_, line, sentence) => {
    const folder = workspace({ ...package_, "net.ts": `${line}\n${BODY}` });
    const { code, err } = await builtCli(folder, ["generate", "net.ts"]);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(BUG);
    expect(code).toBe(2);
    expect(existsSync(join(folder, "generated"))).toBe(false);
  });

  test("a timer that is left open is told of, and not waited for", async () => {
    const folder = workspace({ ...package_, "net.ts": `setInterval(() => {}, 1000);\n${BODY}` });
    const { code, out, err } = await builtCli(folder, ["generate", "net.ts"]);
    expect(err).toMatch(/^warning DEFINITION_KEEPS_RUNNING {2}net\.ts left a timer running, which is not waited for/);
    expect(out).toContain("generated/net.ts  written");
    expect(code).toBe(0);
  });

  test("one that waits while something runs is given up in the end", async () => {
    const code = { path: "net.ts", file: "net.mjs", placeOf: () => undefined };
    const waiting = runUserCode(code, () => new Promise(() => {}), 50);
    await expect(waiting).rejects.toThrow(/DEFINITION_WAITS: net\.ts was not done after 0\.05 seconds/);
    expect(await runUserCode(code, () => 7, 50)).toBe(7);
  });
});

describe("train", () => {
  const NET = `import { dense, input, network } from "tapeless";
const x = input("x", ["batch", 1]);
export default network("line", { outputs: { y: dense(x, 1) } });
`;
  const data = (size: number): string =>
    `{ inputs: { x: [1, 2, 3, 4].map((v) => v * ${size}) }, targets: { t: [1, 2, 3, 4] } }`;
  const example = (load: string, more = "") =>
    workspace({
      ...package_,
      "examples/line/line.net.ts": NET,
      "examples/line/train.ts": `export default { load: ${load}, epochs: 300, batchSize: 2${more} };\n`,
    });
  const trained = (load: string, more?: string, ...args: string[]) =>
    cli(example(load, more), "train", "line", ...args);

  test("says once that the loss diverges, with the step, and stops", async () => {
    const { code, err, out } = await trained(`() => ({ train: ${data(100)} })`);
    expect(err).toMatch(
      /^error DIVERGED {2}the loss is (NaN|Infinity) at step [12] of 2 in epoch \d+ of 300, so training stops\n/,
    );
    expect(err.match(/DIVERGED/g)).toHaveLength(1);
    expect(err).toContain("--keep-going trains on");
    expect(out).not.toContain("on the training rows");
    expect(code).toBe(1);
  });

  test("Ctrl-C leaves a checkpoint, from which the same command goes on as if nothing had been", async () => {
    const args = (folder: string) => [...(folder === "" ? [] : ["--checkpoint", folder]), "--epochs", "40"];
    const slow = `() => ({ train: ${data(1)} })`;
    const whole = await cli(example(slow), "train", "line", ...args("kept"));
    const interrupted = async (folder: string, said: string, ...more: string[]) => {
      const child = startCli(folder, ["train", "line", ...more]);
      let out = "";
      child.stdout!.on("data", (text) => {
        if (!out.includes(said) && (out += String(text)).includes(said)) child.kill("SIGINT");
      });
      const { code, out: all } = await ended(child);
      expect(all).toMatch(/interrupted {2}the same command with --checkpoint \S+ goes on from here\n$/);
      expect(code).toBe(130);
    };
    // Before the first batch, and in the midst of it all.
    const waits = ', before: () => { console.log("waits"); return new Promise((done) => setTimeout(done, 300)); }';
    const folder = example(slow, waits);
    await interrupted(folder, "waits", ...args(""));
    await interrupted(folder, "epoch 1/", "--epochs", "1000000");
    const names = (path: string) => readdirSync(join(folder, "checkpoints", path));
    expect(names("line")).toEqual(["checkpoint-000000000.safetensors"]);
    expect(names("line-2")).toEqual([expect.stringMatching(/^checkpoint-0*[1-9]\d*\.safetensors$/)]);
    const again = await ended(startCli(folder, ["train", "line", ...args("checkpoints/line")]));
    expect(again.code).toBe(0);
    const measured = /on the training rows.*/;
    expect(measured.exec(again.out)![0]).toBe(measured.exec(whole.out)![0]);
    expect(names("line")).toContain("best.safetensors");
  });

  test("trains on when asked to, and says it once too", async () => {
    const { code, err, out } = await trained(`() => ({ train: ${data(100)} })`, "", "--keep-going");
    expect(err.match(/DIVERGED/g)).toHaveLength(1);
    expect(err).toMatch(/^warning DIVERGED[^\n]*; training goes on\n/);
    expect(out).toContain("on the training rows");
    expect(code).toBe(0);
  });

  test("says nothing where it converges", async () => {
    const { code, err } = await trained(`() => ({ train: ${data(0.1)} })`);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("before training too", async () => {
    const before = `, before: (model, { inputs, targets }) => {
      model.inputs.x.set([NaN]);
      model.step(1);
    }`;
    const { code, err } = await trained(`() => ({ train: ${data(0.1)} })`, before);
    expect(err).toMatch(/^error DIVERGED {2}the loss is NaN at update 1 before training, so training stops\n/);
    expect(code).toBe(1);
  });

  test.each([
    [
      "load throws",
      `() => { throw new Error("no disk"); }`,
      "",
      /TRAINING_THROWS {2}load\(\) of examples\/line\/train\.ts threw: no disk\n {2}at examples\/line\/train\.ts:1:38/,
    ],
    ["load rejects", `async () => { throw "later"; }`, "", /TRAINING_THROWS {2}load\(\)[^\n]* threw: later/],
    ["load gives nothing", `() => {}`, "", /NO_TRAINING[^\n]* its load\(\) gives undefined, not/],
    ["load gives no columns", `() => ({ train: {} })`, "", /NO_TRAINING/],
    ["load ends the process", `() => process.exit(0)`, "", /DEFINITION_ENDS/],
    [
      "before throws",
      `() => ({ train: ${data(0.1)} })`,
      `, before: () => { throw new Error("early"); }`,
      /TRAINING_THROWS {2}before\(\)/,
    ],
    [
      "show throws",
      `() => ({ train: ${data(0.1)} })`,
      `, show: () => { throw new Error("late"); }`,
      /TRAINING_THROWS {2}show\(\)/,
    ],
  ])("%s", async (_, load, more, sentence) => {
    const { code, err } = await trained(load, more);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(BUG);
    expect(code).toBe(2);
  });

  test("load never ends", async () => {
    const { code, err } = await processCli(example("() => new Promise(() => {})"), "train", "line");
    expect(err).toMatch(/DEFINITION_WAITS/);
    expect(code).toBe(2);
  });
});

describe("temporary files", () => {
  test.each(["/nonexistent-folder", "/dev/null"])("TMPDIR %s", async (TMPDIR) => {
    const folder = workspace({ ...package_, "net.ts": BODY });
    const { code, err } = await builtCli(folder, ["generate", "net.ts"], { TMPDIR });
    expect(err).toMatch(
      /^error CANNOT_WRITE {2}\S+ cannot be written: [^\n]+\n {2}hint: temporary files are written there; set TMPDIR/,
    );
    expect(code).toBe(2);
    // Under a package's own node_modules no other folder is needed.
    mkdirSync(join(folder, "node_modules"));
    expect((await builtCli(folder, ["generate", "net.ts"], { TMPDIR })).code).toBe(0);
  });

  test("what killed runs have left is removed, and what others still write is not", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const folder = workspace({ ...package_, "net.ts": BODY });
    const TMPDIR = join(folder, "tmp");
    const cache = join(folder, "node_modules/.cache/tapeless");
    const old = [`generated/.net.ts.${dead}.tmp`, `node_modules/.cache/tapeless/net.ts-${dead}-0.mjs`];
    const kept = [
      `generated/.net.ts.${process.pid}.tmp`,
      `generated/.other.ts.${dead}.tmp`,
      `node_modules/.cache/tapeless/net.ts-${process.pid}-0.mjs`,
    ];
    for (const name of [...old, ...kept]) {
      put(folder, name, "half");
      utimesSync(join(folder, name), 1, 1);
    }
    const young = `generated/.net.ts.${dead + 1e6}.tmp`;
    put(folder, young, "half");
    mkdirSync(TMPDIR);
    expect((await builtCli(folder, ["generate", "net.ts"], { TMPDIR })).code).toBe(0);
    expect(old.filter((name) => existsSync(join(folder, name)))).toEqual([]);
    expect([...kept, young].filter((name) => !existsSync(join(folder, name)))).toEqual([]);
    expect(readdirSync(cache)).toEqual([`net.ts-${process.pid}-0.mjs`]);
  });
});

describe("a module and its WebAssembly file", () => {
  const args = ["generate", "net.ts", "--target", "wasm", "--wasm-file"];
  const load = async (folder: string): Promise<() => unknown> => {
    const { code } = transformSync(readFileSync(join(folder, "generated/net.ts"), "utf8"), { loader: "ts" });
    const file = put(folder, `generated/net-${statSync(join(folder, "generated/net.ts")).mtimeMs}.mjs`, code);
    return ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { createDigits: () => unknown })
      .createDigits;
  };

  test("of two builds are never used together; --check sees them, and generate mends them", async () => {
    const folder = workspace({ ...package_, "net.ts": BODY });
    expect((await builtCli(folder, args)).code).toBe(0);
    const before = readFileSync(join(folder, "generated/net.ts"));
    writeFileSync(join(folder, "net.ts"), BODY.replace("x, 4", "x, 5"));
    expect((await builtCli(folder, args)).code).toBe(0);
    expect((await load(folder))()).toBeTruthy();
    const after = readFileSync(join(folder, "generated/net.ts"));
    // As a kill between the two renames would leave it: the file of bytes is first.
    writeFileSync(join(folder, "generated/net.ts"), before);
    const create = await load(folder);
    expect(() => create()).toThrow(/net\.wasm/);
    const checked = await builtCli(folder, [...args, "--check"]);
    expect({ code: checked.code, out: checked.out }).toMatchObject({
      code: 1,
      out: expect.stringContaining("net.ts  stale"),
    });
    expect((await builtCli(folder, args)).out).toMatch(/net\.wasm {2}unchanged[^]*net\.ts {2}written/);
    expect(readFileSync(join(folder, "generated/net.ts")).equals(after)).toBe(true);
  });

  test("both are on disk in full before either is replaced", () => {
    const head = "// @generated by tapeless 0 from net.ts";
    const bytes = (last: number) => signedWasm(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, last), head);
    const folder = workspace({ "net.ts/blocks.txt": "" });
    const [wasm, module] = [join(folder, "net.wasm"), join(folder, "net.ts")];
    writeGenerated([{ path: wasm, content: bytes(0) }]);
    expect(() =>
      writeGenerated([
        { path: wasm, content: bytes(1) },
        { path: module, content: head },
      ]),
    ).toThrow(/net\.ts/);
    expect(readFileSync(wasm).equals(bytes(0))).toBe(true);
    // A name that is too long is found out when the second file is staged.
    const long = { path: join(folder, `${"n".repeat(250)}.ts`), content: head };
    expect(() => writeGenerated([{ path: wasm, content: bytes(1) }, long])).toThrow(/its name is too long/);
    expect(readFileSync(wasm).equals(bytes(0))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["net.ts", "net.wasm"]);
  });
});

test("watch sees an imported file that was edited during the first compile", async () => {
  const folder = workspace({
    ...package_,
    "units.ts": "export const units = 4;\n",
    "net.ts": `import { writeFileSync } from "node:fs";
import { units } from "./units.js";
writeFileSync(new URL("./running", import.meta.url), "");
await new Promise((done) => setTimeout(done, 700));
${BODY.replace("x, 4", "x, units")}`,
  });
  const child = startBuilt(folder, ["generate", "net.ts", "--watch"]);
  const result = ended(child);
  const module = join(folder, "generated/net.ts");
  const until = async (holds: () => boolean): Promise<void> => {
    for (const end = Date.now() + 20_000; !holds() && Date.now() < end;)
      await new Promise((done) => setTimeout(done, 20));
    expect(holds()).toBe(true);
  };
  await until(() => existsSync(join(folder, "running")));
  writeFileSync(join(folder, "units.ts"), "export const units = 5;\n");
  await until(() => existsSync(module) && readFileSync(module, "utf8").includes('"batch", 5]'));
  child.kill();
  const { err } = await result;
  expect(err).toBe("");
});

describe("names of files", () => {
  test.each(["a*b", "**", "a b", "a#b", "a%20b", "a?b", "a(b)", "a\nb", "a\u202eb", "a\u2066b", "a\\b"])(
    "%j",
    async (name) => {
      const folder = workspace({
        ...package_,
        [`${name}/${name}.units.ts`]: "export const units = 4;",
        [`${name}/${name}.net.ts`]: BODY.replace("x, 4", "x, units").replace(
          "const x",
          `import { units } from ${JSON.stringify(`./${name}.units.js`)};\nconst x`,
        ),
        [`${name}/bad.net.ts`]: BODY.replace("{ dense", "{ matmul").replace("dense(x, 4)", "matmul(x, x)"),
        // What a star would take in as well.
        [`${name}/aab.net.ts`]: "throw new Error('not asked for');",
      });
      const { code, out, err } = await cli(folder, "generate", `${name}/${name}.net.ts`);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      const shown = name.replace("\n", "\\u000a").replace("\u202e", "\\u202e").replace("\u2066", "\\u2066");
      expect(out).toContain(`generated/${shown}.ts  written`);
      const lines = readFileSync(join(folder, "generated", `${name}.ts`), "utf8").split("\n");
      expect(lines[0]).toContain(` from ${shown}/${shown}.net.ts `);
      expect(lines[1]).toBe("/* eslint-disable */");
      const bad = await cli(folder, "generate", `${name}/bad.net.ts`);
      expect(bad.code).toBe(2);
      if (name !== "a\\b") expect(bad.err).toContain(`at ${shown}/bad.net.ts:3:`);
      expect(bad.err).not.toMatch(/[\u202e\u2066]/);
    },
  );
});

test.each([
  [["generate", "net.ts", "--out", "a", "--out", "b"], "--out is given twice"],
  [["generate", "net.ts", "--out=a", "-o", "b"], "--out is given twice"],
  [["train", "line", "--seed", "1", "--seed", "1"], "--seed is given twice"],
])("%j", async (args, sentence) => {
  const folder = workspace({ ...package_, "net.ts": BODY });
  expect(await cli(folder, ...args)).toEqual({ code: 2, out: "", err: `error BAD_USAGE  ${sentence}\n` });
});
