// The program of an entry: kernel calls and loops over buffers, in order. Buffers are named pieces of memory with a
// shape; where they lie in the arena is the plan's business.

import type { DType } from "../../src/graph/dtype.js";
import type { Node } from "../../src/graph/node.js";
import type { Dim, Shape } from "../../src/graph/shape.js";
import type { Kernel } from "./kernel.js";

export type Segment =
  | "input"
  | "target"
  | "parameter"
  | "state"
  | "hyper"
  | "constant"
  | "output"
  | "loss"
  | "statistic"
  | "gradient"
  | "workspace";

/** A buffer. Identity is the object. All but workspace buffers persist and are shared by the entries. */
export interface Buffer {
  readonly name: string;
  readonly segment: Segment;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The leaf whose value it holds, for persistent buffers that are leaves. */
  readonly leaf?: Node | undefined;
}

/** Tells the loops of a program apart. Identity is the object. */
export interface LoopIdentity {
  readonly name: string;
}

/** A buffer as a kernel's argument: inside a loop it may advance by `stride` elements per iteration. */
export interface BufferUse {
  readonly buffer: Buffer;
  readonly advance: readonly { readonly loop: LoopIdentity; readonly stride: Dim }[];
}

export interface Call {
  readonly kind: "call";
  readonly kernel: Kernel;
  /** One for each slot. */
  readonly uses: readonly BufferUse[];
}

/** Runs its body `count` times; `reverse` counts down. */
export interface ProgramLoop {
  readonly kind: "repeat";
  readonly loop: LoopIdentity;
  readonly count: Dim;
  readonly reverse: boolean;
  readonly body: readonly ProgramItem[];
}

export type ProgramItem = Call | ProgramLoop;

export interface Program {
  readonly entry: string;
  readonly items: readonly ProgramItem[];
  /** What was not done as well as it could be, and why: an update that needs the whole gradient first. */
  readonly notes: readonly string[];
}
