// The passes from kernel to kernel, in order, and how they are run.

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

/** Runs a pass over the kernels of a program, each of them once: what entries share stays shared. */
export function runPass(
  pass: LoopPass,
  items: readonly ProgramItem[],
  context: LoopContext,
  done: Map<Kernel, Kernel>,
): readonly ProgramItem[] {
  const kernelOf = (before: Kernel): Kernel => {
    const known = done.get(before);
    if (known) return known;
    const after = pass.run(before, context);
    if (after !== before) verifyPass(pass, before, after, context);
    done.set(before, after);
    return after;
  };
  const all = items.map((item): ProgramItem => {
    if (item.kind === "repeat") {
      const body = runPass(pass, item.body, context, done);
      return body === item.body ? item : { ...item, body };
    }
    const kernel = kernelOf(item.kernel);
    return kernel === item.kernel ? item : { ...item, kernel };
  });
  return all.every((item, n) => item === items[n]) ? items : all;
}
