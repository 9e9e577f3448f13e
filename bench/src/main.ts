// The whole run: each workload in processes of its own, then pages and compile times, then the report.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileTime } from "./compile-time.js";
import { machine } from "./machine.js";
import { readOptions, usage, type Options } from "./options.js";
import { coldStarts, pageSizes } from "./pages.js";
import { ask } from "./processes.js";
import { figuresText, markdown, terminalTable } from "./report.js";
import { checkLosses, type Bandwidth, type Results, type WorkloadResult } from "./results.js";
import { roofline } from "./roofline.js";
import { OURS, type SideName, type Workload } from "./workloads.js";

const options = readOptions(process.argv.slice(2));
if (typeof options === "string") {
  console.log(options === "" ? usage : options);
  process.exitCode = options === "" ? 0 : 2;
} else {
  process.exitCode = await run(options);
}

/** Returns the exit code: 1 where a side computed something else. A figure that is missed is reported, no more. */
async function run(options: Options): Promise<number> {
  const measured: WorkloadResult[] = [];
  for (const workload of options.workloads) {
    progress(workload.name);
    measured.push(measureWorkload(workload, options));
  }
  const results: Results = {
    machine: machine(),
    quick: options.quick,
    workloads: measured,
    ...(await measureParts(options)),
  };
  progress("");
  console.log(terminalTable(results));
  console.log(`\n${figuresText(results)}`);
  if (options.out !== undefined) write(results, options.out);
  const wrong = measured.flatMap((each) => each.wrong);
  for (const sentence of wrong) console.error(`WRONG: ${sentence}`);
  return wrong.length > 0 ? 1 : 0;
}

function measureWorkload(workload: Workload, { quick, peers }: Options): WorkloadResult {
  const { name, reference } = workload;
  const pace = quick
    ? { rounds: 5, blockMilliseconds: 40, warmupMilliseconds: 150 }
    : { rounds: 15, blockMilliseconds: 120, warmupMilliseconds: 600 };
  const steps = quick ? Math.min(10, workload.checkedSteps) : workload.checkedSteps;
  const timed: readonly SideName[] = [...OURS, ...workload.against.filter((peer) => peers.includes(peer))];
  const checked = timed.includes(reference) ? timed : [...timed, reference];
  const losses = ask({ kind: "losses", workload: name, sides: checked, steps });
  const sides = timed.filter((side) => losses[side]!.failed === undefined);
  const times = ask({ kind: "time", workload: name, sides, pace });
  const heap = ask({ kind: "heap", workload: name, sides, milliseconds: quick ? 60 : 400 });
  // The comparison must be able to fail.
  const bent = { ...losses, [OURS[0]]: { loss: losses[reference]!.loss! * 1.01 } };
  if (checkLosses(workload, bent, steps).length === 0) throw new Error(`a wrong loss of ${name} was not noticed`);
  return { name, workload, losses, times, heap, wrong: checkLosses(workload, losses, steps) };
}

/** Sizes that a first, a second and a last cache usually hold, and one that none holds. */
function measureBandwidth(): Bandwidth[] {
  progress("memory");
  const sizes = [
    { what: "16 kB", bytes: 2 ** 14 },
    { what: "256 kB", bytes: 2 ** 18 },
    { what: "2 MB", bytes: 2 ** 21 },
    { what: "64 MB", bytes: 2 ** 26 },
  ];
  const found = ask({ kind: "bandwidth", sizes: sizes.map(({ bytes }) => bytes) });
  return sizes.map(({ what, bytes }, i) => ({ what, bytes, gigabytesPerSecond: found[i]! }));
}

/** What does not belong to one workload, as far as it was asked for. */
async function measureParts({
  parts,
  quick,
}: Options): Promise<Pick<Results, "bandwidth" | "pages" | "coldStarts" | "compile">> {
  const bandwidth = parts.includes("memory") ? measureBandwidth() : [];
  if (parts.includes("pages")) progress("pages and cold starts");
  const pages = parts.includes("pages")
    ? {
        pages: Object.fromEntries(await pageSizes()),
        coldStarts: Object.fromEntries(coldStarts(quick ? 3 : 11)),
      }
    : {};
  if (parts.includes("compile")) progress("compile time");
  const compile = parts.includes("compile") ? { compile: compileTime(quick ? 2 : 5) } : {};
  return { bandwidth, ...pages, ...compile };
}

function write(results: Results, folder: string): void {
  const name = `node-${process.versions.node.split(".")[0]}${results.quick ? "-quick" : ""}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.svg`), roofline(results));
  writeFileSync(join(folder, `${name}.md`), markdown(results, `${name}.svg`));
  console.log(`written: ${join(folder, name)}.md, .json and .svg`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text === "" ? "" : `measuring ${text} ...`}`);
  else if (text !== "") process.stderr.write(`measuring ${text} ...\n`);
}
