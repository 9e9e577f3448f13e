// summary, print, completion and colours, as the shell sees them.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { commands } from "../../compiler/tools/commands.js";
import { completionScript } from "../../compiler/tools/completion.js";
import { format, formattedWhole } from "../../compiler/tools/format.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { summarize } from "../../compiler/tools/summary.js";
import { builtCli } from "./built-cli.js";
import { workspace } from "./workspace.js";

vi.setConfig({ testTimeout: 60_000 });

const root = resolve(import.meta.dirname, "../..");

describe("summary", () => {
  test("is a table of layers, with totals and what is frozen", async () => {
    const folder = workspace({
      "package.json": "{}",
      "net.net.ts": `import { dense, input, labels, crossEntropy, network, relu, sgd, softmax, parameter, matmul } from "tapeless";
const image = input("image", ["batch", 8]);
const digit = labels("digit", ["batch"], 3);
const fixed = parameter([8, 4], 0.1, { trainable: false });
const h1 = relu(matmul(image, fixed));
const logits = dense(h1, 3);
export default network("net", { batch: 32, outputs: { probability: softmax(logits) }, loss: crossEntropy(logits, digit), optimizer: sgd({ rate: 0.1 }) });
`,
    });
    const { code, out, err } = await builtCli(folder, ["summary"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = out.split("\n").map((line) => line.replace(/ {2,}/g, " | "));
    expect(lines.slice(0, 12)).toEqual([
      "net | float32",
      "",
      "layer | output shape | parameters | FLOP a row | bytes",
      expect.stringMatching(/^-+$/),
      "image (input) | [batch, 8] | 0 | 0 | 0",
      "fixed | [8, 4] | 32 | 0 | 128 | frozen",
      "h1 | [batch, 4] | 0 | 64 | 0",
      "logits | [batch, 3] | 15 | 27 | 60",
      expect.stringMatching(/^softmax \| \[batch, 3\] \| 0 \| \d+ \| 0$/),
      expect.stringMatching(/^-+$/),
      expect.stringMatching(/^total \| 47 \| \d+ \| 188$/),
      "",
    ]);
    expect(lines[12]).toBe("parameters | 15 trainable, 32 frozen");
    expect((await builtCli(folder, ["summary", "--dtype", "float64"])).out).toMatch(/total +47 +\d+ +376\n/);
  });

  test.each(["digits", "resnet", "char-gru", "iris"])("loses no parameter and no operation of %s", async (name) => {
    const { network, constNames } = await loadDefinition(join(root, `examples/${name}/${name}.net.ts`));
    const { rows, entries } = summarize(network, { constNames });
    const module = readFileSync(join(root, `generated/${name}.ts`), "utf8");
    const stored = /\n {2}parameters: \{\n([^]*?)\n {2}\},/.exec(module)![1]!;
    const sizes = [...stored.matchAll(/shape: \[([\d, ]*)\]/g)].map(([, dims]) =>
      dims!.split(", ").reduce((size, dim) => size * Number(dim), 1),
    );
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(sizes.reduce((sum, size) => sum + size, 0));
    const flops = rows.reduce((sum, row) => sum + row.flops, 0);
    const predict = entries.find(({ entry }) => entry === "predict")!.flops;
    // Rows that are put together share what they read, so the function may do less than its layers.
    expect(flops).toBeGreaterThanOrEqual(predict);
    expect(flops).toBeLessThanOrEqual(1.5 * predict);
  });
});

describe("print", () => {
  test.each(["graph", "gradient", "kernels", "loops", "plan", "wat"])("%s", async (what) => {
    const { code, out, err } = await builtCli(root, ["print", what, "examples/logistic/logistic.net.ts"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const seen = {
      graph: /predict: graph/,
      gradient: /∂loss\/∂/,
      kernels: /kernel /,
      loops: /, after \w+ \(typescript\):/,
      plan: /arena/,
      wat: /\(module/,
    };
    expect(out).toMatch(seen[what as keyof typeof seen]);
  });
});

describe("colours", () => {
  const escaped = (env: NodeJS.ProcessEnv) => {
    const clean = { ...process.env };
    for (const name of ["NO_COLOR", "FORCE_COLOR"]) delete clean[name];
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(root, "dist/cli.js"), ...args], {
        cwd: root,
        env: { ...clean, ...env },
        encoding: "utf8",
      });
    return { help: run("--help").stdout.includes("\u001b["), error: run("nothing").stderr.includes("\u001b[") };
  };

  test.each([
    ["a pipe has none", {}, false],
    ["FORCE_COLOR asks for them", { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR=0 does not", { FORCE_COLOR: "0" }, false],
    ["NO_COLOR comes first", { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    ["an empty NO_COLOR says nothing", { FORCE_COLOR: "1", NO_COLOR: "" }, true],
  ])("%s", (_, env, colours) => {
    expect(escaped(env)).toEqual({ help: colours, error: colours });
  });
});

describe("completion", () => {
  /** What bash proposes for a line that ends where it is completed. */
  const proposed = (...words: string[]): string[] => {
    const script = `${completionScript("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _tapeless; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-c", script], {
      cwd: root,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    return stdout.split("\n").filter((line) => line !== "");
  };

  test("bash completes commands, options, and what they may be", () => {
    expect(proposed("tapeless", "ge")).toEqual(["generate"]);
    expect(proposed("tapeless", "")).toEqual([...Object.keys(commands), "--help", "--version"]);
    expect(proposed("tapeless", "generate", "--wa")).toEqual(["--watch", "--wasm-file"]);
    expect(proposed("tapeless", "generate", "--target", "w")).toEqual(["wasm"]);
    expect(proposed("tapeless", "print", "gr")).toEqual(["graph", "gradient"]);
    expect(proposed("tapeless", "print", "graph", "tapeless.c")).toEqual(["tapeless.config.ts"]);
    expect(proposed("tapeless", "train", "--keep")).toEqual(["--keep-going"]);
    expect(proposed("tapeless", "nothing", "x")).toEqual([]);
  });

  test.each(["zsh", "fish"] as const)("%s has every command and option, and is read without an error", (shell) => {
    const script = completionScript(shell);
    for (const [name, { args }] of Object.entries(commands)) {
      expect(script).toContain(name);
      for (const flag of Object.keys(args as object))
        if (!["files", "what", "definition", "folder", "shell"].includes(flag)) expect(script).toContain(flag);
    }
    // Where the shell is at hand.
    const { status, error } = spawnSync(shell, ["-n"], { input: script });
    if (!error) expect(status).toBe(0);
  });

  test("the command prints it", async () => {
    expect((await builtCli(root, ["completion", "bash"])).out).toBe(completionScript("bash"));
  });
});

test("statement by statement, text is laid out as prettier lays out the whole", async () => {
  for (const name of readdirSync(join(root, "generated")).filter((file) => /^(iris|char-gru|vae)\.ts$/.test(file))) {
    const text = readFileSync(join(root, "generated", name), "utf8")
      .replace(/^ +/gm, "  ")
      .replaceAll(" {\n", "   {\n");
    expect(await format(text)).toBe(await formattedWhole(text));
  }
  const odd = "const a = `\n\nb`;\n\n\n/* one\n\ntwo */\nconst c = [\n\n1,\n\n2];\n\nif (a) {\n\n}\n\nelse { c }\n";
  expect(await format(odd)).toBe(await formattedWhole(odd));
});
