// One kernel as one WebAssembly function: the bytes at which its buffers lie are arguments, or constants where it is called
// in one place only.

import { identifier } from "../identifier.js";
import { hasComputed } from "../../ir/computed.js";
import type { Kernel } from "../../ir/kernel.js";
import { typesOf } from "../../ir/types.js";
import type { FloatType } from "../../ir/choices.js";
import { SCRATCH } from "./crew.js";
import type { Access } from "./access.js";
import type { VectorOp } from "./math/builder.js";
import type { Scope } from "./scope.js";
import { writeStatements } from "./statements.js";
import { PART_PARAMETERS, sharedLoop } from "./threads.js";
import { add, FunctionText, i32 } from "./text.js";

export interface KernelOptions {
  readonly float: FloatType;
  /** The most rows of a call. */
  readonly capacity: number;
  /** The byte at which each slot begins, where it is always the same. */
  readonly bases?: readonly number[] | undefined;
  /** The random streams that are arguments, in their order. The others are always the same. */
  readonly streams?: readonly number[];
  /** What addresses become on their way into a load or a store. */
  readonly access: Access;
  /** The ops whose computed indices the module looks at, to which the kernel adds its own. */
  readonly computedOps: string[];
}

export interface KernelText {
  readonly text: string;
  readonly uses: ReadonlySet<VectorOp | "hash">;
  /** Bytes of scratch memory that it needs. */
  readonly scratchBytes: number;
}

/** The function; its parameters are `rows`, the slots' first bytes and the streams unless they are constants, and the part to run. */
export function kernelFunction(name: string, kernel: Kernel, options: KernelOptions): KernelText {
  const writer = new FunctionText();
  const uses = new Set<VectorOp | "hash">();
  const shared = sharedLoop(kernel);
  let scratchBytes = 0;
  let preparations = 0;
  writer.parameter("rows");
  const fixed = options.bases;
  const parameters = fixed ? [] : kernel.slots.map((slot, n) => writer.parameter(`s${n}.${identifier(slot.name)}`));
  const streams = options.streams ?? [];
  const streamName = (n: number): string => `$stream.${n}`;
  const scope: Scope = {
    writer,
    slots: kernel.slots,
    bases: fixed ? fixed.map(i32) : parameters.map((p) => `(local.get ${p})`),
    float: options.float,
    compute: kernel.precision ?? options.float,
    capacity: options.capacity,
    variables: new Map(),
    locals: new Map(),
    accumulators: new Map(),
    typeOf: typesOf(kernel),
    stream: (value) => {
      const at = streams.indexOf(value);
      return at < 0 ? i32(value) : `(local.get ${streamName(at)})`;
    },
    takeScratch: (bytes) => {
      const at = scratchBytes;
      scratchBytes += bytes;
      return at === 0 ? SCRATCH : writer.hoist(0, "scratch", "i32", add(SCRATCH, i32(at)));
    },
    takePreparation: () => preparations++,
    use: (what) => void uses.add(what),
    statements: writeStatements,
    access: options.access,
    computed: hasComputed(kernel) ? { locals: [], ops: options.computedOps } : undefined,
    divided: shared?.variable,
  };
  writeStatements(kernel.body, scope);
  const own = shared === undefined ? [] : PART_PARAMETERS;
  const names = ["$rows", ...parameters, ...streams.map((_, n) => streamName(n)), ...own];
  const head = names.map((p) => `(param ${p} i32)`).join(" ");
  return { text: writer.print(`$${name} ${head}`), uses, scratchBytes };
}
