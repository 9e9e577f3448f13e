// `tapeless generate`: writes, checks or watches. Everything heavy is imported when it runs.

import { existsSync, readFileSync } from "node:fs";
import { badUsage, throwAll } from "../../src/messages.js";
import type { BuildFlags } from "./build-options.js";
import type { Built, Source } from "./generate.js";
import type { Job, Plan } from "./plan.js";
import type { GeneratedFile } from "./write.js";
import { renderError } from "./errors.js";
import { errorsIn, isTapelessError } from "./located.js";
import { warn, type Surroundings } from "./surroundings.js";
import { shownPath } from "./paths.js";

export interface GenerateRequest {
  readonly files: readonly string[];
  readonly flags: BuildFlags;
  readonly check: boolean;
  readonly watch: boolean;
  /** Are gradients and modules checked before they are written? */
  readonly verify: boolean;
  /** Is compiled what has not changed? */
  readonly force: boolean;
}

/** Returns the exit code: 0, or 1 where `--check` found a difference or `--verify` a wrong number. User errors are thrown. */
export async function runGenerate(request: GenerateRequest, to: Surroundings): Promise<number> {
  const { planJobs } = await import("./plan.js");
  refuseTogether(request);
  const plan = await planJobs(to, request.files, request.flags);
  if (request.check) return checkAll(request, plan, to);
  if (request.watch) return watchAll(request, plan, to);
  return writeAll(request, plan, to);
}

function refuseTogether({ check, watch, verify }: GenerateRequest): void {
  if (check && watch) throw badUsage({ text: "--check and --watch cannot be used together" });
  if (check && verify) throw badUsage({ text: "--verify and --check cannot be used together" });
}

/** A module whose definition, options and files are what they were; or one that was compiled. */
type Outcome =
  | { readonly kind: "unchanged"; readonly source: Source; readonly files: readonly GeneratedFile[] }
  | { readonly kind: "built"; readonly source: Source; readonly built: Built };

async function outcomeOf({ verify, force }: GenerateRequest, job: Job): Promise<Outcome> {
  const { buildSource, pipelineCompile, readSource } = await import("./generate.js");
  const { unchangedFiles } = await import("./module-files.js");
  const source = await readSource(job.input, job.options);
  const files = verify || force ? undefined : unchangedFiles(source, job);
  if (files) return { kind: "unchanged", source, files };
  return { kind: "built", source, built: await buildSource(source, job.options, await pipelineCompile()) };
}

/** Rows of the point, and seconds for differences; what is emitted is compared after them. */
const ROWS = 2;
const VERIFYING = 3;

/** Are the gradients right, and what would be written? True where it was not asked. */
async function verified(
  { verify }: GenerateRequest,
  { definition, options }: Built,
  to: Surroundings,
): Promise<boolean> {
  if (!verify) return true;
  const { gradcheckDefinition } = await import("./gradcheck-command.js");
  const { target = "typescript", dtype } = options;
  const { passes } = await gradcheckDefinition(
    definition,
    { rows: Math.min(ROWS, definition.network.capacity), seconds: VERIFYING, builds: [{ target, dtype }] },
    to,
  );
  return passes;
}

interface Written {
  readonly file: GeneratedFile;
  readonly state: "written" | "unchanged";
}

/** What became of the module's files; undefined where what was built did not pass. */
async function written(
  request: GenerateRequest,
  outcome: Outcome,
  job: Job,
  to: Surroundings,
): Promise<readonly Written[] | undefined> {
  if (outcome.kind === "unchanged") return outcome.files.map((file) => ({ file, state: "unchanged" }));
  const { moduleFiles } = await import("./module-files.js");
  const { writeGenerated } = await import("./write.js");
  warn(to, outcome.built);
  if (!(await verified(request, outcome.built, to))) return undefined;
  const files = await moduleFiles(outcome.built, job);
  const states = writeGenerated(files);
  return files.map((file, i) => ({ file, state: states[i]! }));
}

async function writeAll(request: GenerateRequest, plan: Plan, to: Surroundings): Promise<number> {
  const { Failures } = await import("./generate.js");
  const { orphans } = await import("./plan.js");
  const failures = new Failures();
  let wrong = 0;
  for (const job of plan.jobs) {
    await failures.collect(async () => {
      const files = await written(request, await outcomeOf(request, job), job, to);
      for (const { file, state } of files ?? [])
        report(to, shownPath(file.path, to.cwd), `${state} (${size(file.content)})`);
      if (files) return;
      wrong++;
      report(to, shownPath(job.output, to.cwd), "not written");
    });
  }
  for (const path of orphans(plan)) report(to, shownPath(path, to.cwd), "has no definition any more; delete it");
  throwAll(failures.errors);
  return wrong === 0 ? 0 : 1;
}

async function checkAll(request: GenerateRequest, plan: Plan, to: Surroundings): Promise<number> {
  const { Failures } = await import("./generate.js");
  const { moduleFiles } = await import("./module-files.js");
  const { orphans } = await import("./plan.js");
  const { stateOf } = await import("./write.js");
  const failures = new Failures();
  let differences = 0;
  for (const job of plan.jobs) {
    await failures.collect(async () => {
      const outcome = await outcomeOf(request, job);
      if (outcome.kind === "unchanged") return;
      const { built } = outcome;
      warn(to, built);
      for (const file of await moduleFiles(built, job)) {
        const state = stateOf(file);
        const outdated = state === "fresh" && file.path === job.output && built.stale.length > 0;
        if (state === "fresh" && !outdated) continue;
        differences++;
        report(to, shownPath(file.path, to.cwd), outdated ? "its schedule is stale" : state);
      }
    });
  }
  for (const path of orphans(plan)) {
    differences++;
    report(to, shownPath(path, to.cwd), "orphaned: its definition is gone");
  }
  throwAll(failures.errors);
  if (differences === 0) {
    to.out(`${plan.jobs.length === 1 ? "1 module is" : `${plan.jobs.length} modules are`} up to date\n`);
    return 0;
  }
  to.out(`run ${to.paint.bold("tapeless generate")} to write what is stale or missing; delete what is orphaned\n`);
  return 1;
}

/** Generates, then again at each change; errors are shown and the old files stay. Runs until the process is ended. */
async function watchAll(request: GenerateRequest, plan: Plan, to: Surroundings): Promise<number> {
  const { neededBy } = await import("./generate.js");
  const { schedulePath } = await import("./schedule-file.js");
  const { watchFiles } = await import("./watch.js");
  const needs = new Map<string, readonly string[]>(
    plan.jobs.map(({ input, options }) => [input, [input, schedulePath(input, options.schedules)]]),
  );
  const follow = (): void => watcher.follow([...needs.values()].flat());
  let hasCompiled = false;
  const update = async (changed: ReadonlySet<string> | undefined): Promise<void> => {
    for (const job of plan.jobs) {
      const { input, output } = job;
      if (changed && !needs.get(input)!.some((file) => changed.has(file))) continue;
      try {
        const start = performance.now();
        const outcome = await outcomeOf(request, job);
        hasCompiled ||= outcome.kind === "built";
        needs.set(input, neededBy(outcome.source));
        follow();
        const files = await written(request, outcome, job, to);
        const time = `in ${Math.round(performance.now() - start)} ms`;
        for (const { file, state } of files ?? []) report(to, shownPath(file.path, to.cwd), `${state} ${time}`);
        if (!files) report(to, shownPath(output, to.cwd), "not written");
        // What changed after it was read, and before anybody watched it.
        watcher.touch(outdated(outcome.source.bundle.texts));
      } catch (error) {
        to.err(`${renderError(error, { cwd: to.cwd, colors: to.colors })}\n`);
        // An error may lie in a file that the definition imports.
        const files = isTapelessError(error) ? errorsIn(error).flatMap(({ at }) => (at ? [at.file] : [])) : [];
        needs.set(input, [...new Set([...needs.get(input)!, ...files])]);
      }
    }
    follow();
  };
  // One update at a time, each after the one before.
  let queue: Promise<void> = Promise.resolve();
  const watcher = watchFiles((files) => void (queue = queue.then(() => update(files))));
  follow();
  queue = update(undefined);
  await queue;
  // A schedule is waited for where there is none yet.
  const files = [...new Set([...needs.values()].flat())].filter((file) => existsSync(file));
  to.out(`watching ${files.length} files; end with Ctrl+C\n`);
  // The compiler is loaded and has run once before it is waited for.
  if (!hasCompiled) queue = queue.then(() => warmUp(plan.jobs[0]!));
  return new Promise(() => {});
}

/** Builds a module for nobody; what is wrong with it was told already. */
async function warmUp(job: Job): Promise<void> {
  const { build, pipelineCompile } = await import("./generate.js");
  const { moduleFiles } = await import("./module-files.js");
  try {
    await moduleFiles(await build(job.input, job.options, await pipelineCompile()), job);
  } catch {
    // A definition that does not compile warms nothing.
  }
}

/** The files that do not have the texts any more that were read of them. */
const outdated = (texts: ReadonlyMap<string, string>): string[] =>
  [...texts].flatMap(([file, text]) => (existsSync(file) && readFileSync(file, "utf8") === text ? [] : [file]));

const report = (to: Surroundings, path: string, state: string): void => to.out(`${to.paint.cyan(path)}  ${state}\n`);

const size = (content: string | Uint8Array): string => `${(Buffer.byteLength(content) / 1000).toFixed(1)} kB`;
