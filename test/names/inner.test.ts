// What layers compute inside is called by the parts that it plays, as a reader sees it: `tapeless print graph` and the equations of
// `tapeless print gradient`.

import { describe, expect, test, vi } from "vitest";
import { compile } from "../../compiler/compile.js";
import { input, lstm, network, scan, tanh, add, type Tensor } from "../../src/index.js";
import { loaded, NETWORKS } from "./networks.js";

vi.mock("../../compiler/tools/own-modules.js", () => ({
  ownModules: { tapeless: () => import("../../src/index.js") },
}));

/** The sections of a print. */
const sections = (print: string): readonly string[] => print.split("\n\n");

describe("prints of", () => {
  test.each(Object.entries(NETWORKS))("%s", async (name, body) => {
    const { network, constNames } = await loaded(body);
    const { print } = compile(network, { constNames });
    const shown = [
      ...sections(print("graph")).filter((text) => text.startsWith("predict:")),
      ...sections(print("gradient")).filter((text) => text.startsWith("gradients: equations")),
    ];
    expect(shown).toHaveLength(2);
    await expect(`${shown.join("\n\n")}\n`).toMatchFileSnapshot(`inner/${name}.txt`);
  });
});

/** The lines that say what a region is given. */
const givenLines = (print: string): string[] =>
  print.split("\n").flatMap((line) => /^ *given (.*)/.exec(line)?.[1]!.replace(/ : \w+ \[[^\]]*\]/g, "") ?? []);

describe("what a step is given", () => {
  const start = `const x = input("x", ["batch", 5, 3]);
const h0 = input("h0", ["batch", 3]);
`;
  const end = `export default network("n", { batch: 2, outputs: { y } });`;

  test.each([
    ["lists taken apart", "([h], [word]) => ({ carries: [add(h, word)], outputs: [] })", "y.h, y.word"],
    [
      "lists by their names",
      "(state, given) => ({ carries: [add(state[0], given[0])], outputs: [] })",
      "y.state[0], y.given[0]",
    ],
    [
      "a function expression",
      "function step([h], [word]) { return { carries: [add(h, word)], outputs: [] }; }",
      "y.h, y.word",
    ],
    ["elements with a default", "([h = h0], [word]) => ({ carries: [add(h, word)], outputs: [] })", "y.h, y.word"],
    ["what is skipped", "([h], [, word]) => ({ carries: [add(h, word)], outputs: [] })", "y.h, y.elements[0], y.word"],
    ["a rest", "([...all], [word]) => ({ carries: [add(all[0], word)], outputs: [] })", "y.carries[0], y.word"],
    ["a function that is declared elsewhere", "step", "y.carries[0], y.elements[0]"],
  ])("%s", async (_, step, wanted) => {
    const sequences = step.includes("[, word]") ? "[x, x]" : "[x]";
    const { network, constNames } = await loaded(
      `${start}const step = ([h], [word]) => ({ carries: [add(h, word)], outputs: [] });
const { carries: [y] } = scan(${step}, [h0], ${sequences}, { axis: 1 });
${end}`,
    );
    const [given] = givenLines(compile(network, { constNames }).print("graph"));
    expect(given).toBe(wanted);
  });

  test("without a file, its place", () => {
    const x = input("x", ["batch", 5, 3]);
    const h0 = input("h0", ["batch", 3]);
    const { carries } = scan(([h], [word]) => ({ carries: [tanh(add(h!, word!))], outputs: [] }), [h0], [x], {
      axis: 1,
    });
    const declared = network("n", { batch: 2, outputs: { y: carries[0]! as Tensor<["batch", 3]> } });
    const { print } = compile(declared, { constNames: "ordinals" });
    expect(givenLines(print("graph"))).toEqual(["scan1.carries[0], scan1.elements[0]"]);
  });

  test("the roles of a layer", () => {
    const x = input("x", ["batch", 5, 3]);
    const { print } = compile(network("n", { batch: 2, outputs: { y: lstm(x, 4) } }), { constNames: "ordinals" });
    expect(givenLines(print("graph"))).toEqual(["lstm1.h, lstm1.c, lstm1.x, lstm1.recurrent"]);
  });
});
