// The results as text for a terminal and as Markdown for the repository.

import { describe, flops } from "./networks.js";
import { PEAKS } from "./peak.js";
import { figures, peakRate, ratio, shareOfPeak, type Results, type WorkloadResult } from "./results.js";
import { median, spread } from "./statistics.js";

type Row = readonly string[];

interface Table {
  readonly title: string;
  readonly head: Row;
  readonly rows: readonly Row[];
}

export function terminalTable(results: Results): string {
  return tables(results).map(aligned).join("\n");
}

/** `plot`: the roofline's file beside the report. */
export function markdown(results: Results, plot: string): string {
  const { processor, cores, memoryGigabytes, platform, node, v8, date } = results.machine;
  const parts = [
    `# Speed on Node ${node.slice(1).split(".")[0]}`,
    "Written by `npm run bench`; do not edit. [docs/performance.md](../../docs/performance.md) explains it.",
    `${processor}, ${cores} cores, ${memoryGigabytes} GB, ${platform}, Node ${node} (V8 ${v8}), ${date}. One thread.${results.quick ? " A quick run: figures are rough." : ""}`,
    'A time is the median over blocks of steps; all sides take turns in one process. "Spread" is half the distance of the quartiles. "Ratio" is the median of the side\'s time over ours, block by block: machines drift, ratios hardly. "Of peak" is the share of what multiplications and additions on registers reach in this very run; "of FMA" of what fused ones do.',
    `![roofline](${plot})`,
    ...[figureTable(results), ...tables(results)].map(markdownTable),
  ];
  return `${parts.join("\n\n")}\n`;
}

export function figuresText(results: Results): string {
  return figures(results)
    .map(({ what, reached, required, ok }) => `${ok ? "ok  " : "MISS"} ${what}: ${reached} / ${required}`)
    .join("\n");
}

function tables(results: Results): Table[] {
  const found = results.workloads.map(workloadTable);
  const { bandwidth, pages, coldStarts, compile } = results;
  if (bandwidth.length > 0) {
    found.push({
      title: "Reading memory",
      head: ["", "kB", "GB/s"],
      rows: bandwidth.map(({ what, bytes, gigabytesPerSecond }) => [
        what,
        (bytes / 1024).toFixed(0),
        gigabytesPerSecond.toFixed(1),
      ]),
    });
  }
  if (pages && coldStarts) {
    found.push({
      title: "A page or process that trains the digits network",
      head: ["", "minified + gzip, kB", "cold start to the first step done, ms"],
      rows: Object.entries(coldStarts).map(([name, time]) => [
        name,
        name in pages ? (pages[name]! / 1000).toFixed(1) : "",
        time.toFixed(0),
      ]),
    });
  }
  if (compile) {
    found.push({
      title: "Compiling the digits network, and twelve transformer blocks",
      head: [
        "target",
        "the command, to the written file, ms",
        "in a warm process, ms",
        "twelve blocks, the command, ms",
      ],
      rows: Object.entries(compile).map(([target, { cold, warm, deep }]) => [
        target,
        ...[cold, warm, deep].map((time) => time.toFixed(0)),
      ]),
    });
  }
  return found;
}

function figureTable(results: Results): Table {
  return {
    title: "Required figures",
    head: ["figure", "reached", "required", ""],
    rows: figures(results).map(({ what, reached, required, ok }) => [what, reached, required, ok ? "ok" : "missed"]),
  };
}

function workloadTable(result: WorkloadResult): Table {
  const { name, workload, times, losses } = result;
  const { network, rows, mode } = workload;
  const peaks = PEAKS.filter((peak) => times[peak]);
  const rates = peaks.map((peak) => `${peak} ${peakRate(times, peak)!.toFixed(1)} GFLOP/s`);
  return {
    title: `${name}: ${describe(network)}, ${mode}, batch ${rows} (${rates.join(", ")})`,
    head: [
      "",
      "us/step",
      "best",
      "spread",
      "ratio",
      "GFLOP/s",
      ...peaks.map((peak) => (peak === "simd-peak" ? "of peak" : "of FMA")),
      "heap B/step",
      "buffers B/step",
      "GCs per 10,000",
      "loss",
    ],
    rows: Object.keys(losses)
      .filter((side) => times[side] ?? losses[side]!.failed)
      .map((side) => sideRow(result, side, peaks)),
  };
}

function sideRow(result: WorkloadResult, side: string, peaks: readonly (typeof PEAKS)[number][]): Row {
  const { workload, times, heap, losses } = result;
  const { loss, differs, failed } = losses[side]!;
  const blocks = times[side];
  if (!blocks)
    return [
      side,
      ...Array.from({ length: 8 + peaks.length }, () => ""),
      `throws: ${failed!.split("\n")[0]!.slice(0, 60)}`,
    ];
  const work = flops(workload.network, workload.rows, workload.mode === "training");
  const { heapBytesPerStep, bufferBytesPerStep, collections } = heap[side]!;
  return [
    side,
    figure(median(blocks)),
    figure(Math.min(...blocks)),
    `${(spread(blocks) * 100).toFixed(0)} %`,
    side === workload.ours ? "" : `${ratio(result, side)?.toFixed(2) ?? "? "}x`,
    (work / median(blocks) / 1000).toFixed(2),
    ...peaks.map((peak) => `${(100 * shareOfPeak(result, side, peak)!).toFixed(1)} %`),
    heapBytesPerStep.toFixed(0),
    bufferBytesPerStep.toFixed(0),
    String(Number(collections.toPrecision(2))),
    `${loss?.toFixed(5) ?? "-"}${differs === undefined ? "" : " (own maths)"}`,
  ];
}

const figure = (value: number): string =>
  value < 10 ? value.toFixed(3) : value < 1000 ? value.toFixed(1) : value.toFixed(0);

function aligned({ title, head, rows }: Table): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: Row): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [`\n${title}`, line(head), ...rows.map(line)].join("\n");
}

function markdownTable({ title, head, rows }: Table): string {
  const line = (row: Row): string => `| ${row.join(" | ")} |`;
  const rule = head.map((_, i) => (i === 0 ? "---" : "--:"));
  return [`## ${title}`, "", line(head), line(rule), ...rows.map(line)].join("\n");
}
