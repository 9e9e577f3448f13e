// What tuning has found, as text.

import { tileText } from "../../ir/print.js";
import type { Tuned } from "./tune.js";

/** A line for each nest, and for each entry that has become faster or slower by it. Ratios are times after over before. */
export function printTuned({ nests, kernels, entries }: Tuned, seconds: number): string {
  if (nests.length === 0) return "no kernel has tiles to choose";
  const tried = nests.reduce((sum, { found }) => sum + found.tried, 0);
  const rows = nests.map(({ kernels: of, loops, model, found }) => [
    of[0]!.name,
    loops,
    tileText(model),
    found.ratio ? tileText(found.tile) : "as it is",
    found.ratio ? found.ratio.median.toFixed(2) : "",
  ]);
  const lines = columns([["kernel", "loops", "cost model", "tuned", "ratio"], ...rows]);
  const faster = nests.filter(({ found }) => found.ratio).length;
  lines.push("", `${faster} of ${nests.length} faster; ${tried} candidates in ${seconds.toFixed(1)} s`);
  if (entries.length > 0) {
    const times = entries.map(({ name, ratio }) => [
      name,
      milliseconds(ratio.first),
      milliseconds(ratio.second),
      ratio.median.toFixed(2),
    ]);
    lines.push("", ...columns([["entry", "before", "after", "ratio"], ...times]));
  }
  if (faster > 0 && kernels.length === 0)
    lines.push("", "nothing is kept: an entry as a whole is slower with these tiles");
  return lines.join("\n");
}

const milliseconds = (time: number): string => `${time.toPrecision(3)} ms`;

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
