// `npm run newcomer`: what somebody does who has never seen this, from the packed tarball in an empty folder, with documented
// commands only. Prints the time and the size of each step. Exits with 1 where a step fails, or the network learns too little.

import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ACCURACY = 93;
const MEGABYTES = 25;

const root = join(import.meta.dirname, "..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "tapeless-newcomer-")));
const rows = [];

/** What the folder takes on the disk; a file that stands in it under two names is there once. */
function bytesBelow(path, seen = new Set()) {
  const stat = lstatSync(path);
  if (stat.isDirectory()) return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name), seen), 0);
  const file = `${stat.dev}:${stat.ino}`;
  if (seen.has(file)) return 0;
  seen.add(file);
  return stat.size;
}

/** Runs a command to its end, and returns what it wrote. */
function step(what, cwd, command, ...args) {
  const start = performance.now();
  const env = { ...process.env, NO_COLOR: "1", CI: "true" };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  rows.push([what, `${((performance.now() - start) / 1000).toFixed(1)} s`]);
  if (status !== 0) {
    console.error(`${stdout ?? ""}${stderr ?? ""}${error ?? ""}`);
    throw new Error(`failed: ${[command, ...args].join(" ")}`);
  }
  return stdout;
}

function expect(holds, sentence) {
  if (!holds) throw new Error(sentence);
}

try {
  step("npm pack", root, "npm", "pack", "--silent", "--pack-destination", folder);
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".tgz")),
  );
  // A person has no package above.
  const project = join(folder, "first");
  mkdirSync(project);
  const started = performance.now();
  step("npm install tapeless", project, "npm", "install", "--no-audit", "--no-fund", tarball);
  step("npx tapeless init --yes", project, "npx", "tapeless", "init", "--yes");

  const source = join(project, "src");
  const definition = readdirSync(source).find((name) => name.includes(".net."));
  const text = readFileSync(join(source, definition), "utf8");
  expect(text.includes("dense(flower, 8)"), `${definition} has the layer that is edited here`);
  writeFileSync(join(source, definition), text.replace("dense(flower, 8)", "dense(flower, 12)"));

  step("npm run generate", project, "npm", "run", "--silent", "generate");
  step("npm run generate:check", project, "npm", "run", "--silent", "generate:check");
  step("npx tapeless summary", project, "npx", "tapeless", "summary");
  const trained = step("npm run train", project, "npm", "run", "--silent", "train");
  const accuracy = Number(/^test .* accuracy (\S+) %$/m.exec(trained)?.[1]);
  const minutes = (performance.now() - started) / 60_000;
  // The compiler of this repository, in place of the editor's.
  step("types", project, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", settingsOf(project));

  const megabytes = bytesBelow(join(project, "node_modules")) / 1e6;
  rows.push(
    ["installed", `${megabytes.toFixed(0)} MB`],
    ["tarball", `${(statSync(tarball).size / 1e6).toFixed(1)} MB`],
  );
  rows.push(["accuracy", `${accuracy} %`], ["in all", `${minutes.toFixed(1)} minutes`]);
  expect(megabytes < MEGABYTES, `the installed packages take ${megabytes} MB in place of ${MEGABYTES} at most`);
  expect(accuracy >= ACCURACY, `the network reaches ${accuracy} % in place of ${ACCURACY} %`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  const width = Math.max(...rows.map(([what]) => what.length));
  for (const [what, value] of rows) console.log(`${what.padEnd(width)}  ${value}`);
  rmSync(folder, { recursive: true, force: true });
}

function settingsOf(project) {
  return readdirSync(project).find((name) => /^[jt]sconfig\.json$/.test(name));
}
