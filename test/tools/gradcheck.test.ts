// `tapeless gradcheck` and `generate --verify` as a shell sees them, and the transcript in the documentation.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pc from "picocolors";
import { expect, test, vi } from "vitest";
import { main } from "../../compiler/tools/main.js";
import { builtCli } from "./built-cli.js";
import { workspace } from "./workspace.js";

vi.setConfig({ testTimeout: 60_000 });

/** Squares ten times x. Where that is above 3, the stated gradient is off by `factor`: few random points of `compile` see it. */
const definition = (
  factor: number,
  at = 3,
): string => `import { customGradient, dense, greater, input, mean, mul, network, sgd, square, where } from "tapeless";

const squared = customGradient(
  (v) => square(v!),
  (g, _, [v]) => [mul(mul(g, v!), where(greater(v!, ${at}), ${2 * factor}, 2))],
);
const x = input("x", ["batch", 3]);
const score = squared(mul(dense(x, 4), 10));
export default network("squares", { batch: 5, loss: mean(score), optimizer: sgd({ rate: 0.1 }) });
`;

const package_ = { "package.json": "{}" };

test("passes, and writes what it verified", async () => {
  const folder = workspace({ ...package_, "net.ts": definition(1) });
  const { code, out, err } = await builtCli(folder, ["gradcheck", "net.ts"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(
    /^squares: gradients are right {2}\(3 rows, seed 1\)\n {2}step, loss \S+: all 16 entries in 2 tensors/,
  );
  for (const build of ["typescript float64", "typescript float32", "wasm float64", "wasm float32"])
    expect(out).toContain(`  ${build}: `);
  const written = await builtCli(folder, ["generate", "net.ts", "--verify"]);
  expect(written.code).toBe(0);
  expect(written.out).toMatch(/squares: gradients are right[^]*generated\/net\.ts {2}written/);
});

test("a gradient that is off by 1 % is refused by name and line, and nothing is written", async () => {
  const folder = workspace({ ...package_, "net.ts": definition(1.01) });
  const { code, out } = await builtCli(folder, ["gradcheck", "net.ts"]);
  expect(code).toBe(1);
  expect(out).toMatch(/WRONG: score\.(weight\[\d, \d\]|bias\[\d\]) derived \S+, measured \S+\n/);
  expect(out).toContain("the gradient goes wrong in customGradient at net.ts:8:15");
  const verified = await builtCli(folder, ["generate", "net.ts", "--verify"]);
  expect(verified.code).toBe(1);
  expect(verified.out).toContain("generated/net.ts  not written");
  expect(existsSync(join(folder, "generated"))).toBe(false);
});

test("values can be given, and what is wrong with them is said", async () => {
  const folder = workspace({
    ...package_,
    "net.ts": definition(1),
    "point.json": `{ "inputs": { "x": [1, 2, 3, 4, 5, 6] } }`,
    "broken.json": `{ "inputs": [1] }`,
    "other.json": `{ "outputs": {} }`,
    "no.json": "{",
  });
  const paint = pc.createColors(false);
  const run = async (data: string, ...more: string[]) => {
    let err = "";
    const to = { cwd: folder, out: () => {}, err: (text: string) => void (err += text), paint, colors: false };
    return { code: await main(["gradcheck", "net.ts", "--data", data, ...more], to), err };
  };
  const right = await run("point.json", "--rows", "2");
  const refused: Awaited<ReturnType<typeof run>>[] = [];
  for (const data of ["point.json", "broken.json", "other.json", "no.json", "missing.json"])
    refused.push(await run(data));
  expect(right.code).toBe(0);
  expect(refused.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
  const sentences = [
    /the number of values of "x" must be 9, but it is 6/,
    /inputs must be an object of lists/,
    /"outputs", which means nothing/,
    /no\.json is no JSON/,
    /no data file missing\.json/,
  ];
  refused.forEach(({ err }, i) => expect(err).toMatch(sentences[i]!));
});

test("flags that do not go together", async () => {
  const folder = workspace({ ...package_, "net.ts": definition(1) });
  const { code, err } = await builtCli(folder, ["generate", "net.ts", "--verify", "--check"]);
  expect({ code, err }).toEqual({ code: 2, err: "error BAD_USAGE  --verify and --check cannot be used together\n" });
});

test("the transcript in the documentation is what the command prints", async () => {
  const root = resolve(import.meta.dirname, "../..");
  const text = readFileSync(join(root, "docs/gradcheck.md"), "utf8");
  const [, command, printed] = /```console\n\$ npx tapeless (gradcheck [^\n]+)\n([^]*?)```/.exec(text)!;
  const { code, out } = await builtCli(root, command!.split(" "));
  expect(code).toBe(0);
  // How close a build comes, and which entry is furthest off, may depend on the engine's mathematics.
  const bare = (lines: string): string =>
    lines
      .replace(/[\d.]+ %/g, "n %")
      .replace(/worst: logits\.(weight|bias)\[.*?\] derived \S+, measured \S+, \w+/, "worst");
  expect(bare(out)).toBe(bare(printed!));
});
