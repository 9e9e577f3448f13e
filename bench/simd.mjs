// The WebAssembly target beside the machine's SIMD peak, both measured in one run, block by block:
//   npm run build:code && node bench/simd.mjs [batch ...]
// Peak: multiplications and additions (and fused multiply-adds, where the engine has them) on registers alone.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import binaryen from "binaryen";
import { transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const batches = process.argv.slice(2).map(Number);
const model = await loadDigits();
const sizes = batches.length > 0 ? batches : [1, 32, 64, 256];
const peaks = { "mul+add": peakOf(false), ...(fused() && { fma: peakOf(true) }) };

const rows = [
  ["batch", "ms a step (best)", "median", "GFLOP/s", ...Object.keys(peaks).map((name) => `share of ${name}`)],
];
for (const batch of sizes) {
  fill(batch);
  const times = [];
  const best = Object.fromEntries(Object.keys(peaks).map((name) => [name, 0]));
  const steps = Math.max(1, Math.round(400 / (batch + 4)));
  const warm = performance.now() + 400;
  while (performance.now() < warm) model.step(batch);
  for (let block = 0; block < 25; block++) {
    const start = performance.now();
    for (let i = 0; i < steps; i++) model.step(batch);
    times.push((performance.now() - start) / steps);
    for (const [name, peak] of Object.entries(peaks)) best[name] = Math.max(best[name], peak());
  }
  times.sort((a, b) => a - b);
  const rate = flops(batch) / (times[0] * 1e6);
  rows.push([
    String(batch),
    times[0].toFixed(3),
    times[times.length >> 1].toFixed(3),
    rate.toFixed(1),
    ...Object.values(best).map((peak) => `${((100 * rate) / peak).toFixed(0)} % of ${peak.toFixed(1)}`),
  ]);
}
console.log(`Node ${process.version}; 784-256-128-10, training step`);
for (const row of rows) console.log(row.map((cell, i) => cell.padStart([5, 16, 8, 8, 18, 18][i])).join("  "));

/** Multiply-adds of the three layers forward, of the weights' gradients, and of two layers' input gradients. */
function flops(batch) {
  const layers = [784 * 256, 256 * 128, 128 * 10];
  const all = layers.reduce((a, b) => a + b);
  return 2 * batch * (2 * all + layers[1] + layers[2]);
}

function fill(batch) {
  const { image } = model.inputs;
  for (let i = 0; i < image.length; i++) image[i] = ((i * 7919) % 13) / 13;
  for (let i = 0; i < batch; i++) model.targets.digit[i] = i % 10;
}

async function loadDigits() {
  const folder = mkdtempSync(join(tmpdir(), "simd-"));
  const cli = [join(root, "dist/cli.js"), "generate", "bench/networks/wide-digits.net.ts"];
  execFileSync(process.execPath, [...cli, "--target", "wasm", "--out", folder], { cwd: root, stdio: "ignore" });
  const text = readFileSync(join(folder, "wide-digits.ts"), "utf8");
  const { code } = await transform(text, { loader: "ts" });
  writeFileSync(join(folder, "wide-digits.mjs"), code);
  const { createDigits } = await import(pathToFileURL(join(folder, "wide-digits.mjs")).href);
  rmSync(folder, { recursive: true });
  return createDigits({ seed: 1 });
}

function fused() {
  try {
    return WebAssembly.validate(peakModule(true));
  } catch {
    return false;
  }
}

/** GFLOP/s of one short run. */
function peakOf(relaxed) {
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(peakModule(relaxed))).exports;
  run(100000);
  const loops = 40000;
  return () => {
    const start = performance.now();
    run(loops);
    return (loops * 12 * 8) / ((performance.now() - start) * 1e6);
  };
}

function peakModule(relaxed) {
  const names = Array.from({ length: 12 }, (_, i) => `$a${i}`);
  const step = (a) =>
    relaxed
      ? `(f32x4.relaxed_madd (local.get ${a}) (local.get $x) (local.get $y))`
      : `(f32x4.add (f32x4.mul (local.get ${a}) (local.get $x)) (local.get $y))`;
  const text = `(module (func (export "run") (param $n i32) (result f32)
    (local $x v128) (local $y v128) ${names.map((a) => `(local ${a} v128)`).join(" ")}
    (local.set $x (f32x4.splat (f32.const 0.5))) (local.set $y (f32x4.splat (f32.const 0.25)))
    (loop $again ${names.map((a) => `(local.set ${a} ${step(a)})`).join("\n")}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (f32x4.extract_lane 0 ${names.map((a) => `(local.get ${a})`).reduce((a, b) => `(f32x4.add ${a} ${b})`)})))`;
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.RelaxedSIMD);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}
