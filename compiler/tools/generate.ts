// One definition to one module: loading it, compiling it, and what of it stands on disk.

import type { Network } from "../../src/graph/network.js";
import { shownPath } from "./paths.js";
import { staleSchedule, type TapelessError } from "../../src/messages.js";
import type { CallSite } from "../../src/graph/origin.js";
import type { FloatType, Printable, TargetName } from "../ir/choices.js";
import type { Schedule, ScheduledNest } from "../ir/schedule.js";
import type { ConstNames } from "../names/index.js";
import type { BuildOptions } from "./build-options.js";
import type { Bundle } from "./bundle.js";
import type { Message } from "./errors.js";
import { bundleDefinition, runDefinition, type Definition } from "./load.js";
import { isTapelessError, placeOf, relocated } from "./located.js";
import { ownPart, placed, readSchedule, schedulePath, stem } from "./schedule-file.js";

/** What this folder needs of the pipeline. */
export interface Compiled {
  readonly source: string;
  readonly wasm: Uint8Array | undefined;
  readonly memory: { readonly print: () => string };
  readonly warnings: readonly (Message & { readonly site: CallSite })[];
  readonly stale: readonly ScheduledNest[];
  readonly print: (what: Printable) => string;
}

export type Compile = (
  network: Network,
  options: {
    target: TargetName;
    dtype: FloatType;
    wasmFile?: string;
    relaxed?: boolean;
    entries?: readonly string[];
    schedule?: Schedule | undefined;
    constNames: ConstNames;
  },
) => Compiled;

export const pipelineCompile = async (): Promise<Compile> => (await import("../compile.js")).compile;

/** A definition that was read and not yet run, with all that its module's bytes depend on beside the options. */
export interface Source {
  readonly bundle: Bundle;
  readonly schedule: Schedule | undefined;
  readonly scheduleFile: string;
}

/** Reads the definition at the path. Throws FILE_NOT_FOUND, BAD_SYNTAX, BAD_SCHEDULE. */
export async function readSource(path: string, { schedules }: Pick<BuildOptions, "schedules">): Promise<Source> {
  const bundle = await bundleDefinition(path);
  const scheduleFile = schedulePath(bundle.entry, schedules);
  return { bundle, scheduleFile, schedule: await readSchedule(scheduleFile) };
}

/** The files that the module's bytes depend on, absolute: those of the definition, and its schedule, there or not. */
export const neededBy = ({ bundle, scheduleFile }: Source): readonly string[] => [...bundle.files, scheduleFile];

/** The part of the schedule for this target and number type. */
export const scheduledFor = ({ schedule }: Source, { target = "typescript", dtype }: BuildOptions) =>
  ownPart(schedule, target, dtype);

export interface Built {
  readonly options: BuildOptions;
  readonly source: Source;
  readonly definition: Definition;
  readonly compiled: Compiled;
  /** What of the schedule no kernel has any more. */
  readonly stale: readonly ScheduledNest[];
  /** With places in the user's files. */
  readonly warnings: readonly Message[];
}

/** Loads and compiles one definition. Errors carry places in the user's files. */
export const build = async (path: string, options: BuildOptions, compile: Compile): Promise<Built> =>
  buildSource(await readSource(path, options), options, compile);

/** As `build`, for a definition that was read. */
export async function buildSource(source: Source, options: BuildOptions, compile: Compile): Promise<Built> {
  const { schedule, scheduleFile } = source;
  const definition = await runDefinition(source.bundle);
  const { network, constNames, mapFrame } = definition;
  const { target = "typescript", dtype, entries } = options;
  try {
    const wasmFile = options.wasmFile ? `${stem(source.bundle.entry)}.wasm` : undefined;
    const exact = options.relaxed === false && { relaxed: false };
    const chosen = { target, dtype, ...(entries && { entries }), ...(wasmFile && { wasmFile }), ...exact };
    const compiled = compile(network, { ...chosen, schedule, constNames });
    const warnings: Message[] = [
      ...definition.warnings,
      ...compiled.warnings.map(({ site, ...warning }) => ({ ...warning, at: placeOf(site, mapFrame) })),
    ];
    const { stale } = compiled;
    if (stale.length > 0) warnings.push(staleSchedule({ path: shownPath(scheduleFile), stale }));
    return { options, source, definition, compiled, warnings, stale };
  } catch (error) {
    if (!isTapelessError(error)) throw error;
    throw schedule && error.code === "BAD_SCHEDULE"
      ? await placed(error, scheduleFile, schedule)
      : relocated(error, mapFrame);
  }
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
