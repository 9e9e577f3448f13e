// Definition files to generated modules: finding them, compiling them, and comparing or writing what comes out.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Network } from "../../src/graph/network.js";
import { badUsage, sameOutput, staleSchedule, type TapelessError } from "../../src/messages.js";
import type { CallSite } from "../../src/graph/origin.js";
import type { Schedule, ScheduledNest } from "../ir/schedule.js";
import type { ConstNames } from "../names/index.js";
import type { Message } from "./errors.js";
import { loadDefinition, type Definition } from "./load.js";
import { isTapelessError, placeOf, relocated } from "./located.js";
import { packageRoot, shownPath, slashed } from "./paths.js";
import { ownPart, placed, readSchedule, schedulePath, stem } from "./schedule-file.js";
import { format, header, isGenerated, provenanceHash, signedWasm, type GeneratedFile } from "./write.js";
import { version } from "./version.js";

export type Dtype = "float32" | "float64";

export type Print = "graph" | "gradient" | "kernels" | "plan" | "wat";

export type Target = "typescript" | "wasm";

/** What decides the bytes of a module, besides the definition. */
export interface BuildOptions {
  /** Absent: TypeScript. */
  readonly target?: Target | undefined;
  readonly dtype: Dtype;
  /** Are the bytes of WebAssembly a file of their own, beside the module? */
  readonly wasmFile?: boolean;
  /** False: the same bits on every engine. */
  readonly relaxed?: boolean | undefined;
  /** Absent: all. */
  readonly entries?: readonly string[] | undefined;
  /** The folder of the schedules, absolute. Absent: beside the definitions. */
  readonly schedules?: string | undefined;
}

/** What this folder needs of the pipeline. */
export interface Compiled {
  readonly source: string;
  readonly wasm: Uint8Array | undefined;
  readonly memory: { readonly print: () => string };
  readonly warnings: readonly (Message & { readonly site: CallSite })[];
  readonly stale: readonly ScheduledNest[];
  readonly print: (what: Print) => string;
}

export type Compile = (
  network: Network,
  options: {
    target: Target;
    dtype: Dtype;
    wasmFile?: string;
    relaxed?: boolean;
    entries?: readonly string[];
    schedule?: Schedule | undefined;
    constNames: ConstNames;
  },
) => Compiled;

export const pipelineCompile = async (): Promise<Compile> => (await import("../pipeline.js")).compile;

export interface Built {
  readonly options: BuildOptions;
  readonly definition: Definition;
  readonly compiled: Compiled;
  /** What the module's bytes depend on beside the options, absolute: the files of the definition, and its schedule if it has one. */
  readonly needs: readonly string[];
  /** The part of the schedule for this target and number type, and what of it no kernel has any more. */
  readonly scheduled: readonly ScheduledNest[];
  readonly stale: readonly ScheduledNest[];
  /** With places in the user's files. */
  readonly warnings: readonly Message[];
}

/** Loads and compiles one definition. Errors carry places in the user's files. */
export async function build(path: string, options: BuildOptions, compile: Compile): Promise<Built> {
  const definition = await loadDefinition(path);
  const { network, constNames, mapFrame, files } = definition;
  const { target = "typescript", dtype, entries } = options;
  const scheduleFile = schedulePath(files[0]!, options.schedules);
  const schedule = await readSchedule(scheduleFile);
  try {
    const wasmFile = options.wasmFile ? `${stem(path)}.wasm` : undefined;
    const exact = options.relaxed === false && { relaxed: false };
    const chosen = { target, dtype, ...(entries && { entries }), ...(wasmFile && { wasmFile }), ...exact };
    const compiled = compile(network, { ...chosen, schedule, constNames });
    const warnings: Message[] = [
      ...definition.warnings,
      ...compiled.warnings.map(({ site, ...warning }) => ({ ...warning, at: placeOf(site, mapFrame) })),
    ];
    const { stale } = compiled;
    if (stale.length > 0) warnings.push(staleSchedule({ path: shownPath(scheduleFile), stale }));
    const scheduled = ownPart(schedule, target, dtype);
    return { options, definition, compiled, warnings, needs: [...files, scheduleFile], scheduled, stale };
  } catch (error) {
    if (!isTapelessError(error)) throw error;
    throw schedule && error.code === "BAD_SCHEDULE"
      ? await placed(error, scheduleFile, schedule)
      : relocated(error, mapFrame);
  }
}

/** The module as it stands on disk at `output`, and beside it the WebAssembly file if it has one. */
export async function moduleFiles(
  built: Built,
  output: string,
  { root, out }: Plan,
): Promise<readonly GeneratedFile[]> {
  const { options, compiled } = built;
  const [source, ...others] = built.definition.files.map((file) => slashed(relative(root, file)));
  // The texts that were compiled, which a file on disk may not have any more.
  const files = built.definition.files.map((file, i) => ({
    path: [source!, ...others][i]!,
    text: built.definition.texts.get(file) ?? readFileSync(file, "utf8"),
  }));
  const hash = provenanceHash(files, {
    ...(options.target === "wasm" && { target: options.target }),
    ...(options.wasmFile && { wasmFile: true }),
    ...(options.relaxed === false && { relaxed: false }),
    dtype: options.dtype,
    entries: options.entries ?? "all",
    ...(built.scheduled.length > 0 && { schedule: built.scheduled }),
  });
  const command = commandFor(source!, options, root, out);
  const head = header({ version: version(), source: source!, hash, command });
  const text = { path: output, content: await format(head + compiled.source) };
  // First: a module is never there before the file that it asks for.
  return compiled.wasm ? [{ path: wasmPath(output), content: signedWasm(compiled.wasm, head) }, text] : [text];
}

const wasmPath = (output: string): string => output.replace(/\.ts$/, ".wasm");

const DEFAULT_OUT = "generated";

/** The command that writes the module again from the package's folder. */
function commandFor(source: string, options: BuildOptions, root: string, out: string): string {
  const { target, dtype, entries, schedules, wasmFile, relaxed } = options;
  const folder = (path: string): string => slashed(relative(root, path)) || ".";
  const words = ["npx", "tapeless", "generate", source];
  if (folder(out) !== DEFAULT_OUT) words.push("--out", folder(out));
  if (target === "wasm") words.push("--target", target);
  if (wasmFile) words.push("--wasm-file");
  if (relaxed === false) words.push("--no-relaxed");
  if (dtype !== "float32") words.push("--dtype", dtype);
  if (entries) words.push("--entries", entries.join(","));
  if (schedules !== undefined) words.push("--schedules", folder(schedules));
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
}

export interface Job {
  /** The definition file, absolute. */
  readonly input: string;
  /** The module, absolute. */
  readonly output: string;
}

export interface Plan {
  readonly jobs: readonly Job[];
  readonly root: string;
  readonly out: string;
  /** No files were named: the folder should hold these modules and no others. */
  readonly whole: boolean;
}

/** Which files to compile to where. Without names: every `*.net.ts` below `examples/` of the package. */
export function planJobs(cwd: string, files: readonly string[], out: string | undefined): Plan {
  const root = packageRoot(cwd);
  const folder = resolve(out === undefined ? root : cwd, out ?? DEFAULT_OUT);
  const whole = files.length === 0;
  const inputs = whole ? definitionsBelow(join(root, "examples")) : files.map((file) => resolve(cwd, file));
  if (inputs.length === 0) {
    throw badUsage({
      text: `no definition was named, and ${shownPath(root, cwd)} has no examples/**/*.net.ts`,
      hint: "name a file: tapeless generate src/digits.net.ts",
    });
  }
  const jobs = [...new Set(inputs)].map((input) => ({ input, output: join(folder, `${stem(input)}.ts`) }));
  const owners = new Map<string, string>();
  for (const { input, output } of jobs) {
    const other = owners.get(output);
    if (other !== undefined) {
      const [first, second] = [shownPath(other, cwd), shownPath(input, cwd)];
      throw sameOutput({ output: shownPath(output, cwd), first, second, hint: "rename one of the files" });
    }
    owners.set(output, input);
  }
  return { jobs, root, out: folder, whole };
}

function definitionsBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isDirectory()) found.push(...definitionsBelow(path));
    else if (entry.name.endsWith(".net.ts")) found.push(path);
  }
  return found.sort();
}

/** Files in the folder that no definition stands for any more. */
export function orphans({ jobs, out, whole }: Plan, { wasmFile }: BuildOptions): string[] {
  if (!whole || !statSync(out, { throwIfNoEntry: false })?.isDirectory()) return [];
  const expected = new Set(jobs.flatMap(({ output }) => (wasmFile ? [output, wasmPath(output)] : [output])));
  return readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(out, entry.name))
    .filter((path) => !expected.has(path))
    .filter((path) => (path.endsWith(".ts") ? ours(path, "utf8") : path.endsWith(".wasm") && ours(path)))
    .sort();
}

const ours = (path: string, encoding?: "utf8"): boolean => isGenerated(readFileSync(path, encoding));

/** Collects the errors of several definitions, so that one does not hide the others'. */
export class Failures {
  readonly errors: TapelessError[] = [];

  async collect(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isTapelessError(error)) throw error;
      this.errors.push(error);
    }
  }
}
