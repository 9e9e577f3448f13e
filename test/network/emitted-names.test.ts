// Names that mean something to JavaScript or to the emitted module itself: what is accepted works in the module.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { compile, createInterpreter, type Model } from "tapeless/compiler";
import { add, hyper, input, mean, mul, network, parameter, sgd, sub, square, target, type Tensor } from "tapeless";
import { main } from "../../compiler/tools/main.js";
import { workspace } from "../tools/workspace.js";
import { typeErrors } from "../type-errors.js";

/** Keywords, globals, and what emitted modules call things themselves. */
const WORDS = (
  "class default delete new function await yield enum let static import null " +
  "undefined NaN Math Float32Array Number Error arguments eval globalThis name length " +
  "f i32 u8 rows arena model options disposed value next tile time i sum " +
  "alive arenaFor checkRows checkBelow finite checkParameters seedOf CAPACITY ARENA_BYTES " +
  "a _ $ a$b hasOwnProperty valueOf toString"
).split(" ");

/** What the tests below have emitted, for one type check at the end. */
const emitted: string[] = [];

/** Each word names an input, a target, an output, a parameter, a hyper-parameter; steps take what they may. */
function everywhere(words: readonly string[]) {
  const used = words.map((word) => {
    const w = parameter([2], 0.5, { name: word });
    const x = input(word, ["batch", 2]);
    const y = mul(x, w);
    return { word, w, x, y };
  });
  const error = ({ word, y }: (typeof used)[number]): Tensor => {
    const weight = hyper(`of.${word}`, 0.25);
    return mul(mean(square(sub(y, target(`${word}_`, ["batch", 2])))), weight) as Tensor;
  };
  const losses = used.map(error);
  const total = losses.reduce((a, b) => add(a, b as never) as Tensor);
  const outputs = Object.fromEntries(used.map(({ word, y }) => [word, y]));
  return network("names", { batch: 2, outputs, loss: total as Tensor<[]>, optimizer: sgd({ rate: 0.1 }) });
}

describe("every word for everything", () => {
  const net = everywhere(WORDS);
  const compiled = compile(net, { dtype: "float64" });
  emitted.push(compiled.source);

  test("the module is what the interpreter says", () => {
    const model = compiled.create({ seed: 1 });
    const reference = createInterpreter(net, { seed: 1 });
    WORDS.forEach((word, i) => {
      for (const group of ["inputs", "targets"] as const) {
        const values = [i, 0.25 * i, -i, 1];
        const key = group === "inputs" ? word : `${word}_`;
        model[group][key]!.set(values);
        reference[group][key]!.set(values);
      }
    });
    model.predict(2);
    reference.run("predict", 2);
    for (const word of WORDS)
      expect(Array.from(model.outputs[word]!), word).toEqual(Array.from(reference.outputs[word]!));
    expect(model.step(2)).toBeCloseTo(reference.run("step", 2)!, 10);
    for (const word of WORDS) {
      Array.from(reference.parameters[word]!).forEach((v, i) =>
        expect(model.parameters[word]![i], word).toBeCloseTo(v, 10),
      );
      expect(model[`of.${word}`]).toBe(0.25);
    }
  });
});

describe("steps", () => {
  const words = WORDS.filter((word) => !["toString", "valueOf", "a$b"].includes(word));
  test("keywords and the module's own words as names of steps", () => {
    const x = input("x", ["batch"]);
    const steps = Object.fromEntries(
      words.map((word) => {
        const w = parameter([], 1, { name: `w_${word}` });
        return [word, { loss: mean(mul(x, w)), optimizer: sgd({ rate: 0.5 }) }];
      }),
    );
    const compiled = compile(network("steps", { batch: 1, steps }), { dtype: "float64" });
    const model: Model = compiled.create();
    model.inputs["x"]!.set([3]);
    for (const word of words) {
      expect(model[word](1), word).toBe(3);
      expect(model.parameters[`w_${word}`]![0], word).toBe(1 - 0.5 * 3);
      expect(model[`${word}Loss`](1), word).toBe(-1.5);
      expect(model[`${word}.rate`], word).toBe(0.5);
    }
  });
});

const consts = (name: string, names: readonly string[]): string => `
import { dense, input, labels, crossEntropy, network, relu, sgd } from "tapeless";
const image = input("image", ["batch", 3]);
${names.map((name, i) => `const ${name} = relu(dense(${names[i - 1] ?? "image"}, 3));`).join("\n")}
export default network("${name}", {
  batch: 2,
  outputs: { ${names.join(", ")} },
  loss: crossEntropy(${names.at(-1)}, labels("digit", ["batch"], 3)),
  optimizer: sgd({ rate: 0.1 }),
});
`;

/** Generates in a folder of its own; returns the module's text and exports. */
async function generated(text: string): Promise<{ source: string; create: () => Model }> {
  const cwd = workspace({ "package.json": "{}", "n.net.ts": text });
  let told = "";
  const write = (said: string): void => void (told += said);
  const to = { cwd, out: write, err: write, paint: pc.createColors(false), colors: false };
  const code = await main(["generate", "n.net.ts"], to);
  expect(told).toMatch(/written/);
  expect(code).toBe(0);
  const source = readFileSync(join(cwd, "generated/n.ts"), "utf8");
  const { code: script } = transformSync(source, { loader: "ts", format: "esm" });
  const exports = (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as Record<string, unknown>;
  const create = Object.entries(exports).find(([name]) => name.startsWith("create"))![1] as () => Model;
  return { source, create };
}

describe("const names and network names", () => {
  const own = WORDS.filter((word) =>
    /^(f|i32|u8|rows|arena|model|options|disposed|value|next|tile|time|i|sum)$/.test(word),
  );
  const functions = [
    "alive",
    "arenaFor",
    "checkRows",
    "checkBelow",
    "finite",
    "checkParameters",
    "seedOf",
    "initialize",
    "spec",
  ];
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["variables of the module", own],
    ["functions of the module", functions],
    ["globals", ["Math", "Number", "Float32Array", "Error", "RangeError", "Int32Array", "ArrayBuffer"]],
  ];
  test.each(cases)("%s as names of consts", { timeout: 120_000 }, async (_, names) => {
    const { source, create } = await generated(consts("own", names));
    const model = create();
    model.inputs["image"]!.fill(0.5);
    expect(Number.isFinite(model.step(2))).toBe(true);
    for (const used of names) expect(model.parameters[`${used}.weight`], used).toHaveLength(9);
    emitted.push(source);
  });

  const networks =
    "record readonly array-like class Float32Array error options object create spec emitted memory kernels crew code promise";
  test.each(networks.split(" "))("a network called %s", (name) => {
    const y = mul(input("x", ["batch", 2]), parameter([2], 3));
    const loss = mean(square(sub(y, target("t", ["batch", 2]))));
    const declared = network(name, { batch: 2, outputs: { y }, loss, optimizer: sgd({ rate: 0.1 }) });
    const compiled = compile(declared);
    const model = compiled.create();
    model.inputs["x"]!.fill(1);
    expect(model.step(1)).toBe(9);
    emitted.push(compiled.source, compile(declared, { target: "wasm" }).source);
  });

  test("all of these modules pass a strict type check", { timeout: 120_000 }, () => {
    expect(emitted).toHaveLength(1 + cases.length + 2 * networks.split(" ").length);
    expect(typeErrors(emitted)).toEqual([]);
    // Control: the check sees what is wrong.
    expect(typeErrors([`${emitted[0]}\nexport const wrong: string = CAPACITY;`])).toHaveLength(1);
  });
});
