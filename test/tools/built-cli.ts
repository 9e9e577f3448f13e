// The command line as it is published (`npm run build:code` makes it), in a process of its own.

import { spawn, type ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import type { Run } from "./cli-process.js";

const CLI = join(resolve(import.meta.dirname, "../.."), "dist/cli.js");

export const startBuilt = (cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(process.execPath, [CLI, ...args], { cwd, env: { ...process.env, NO_COLOR: "1", ...env } });

/** Its exit code and what it wrote; one that does not end is killed, and its code is null. */
export function builtCli(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return ended(startBuilt(cwd, args, env));
}

export function ended(child: ChildProcess): Promise<Run> {
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
