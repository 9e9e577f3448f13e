// `tapeless tune`: measures tiles on this machine and writes the schedules that `generate` reads.

import { isTapelessError, relocated } from "./located.js";
import { throwAll } from "../../src/messages.js";
import { warn, type Surroundings } from "./surroundings.js";
import type { BuildFlags, BuildOptions } from "./build-options.js";
import { Failures } from "./generate.js";
import { planJobs } from "./plan.js";
import { loadDefinition } from "./load.js";
import { shownPath } from "./paths.js";
import { readSchedule, schedulePath, withTuned, writeSchedule } from "./schedule-file.js";
import { nestsOf, NOTHING, subjectOf } from "./tune/nests.js";
import { printTuned } from "./tune/table.js";
import { tune } from "./tune/tune.js";

export interface TuneRequest {
  readonly files: readonly string[];
  readonly flags: BuildFlags;
  /** Milliseconds for each candidate. */
  readonly time: number;
}

/** Returns the exit code 0. User errors are thrown, those of several definitions together. */
export async function runTune(request: TuneRequest, to: Surroundings): Promise<number> {
  const failures = new Failures();
  const { jobs } = await planJobs(to, request.files, request.flags);
  for (const { input, options } of jobs) await failures.collect(() => tuneOne(input, options, request.time, to));
  throwAll(failures.errors);
  return 0;
}

async function tuneOne(input: string, options: BuildOptions, time: number, to: Surroundings): Promise<void> {
  const { target = "typescript", dtype, entries } = options;
  const path = schedulePath(input, options.schedules);
  const before = await readSchedule(path);
  const { network, constNames, mapFrame, warnings } = await loadDefinition(input);
  warn(to, { warnings });
  try {
    const subject = subjectOf(network, { target, dtype, entries, constNames });
    const { spec } = subject;
    const count = nestsOf(subject).length;
    const what = `${target}, ${dtype}, ${spec.capacity} rows, ${count} ${count === 1 ? "product" : "products"}`;
    to.out(`${to.paint.bold(network.name)}  ${what}\n`);
    const start = performance.now();
    const tuned = tune(subject, before ?? NOTHING, time);
    to.out(`${printTuned(tuned, (performance.now() - start) / 1000)}\n`);
    const names = spec.entries.map(({ name }) => name);
    const state = await writeSchedule(path, withTuned(before, tuned.kernels, { target, dtype, entries: names }));
    if (before !== undefined || state === "written") to.out(`${to.paint.cyan(shownPath(path, to.cwd))}  ${state}\n`);
  } catch (error) {
    throw isTapelessError(error) ? relocated(error, mapFrame) : error;
  }
}
