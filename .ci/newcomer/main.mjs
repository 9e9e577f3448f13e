// `npm run newcomer`: what somebody does who has never seen this, from the packed tarball in an empty folder, with documented
// commands only. Prints the time and the size of each step. Exits with 1 where a step fails, or the network learns too little.

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
import { gzipSync } from "node:zlib";
import { trainedInPage } from "./page.mjs";
import { recoveries } from "./recoveries.mjs";
import { runtimes } from "./runtimes.mjs";
import { bytesBelow, expect, killed, rows, step } from "./shell.mjs";

const ACCURACY = 93;
const MEGABYTES = 25;
const MINUTES = 2;

const root = join(import.meta.dirname, "../..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "tapeless-newcomer-")));
const accuracyOf = (trained) => Number(/^test .* accuracy (\S+) %$/m.exec(trained)?.[1]);

try {
  step("npm pack", root, "npm", "pack", "--silent", "--pack-destination", folder);
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".tgz")),
  );
  // A person has no package above.
  const project = join(folder, "first");
  mkdirSync(project);
  // Five commands from nothing to a network that was trained on real data and opened in a page.
  const started = performance.now();
  step("npm install tapeless", project, "npm", "install", "--no-audit", "--no-fund", tarball);
  const megabytes = bytesBelow(join(project, "node_modules")) / 1e6;
  step("npx tapeless init --yes", project, "npx", "tapeless", "init", "--yes");
  const trained = step("npm run train", project, "npm", "run", "--silent", "train");
  const accuracy = accuracyOf(trained);
  step("npm install, for Vite", project, "npm", "install", "--no-audit", "--no-fund");
  const served = await trainedInPage(root, project, "npm", "start");
  const minutes = (performance.now() - started) / 60_000;

  const source = join(project, "src");
  const definition = join(
    source,
    readdirSync(source).find((name) => name.includes(".net.") && !name.includes("compiled")),
  );
  const text = readFileSync(definition, "utf8");
  expect(text.includes("dense(flower, 8)"), `${definition} has the layer that is edited here`);
  writeFileSync(definition, text.replace("dense(flower, 8)", "dense(flower, 12)"));
  step("npm run generate", project, "npm", "run", "--silent", "generate");
  step("npm run generate:check", project, "npm", "run", "--silent", "generate:check");
  const again = step("npm run train, edited", project, "npm", "run", "--silent", "train");
  step("npx tapeless summary", project, "npx", "tapeless", "summary");
  step("npx tapeless gradcheck", project, "npx", "tapeless", "gradcheck");
  step("npm run build", project, "npm", "run", "--silent", "build");
  const built = await trainedInPage(root, project, "npx", "vite", "preview");
  // The compiler of this repository, in place of the editor's.
  step("types", project, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", settingsOf(project));

  await killedAndResumed(project, again);
  const module = join(
    source,
    "generated",
    readdirSync(join(source, "generated")).find((name) => /^iris\.[jt]s$/.test(name)),
  );
  await recoveries(project, { definition, module });
  runtimes(folder, tarball, accuracyOf);

  rows.push(
    ["installed", `${megabytes.toFixed(0)} MB`],
    ["tarball", `${(statSync(tarball).size / 1e6).toFixed(1)} MB`],
    ["accuracy", `${accuracy} %`],
    ["accuracy in the page", `${served.accuracy} %, built ${built.accuracy} %`],
    ["page, gzip", `${(zippedBelow(join(project, "dist")) / 1000).toFixed(1)} kB`],
    ["from nothing to a page that trains", `${minutes.toFixed(1)} minutes`],
  );
  expect(megabytes < MEGABYTES, `the installed packages take ${megabytes} MB in place of ${MEGABYTES} at most`);
  expect(minutes < MINUTES, `it takes ${minutes} minutes in place of ${MINUTES} at most`);
  for (const reached of [accuracy, served.accuracy, built.accuracy])
    expect(reached >= ACCURACY, `the network reaches ${reached} % in place of ${ACCURACY} %`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  const width = Math.max(...rows.map(([what]) => what.length));
  for (const [what, value] of rows) console.log(`${what.padEnd(width)}  ${value}`);
  rmSync(folder, { recursive: true, force: true });
}

/** Training that is killed goes on from its checkpoint, and ends with what an undisturbed run prints. */
async function killedAndResumed(project, undisturbed) {
  const args = ["tapeless", "train", "--checkpoint", "runs"];
  const kept = () => readdirSync(project).includes("runs") && readdirSync(join(project, "runs")).length > 0;
  const { status } = await killed(project, kept, "npx", ...args);
  expect(status === null, "training was killed in its midst");
  const resumed = step("npx tapeless train --checkpoint, killed once", project, "npx", ...args);
  const last = (output) => /^test .*$/m.exec(output)?.[0];
  expect(last(resumed) === last(undisturbed), `resumed: ${last(resumed)}; undisturbed: ${last(undisturbed)}`);
}

/** What a server sends that packs files. */
function zippedBelow(path) {
  if (!lstatSync(path).isDirectory()) return gzipSync(readFileSync(path)).length;
  return readdirSync(path).reduce((sum, name) => sum + zippedBelow(join(path, name)), 0);
}

function settingsOf(project) {
  return readdirSync(project).find((name) => /^[jt]sconfig\.json$/.test(name));
}
