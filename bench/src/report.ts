// The results as text for a terminal and as Markdown for the repository.

import { flops } from "./networks.js";
import { figures, ratio, type Results, type WorkloadResult } from "./results.js";
import { median, spread } from "./statistics.js";
import type { PeerName } from "./workloads.js";

type Row = readonly string[];

interface Table {
  readonly title: string;
  readonly head: Row;
  readonly rows: readonly Row[];
}

export function terminalTable(results: Results): string {
  return tables(results).map(aligned).join("\n");
}

export function markdown(results: Results): string {
  const { processor, cores, memoryGigabytes, platform, node, v8, date } = results.machine;
  const parts = [
    "# Speed",
    "Written by `npm run bench`; do not edit.",
    `${processor}, ${cores} cores, ${memoryGigabytes} GB, ${platform}, Node ${node} (V8 ${v8}), ${date}. One thread.${results.quick ? " A quick run: figures are rough." : ""}`,
    'A time is the median over blocks of steps; all sides take turns in one process. "Ratio" is the median of the peer\'s time over ours, block by block: machines drift, ratios hardly.',
    ...[...tables(results), figureTable(results)].map(markdownTable),
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
  const { pages, coldStarts, compile } = results;
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
      title: "Compiling the digits network",
      head: ["", "ms"],
      rows: [
        ["cold: the command, to the written file", compile.cold.toFixed(0)],
        ["warm: in process", compile.warm.toFixed(0)],
      ],
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

function workloadTable({ name, workload, times, heap, losses }: WorkloadResult): Table {
  const { network, rows } = workload;
  const work = flops(network, rows);
  return {
    title: `${name}: ${network.sizes.join("-")}, ${network.head}, ${network.optimizer.kind}, batch ${rows}`,
    head: [
      "",
      "us/step",
      "best",
      "spread",
      "ratio",
      "GFLOP/s",
      "heap B/step",
      "buffers B/step",
      "GCs per 10,000",
      "loss",
    ],
    rows: Object.entries(times).map(([side, blocks]) => {
      const { heapBytesPerStep, bufferBytesPerStep, collections } = heap[side]!;
      const { loss, differs } = losses[side]!;
      return [
        side,
        figure(median(blocks)),
        figure(Math.min(...blocks)),
        `${(spread(blocks) * 100).toFixed(0)} %`,
        side === "tapeless" ? "" : `${ratio(times, side as PeerName).toFixed(2)}x`,
        (work / median(blocks) / 1000).toFixed(2),
        heapBytesPerStep.toFixed(0),
        bufferBytesPerStep.toFixed(0),
        String(Number(collections.toPrecision(2))),
        `${loss.toFixed(5)}${differs === undefined ? "" : " (own maths)"}`,
      ];
    }),
  };
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
