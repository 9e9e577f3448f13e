// Parameters are called by the plugin what the command line and `compile` call them (test/names/golden).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";
import { tapeless } from "../../compiler/tools/plugin/rolldown.js";
import { put, workspace } from "../tools/workspace.js";

const GOLDEN = join(import.meta.dirname, "../names/golden");

interface Emitted {
  readonly spec: { readonly naming: string; readonly parameters: object; readonly states: object };
}

test("the golden names", async () => {
  const files = readdirSync(GOLDEN).filter((file) => file !== "names.txt");
  const folder = workspace({ "package.json": "{}" });
  for (const file of files) put(folder, file, readFileSync(join(GOLDEN, file), "utf8"));
  const names = files.filter((file) => file.includes(".net.")).map((file) => file.replace(/\.net\..*/, ""));
  const main = [
    ...names.map((name, i) => `import * as module${i} from "./${name}.net.compiled";`),
    `export const modules = { ${names.map((name, i) => `${name}: module${i}`).join(", ")} };`,
  ];
  const bundle = await rolldown({ input: put(folder, "main.js", main.join("\n")), plugins: [tapeless()] });
  await bundle.write({ file: join(folder, "out.mjs") });
  await bundle.close();
  const { modules } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, "out.mjs")).href)) as {
    modules: Readonly<Record<string, Readonly<Record<string, () => Emitted>>>>;
  };
  const lines = names.map((name) => {
    const create = Object.entries(modules[name]!).find(([key]) => /^create.*(?<!Async)$/.test(key))![1];
    const { naming, parameters, states } = create().spec;
    return [`${name}: ${naming}`, ...Object.keys({ ...parameters, ...states }).map((key) => `  ${key}`)].join("\n");
  });
  expect(`${lines.join("\n\n")}\n`).toBe(readFileSync(join(GOLDEN, "names.txt"), "utf8"));
});
