// What a pass over the loops of a kernel is.

import type { FloatType } from "../ir/choices.js";
import type { Kernel } from "../ir/kernel.js";
import type { Schedule } from "../ir/schedule.js";
import type { Machine } from "./machines/machine.js";

/** What kernels are prepared for. */
export interface LoopContext {
  readonly machine: Machine;
  readonly float: FloatType;
  /** The most rows of a call: what costs are weighed for. */
  readonly capacity: number;
  readonly schedule: Schedule | undefined;
}

/** A pass: a kernel in, a kernel out, the same object where it changes nothing. */
export interface LoopPass {
  readonly name: string;
  readonly run: (kernel: Kernel, context: LoopContext) => Kernel;
  /**
   * The sentence that the result breaks; nothing for a sound one. What holds of every kernel is looked at for every pass:
   * see `verify.ts`.
   */
  readonly verify: (after: Kernel, context: LoopContext) => string | undefined;
  /** The kernel after the pass, line by line. */
  readonly print: (kernel: Kernel) => readonly string[];
}
