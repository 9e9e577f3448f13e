// `npm run check`: everything that is checked without running it, two checks at a time. What a check prints comes when it is
// done; the command fails if one of them does.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const waiting = Object.keys(scripts).filter((name) => name.startsWith("check:"));
let failed = 0;

const run = (name) =>
  new Promise((done) => {
    const started = performance.now();
    const child = spawn("npm", ["run", "--silent", name], {
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
    child.on("close", (code) => {
      if (code !== 0) failed++;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
      if (code !== 0 && output !== "") console.log(output.trimEnd());
      done();
    });
  });

const worker = async () => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await run(name);
};
await Promise.all([worker(), worker()]);
process.exitCode = failed === 0 ? 0 : 1;
