// What a run found, and whether it was right.

import type { CompileTime } from "./compile-time.js";
import type { Machine } from "./machine.js";
import { flops } from "./networks.js";
import { PEAK_FLOPS, PEAKS, type PeakName } from "./peak.js";
import { median, medianRatio } from "./statistics.js";
import type { Answers } from "./worker.js";
import {
  OURS,
  overallRequirements,
  type NodeMajor,
  type PeerName,
  type Requirement,
  type Workload,
} from "./workloads.js";

export interface WorkloadResult {
  readonly name: string;
  readonly workload: Workload;
  readonly times: Answers["time"];
  readonly losses: Answers["losses"];
  readonly heap: Answers["heap"];
  /** Sentences about losses that are not what they must be. */
  readonly wrong: readonly string[];
}

export interface Bandwidth {
  readonly what: string;
  readonly bytes: number;
  readonly gigabytesPerSecond: number;
}

export interface Results {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly workloads: readonly WorkloadResult[];
  readonly bandwidth: readonly Bandwidth[];
  /** Bytes, minified and gzipped. */
  readonly pages?: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly coldStarts?: Readonly<Record<string, number>>;
  readonly compile?: CompileTime;
}

const TOLERANCE = 1e-3;

/** All sides that claim the same mathematics must have come to the same loss as the reference. */
export function checkLosses({ name, reference }: Workload, losses: Answers["losses"], steps: number): string[] {
  const expected = losses[reference]!.loss;
  if (expected === null) return [`${reference}, the reference for ${name}, has loss ${expected}`];
  return Object.entries(losses).flatMap(([side, { loss, differs, failed }]) => {
    const ours = OURS.some((each) => each === side);
    if (failed !== undefined) return ours ? [`${side} on ${name} throws: ${failed}`] : [];
    if (differs !== undefined) return [];
    if (loss !== null && Math.abs(loss - expected) <= TOLERANCE * Math.abs(expected)) return [];
    return [`${side} on ${name} has loss ${loss} at step ${steps}; ${reference} has ${expected}`];
  });
}

/** GFLOP/s of a peak. */
export const peakRate = (times: Answers["time"], peak: PeakName): number | undefined =>
  times[peak] && PEAK_FLOPS / median(times[peak]) / 1000;

/** The share of a peak that a side reaches, block by block. */
export function shareOfPeak({ workload, times }: WorkloadResult, side: string, peak: PeakName): number | undefined {
  if (!times[peak] || !times[side]) return undefined;
  const work = flops(workload.network, workload.rows, workload.mode === "training");
  return (
    (work / PEAK_FLOPS) *
    medianRatio(
      times[side].map((_, i) => times[peak]![i]!),
      times[side],
    )
  );
}

/** The peer's time over ours; undefined where either was not measured. */
export function ratio({ workload, times }: WorkloadResult, against: string): number | undefined {
  const [peer, ours] = [times[against], times[workload.ours]];
  return peer && ours && medianRatio(peer, ours);
}

export function fastestPeer({ workload, times }: WorkloadResult): PeerName | undefined {
  const measured = workload.against.filter((side) => times[side]);
  return measured.sort((a, b) => median(times[a]!) - median(times[b]!))[0];
}

export interface Figure {
  readonly what: string;
  readonly reached: string;
  readonly required: string;
  readonly ok: boolean;
}

/** The figures that the project asks for, as far as this run measured them. */
export function figures(results: Results): Figure[] {
  const major = Number(results.machine.node.slice(1).split(".")[0]) as NodeMajor;
  const ratios = results.workloads.flatMap((result) =>
    result.workload.requirements.flatMap((requirement) => ratioFigure(result, requirement, major)),
  );
  return [...ratios, ...heapFigures(results), ...pageFigures(results), ...compileFigures(results)];
}

function ratioFigure(result: WorkloadResult, { against, atLeast }: Requirement, major: NodeMajor): Figure[] {
  const required = atLeast[major];
  if (required === undefined) return [];
  const { name, workload } = result;
  const peak = PEAKS.find((each) => each === against);
  if (peak) {
    const reached = shareOfPeak(result, workload.ours, peak);
    if (reached === undefined) return [];
    const what = `${name}: ${workload.ours}, share of ${peak}`;
    const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
    return [{ what, reached: percent(reached), required: `>= ${percent(required)}`, ok: reached >= required }];
  }
  const peer = against === "fastest" ? fastestPeer(result) : against;
  const reached = peer && ratio(result, peer);
  if (reached === undefined) return [];
  const what = `${name}: ${peer}${against === "fastest" ? " (the fastest peer)" : ""} / ${workload.ours}`;
  return [{ what, reached: `${reached.toFixed(2)}x`, required: `>= ${required}x`, ok: reached >= required }];
}

function heapFigures({ workloads }: Results): Figure[] {
  const limit = overallRequirements.heapBytesPerStep;
  return OURS.flatMap((side) => {
    const measured = workloads.flatMap(({ heap }) => (heap[side] ? [heap[side]] : []));
    if (measured.length === 0) return [];
    const most = Math.max(...measured.map(({ heapBytesPerStep }) => heapBytesPerStep));
    const collections = Math.max(...measured.map((each) => each.collections));
    return [
      below(`${side}: most bytes of heap per step`, most, limit, "B"),
      below(`${side}: most collections in 10,000 steps`, collections, 0, ""),
    ];
  });
}

function pageFigures({ pages, coldStarts }: Results): Figure[] {
  if (!pages || !coldStarts) return [];
  return OURS.flatMap((side) => [
    below(`${side}: digits module, minified + gzip`, pages[side]!, overallRequirements.minifiedGzipBytes[side], "B"),
    below(
      `${side}: cold start, above that of plain loops`,
      coldStarts[side]! - coldStarts["loops"]!,
      overallRequirements.coldStartAboveLoops,
      "ms",
    ),
  ]);
}

function compileFigures({ compile }: Results): Figure[] {
  if (!compile) return [];
  return Object.entries(compile).flatMap(([target, { cold, warm, deep }]) => [
    below(`${target}: compile digits, cold`, cold, overallRequirements.coldCompile, "ms"),
    below(`${target}: compile digits, warm`, warm, overallRequirements.warmCompile, "ms"),
    below(`${target}: compile twelve transformer blocks, cold`, deep, overallRequirements.deepCompile, "ms"),
  ]);
}

const below = (what: string, reached: number, limit: number, unit: string): Figure => ({
  what,
  reached: `${reached.toFixed(0)} ${unit}`.trim(),
  required: `<= ${limit} ${unit}`.trim(),
  ok: reached <= limit,
});
