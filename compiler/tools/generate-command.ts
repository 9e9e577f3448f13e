// `tapeless generate`: writes, checks, prints or watches. Everything heavy is imported when it runs.

import { existsSync, readFileSync } from "node:fs";
import { badUsage, throwAll } from "../../src/messages.js";
import type { BuildOptions, Built, Compile, Plan, Print } from "./generate.js";
import { renderError } from "./errors.js";
import { errorsIn, isTapelessError } from "./located.js";
import { warn, type Surroundings } from "./surroundings.js";
import { shownPath } from "./paths.js";

export interface GenerateRequest extends BuildOptions {
  readonly files: readonly string[];
  readonly out: string | undefined;
  readonly check: boolean;
  readonly watch: boolean;
  /** Are gradients and modules checked before they are written? */
  readonly verify: boolean;
  readonly print: Print | undefined;
}

/** Returns the exit code: 0, or 1 where `--check` found a difference or `--verify` a wrong number. User errors are thrown. */
export async function runGenerate(request: GenerateRequest, to: Surroundings): Promise<number> {
  const { planJobs, pipelineCompile } = await import("./generate.js");
  refuseTogether(request);
  if (request.relaxed === false && (request.target !== "wasm" || request.dtype !== "float32")) {
    throw badUsage({ text: "--no-relaxed is for WebAssembly in float32", hint: "add --target wasm" });
  }
  if (request.wasmFile && request.target !== "wasm") {
    throw badUsage({ text: "--wasm-file is for WebAssembly", hint: "add --target wasm" });
  }
  const plan = planJobs(to.cwd, request.files, request.out);
  const compile = await pipelineCompile();
  if (request.print) return printAll(request, plan, compile, to);
  if (request.check) return checkAll(request, plan, compile, to);
  if (request.watch) return watchAll(request, plan, compile, to);
  return writeAll(request, plan, compile, to);
}

function refuseTogether({ check, watch, verify, print }: GenerateRequest): void {
  const given = [check && "--check", watch && "--watch", print && "--print"].filter((flag) => flag !== false && flag);
  if (given.length > 1) throw badUsage({ text: `${given.join(" and ")} cannot be used together` });
  if (verify && (check || print)) throw badUsage({ text: `--verify and ${given[0]!} cannot be used together` });
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

async function writeAll(request: GenerateRequest, plan: Plan, compile: Compile, to: Surroundings): Promise<number> {
  const { build, Failures, moduleFiles, orphans } = await import("./generate.js");
  const { writeGenerated } = await import("./write.js");
  const failures = new Failures();
  let wrong = 0;
  for (const { input, output } of plan.jobs) {
    await failures.collect(async () => {
      const built = await build(input, request, compile);
      warn(to, built);
      if (!(await verified(request, built, to))) {
        wrong++;
        report(to, shownPath(output, to.cwd), "not written");
        return;
      }
      const files = await moduleFiles(built, output, plan);
      const done = writeGenerated(files);
      files.forEach(({ path, content }, i) => report(to, shownPath(path, to.cwd), `${done[i]!} (${size(content)})`));
    });
  }
  for (const path of orphans(plan, request))
    report(to, shownPath(path, to.cwd), "has no definition any more; delete it");
  throwAll(failures.errors);
  return wrong === 0 ? 0 : 1;
}

async function checkAll(request: GenerateRequest, plan: Plan, compile: Compile, to: Surroundings): Promise<number> {
  const { build, Failures, moduleFiles, orphans } = await import("./generate.js");
  const { stateOf } = await import("./write.js");
  const failures = new Failures();
  let differences = 0;
  for (const { input, output } of plan.jobs) {
    await failures.collect(async () => {
      const built = await build(input, request, compile);
      warn(to, built);
      for (const file of await moduleFiles(built, output, plan)) {
        const state = stateOf(file);
        const outdated = state === "fresh" && file.path === output && built.stale.length > 0;
        if (state === "fresh" && !outdated) continue;
        differences++;
        report(to, shownPath(file.path, to.cwd), outdated ? "its schedule is stale" : state);
      }
    });
  }
  for (const path of orphans(plan, request)) {
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

async function printAll(request: GenerateRequest, plan: Plan, compile: Compile, to: Surroundings): Promise<number> {
  const { build, Failures } = await import("./generate.js");
  const failures = new Failures();
  for (const { input } of plan.jobs) {
    await failures.collect(async () => {
      const { compiled } = await build(input, request, compile);
      if (plan.jobs.length > 1) to.out(`${to.paint.bold(shownPath(input, to.cwd))}\n`);
      to.out(`${compiled.print(request.print!).trimEnd()}\n`);
    });
  }
  throwAll(failures.errors);
  return 0;
}

/** Generates, then again at each change; errors are shown and the old files stay. Runs until the process is ended. */
async function watchAll(request: GenerateRequest, plan: Plan, compile: Compile, to: Surroundings): Promise<number> {
  const { build, moduleFiles } = await import("./generate.js");
  const { writeGenerated } = await import("./write.js");
  const { schedulePath } = await import("./schedule-file.js");
  const { watchFiles } = await import("./watch.js");
  const needs = new Map<string, readonly string[]>(
    plan.jobs.map(({ input }) => [input, [input, schedulePath(input, request.schedules)]]),
  );
  const follow = (): void => watcher.follow([...needs.values()].flat());
  const update = async (changed: ReadonlySet<string> | undefined): Promise<void> => {
    for (const { input, output } of plan.jobs) {
      if (changed && !needs.get(input)!.some((file) => changed.has(file))) continue;
      try {
        const start = performance.now();
        const built = await build(input, request, compile);
        needs.set(input, built.needs);
        follow();
        warn(to, built);
        if (await verified(request, built, to)) {
          const files = await moduleFiles(built, output, plan);
          const done = writeGenerated(files);
          const time = `in ${Math.round(performance.now() - start)} ms`;
          files.forEach(({ path }, i) => report(to, shownPath(path, to.cwd), `${done[i]!} ${time}`));
        } else report(to, shownPath(output, to.cwd), "not written");
        // What changed after it was read, and before anybody watched it.
        watcher.touch(outdated(built.definition.texts));
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
  return new Promise(() => {});
}

/** The files that do not have the texts any more that were read of them. */
const outdated = (texts: ReadonlyMap<string, string>): string[] =>
  [...texts].flatMap(([file, text]) => (existsSync(file) && readFileSync(file, "utf8") === text ? [] : [file]));

const report = (to: Surroundings, path: string, state: string): void => to.out(`${to.paint.cyan(path)}  ${state}\n`);

const size = (content: string | Uint8Array): string => `${(Buffer.byteLength(content) / 1000).toFixed(1)} kB`;
