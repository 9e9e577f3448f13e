// Definition files to generated modules: finding them, compiling them, and comparing or writing what comes out.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { Network } from "../../src/graph/network.js";
import { badUsage, sameOutput, type TapelessError } from "../../src/messages.js";
import type { CallSite } from "../../src/graph/origin.js";
import type { ConstNames } from "../names/index.js";
import type { Message } from "./errors.js";
import { loadDefinition, type Definition } from "./load.js";
import { isTapelessError, placeOf, relocated } from "./located.js";
import { packageRoot, shownPath, slashed } from "./paths.js";
import { format, header, isGenerated, provenanceHash } from "./write.js";
import { version } from "./version.js";

export type Dtype = "float32" | "float64";

export type Print = "graph" | "gradient" | "kernels" | "plan" | "wat";

export type Target = "typescript" | "wasm";

/** What decides the bytes of a module, besides the definition. */
export interface BuildOptions {
  /** Absent: TypeScript. */
  readonly target?: Target | undefined;
  readonly dtype: Dtype;
  /** Absent: all. */
  readonly entries?: readonly string[] | undefined;
}

/** What this folder needs of the pipeline. */
export interface Compiled {
  readonly source: string;
  readonly memory: { readonly print: () => string };
  readonly warnings: readonly (Message & { readonly site: CallSite })[];
  readonly print: (what: Print) => string;
}

export type Compile = (
  network: Network,
  options: { target: Target; dtype: Dtype; entries?: readonly string[]; constNames: ConstNames },
) => Compiled;

export const pipelineCompile = async (): Promise<Compile> => (await import("../pipeline.js")).compile;

export interface Built {
  readonly definition: Definition;
  readonly compiled: Compiled;
  /** With places in the user's files. */
  readonly warnings: readonly Message[];
}

/** Loads and compiles one definition. Errors carry places in the user's files. */
export async function build(path: string, options: BuildOptions, compile: Compile): Promise<Built> {
  const definition = await loadDefinition(path);
  const { network, constNames, mapFrame } = definition;
  const { target = "typescript", dtype, entries } = options;
  try {
    const compiled = compile(network, { target, dtype, ...(entries && { entries }), constNames });
    const warnings = compiled.warnings.map(({ site, ...warning }) => ({ ...warning, at: placeOf(site, mapFrame) }));
    return { definition, compiled, warnings };
  } catch (error) {
    throw isTapelessError(error) ? relocated(error, mapFrame) : error;
  }
}

/** The module's full text as it stands on disk. */
export async function moduleText(built: Built, options: BuildOptions, root: string, out: string): Promise<string> {
  const [source, ...others] = built.definition.files.map((file) => slashed(relative(root, file)));
  const files = built.definition.files.map((file, i) => ({
    path: [source!, ...others][i]!,
    text: readFileSync(file, "utf8"),
  }));
  const hash = provenanceHash(files, {
    ...(options.target === "wasm" && { target: options.target }),
    dtype: options.dtype,
    entries: options.entries ?? "all",
  });
  const command = commandFor(source!, options, slashed(relative(root, out)));
  return format(header({ version: version(), source: source!, hash, command }) + built.compiled.source);
}

const DEFAULT_OUT = "generated";

/** The command that writes the module again from the package's folder. */
function commandFor(source: string, { target, dtype, entries }: BuildOptions, out: string): string {
  const words = ["npx", "tapeless", "generate", source];
  if (out !== DEFAULT_OUT) words.push("--out", out === "" ? "." : out);
  if (target === "wasm") words.push("--target", target);
  if (dtype !== "float32") words.push("--dtype", dtype);
  if (entries) words.push("--entries", entries.join(","));
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

/** `digits.net.ts` is the definition of `digits`. */
const stem = (path: string): string =>
  basename(path)
    .replace(/\.[cm]?[jt]sx?$/, "")
    .replace(/\.net$/, "");

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

/** Modules in the folder that no definition stands for any more. */
export function orphans({ jobs, out, whole }: Plan): string[] {
  if (!whole || !statSync(out, { throwIfNoEntry: false })?.isDirectory()) return [];
  const expected = new Set(jobs.map((job) => job.output));
  return readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(out, entry.name))
    .filter((path) => path.endsWith(".ts") && !expected.has(path) && isGenerated(readFileSync(path, "utf8")))
    .sort();
}

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
