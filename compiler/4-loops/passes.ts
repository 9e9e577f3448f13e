// The passes from kernel to kernel, in order, and how they are run.

import { memo } from "../../src/graph/memo.js";
import type { Kernel } from "../ir/kernel.js";
import type { ProgramItem } from "../ir/program.js";
import { collapse } from "./collapse.js";
import { divide } from "./divide.js";
import { partialSums } from "./partial-sums.js";
import type { LoopContext, LoopPass } from "./pass.js";
import { precision } from "./precision.js";
import { tile } from "./tile.js";
import { unroll } from "./unroll.js";
import { vectorize } from "./vectorize.js";
import { verifyPass } from "./verify.js";

/** The passes, in order. A machine that has not what a pass is about is left as it is. */
export const LOOP_PASSES: readonly LoopPass[] = [unroll, divide, collapse, precision, tile, vectorize, partialSums];

/** Runs a pass over the kernels of programs, each of them once: what entries share stays shared. */
export function runPass<Program extends { readonly items: readonly ProgramItem[] }>(
  pass: LoopPass,
  programs: readonly Program[],
  context: LoopContext,
): readonly Program[] {
  const kernelOf = memo((before: Kernel): Kernel => {
    const after = pass.run(before, context);
    if (after !== before) verifyPass(pass, before, after, context);
    return after;
  });
  const itemsOf = (items: readonly ProgramItem[]): readonly ProgramItem[] => {
    const all = items.map((item): ProgramItem => {
      if (item.kind === "repeat") {
        const body = itemsOf(item.body);
        return body === item.body ? item : { ...item, body };
      }
      const kernel = kernelOf(item.kernel);
      return kernel === item.kernel ? item : { ...item, kernel };
    });
    return all.every((item, n) => item === items[n]) ? items : all;
  };
  return programs.map((program) => ({ ...program, items: itemsOf(program.items) }));
}
