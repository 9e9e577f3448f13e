// Runs the command line, bundled once with the tests' language and pipeline in place of the real: in this process, where
// the large packages that it loads are loaded once, or in one of its own.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { threadId } from "node:worker_threads";
import { build } from "esbuild";
import pc from "picocolors";

const root = resolve(import.meta.dirname, "../..");
// Files run in threads of one process.
const folder = join(root, "node_modules", ".cache", `tapeless-cli-test-${process.pid}-${threadId}`);

export async function buildCli(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const module = (path: string): string => `() => import(${JSON.stringify(join(root, path))})`;
  const own = `export const ownModules = {
    tapeless: ${module("test/tools/language.ts")},
    "tapeless/train": ${module("src/train/index.ts")},
    "tapeless/data": ${module("src/data/index.ts")},
    "tapeless/config": ${module("compiler/tools/config.ts")},
  };`;
  writeFileSync(join(folder, "own.ts"), own);
  const replaced: Readonly<Record<string, string>> = {
    "own-modules.js": join(folder, "own.ts"),
    "compile.js": join(root, "test/tools/compile-stub.ts"),
  };
  await build({
    entryPoints: [join(root, "compiler/tools/cli.ts"), join(root, "compiler/tools/main.ts")],
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    outdir: folder,
    plugins: [
      {
        name: "stubs",
        setup(build) {
          build.onResolve({ filter: /\/(own-modules|compile)\.js$/ }, ({ path }) => ({
            path: replaced[path.slice(path.lastIndexOf("/") + 1)]!,
          }));
          // They need the real compiler, and are tested in the build.
          build.onResolve({ filter: /\/(gradcheck\/index|summary)\.js$/ }, ({ path }) => ({ path, external: true }));
        },
      },
    ],
  });
}

export const removeCli = (): void => rmSync(folder, { recursive: true, force: true });

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export function startCli(cwd: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(folder, "cli.js"), ...args], { cwd, env: { ...process.env, NO_COLOR: "1" } });
}

/** In a process of its own: what the shell sees. */
export function processCli(cwd: string, ...args: string[]): Promise<Run> {
  const child = startCli(cwd, args);
  const limit = setTimeout(() => child.kill("SIGKILL"), 50_000);
  let out = "";
  let err = "";
  child.stdout!.on("data", (chunk) => (out += String(chunk)));
  child.stderr!.on("data", (chunk) => (err += String(chunk)));
  return new Promise((done) =>
    child.on("close", (code) => {
      clearTimeout(limit);
      done({ code, out, err });
    }),
  );
}

export async function cli(cwd: string, ...args: string[]): Promise<Run> {
  const { main } = (await import(
    pathToFileURL(join(folder, "main.js")).href
  )) as typeof import("../../compiler/tools/main.js");
  const told = { out: "", err: "" };
  const write = (stream: "out" | "err") => (text: string) => void (told[stream] += text);
  const paint = pc.createColors(false);
  const code = await main(args, { cwd, out: write("out"), err: write("err"), paint, colors: false });
  return { code, ...told };
}
