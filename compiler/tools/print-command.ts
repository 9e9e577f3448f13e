// `tapeless print`: what becomes of a network, stage by stage.

import { badUsage, throwAll } from "../../src/messages.js";
import type { Printable } from "../ir/choices.js";
import type { BuildFlags } from "./build-options.js";
import { build, Failures, pipelineCompile } from "./generate.js";
import { shownPath } from "./paths.js";
import { planJobs } from "./plan.js";
import type { Surroundings } from "./surroundings.js";

export interface PrintRequest {
  readonly what: Printable;
  readonly files: readonly string[];
  readonly flags: BuildFlags;
}

/** Returns the exit code 0. User errors are thrown, those of several definitions together. */
export async function runPrint({ what, files, flags }: PrintRequest, to: Surroundings): Promise<number> {
  if (flags.relaxed === false && what !== "wat")
    throw badUsage({
      text: "--no-relaxed is for WebAssembly text",
      hint: "tapeless print wat src/digits.net.ts --no-relaxed",
    });
  if (flags.target !== undefined && what !== "loops")
    throw badUsage({
      text: "--target is for loops: what else is printed is the same for all targets",
      hint: "tapeless print loops src/digits.net.ts --target wasm",
    });
  const failures = new Failures();
  // WebAssembly text can have what is for WebAssembly, and the schedule that was tuned for it.
  const target = what === "wat" ? "wasm" : what === "loops" ? flags.target : "typescript";
  const { jobs } = await planJobs(to, files, { ...flags, target });
  for (const { input, options } of jobs) {
    await failures.collect(async () => {
      const { compiled } = await build(input, { ...options, wasmFile: false }, await pipelineCompile());
      if (jobs.length > 1) to.out(`${to.paint.bold(shownPath(input, to.cwd))}\n`);
      to.out(`${compiled.print(what).trimEnd()}\n`);
    });
  }
  throwAll(failures.errors);
  return 0;
}
