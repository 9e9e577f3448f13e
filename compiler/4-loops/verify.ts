// What must hold of a kernel after every pass over its loops.

import { invariant } from "../../src/messages.js";
import type { Kernel } from "../ir/kernel.js";
import { holdsAsWell, verifyRewritten } from "../ir/verify/memory.js";
import { sameButMarks } from "./marks.js";
import type { LoopContext, LoopPass } from "./pass.js";

/**
 * Where loads and stores are the ones that were there, what was proven of them holds; else it is proven anew. Then what the pass
 * says of itself.
 */
export function verifyPass(pass: LoopPass, before: Kernel, after: Kernel, context: LoopContext): void {
  invariant(
    after.name === before.name && after.slots === before.slots,
    `after ${pass.name}, kernel ${before.name} is called as it was`,
  );
  if (sameButMarks(before.body, after.body)) holdsAsWell(before, after);
  else verifyRewritten(before, after, pass.name);
  const problem = pass.verify(after, context);
  invariant(problem === undefined, `after ${pass.name}, in kernel ${after.name}, ${problem}`);
}
