// `npm run fuzz -- --seed S --graphs N`: draws networks, runs each of them in every way, and prints what differs as a
// definition of a few lines.
//
//   --seed S      of all graphs; the day's unless stated
//   --graphs N    how many; 100 unless stated
//   --from I      the number of the first; 0, or where the record ends
//   --minutes M   after which no further graph is drawn; without, all are
//   --record F    a file of JSON lines that the run is added to, and goes on from
//   --findings F  a file that each new kind of failure is added to as a section of Markdown
//   --all         every graph in every variant; otherwise the slow ones take turns
//   --shrink T    seconds for making a failure smaller; 20 unless stated
//   --each N      failures of one kind that are made smaller; 3 unless stated
//   --print       the graphs themselves, and nothing is run
//   --draw        graphs are drawn and counted, and nothing is run
//   --undo M      without a mend of undo.mjs and without proofs: does a network show the fault?
//   --first       ends at the first failure, with exit code 1
//   --refusals    what the language refused while graphs were drawn

import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { coverageOf, printCoverage } from "./coverage.js";
import { generate } from "./generate.js";
import { runOne, type Found, type Outcome } from "./one.js";
import { printSketch } from "./print.js";
import { append, nextIndex, readRecord, stretchOf } from "./record.js";
import { allowRelaxed, seedOfDay } from "./variants.js";

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const { values } = parseArgs({
  options: {
    seed: text,
    graphs: text,
    from: text,
    minutes: text,
    record: text,
    findings: text,
    all: flag,
    shrink: text,
    each: text,
    print: flag,
    draw: flag,
    refusals: flag,
    undo: text,
    first: flag,
  },
});

function integer(name: "seed" | "graphs" | "from" | "minutes" | "shrink" | "each", otherwise: number): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (given !== "" && Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name} takes an integer of at least 0, not ${JSON.stringify(given)}`);
  process.exit(2);
}

const STRETCH = 50;

const seed = integer("seed", seedOfDay(new Date()));
const record = values.record === undefined ? [] : readRecord(values.record);
const from = nextIndex(record, seed, integer("from", 0));
const to = from + integer("graphs", 100);
const each = integer("each", 3);
const minutes = values.minutes === undefined ? Infinity : integer("minutes", 0);
const now = (): number => performance.now();
console.log(`seed ${seed}, graphs ${from} to ${to - 1}`);

if (values.print) {
  for (let index = from; index < to; index++) console.log(`// ${index}\n${printSketch(generate(seed, index).sketch)}`);
  process.exit(0);
}

allowRelaxed(setFlagsFromString);
const signatures = new Map<string, number>();
const keys = new Set(record.flatMap(({ found }) => found.map(({ key }) => key)));
const outcomes: Outcome[] = [];
const started = now();

function report(found: Found): void {
  console.log(`\n#${found.index} ${found.where}: ${found.kind}: ${found.sentence}`);
  if (keys.has(found.key)) return;
  keys.add(found.key);
  console.log(found.definition);
  if (values.findings === undefined) return;
  const title = `## seed ${seed}, graph ${found.index}: ${found.where}, ${found.kind} ${found.what}`;
  appendFileSync(values.findings, `${title}\n\n${found.sentence}\n\n\`\`\`ts\n${found.definition}\`\`\`\n\n`);
}

let stretch: Outcome[] = [];

function recordStretch(): void {
  if (values.record !== undefined && stretch.length > 0) append(values.record, stretchOf(seed, stretch));
  stretch = [];
}

for (let index = from; index < to && now() - started < 60_000 * minutes; index++) {
  const shrinkTime = (signature: string): number => {
    const seen = signatures.get(signature) ?? 0;
    return seen < each ? 1000 * integer("shrink", 20) : 0;
  };
  const outcome = runOne(index, { seed, isAll: values.all, shrinkTime, now, isDrawnOnly: values.draw });
  outcomes.push(outcome);
  stretch.push(outcome);
  const { found } = outcome;
  if (found) {
    report(found);
    signatures.set(found.signature, (signatures.get(found.signature) ?? 0) + 1);
    if (values.first) process.exit(1);
  }
  if (stretch.length === STRETCH) recordStretch();
}
recordStretch();

console.log(`\n${printCoverage(coverageOf(outcomes))}`);
if (values.refusals) {
  const refused = new Map<string, number>();
  for (const { refusals } of outcomes) for (const why of refusals) refused.set(why, (refused.get(why) ?? 0) + 1);
  for (const [why, count] of [...refused].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(5)} ${why}`);
}
const { compared, unsteady, found } = stretchOf(seed, outcomes);
const seconds = (now() - started) / 1000;
console.log(
  `\n${compared} comparisons, ${unsteady} left out as unsteady; ${(outcomes.length / seconds).toFixed(2)} graphs a second`,
);
for (const [signature, count] of [...signatures].sort((a, b) => b[1] - a[1]))
  console.log(`${String(count).padStart(5)} ${signature}`);
console.log(found.length === 0 ? "nothing differs" : `${found.length} of ${outcomes.length} graphs differ`);
// Workers of the assembler and of models are not waited for.
process.exit(found.length === 0 ? 0 : 1);
