// What the newcomer does: commands in a folder, each timed, and what is expected of them.

import { spawn, spawnSync } from "node:child_process";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What was done and how long it took, or how much it was, in order. */
export const rows = [];

export const environment = { ...process.env, NO_COLOR: "1", CI: "true" };

/** Runs a command to its end. Returns its exit code and what it wrote. */
export function run(cwd, command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: environment,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  return { status, output: `${stdout ?? ""}${stderr ?? ""}${error ?? ""}`, stdout };
}

/** Runs a command that must succeed, and returns what it wrote. */
export function step(what, cwd, command, ...args) {
  const start = performance.now();
  const { status, output, stdout } = run(cwd, command, ...args);
  rows.push([what, `${((performance.now() - start) / 1000).toFixed(1)} s`]);
  if (status !== 0) {
    console.error(output);
    throw new Error(`failed: ${[command, ...args].join(" ")}`);
  }
  return stdout;
}

/** Starts a command and kills it and all that it started once `until` holds; `status` is what it ended with where it ended before. */
export async function killed(cwd, until, command, ...args) {
  const child = spawn(command, args, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
  const ended = new Promise((done) => child.on("close", done));
  const limit = performance.now() + 60_000;
  while (child.exitCode === null && performance.now() < limit && !until())
    await new Promise((done) => setTimeout(done, 5));
  if (child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  await ended;
  return { status: child.exitCode, output };
}

export function expect(holds, sentence) {
  if (!holds) throw new Error(sentence);
}

/** What the folder takes on the disk; a file that stands in it under two names is there once. */
export function bytesBelow(path, seen = new Set()) {
  const stat = lstatSync(path);
  if (stat.isDirectory()) return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name), seen), 0);
  const file = `${stat.dev}:${stat.ino}`;
  if (seen.has(file)) return 0;
  seen.add(file);
  return stat.size;
}
