// What a run found, and whether it was right.

import type { CompileTime } from "./compile-time.js";
import type { Machine } from "./machine.js";
import { medianRatio } from "./statistics.js";
import type { Answers } from "./worker.js";
import { pageRequirement, type PeerName, type Workload } from "./workloads.js";

export interface WorkloadResult {
  readonly name: string;
  readonly workload: Workload;
  readonly times: Answers["time"];
  readonly losses: Answers["losses"];
  readonly heap: Answers["heap"];
  /** Sentences about losses that are not what they must be. */
  readonly wrong: readonly string[];
}

export interface Results {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly workloads: readonly WorkloadResult[];
  /** Bytes, minified and gzipped. */
  readonly pages?: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly coldStarts?: Readonly<Record<string, number>>;
  readonly compile?: CompileTime;
}

const TOLERANCE = 1e-3;

/** All sides that claim the same mathematics must have come to the same loss as the plain loops. */
export function checkLosses({ name }: Workload, losses: Answers["losses"], steps: number): string[] {
  const expected = losses["plain loops"]!.loss;
  return Object.entries(losses).flatMap(([side, { loss, differs }]) => {
    if (Math.abs(loss - expected) <= TOLERANCE * Math.abs(expected)) return [];
    if (differs !== undefined && Number.isFinite(loss)) return [];
    return [`${side} on ${name} has loss ${loss} at step ${steps}; plain loops have ${expected}`];
  });
}

export interface Figure {
  readonly what: string;
  readonly reached: string;
  readonly required: string;
  readonly ok: boolean;
}

/** The figures that the project asks for, as far as this run measured them. */
export function figures(results: Results): Figure[] {
  const ratios = results.workloads.flatMap(({ name, workload, times }) =>
    workload.requirements.map(({ against, atLeast }) => {
      const reached = ratio(times, against);
      return {
        what: `${name}: ${against} / tapeless`,
        reached: `${reached.toFixed(2)}x`,
        required: `>= ${atLeast}x`,
        ok: reached >= atLeast,
      };
    }),
  );
  if (!results.pages) return ratios;
  const bytes = results.pages["tapeless"]!;
  const limit = pageRequirement.minifiedGzipBytes;
  return [
    ...ratios,
    { what: "digits module, minified + gzip", reached: `${bytes} B`, required: `< ${limit} B`, ok: bytes < limit },
  ];
}

export const ratio = (times: Answers["time"], against: PeerName): number =>
  medianRatio(times[against]!, times["tapeless"]!);
