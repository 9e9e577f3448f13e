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
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Printed;
}

/** What the command line's own modules learn. */
let wanted: Printed;

beforeAll(async () => {
  const folder = workspace(PROJECT);
  const silent = { cwd: folder, out: () => {}, err: () => {}, paint: pc.createColors(false), colors: false };
  expect(await main(["generate", "--language", "javascript"], silent)).toBe(0);
  const text = PROJECT["src/main.js"]!.replace(/".*xor\.net\.compiled"/, '"../generated/xor.js"').replace(
    /".*fast\.net\.compiled\.js"/,
    '"../generated/fast.js"',
  );
  wanted = printedBy(put(folder, "src/by-command.mjs", text));
  expect(wanted.xor.right).toEqual([0, 1, 1, 0]);
  expect(wanted.fast.right).toEqual([0, 1, 1, 0]);
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
    const xor = PROJECT["src/xor.net.ts"]!.replace("dense(hidden, 1)", 'dense(hidden, 1, { unitz: 2 })');
    const error: unknown = await built(bundle, { ...PROJECT, "src/xor.net.ts": xor }).catch((thrown: unknown) => thrown);
    expect(textOf(error)).toMatch(/unitz/);
    expect(textOf(error)).toMatch(/xor\.net\.ts:7:13|xor\.net\.ts.*"line":7|"line":7/s);
  });

  test("warns at the line of what is probably not meant", async () => {
    const xor = PROJECT["src/xor.net.ts"]!.replace("sigmoid(out) }", "sigmoid(out), q: sigmoid(sigmoid(out)) }").replace(
      "binaryCrossEntropy(out, y, { from: \"logits\" })",
      "binaryCrossEntropy(out, y)",
    );
    const { warnings } = await built(bundle, { ...PROJECT, "src/xor.net.ts": xor });
    expect(warnings.join("\n")).toMatch(/logits/i);
  });

  test("without the plugin, the import is refused", async () => {
    const bundling = bundle({ folder: workspace(PROJECT), entry: "src/main.js" });
    await expect(bundling).rejects.toThrow(/net\.compiled/);
  });
});

/** What a bundler says of an error, in whichever of its fields. */
function textOf(error: unknown): string {
  const { message, loc, frame, errors } = error as { message: string; loc?: object; frame?: string; errors?: object };
  return [message, frame, JSON.stringify(loc), JSON.stringify(errors)].join("\n");
}
