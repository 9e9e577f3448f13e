// `npm run fuzz -- --seed S --graphs N`: draws networks, checks each of them in every way, and prints what differs as a
// definition of a few lines.

import { setFlagsFromString } from "node:v8";
import { check, signatureOf, type Failure } from "./check.js";
import { drawOf, seedOf } from "./draw.js";
import { Broken, generate } from "./generate.js";
import { printSketch } from "./print.js";
import { shrink } from "./shrink.js";
import { exportsOf, type Sketch } from "./sketch.js";
import { allowRelaxed, VARIANTS, variantsFor } from "./variants.js";

const args = process.argv.slice(2);
const num = (name: string, other: number): number => {
  const i = args.indexOf(`--${name}`);
  return i < 0 ? other : Number(args[i + 1]);
};
allowRelaxed(setFlagsFromString);
const seed = num("seed", 1),
  from = num("from", 0),
  graphs = num("graphs", 20);
const counts = new Map<string, number>();
const rej = new Map<string, number>();
let steps: number[] = [];
let tg = 0,
  tc = 0;
let compared = 0,
  unsteady = 0;
const sigs = new Map<string, number>();
for (let index = from; index < from + graphs; index++) {
  const t0 = performance.now();
  let g;
  try {
    g = generate(seed, index);
  } catch (e) {
    console.log(
      "GENERATE",
      index,
      e instanceof Broken ? (e.cause as Error).stack?.split("\n").slice(0, 6).join("\n") : (e as Error).stack,
    );
    continue;
  }
  tg += performance.now() - t0;
  for (const [n, c] of exportsOf(g.sketch)) counts.set(n, (counts.get(n) ?? 0) + (c > 0 ? 1 : 0));
  for (const r of g.rejected) {
    const k = `${r.call}: ${r.why.slice(0, 110)}`;
    rej.set(k, (rej.get(k) ?? 0) + 1);
  }
  steps.push(
    g.sketch.steps.filter((s) => !["input", "parameter", "constant", "target", "labels"].includes(s.call as string))
      .length,
  );
  const t1 = performance.now();
  const dataSeed = seedOf(seed, index, 1);
  const variants = variantsFor(drawOf(seed, index, 2), args.includes("--all"));
  const { failure, ...c } = check(g.sketch, { seed: dataSeed, slopes: true, variants });
  tc += performance.now() - t1;
  compared += c.compared;
  unsteady += c.unsteady;
  if (failure) {
    const k = signatureOf(failure);
    sigs.set(k, (sigs.get(k) ?? 0) + 1);
    console.log(`\n#${index} ${failure.where}: ${failure.kind} ${failure.sentence}`);
    if (args.includes("--print")) console.log(printSketch(g.sketch));
    if (!args.includes("--no-shrink") && (sigs.get(k) ?? 0) <= num("each", 5)) {
      let last: Failure = failure;
      const small = shrink(g.sketch, {
        now: () => performance.now(),
        until: performance.now() + 1000 * num("shrink", 25),
        fails: (s: Sketch) => {
          const f = check(s, {
            seed: dataSeed,
            slopes: failure.kind === "slope",
            variants: VARIANTS.filter(({ name }) => name === failure.where),
          }).failure;
          if (f && signatureOf(f) === k) {
            last = f;
            return true;
          }
          return false;
        },
      });
      console.log(`// ${last.where}: ${last.sentence}\n${printSketch(small)}`);
    }
  }
}
steps = steps.sort((a, b) => a - b);
console.log({ graphs, median: steps[steps.length >> 1], tg, tc, compared, unsteady });
console.log(sigs);
if (args.includes("--rejected")) console.log([...rej].sort((a, b) => b[1] - a[1]).slice(0, 60));
if (args.includes("--coverage")) console.log([...counts].sort((a, b) => a[1] - b[1]));
process.exit(0);
