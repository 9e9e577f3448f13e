// Marking loops and sums: the same statements, run otherwise.

import type { Kernel, Loop, Reduction, Run, Statement, SumRun } from "../ir/kernel.js";
import type { TiledNest } from "../ir/tile.js";
import { loopsOf } from "../ir/walk.js";

/** Is what all loads and stores of a kernel touch, and in which order, the same? Marks are no part of that. */
export const sameButMarks = (a: readonly Statement[], b: readonly Statement[]): boolean =>
  a === b || (a.length === b.length && a.every((s, n) => sameStatement(s, b[n]!)));

function sameStatement(a: Statement, b: Statement): boolean {
  if (a === b) return true;
  if (a.kind === "loop" && b.kind === "loop")
    return (
      a.variable === b.variable && a.size === b.size && a.run.order === b.run.order && sameButMarks(a.body, b.body)
    );
  if (a.kind !== "reduction" || b.kind !== "reduction") return false;
  return a.loops === b.loops && a.lets === b.lets && a.accumulators === b.accumulators;
}

export const withRun = (loop: Loop, more: Partial<Run>): Loop => ({ ...loop, run: { ...loop.run, ...more } });

export const withSumRun = (reduction: Reduction, more: SumRun): Reduction => ({
  ...reduction,
  run: { ...reduction.run, ...more },
});

/** What stands in a place is what `change` gives for it, or, where that is nothing, itself with what it holds changed. */
export function marked(
  statements: readonly Statement[],
  change: (statement: Statement) => Statement | undefined,
): readonly Statement[] {
  const result = statements.map((s): Statement => {
    const changed = change(s);
    if (changed !== undefined) return changed;
    if (s.kind !== "loop") return s;
    const body = marked(s.body, change);
    return body === s.body ? s : { ...s, body };
  });
  return result.every((s, n) => s === statements[n]) ? statements : result;
}

export const withBody = (kernel: Kernel, body: readonly Statement[]): Kernel =>
  body === kernel.body ? kernel : Object.freeze({ ...kernel, body, fused: kernel.fused ?? kernel.body });

/** The nests of a kernel that run as tiles. */
export const tilesOf = ({
  body,
}: Pick<Kernel, "body">): readonly { readonly loop: Loop; readonly tiled: TiledNest }[] =>
  loopsOf(body).flatMap((loop) => (loop.run.tile ? [{ loop, tiled: loop.run.tile }] : []));
