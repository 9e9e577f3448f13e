// What must hold of programs and of a plan, as sentences, after every pass that makes or changes them. A broken one is our
// fault, not the user's.

import { invariant } from "../../../src/messages.js";
import type { Kernel } from "../kernel.js";
import type { Buffer, Program } from "../program.js";
import { callsOf } from "../walk.js";
import { readsBefore, verifyMemory } from "./memory.js";
import { verifyScope } from "./scope.js";

export { verifyComputes } from "./computes.js";
export { verifyPlan } from "./plan.js";

/** Every kernel of the program, and the order of the calls. `pass`: what was done last. */
export function verifyProgram(program: Pick<Program, "items">, pass: string): void {
  const written = new Set<Buffer>();
  const named = new Map<string, Kernel>();
  for (const call of callsOf(program.items)) {
    const { kernel, uses } = call;
    invariant(
      uses.length === kernel.slots.length,
      `after ${pass}, ${kernel.name} is called with a buffer for each slot`,
    );
    const namesake = named.get(kernel.name) ?? kernel;
    invariant(namesake === kernel, `after ${pass}, no two kernels of an entry are called ${kernel.name}`);
    named.set(kernel.name, kernel);
    verifyScope(kernel);
    verifyMemory(call, pass);
    const reads = readsBefore(kernel);
    for (const [slot, { buffer }] of uses.entries()) {
      const known = buffer.segment !== "workspace" || written.has(buffer) || !reads.has(slot);
      invariant(known, `after ${pass}, ${kernel.name} reads ${buffer.name}, which an earlier call has written`);
    }
    for (const [slot, { buffer }] of uses.entries()) if (kernel.slots[slot]!.access !== "read") written.add(buffer);
  }
}
