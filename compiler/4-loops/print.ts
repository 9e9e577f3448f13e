// What `tapeless print loops` shows: the kernels that each pass has changed, as the pass prints them.

import type { Kernel } from "../ir/kernel.js";
import { callsOf } from "../ir/walk.js";
import type { ProgramItem } from "../ir/program.js";
import type { LoopContext } from "./pass.js";
import { LOOP_PASSES, runPass } from "./passes.js";

/** The programs of entries, after each pass. A kernel that several entries call is printed for the first of them. */
export function printPasses(
  programs: readonly { readonly entry: string; readonly items: readonly ProgramItem[] }[],
  context: LoopContext,
): string {
  const sections: string[] = [];
  let present = programs;
  for (const pass of LOOP_PASSES) {
    const after = runPass(pass, present, context);
    const seen = new Set<Kernel>();
    for (const [n, { entry, items }] of after.entries()) {
      const before = new Set(callsOf(present[n]!.items).map(({ kernel }) => kernel));
      const changed = callsOf(items).flatMap(({ kernel }) => {
        if (before.has(kernel) || seen.has(kernel)) return [];
        seen.add(kernel);
        return pass.print(kernel).map((line) => `  ${line}`);
      });
      if (changed.length > 0)
        sections.push([`${entry}, after ${pass.name} (${context.machine.name}):`, ...changed].join("\n"));
    }
    present = after;
  }
  return sections.join("\n\n");
}
