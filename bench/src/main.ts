// The whole run: each workload in processes of its own, then pages and compile times, then the report.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compileTime } from "./compile-time.js";
import { coldStarts, pageSizes } from "./pages.js";
import { ask } from "./processes.js";
import { checkLosses, type Results, type WorkloadResult } from "./results.js";
import { machine } from "./machine.js";
import { figuresText, markdown, terminalTable } from "./report.js";
import { workloads, type PeerName, type Workload } from "./workloads.js";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(
    `npm run bench [-- --quick] [-- --only <workload>]\n\nworkloads: ${workloads.map(({ name }) => name).join(", ")}`,
  );
} else {
  process.exitCode = await run();
}

/** Returns the exit code: 1 where a side computed something else. A figure that is missed is reported, no more. */
async function run(): Promise<number> {
  const { only } = options;
  const exact = workloads.filter(({ name }) => name === only);
  const chosen = exact.length > 0 ? exact : workloads.filter(({ name }) => name.startsWith(only ?? ""));
  if (chosen.length === 0) {
    console.error(`no workload's name starts with ${only}; see --help`);
    return 2;
  }
  const measured: WorkloadResult[] = [];
  for (const workload of chosen) {
    progress(workload.name);
    measured.push(measureWorkload(workload));
  }
  const results: Results = { machine: machine(), quick: options.quick, workloads: measured, ...(await once()) };
  progress("");
  console.log(terminalTable(results));
  console.log(figuresText(results));
  if (options.only === undefined) write(results);
  const wrong = measured.flatMap((each) => each.wrong);
  for (const sentence of wrong) console.error(`WRONG: ${sentence}`);
  return wrong.length > 0 ? 1 : 0;
}

function measureWorkload(workload: Workload): WorkloadResult {
  const sides: readonly PeerName[] = ["tapeless", ...workload.against];
  const pace = options.quick
    ? { rounds: 5, blockMilliseconds: 40, warmupMilliseconds: 150 }
    : { rounds: 15, blockMilliseconds: 120, warmupMilliseconds: 600 };
  const steps = options.quick ? Math.min(10, workload.checkedSteps) : workload.checkedSteps;
  const { name } = workload;
  const losses = ask({ kind: "losses", workload: name, sides, steps });
  const times = ask({ kind: "time", workload: name, sides, pace });
  const heap = ask({ kind: "heap", workload: name, sides, milliseconds: options.quick ? 60 : 400 });
  // The comparison must be able to fail.
  const bent = { ...losses, tapeless: { loss: losses["tapeless"]!.loss * 1.01 } };
  if (checkLosses(workload, bent, steps).length === 0) throw new Error(`a wrong loss of ${name} was not noticed`);
  return { name, workload, losses, times, heap, wrong: checkLosses(workload, losses, steps) };
}

/** What does not belong to one workload; left out where one was asked for. */
async function once(): Promise<Pick<Results, "pages" | "coldStarts" | "compile">> {
  if (options.only !== undefined) return {};
  progress("pages, cold starts, compile time");
  return {
    pages: Object.fromEntries(await pageSizes()),
    coldStarts: Object.fromEntries(coldStarts(options.quick ? 3 : 11)),
    compile: compileTime(options.quick ? 2 : 5),
  };
}

function write(results: Results): void {
  const folder = fileURLToPath(new URL("../../results", import.meta.url));
  const stem = join(folder, `node-${process.versions.node.split(".")[0]}${results.quick ? "-quick" : ""}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${stem}.json`, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(`${stem}.md`, markdown(results));
  console.log(`written: ${stem}.md and .json`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text === "" ? "" : `measuring ${text} ...`}`);
  else if (text !== "") process.stderr.write(`measuring ${text} ...\n`);
}
