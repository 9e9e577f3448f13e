// `npm run mutate -- --room laws --mutants 40 --seed 1`: makes small faults, one at a time, and looks whether tests notice.
//
//   --room R      what is mutated: see rooms.ts
//   --mutants N   how many that type-check; 40 unless stated
//   --seed S      which ones; 1 unless stated
//   --record F    a file of JSON lines that the run is added to, and goes on from
//   --again       those that survived in the record are tried again
//   --list        the mutants are printed, and nothing is run
//   --quick       without Vitest: what survives is only suspected

import { relative } from "node:path";
import { parseArgs } from "node:util";
import { Project } from "ts-morph";
import { shuffledByTurns } from "./choose.js";
import { Killer, type Kill } from "./killer.js";
import { diffOf, idOf, type Mutant } from "./mutant.js";
import { mutantsOf } from "./operators.js";
import { append, readRecord, type Entry } from "./record.js";
import { rooms } from "./rooms.js";
import { typeError } from "./types.js";
import { withVitest } from "./with-vitest.js";

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const { values } = parseArgs({
  options: { room: text, mutants: text, seed: text, record: text, again: flag, list: flag, quick: flag },
});

const ENOUGH = 0.9;
const VITEST_LIMIT = 900_000;

function refuse(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

function integer(name: "mutants" | "seed", otherwise: number): number {
  const value = Number(values[name] ?? otherwise);
  return Number.isInteger(value) && value >= 0 ? value : refuse(`--${name} takes an integer of at least 0`);
}

const name = values.room ?? "";
const room = rooms[name] ?? refuse(`--room takes one of ${Object.keys(rooms).join(", ")}`);
const wanted = integer("mutants", 40);
const seed = integer("seed", 1);

const project = new Project({ tsConfigFilePath: "tsconfig.json", skipAddingFilesFromTsConfig: true });
const glob = (pattern: string): string[] =>
  project
    .getFileSystem()
    .globSync([pattern])
    .map((file) => relative(process.cwd(), file))
    .sort();
const found = (patterns: readonly string[]): string[] => [...new Set(patterns.flatMap(glob))];
const sources = found(room.sources).filter((file) => !room.except?.includes(file));
const files = sources.map((file) => ({ file, source: project.addSourceFileAtPath(file) }));
const texts = new Map(files.map(({ file, source }) => [file, source.getFullText()]));
const all = shuffledByTurns(
  files.flatMap(({ file, source }) => mutantsOf(source, file)),
  seed,
);
console.log(`${name}: ${all.length} possible mutants in ${sources.length} files, seed ${seed}`);
const diff = (mutant: Mutant): string => diffOf(texts.get(mutant.file)!, mutant);

if (values.list) {
  for (const mutant of all.slice(0, wanted)) console.log(`\n${diff(mutant)}`);
  process.exit(0);
}

const record = readRecord(values.record, name, seed);
const killer = await Killer.of(found(room.quick));
const now = (): number => performance.now();
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const begun = now();
let baseline: Awaited<ReturnType<Killer["baseline"]>> | undefined;

async function killOf(mutant: Mutant): Promise<Kill | undefined> {
  baseline ??= await killer.baseline(console.log);
  const kill = await killer.quick(mutant, baseline);
  if (kill || values.quick) return kill;
  // What the quick runner could not run, Vitest does.
  const left = [...new Set(baseline.ignored.map((one) => one.split(" ")[0]!))];
  return withVitest(mutant, [...left, ...room.slow], VITEST_LIMIT);
}

async function tried(mutant: Mutant): Promise<Entry> {
  const from = now();
  const known = { room: name, seed, mutant, diff: diff(mutant) };
  if (typeError(project, mutant) !== undefined) return { ...known, status: "types", ms: now() - from };
  const kill = await killOf(mutant);
  return kill
    ? { ...known, status: "killed", kill, ms: now() - from }
    : { ...known, status: "survived", ms: now() - from };
}

const entries: Entry[] = [];
const counted = (): number => entries.filter(({ status }) => status !== "types").length;
for (const mutant of all) {
  if (counted() >= wanted) break;
  const before = record.get(idOf(mutant));
  if (before && !(values.again && before.status === "survived")) {
    entries.push(before);
    continue;
  }
  const entry = await tried(mutant);
  entries.push(entry);
  append(values.record, entry);
  if (entry.status === "types") continue;
  const { kill } = entry;
  const how = kill ? `killed by ${kill.by} ${kill.file} ${kill.test}` : "SURVIVED";
  console.log(`${counted()} ${mutant.file}:${mutant.line} (${mutant.operator}): ${how}, ${seconds(entry.ms)}`);
  if (!kill) console.log(entry.diff);
}
await killer.dispose();

const survivors = entries.filter(({ status }) => status === "survived");
const share = 1 - survivors.length / Math.max(1, counted());
const byTypes = entries.length - counted();
console.log(
  `\n${name}, seed ${seed}: ${counted() - survivors.length} of ${counted()} killed (${(100 * share).toFixed(1)} %)`,
);
console.log(`${byTypes} more did not type-check and are not counted; ${seconds(now() - begun)}`);
for (const entry of survivors) console.log(`\nsurvived: ${entry.diff}`);
process.exit(share >= ENOUGH ? 0 : 1);
