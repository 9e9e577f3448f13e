// Each bundler builds the project, and what it makes learns what the command line's modules learn, to the bit.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { beforeAll, describe, expect, test } from "vitest";
import { main } from "../../compiler/tools/main.js";
import { put, workspace } from "../tools/workspace.js";
import { bundlers, type Bundled, type Project } from "./bundlers.js";
import { PROJECT } from "./project.js";

interface Learned {
  readonly right: readonly number[];
  readonly loss: number;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

interface Printed {
  readonly xor: Learned;
  readonly fast: Learned;
  readonly threads: number;
}

function printedBy(file: string): Printed {
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  if (stderr !== "") throw new Error(stderr);
  return JSON.parse(stdout) as Printed;
}

/** What the command line's own modules learn. */
let wanted: Printed;

beforeAll(async () => {
  const folder = workspace(PROJECT);
  const silent = { cwd: folder, out: () => {}, err: () => {}, paint: pc.createColors(false), colors: false };
  await main(["generate", "--language", "javascript"], silent);
  const text = PROJECT["src/main.js"]!.replace(/".*xor\.net\.compiled"/, '"../generated/xor.js"').replace(
    /".*fast\.net\.compiled\.js"/,
    '"../generated/fast.js"',
  );
  wanted = printedBy(put(folder, "src/by-command.mjs", text));
});

test("the command line's modules learn", () => {
  expect([wanted.xor.right, wanted.fast.right]).toEqual([
    [0, 1, 1, 0],
    [0, 1, 1, 0],
  ]);
});

const built = (bundle: (project: Project) => Promise<Bundled>, files = PROJECT, options: Project["options"] = {}) => {
  const folder = workspace(files);
  return bundle({ folder, entry: "src/main.js", options }).then((bundled) => ({ folder, ...bundled }));
};

describe.each(Object.entries(bundlers))("%s", (_, bundle) => {
  test("builds what the command line writes, with the types beside the definitions", async () => {
    const { folder, file, warnings } = await built(bundle);
    expect(warnings).toEqual([]);
    const printed = printedBy(file);
    expect(printed).toEqual(wanted);
    expect(printed.threads).toBe(2);
    expect(readFileSync(join(folder, "src/xor.net.compiled.d.ts"), "utf8")).toContain("createXor(");
    expect(readFileSync(join(folder, "src/nets/fast.net.compiled.d.ts"), "utf8")).toContain("createFastAsync(");
  });

  test("shows all errors of a definition, each at its line", async () => {
    const files = { ...PROJECT, "src/xor.net.ts": 'import "./a.js"; import "./b.js";\nimport "./c.js";\n' };
    const error: unknown = await built(bundle, files).catch((thrown: unknown) => thrown);
    const found = placesIn(error);
    for (const [name, line, column] of [
      ["a", 1, 8],
      ["b", 1, 25],
      ["c", 2, 8],
    ] as const) {
      expect(found).toContain(`./${name}.js`);
      expect(found).toMatch(new RegExp(`xor\\.net\\.ts:${line}:(${column}|${column - 1})\\b`));
    }
    expect(found).not.toMatch(/xor\.net\.ts:3:/);
  });

  test("shows what the language refuses at its line", async () => {
    const xor = PROJECT["src/xor.net.ts"]!.replace("rate: 0.5", "rate: -1");
    const error: unknown = await built(bundle, { ...PROJECT, "src/xor.net.ts": xor }).catch(
      (thrown: unknown) => thrown,
    );
    expect(placesIn(error)).toContain("sgd: rate must be a finite number");
    expect(placesIn(error)).toMatch(/xor\.net\.ts:13:1[34]/);
  });

  test("warns of what is probably not meant, at its line", async () => {
    const xor = PROJECT["src/xor.net.ts"]!.replace('y, { from: "logits" }', "y");
    const { warnings } = await built(bundle, { ...PROJECT, "src/xor.net.ts": xor });
    const own = warnings.filter((warning) => warning.includes("LOGITS_AS_PROBABILITIES"));
    expect(own).toHaveLength(1);
    expect(own[0]).toMatch(/line 12\b|xor\.net\.ts:12:9/);
  });

  test("without the plugin, the import is refused", async () => {
    const bundling = bundle({ folder: workspace(PROJECT), entry: "src/main.js" });
    await expect(bundling).rejects.toThrow(/net\.compiled/);
  });
});

/** What a bundler says of an error, in whichever of its fields. */
function placesIn(error: unknown): string {
  const { message, loc } = error as { message: string; loc?: { file: string; line: number; column: number } };
  return `${message}\n${loc ? `${loc.file}:${loc.line}:${loc.column}` : ""}`;
}
