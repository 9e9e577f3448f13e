// Runs in a process of its own: node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 measure.mjs
//   <module> <rows> <warm-up steps> <steps> <bytes allowed> <control: "none" | "array">
// Prints the bytes that heapUsed grows by per step, over a window in which nothing is collected. The engine may still be
// compiling during a window, and its own notes lie on the same heap: what a step allocates it allocates in every window,
// so up to four windows are measured and the first that is good enough counts, or else the best.

import { PerformanceObserver } from "node:perf_hooks";

const [path, rows, warmUp, steps, allowed, control] = process.argv.slice(2);

const exports = await import(path);
const create = Object.values(exports).find((value) => typeof value === "function");
const model = create({ seed: 1 });

let state = 1;
const random = () => (state = Math.imul(state, 48271) >>> 1) / 2 ** 31;
for (const group of ["inputs", "targets"]) {
  for (const [name, view] of Object.entries(model[group])) {
    const { dtype, below } = model.spec[group][name];
    for (let i = 0; i < view.length; i++) view[i] = dtype === "int32" ? Math.floor(random() * below) : random();
  }
}

globalThis.kept = undefined;
const step =
  control === "array"
    ? (n) => {
        const loss = model.step(n);
        globalThis.kept = [loss, n];
        return loss;
      }
    : (n) => model.step(n);

function run(count, n) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += step(n);
  return sum;
}

let collections = 0;
const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
observer.observe({ entryTypes: ["gc"] });
const turn = () => new Promise((done) => setTimeout(done, 20));

// Unoptimised code boxes every number. What runs once a step is optimised after some thousand steps, so most of the warm-up
// takes one row; pauses let code that was compiled meanwhile be installed.
let sum = 0;
for (let i = 0; i < 4; i++) {
  sum += run(Number(warmUp) / 4, 1) + run(Math.ceil(Number(warmUp) / 100), Number(rows));
  await turn();
}
let bytes = Infinity;
let worst = 0;
for (let window = 0; window < 4 && !(bytes <= Number(allowed)); window++) {
  globalThis.gc();
  await turn();
  collections = 0;
  const before = process.memoryUsage().heapUsed;
  sum += run(Number(steps), Number(rows));
  const after = process.memoryUsage().heapUsed;
  await turn();
  worst = Math.max(worst, collections);
  bytes = Math.min(bytes, (after - before) / Number(steps));
}
console.log(JSON.stringify({ bytes, collections: worst, finite: Number.isFinite(sum) }));
