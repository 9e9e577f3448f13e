// Warnings as users see them: as data on a compilation, and printed with a place by the command line.

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
});

test("nothing is suspicious in the examples", async () => {
  const names = ["classifier", "digits", "digits-adam", "from-scratch", "logistic"];
  for (const name of names) {
    const { default: declared } = (await import(`../../examples/${name}/${name}.net.ts`)) as { default: Network };
    expect(compile(declared).warnings, name).toEqual([]);
  }
});

test("what no gradient passes through is not suspected: updates of an optimizer that waits for more rows", () => {
  const loss = crossEntropy(dense(input("x", ["batch", 4]), 3), labels("t", ["batch"], 3));
  const optimizer = accumulate(adam(), { every: 2 });
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
