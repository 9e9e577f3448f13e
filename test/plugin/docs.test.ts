// The configurations of docs/bundlers.md as they stand there, with the build of this package.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { put, workspace } from "../tools/workspace.js";
import { PROJECT } from "./project.js";

const ROOT = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/bundlers.md"), "utf8");

/** Each file that the page shows, by its name. */
const files = new Map(
  [...page.matchAll(/, in `([\w.]+)`:\n\n```[jt]s\n([^]*?)```/g)].map(([, name, text]) => [name!, text!]),
);

/** What builds with it: a command of a package, or a program. */
const BUILDS: Readonly<Record<string, readonly string[]>> = {
  "vite.config.ts": ["vite/bin/vite.js", "build", "--ssr", "src/main.js"],
  "rollup.config.js": ["rollup/dist/bin/rollup", "--config"],
  "rolldown.config.js": ["rolldown/bin/cli.mjs", "--config"],
  "build.mjs": ["../build.mjs"],
  "webpack.config.js": ["../run.mjs", "webpack"],
  "rspack.config.js": ["../run.mjs", "@rspack/core"],
};

/** webpack and Rspack have their commands in packages of their own. */
const RUN = `const { default: pack } = await import(process.argv[2]);
const { default: config } = await import(process.argv[2] === "webpack" ? "./webpack.config.js" : "./rspack.config.js");
pack({ ...config, target: "node", experiments: { outputModule: true }, output: { module: true } }, (error, stats) => {
  if (error ?? stats.hasErrors()) throw error ?? new Error(stats.toString());
});`;

test("the page has a configuration for each bundler", () => {
  expect([...files.keys()].sort()).toEqual(Object.keys(BUILDS).sort());
});

test.each(Object.entries(BUILDS))("%s", (name, [program, ...args]) => {
  const folder = workspace({
    ...PROJECT,
    "src/main.js":
      'import { createXorAsync } from "./xor.net.compiled";\nconsole.log((await createXorAsync()).spec.name);',
  });
  mkdirSync(join(folder, "node_modules/@rspack"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules/tapeless"));
  for (const bundler of ["vite", "rollup", "rolldown", "esbuild", "webpack", "@rspack/core"])
    symlinkSync(join(ROOT, "node_modules", bundler), join(folder, "node_modules", bundler));
  put(folder, name, files.get(name)!);
  put(folder, "run.mjs", RUN);
  const built = spawnSync(process.execPath, [join(folder, "node_modules", program!), ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(built.status, built.stderr + built.stdout).toBe(0);
  const made = ["main.js", "main.mjs"].map((file) => join(folder, "dist", file)).find((file) => existsSync(file))!;
  const { stdout, stderr } = spawnSync(process.execPath, [made], { encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({ stdout: "xor\n", stderr: "" });
});
