// Warnings as users see them: as data on a compilation, and printed with a place by the command line.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import {
  accumulate,
  adam,
  crossEntropy,
  dense,
  input,
  labels,
  network,
  sgd,
  softmax,
  type Network,
  type Tensor,
} from "tapeless";
import { main } from "../../compiler/tools/main.js";
import { entriesOf } from "../../src/entries.js";
import { LINT_CODES } from "../../src/graph/lint-codes.js";
import { linted } from "../simplify/linted.js";
import { workspace } from "../tools/workspace.js";

function build(twice: boolean) {
  const logits = dense(input("x", ["batch", 4]), 3);
  const scores: Tensor = twice ? softmax(logits) : logits;
  const loss = crossEntropy(scores, labels("t", ["batch"], 3));
  return compile(network("warned", { batch: 2, outputs: { p: softmax(logits) }, loss, optimizer: sgd({ rate: 1 }) }));
}

test("probabilities given to a loss that wants logits", () => {
  const { warnings } = build(true);
  expect(warnings.map(({ code, site }) => [code, site.call])).toEqual([["PROBABILITIES_AS_LOGITS", "crossEntropy"]]);
  expect(warnings[0]!.at).toMatchObject({ file: fileURLToPath(import.meta.url), line: 30 });
});

const examples = readdirSync(new URL("../../examples/", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !["data", "browser"].includes(entry.name))
  .map(({ name }) => name);

test("nothing is suspicious in the examples", async () => {
  expect(examples.length).toBeGreaterThan(19);
  for (const name of examples) {
    const { default: declared } = (await import(`../../examples/${name}/${name}.net.ts`)) as { default: Network };
    const { steps, metrics, silence } = declared;
    expect(silence).toEqual([]);
    const found = linted(
      entriesOf(declared).flatMap(({ results }) => results.map(({ value }) => value)),
      {
        losses: Object.values(steps).map(({ loss }) => loss),
        measured: Object.values(metrics).flatMap(({ statistics }) => Object.values(statistics)),
      },
    );
    expect(found, name).toEqual([]);
  }
});

test("each compilation says so too", async () => {
  for (const name of ["digits", "logistic"]) {
    const { default: declared } = (await import(`../../examples/${name}/${name}.net.ts`)) as { default: Network };
    expect(compile(declared).warnings, name).toEqual([]);
  }
});

test("what no gradient passes through is not suspected: updates of an optimizer that waits for more rows", () => {
  const loss = crossEntropy(dense(input("x", ["batch", 4]), 3), labels("t", ["batch"], 3));
  const optimizer = accumulate(adam(), 2);
  expect(compile(network("waits", { batch: 2, loss, optimizer })).warnings).toEqual([]);
});

test("logits are what it wants", () => expect(build(false).warnings).toEqual([]));

const definition = (
  scores: string,
): string => `import { crossEntropy, dense, input, labels, network, sgd, softmax } from "tapeless";
const logits = dense(input("x", ["batch", 4]), 3);
const p = softmax(logits);
const loss = crossEntropy(${scores}, labels("t", ["batch"], 3));
export default network("warned", { batch: 2, outputs: { p }, loss, optimizer: sgd({ rate: 1 }) });
`;

async function generate(files: Record<string, string>) {
  const cwd = workspace({ "package.json": "{}", ...files });
  const told = { out: "", err: "" };
  const write = (stream: "out" | "err") => (text: string) => void (told[stream] += text);
  const to = { cwd, out: write("out"), err: write("err"), paint: pc.createColors(false), colors: false };
  const code = await main(["generate", "warned.net.ts"], to);
  return { code, ...told };
}

test("the command line shows the place, writes the module and ends with 0", async () => {
  const { code, out, err } = await generate({ "warned.net.ts": definition("p") });
  expect(code).toBe(0);
  expect(out).toMatch(/generated\/warned\.ts {2}written/);
  expect(err).toMatch(/^warning PROBABILITIES_AS_LOGITS {2}crossEntropy wants logits, but it is given probabilities/);
  expect(err).toContain("at warned.net.ts:4:14");
  expect(err).toContain("> 4 | const loss = crossEntropy(p, ");
  expect(err).toContain("hint: give it what softmax was given");
});

test("and is silent where nothing is suspicious", async () => {
  expect(await generate({ "warned.net.ts": definition("logits") })).toMatchObject({ code: 0, err: "" });
});

/** One line for each kind, each with what is suspicious at column 11 of its own line. */
const SUSPICIOUS = `import * as t from "tapeless";
const x = t.input("x", ["batch", 4]);
const ids = t.input("ids", ["batch", 4], { dtype: "int32", below: 9 });
const yes = t.target("yes", ["batch", 1]);
const row = t.target("row", ["batch"]);
const logits = t.dense(x, 3);
const p = t.softmax(logits);
const one = t.dense(x, 1);
const w = t.parameter([1], 0.5);
const a = t.softmax(p);
const b = t.crossEntropy(p, t.labels("t", ["batch"], 3));
const c = t.binaryCrossEntropy(one, yes);
const d = t.where(t.greater(row, 0), t.sum(t.log(x), { axis: 1 }), 0);
const e = t.sub(one, row);
const f = t.mul(one, 16777217);
const g = t.parameter([1], 0.5);
const h = t.dense(ids, 1);
const k = t.updating(one, [[t.state("n", [], 0), t.constant(1)]]);
const m = t.carry("m", ["batch", 1]);
const loss = [t.mean(a), b, c, t.mean(d), t.mean(e), t.mean(f), t.mean(t.mul(x, t.round(g))), t.mean(h), t.mean(w)]
  .reduce((sum, next) => t.add(sum, next));
export default t.network("warned", { batch: 2, loss, optimizer: t.sgd({ rate: 0.1 }), entries: { next: { outputs: { k, m } } }SILENCE });
`;

const silencing = (codes: readonly string[]): string =>
  SUSPICIOUS.replace("SILENCE", codes.length === 0 ? "" : `, silence: ${JSON.stringify(codes)}`);

const LINES: Readonly<Record<string, number>> = {
  SOFTMAX_TWICE: 10,
  PROBABILITIES_AS_LOGITS: 11,
  LOGITS_AS_PROBABILITIES: 12,
  WHERE_BEHIND_REDUCTION: 13,
  COLUMN_AGAINST_ROW: 14,
  CONSTANT_ROUNDED: 15,
  ZERO_GRADIENT: 16,
  INTEGERS_INTO_DENSE: 17,
  STATE_NOT_CARRIED: 18,
  CARRY_NEVER_UPDATED: 19,
};

/** "CODE line", sorted. */
const shown = (err: string): string[] =>
  [...err.matchAll(/^warning ([A-Z_]+) .*\n\s+at warned\.net\.ts:(\d+):13$/gm)]
    .map((m) => `${m[1]} ${m[2]}`)
    .toSorted();

test("each code is shown with its place, and can be silenced alone", async () => {
  const all = LINT_CODES.map((code) => `${code} ${LINES[code]}`).toSorted();
  const first = await generate({ "warned.net.ts": silencing([]) });
  expect(shown(first.err)).toEqual(all);
  expect(first.err).toContain("no step trains g: only round lies");
  for (const code of LINT_CODES) {
    const { err } = await generate({ "warned.net.ts": silencing([code]) });
    expect(shown(err)).toEqual(all.filter((line) => !line.startsWith(code)));
  }
  expect(await generate({ "warned.net.ts": silencing(LINT_CODES) })).toMatchObject({ code: 0, err: "" });
}, 60_000);

test("a code that is none is refused, with the nearest", async () => {
  const { code, err } = await generate({ "warned.net.ts": silencing(["SOFTMAX_TWISE", "ZERO_GRADIENT"]) });
  expect(code).not.toBe(0);
  expect(err).toContain('silence names the warning "SOFTMAX_TWISE", which there is not');
  expect(err).toContain("did you mean SOFTMAX_TWICE?");
  expect(
    (await generate({ "warned.net.ts": silencing([]).replace("rate: 0.1 })", 'rate: 0.1 }), silence: "ALL"') })).err,
  ).toMatch(/silence must be a list of names/);
});

test("docs/warnings.md has a section for each code, and no other", () => {
  const page = readFileSync(new URL("../../docs/warnings.md", import.meta.url), "utf8");
  expect([...page.matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code)).toEqual([...LINT_CODES]);
});
