// `npm run verify:torch`: records the cases again, where a Python with PyTorch is at hand, and compares the two recordings.
// PYTHON names another one than `python3`; `--require` makes its absence a failure; `--write` keeps the new recording.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Versions and machines may add up in another order. */
const TOLERANCE = 1e-13;

const python = process.env["PYTHON"] ?? "python3";
const kept = fileURLToPath(new URL("recorded.json", import.meta.url));
const flag = (name) => process.argv.includes(name);

/** The names of cases whose recordings differ. */
function differences(before, now) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.filter((name) => !same(before[name], now[name]));
}

/** Numbers within a share of the largest beside them, everything else alike. */
function same(a, b) {
  if (Array.isArray(a) && Array.isArray(b) && a.every(Number.isFinite) && a.length === b.length) {
    const bound = TOLERANCE * Math.max(0, ...a.map(Math.abs));
    return a.every((value, i) => Math.abs(value - b[i]) <= bound);
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return keys.join() === Object.keys(b).join() && keys.every((key) => same(a[key], b[key]));
}

function verify(folder) {
  const file = join(folder, "recorded.json");
  const script = fileURLToPath(new URL("record.py", import.meta.url));
  const { status } = spawnSync(python, ["-B", "-W", "ignore", script, file], { stdio: "inherit" });
  if (status !== 0) return false;
  const [before, now] = [kept, file].map((path) => JSON.parse(readFileSync(path, "utf8")));
  const off = differences(before.cases, now.cases);
  const count = Object.keys(now.cases).length;
  console.log(`PyTorch ${now.version}: ${count - off.length} of ${count} cases as recorded with ${before.version}`);
  for (const name of off) console.log(`differs: ${name}`);
  if (!flag("--write")) return off.length === 0;
  copyFileSync(file, kept);
  return true;
}

if (spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status !== 0) {
  console.log(`${python} with PyTorch is not at hand: nothing was recorded again. PYTHON names another one.`);
  process.exitCode = flag("--require") ? 1 : 0;
} else {
  const folder = mkdtempSync(join(tmpdir(), "tapeless-torch-"));
  try {
    process.exitCode = verify(folder) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
