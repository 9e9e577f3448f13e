// `npm run verify:torch`, with a command that plays Python: what it records again is compared.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("verify.mjs", import.meta.url));
const recorded = readFileSync(new URL("recorded.json", import.meta.url), "utf8");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tapeless-torch-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
}

/** Runs the command where "recording" gives the text. */
function verify(text: string | undefined, ...options: string[]): Ended {
  const python = join(folder, "python");
  const file = join(folder, "again.json");
  if (text !== undefined) {
    writeFileSync(file, text);
    const copy = `require("node:fs").copyFileSync(${JSON.stringify(file)}, process.argv.at(-1))`;
    const program = `if (!process.argv.includes("-c")) ${copy};`;
    writeFileSync(python, `#!${process.execPath}\n${program}\n`, { mode: 0o755 });
  }
  const env = { ...process.env, PYTHON: text === undefined ? join(folder, "nothing") : python };
  return spawnSync(process.execPath, [script, ...options], { env, encoding: "utf8" });
}

/** The recording with the first number of an output of matmul changed. */
function changed(change: (value: number) => number): string {
  const parsed = JSON.parse(recorded) as { cases: Record<string, { outputs: { values: number[] }[] }> };
  const { values } = parsed.cases["products/matmul"]!.outputs[0]!;
  values[0] = change(values[0]!);
  return JSON.stringify(parsed);
}

describe("recording again", () => {
  test("the same numbers, and numbers in which machines may differ", () => {
    for (const text of [recorded, changed((value) => value * (1 + 1e-15))]) {
      const { status, stdout } = verify(text);
      expect(stdout).toMatch(/PyTorch \S+: (\d+) of \1 cases as recorded with/);
      expect(status).toBe(0);
    }
  });

  test("a number that is off by 1e-9 of itself is named by its case", () => {
    const { status, stdout } = verify(changed((value) => value * (1 + 1e-9)));
    expect(stdout).toContain("differs: products/matmul\n");
    expect(status).toBe(1);
  });

  test("a case that is missing is named", () => {
    const parsed = JSON.parse(recorded) as { cases: Record<string, unknown> };
    delete parsed.cases["shapes/tile"];
    const { status, stdout } = verify(JSON.stringify(parsed));
    expect(stdout).toContain("differs: shapes/tile\n");
    expect(status).toBe(1);
  });

  test("without PyTorch it says so, and fails where it is required", () => {
    const said = "with PyTorch is not at hand";
    expect(verify(undefined)).toMatchObject({ status: 0, stdout: expect.stringContaining(said) as string });
    expect(verify(undefined, "--require")).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(said) as string,
    });
  });
});
