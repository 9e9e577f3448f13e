// Is this state of the compiler slower than another one? `npm run versus -- <folder of the other checkout>`.
//
// Both compilers print the modules of networks/; their steps and predictions take turns, block by block, beside a second copy of the other's
// module. A workload is slower where the 95 % interval of the median of its paired ratios lies above 1.02 and above that of the copy.
// Then both compile digits, char-lstm and resnet in processes that take turns.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import esbuild from "esbuild";

const bench = fileURLToPath(new URL(".", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "4" }, only: { type: "string", default: "" } },
});
const [other] = positionals;
if (other === undefined)
  throw new Error("which other checkout? npm run versus -- ../../other, with its packages installed");
const roots = { other: resolve(other), own: join(bench, "..") };

/** Entry and rows by network: the workloads of the bench. */
const WORKLOADS = {
  digits: [
    ["step", 1],
    ["step", 32],
    ["step", 64],
    ["step", 256],
    ["predict", 1],
    ["predict", 64],
  ],
  "from-scratch": [["step", 32]],
  "digits-adam": [["step", 32]],
  lenet: [["step", 32]],
  transformer: [["step", 8]],
  lstm: [["step", 16]],
  logistic: [["step", 100]],
  classifier: [
    ["step", 1],
    ["step", 100],
  ],
};

const folder = mkdtempSync(join(tmpdir(), "versus-"));

/** The modules of both compilers, and the other's once more: what an engine learns of one copy, it learns of no other. */
async function modules(target) {
  for (const [side, root] of Object.entries(roots)) {
    const networks = readdirSync(join(root, "bench/networks")).map((file) => join(root, "bench/networks", file));
    const out = join(folder, side, target, "ts");
    const cli = join(root, "dist/cli.js");
    execFileSync(process.execPath, [cli, "generate", ...networks, "--target", target, "--out", out], {
      cwd: join(root, "bench"),
      stdio: ["ignore", "ignore", "inherit"],
    });
    const entryPoints = readdirSync(out).map((file) => join(out, file));
    for (const copy of side === "other" ? ["other", "again"] : ["own"]) {
      await esbuild.build({ entryPoints, outdir: join(folder, copy, target), format: "esm", logLevel: "error" });
    }
  }
}

async function open(side, target, network) {
  const module = await import(pathToFileURL(join(folder, side, target, `${network}.js`)).href);
  const create = Object.entries(module).find(([name]) => /^create(?!.*Async)/.test(name))[1];
  const model = create({ seed: 1 });
  for (const group of ["inputs", "targets"]) {
    for (const [name, view] of Object.entries(model[group])) {
      const { below } = model.spec[group][name];
      for (let i = 0; i < view.length; i++) view[i] = below ? (i * 7) % below : Math.sin(i);
    }
  }
  return model;
}

const now = () => performance.now();

/** Milliseconds of a block of calls. */
function block(model, entry, rows, calls) {
  const start = now();
  for (let i = 0; i < calls; i++) model[entry](rows);
  return now() - start;
}

/** The median, and the interval in which it lies with a chance of 95 %: ranks of the sign test. */
function interval(ratios) {
  const sorted = [...ratios].sort((a, b) => a - b);
  const half = 0.98 * Math.sqrt(sorted.length);
  const at = (rank) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(rank)))];
  const middle = (sorted.length - 1) / 2;
  return { low: at(middle - half), median: at(middle), high: at(middle + half) };
}

async function compare(target, network, entry, rows) {
  const sides = {};
  for (const side of ["other", "again", "own"]) sides[side] = await open(side, target, network);
  let calls = 1;
  for (const model of Object.values(sides))
    for (const end = now() + 300; now() < end;) block(model, entry, rows, calls);
  while (block(sides.other, entry, rows, calls) < 5) calls *= 2;
  const own = [];
  const again = [];
  const names = Object.keys(sides);
  for (const end = now() + 1000 * Number(values.seconds); now() < end || own.length < 12;) {
    const times = {};
    // Each side is first, second and third in turn.
    names.push(names.shift());
    for (const side of names) times[side] = block(sides[side], entry, rows, calls);
    own.push(times.own / times.other);
    again.push(times.again / times.other);
  }
  return { own: interval(own), again: interval(again), pairs: own.length };
}

const EXAMPLES = ["digits", "char-lstm", "resnet"];

/** Compile times of both, the other's twice. Both read the other's examples: what a network declares may have changed. */
async function compileTimes(processes) {
  const args = {};
  for (const [side, root] of Object.entries(roots)) {
    const outdir = join(root, "node_modules/.cache/versus");
    const dist = (path) =>
      join(root, "dist", path === "tapeless" ? "index.js" : `${path.slice("tapeless/".length)}.js`);
    const plugin = {
      name: "built",
      setup: ({ onResolve }) =>
        onResolve({ filter: /^tapeless/ }, ({ path }) => ({ path: dist(path), external: true })),
    };
    const entryPoints = EXAMPLES.map((name) => join(roots.other, "examples", name, `${name}.net.ts`));
    await esbuild.build({
      entryPoints,
      outdir,
      bundle: true,
      platform: "node",
      format: "esm",
      outbase: join(roots.other, "examples"),
      logLevel: "error",
      plugins: [plugin],
    });
    const once = join(bench, "compile-once.mjs");
    args[side] = [once, dist("tapeless/compiler"), ...EXAMPLES.map((name) => join(outdir, name, `${name}.net.js`))];
  }
  args.again = args.other;
  const times = { other: [], again: [], own: [] };
  const names = Object.keys(times);
  for (let i = 0; i < processes; i++) {
    names.push(names.shift());
    for (const side of names)
      times[side].push(JSON.parse(execFileSync(process.execPath, args[side], { encoding: "utf8" })));
  }
  // A busy machine only adds: the lower quartile of each side, and of all ratios the interval of the median.
  return ["first", "next"].map((kind) => {
    const low = (side) => times[side].map((run) => run[kind]).sort((a, b) => a - b)[Math.floor(processes / 4)];
    const ratios = (side) => interval(times[side].map((run, i) => run[kind] / times.other[i][kind]));
    return { kind, own: low("own"), other: low("other"), ratios: ratios("own"), again: ratios("again") };
  });
}

const print = ({ low, median, high }) => `${median.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;

let slower = 0;
try {
  for (const cwd of Object.values(roots))
    execFileSync("npm", ["run", "--silent", "build:code"], { cwd, stdio: ["ignore", "ignore", "inherit"] });
  console.log("| workload | target | own / other | other / other (A/A) | pairs |\n| --- | --- | --- | --- | --- |");
  for (const target of ["typescript", "wasm"]) {
    await modules(target);
    for (const [network, runs] of Object.entries(WORKLOADS)) {
      for (const [entry, rows] of runs) {
        const name = `${network} ${entry} b${rows}`;
        if (!name.includes(values.only)) continue;
        const { own, again, pairs } = await compare(target, network, entry, rows);
        const isSlower = own.low > 1.02 && own.low > again.high;
        slower += isSlower ? 1 : 0;
        console.log(`| ${name} | ${target} | ${print(own)}${isSlower ? " slower" : ""} | ${print(again)} | ${pairs} |`);
      }
    }
  }
  console.log("\n| compile | own ms | other ms | own / other | other / other (A/A) |\n| --- | --- | --- | --- | --- |");
  for (const { kind, own, other, ratios, again } of values.only === "" || values.only === "compile"
    ? await compileTimes(12)
    : [])
    console.log(`| ${kind} | ${own.toFixed(0)} | ${other.toFixed(0)} | ${print(ratios)} | ${print(again)} |`);
  console.log(`\n${slower === 0 ? "no workload is slower" : `${slower} slower`}`);
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = slower === 0 ? 0 : 1;
