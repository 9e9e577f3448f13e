// The memory table that a build prints: bytes by segment and by entry, the peak and who holds it, operations, traffic.

import type { Segment } from "../ir/program.js";
import { costOf } from "./cost.js";
import type { Plan } from "../ir/layout.js";

export interface MemoryTable {
  readonly arenaBytes: number;
  readonly segments: readonly { readonly segment: Segment; readonly bytes: number; readonly buffers: number }[];
  readonly entries: readonly {
    readonly entry: string;
    /** Workspace bytes at the fullest moment, and the sum over all workspace buffers had none been reused. */
    readonly peak: number;
    readonly sum: number;
    readonly holders: readonly string[];
    readonly flops: number;
    readonly bytesMoved: number;
    readonly calls: number;
  }[];
  readonly print: () => string;
}

export function memoryTable(plan: Plan): MemoryTable {
  const segments = new Map<Segment, { bytes: number; buffers: number }>();
  for (const { buffer, bytes } of plan.persistent) {
    const before = segments.get(buffer.segment) ?? { bytes: 0, buffers: 0 };
    segments.set(buffer.segment, { bytes: before.bytes + bytes, buffers: before.buffers + 1 });
  }
  segments.set("workspace", {
    bytes: plan.workspaceBytes,
    buffers: new Set(plan.entries.flatMap((e) => e.workspace)).size,
  });
  const table = {
    arenaBytes: plan.arenaBytes,
    segments: [...segments].map(([segment, { bytes, buffers }]) => ({ segment, bytes, buffers })),
    entries: plan.entries.map((entry) => {
      const cost = costOf(entry.program, plan.capacity, plan.float);
      return {
        entry: entry.program.entry,
        peak: entry.peak,
        sum: entry.workspace.reduce((sum, place) => sum + place.bytes, 0),
        holders: entry.holders.map((place) => place.buffer.name),
        flops: cost.flops,
        bytesMoved: cost.bytes,
        calls: entry.program.items.length,
      };
    }),
  };
  return { ...table, print: () => printTable(table, plan.capacity) };
}

function printTable(table: Omit<MemoryTable, "print">, capacity: number): string {
  const rows = [
    ["segment", "buffers", "bytes"],
    ...table.segments.map((s) => [s.segment, String(s.buffers), number(s.bytes)]),
  ];
  rows.push(["arena", "", number(table.arenaBytes)]);
  const entries = [
    ["entry", "kernels", "peak workspace", "held by", `FLOP (${capacity} rows)`, "bytes moved"],
    ...table.entries.map((e) => [
      e.entry,
      String(e.calls),
      number(e.peak),
      shorten(e.holders),
      number(e.flops),
      number(e.bytesMoved),
    ]),
  ];
  return `${columns(rows)}\n\n${columns(entries)}`;
}

const number = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 });

/** Three names, and how many more there are. */
export const shorten = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(", ") || "-" : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const isNumber = (text: string): boolean => /^[\d,.]+$/.test(text);
  return rows
    .map((row) =>
      row
        .map((cell, i) => (isNumber(cell) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
