// `npm run newcomer`: what somebody does who has never seen this, from the packed tarball in an empty folder, with documented
// commands only. Prints the time and the size of each step. Exits with 1 where a step fails, or the network learns too little.

import {
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
  const started = performance.now();
  step("npm install tapeless", project, "npm", "install", "--no-audit", "--no-fund", tarball);
  step("npx tapeless init --yes", project, "npx", "tapeless", "init", "--yes");

  const source = join(project, "src");
  const definition = join(
    source,
    readdirSync(source).find((name) => name.includes(".net.")),
  );
  const text = readFileSync(definition, "utf8");
  expect(text.includes("dense(flower, 8)"), `${definition} has the layer that is edited here`);
  writeFileSync(definition, text.replace("dense(flower, 8)", "dense(flower, 12)"));

  step("npm run generate", project, "npm", "run", "--silent", "generate");
  step("npm run generate:check", project, "npm", "run", "--silent", "generate:check");
  const trained = step("npm run train", project, "npm", "run", "--silent", "train");
  const minutes = (performance.now() - started) / 60_000;
  const accuracy = accuracyOf(trained);
  step("npx tapeless summary", project, "npx", "tapeless", "summary");
  step("npx tapeless gradcheck", project, "npx", "tapeless", "gradcheck");
  // The compiler of this repository, in place of the editor's.
  step("types", project, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", settingsOf(project));

  await killedAndResumed(project, trained);
  const module = join(
    source,
    "generated",
    readdirSync(join(source, "generated")).find((name) => /^iris\.[jt]s$/.test(name)),
  );
  await recoveries(project, { definition, module });
  runtimes(folder, tarball, accuracyOf);

  const megabytes = bytesBelow(join(project, "node_modules")) / 1e6;
  rows.push(
    ["installed", `${megabytes.toFixed(0)} MB`],
    ["tarball", `${(statSync(tarball).size / 1e6).toFixed(1)} MB`],
    ["accuracy", `${accuracy} %`],
    ["from nothing to a trained network", `${minutes.toFixed(1)} minutes`],
  );
  expect(megabytes < MEGABYTES, `the installed packages take ${megabytes} MB in place of ${MEGABYTES} at most`);
  expect(minutes < MINUTES, `it takes ${minutes} minutes in place of ${MINUTES} at most`);
  expect(accuracy >= ACCURACY, `the network reaches ${accuracy} % in place of ${ACCURACY} %`);
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

function settingsOf(project) {
  return readdirSync(project).find((name) => /^[jt]sconfig\.json$/.test(name));
}
