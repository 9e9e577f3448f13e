// The roofline plot (Williams, Waterman, Patterson 2009): what the processor computes and what memory delivers bound each
// workload by its operations per byte. Text of an SVG, light or dark by the reader's own setting.

import { compulsoryBytes, flops } from "./networks.js";
import { PEAKS } from "./peak.js";
import { peakRate, type Results, type WorkloadResult } from "./results.js";
import { median } from "./statistics.js";

const [WIDTH, HEIGHT] = [860, 520];
const FRAME = { left: 64, right: 20, top: 40, bottom: 56 };
/** Operations per byte, and GFLOP/s. */
const X = { from: 0.1, to: 1000 };
const Y = { from: 0.05, to: 100 };

interface Point {
  readonly name: string;
  readonly intensity: number;
  readonly ours: number;
  readonly peer: number | undefined;
}

export function roofline(results: Results): string {
  const peaks = PEAKS.flatMap((peak) => {
    const rates = results.workloads.flatMap(({ times }) => peakRate(times, peak) ?? []);
    return rates.length === 0 ? [] : [{ what: peak === "simd-peak" ? "multiply, add" : "fused", rate: median(rates) }];
  });
  const roof = Math.max(...peaks.map(({ rate }) => rate));
  const slopes = apart(results.bandwidth).map(({ what, gigabytesPerSecond }) => {
    const end = Math.min(X.to, roof / gigabytesPerSecond);
    const [x1, y1] = start(gigabytesPerSecond);
    return `${line(x1, y1, end, end * gigabytesPerSecond, "roof")}${label(x1 * 1.15, y1 * 1.45, `${gigabytesPerSecond.toFixed(0)} GB/s from ${what}`, "note")}`;
  });
  const ceilings = peaks.map(({ what, rate }) => {
    const begin = Math.min(...results.bandwidth.map(({ gigabytesPerSecond }) => rate / gigabytesPerSecond), 1);
    return `${line(begin, rate, X.to, rate, "roof")}${label(X.to, rate * 1.12, `${what} ${rate.toFixed(1)} GFLOP/s`, "note end")}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" class="paper"/>`,
    `<text x="${FRAME.left}" y="24" class="title">Node ${results.machine.node.slice(1)}: filled tapeless, hollow the fastest peer</text>`,
    ...grid(),
    ...slopes,
    ...ceilings,
    ...points(results.workloads).map(mark),
    "</svg>",
    "",
  ].join("\n");
}

/** Without the ones that would lie on another. */
const apart = (bandwidth: Results["bandwidth"]): Results["bandwidth"] =>
  bandwidth.filter(
    ({ gigabytesPerSecond }, i) =>
      !bandwidth.slice(0, i).some((other) => Math.abs(Math.log(other.gigabytesPerSecond / gigabytesPerSecond)) < 0.35),
  );

const STYLE = `
.paper { fill: #fff } text { fill: #222 } .title { font-size: 14px } .grid { stroke: #ddd } .roof { stroke: #666; stroke-width: 1.5 }
.note { fill: #666; font-size: 11px } .end { text-anchor: end } .middle { text-anchor: middle }
.ours { fill: #1565c0; stroke: #1565c0 } .peer { fill: none; stroke: #c62828; stroke-width: 1.5 } .link { stroke: #999; stroke-dasharray: 2 3 }
@media (prefers-color-scheme: dark) {
  .paper { fill: #16181c } text { fill: #ddd } .grid { stroke: #333 } .roof { stroke: #999 } .note { fill: #aaa }
  .ours { fill: #64b5f6; stroke: #64b5f6 } .peer { stroke: #ef9a9a }
}`;

/** Where a slope enters the frame. */
function start(gigabytesPerSecond: number): readonly [number, number] {
  const x = Math.max(X.from, Y.from / gigabytesPerSecond);
  return [x, x * gigabytesPerSecond];
}

function points(workloads: readonly WorkloadResult[]): Point[] {
  return workloads.flatMap(({ name, workload, times }) => {
    const { network, mode, rows, ours, against } = workload;
    if (!times[ours]) return [];
    const work = flops(network, rows, mode === "training");
    const rate = (side: string): number => work / median(times[side]!) / 1000;
    const peers = against.filter((side) => times[side]).map(rate);
    const intensity = work / compulsoryBytes(network, rows, mode === "training");
    return [{ name, intensity, ours: rate(ours), peer: peers.length === 0 ? undefined : Math.max(...peers) }];
  });
}

function mark({ name, intensity, ours, peer }: Point): string {
  const [x, y] = [across(intensity), up(ours)];
  const ourMark = `<circle cx="${x}" cy="${y}" r="4" class="ours"/><text x="${x + 7}" y="${y + 4}">${name}</text>`;
  if (peer === undefined) return ourMark;
  return `<line x1="${x}" y1="${y}" x2="${x}" y2="${up(peer)}" class="link"/><circle cx="${x}" cy="${up(peer)}" r="4" class="peer"/>${ourMark}`;
}

function grid(): string[] {
  const powers = ({ from, to }: typeof X): number[] =>
    Array.from({ length: 10 }, (_, i) => 10 ** (i - 3)).filter((power) => power >= from && power <= to);
  return [
    ...powers(X).map((x) => `${line(x, Y.from, x, Y.to, "grid")}${label(x, Y.from, String(x), "note middle", 18)}`),
    ...powers(Y).map((y) => `${line(X.from, y, X.to, y, "grid")}${label(X.from, y, String(y), "note end", 4, -8)}`),
    `<text x="${WIDTH / 2}" y="${HEIGHT - 12}" class="middle">operations per byte that must be moved</text>`,
    `<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" class="middle">GFLOP/s</text>`,
  ];
}

const line = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line x1="${across(x1)}" y1="${up(y1)}" x2="${across(x2)}" y2="${up(y2)}" class="${kind}"/>`;

const label = (x: number, y: number, text: string, kind: string, down = 0, right = 0): string =>
  `<text x="${across(x) + right}" y="${up(y) + down}" class="${kind}">${text}</text>`;

/** Pixels on logarithmic axes, within the frame. */
const across = (x: number): number => round(FRAME.left + (WIDTH - FRAME.left - FRAME.right) * position(x, X));
const up = (y: number): number => round(HEIGHT - FRAME.bottom - (HEIGHT - FRAME.top - FRAME.bottom) * position(y, Y));

const position = (value: number, { from, to }: typeof X): number =>
  Math.min(1, Math.max(0, Math.log(value / from) / Math.log(to / from)));

const round = (pixels: number): number => Math.round(pixels * 10) / 10;
