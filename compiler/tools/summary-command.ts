// `tapeless summary`: a network's layers as a table, as Keras prints them.

import { throwAll } from "../../src/messages.js";
import { printShape } from "../../src/graph/shape.js";
import type { BuildFlags } from "./build-options.js";
import { Failures } from "./generate.js";
import { loadDefinition } from "./load.js";
import { isTapelessError, relocated } from "./located.js";
import { planJobs } from "./plan.js";
import { summarize, type Summary, type SummaryRow } from "./summary.js";
import { warn, type Surroundings } from "./surroundings.js";

export interface SummaryRequest {
  readonly files: readonly string[];
  readonly flags: BuildFlags;
}

/** Returns the exit code 0. User errors are thrown, those of several definitions together. */
export async function runSummary({ files, flags }: SummaryRequest, to: Surroundings): Promise<number> {
  const { jobs } = await planJobs(to, files, flags);
  const failures = new Failures();
  let first = true;
  for (const { input, options } of jobs) {
    await failures.collect(async () => {
      const { network, constNames, mapFrame, warnings } = await loadDefinition(input);
      warn(to, { warnings });
      try {
        const { dtype } = options;
        to.out(`${first ? "" : "\n"}${printSummary(summarize(network, { dtype, constNames }), dtype, to)}\n`);
        first = false;
      } catch (error) {
        throw isTapelessError(error) ? relocated(error, mapFrame) : error;
      }
    });
  }
  throwAll(failures.errors);
  return 0;
}

const number = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 });

function printSummary({ name, rows, entries }: Summary, dtype: string, to: Surroundings): string {
  const shape = (row: SummaryRow): string => (row.shape ? printShape(row.shape) : "");
  const label = (row: SummaryRow): string => (row.kind === "input" ? `${row.layer} (input)` : row.layer);
  const cells = rows.map((row) => [
    label(row),
    shape(row),
    ...[row.parameters, row.flops, row.bytes].map(number),
    row.frozen === 0 ? "" : row.frozen === row.parameters ? "frozen" : `${number(row.frozen)} frozen`,
  ]);
  const total = (key: "parameters" | "frozen" | "flops" | "bytes"): number =>
    rows.reduce((sum, row) => sum + row[key], 0);
  const last = ["total", "", ...[total("parameters"), total("flops"), total("bytes")].map(number), ""];
  const table = aligned([["layer", "output shape", "parameters", "FLOP a row", "bytes", ""], ...cells, last]);
  const rule = "-".repeat(Math.max(...table.map((line) => line.length)));
  const frozen = total("frozen");
  return [
    `${to.paint.bold(name)}  ${dtype}`,
    "",
    table[0]!,
    rule,
    ...table.slice(1, -1),
    rule,
    table.at(-1)!,
    "",
    `parameters  ${number(total("parameters") - frozen)} trainable, ${number(frozen)} frozen`,
    `FLOP a row  ${entries.map(({ entry, flops }) => `${entry} ${number(flops)}`).join(", ")}`,
  ].join("\n");
}

/** Words to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const isNumeric = (i: number): boolean => i >= 2 && i <= 4;
  return rows.map((row) =>
    row
      .map((cell, i) => (isNumeric(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}
