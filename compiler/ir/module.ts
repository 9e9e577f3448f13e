// What a target prints: programs over a planned arena, and the module's interface as data.

import type { EntryKind } from "../../src/graph/network.js";
import type { TargetName } from "./choices.js";
import type { Kernel } from "./kernel.js";
import type { Buffer, Program } from "./program.js";

/** A named view of the arena that the module's user sees. */
export interface View {
  readonly name: string;
  readonly buffer: Buffer;
  /** Ints must lie in 0 .. below - 1. */
  readonly below?: number | undefined;
  /** One more value that they may have. */
  readonly ignoreIndex?: number | undefined;
  /** Of an output: the entry of the network's own that writes it; `predict` unless stated. */
  readonly entry?: string | undefined;
}

export interface HyperView extends View {
  readonly initial: number;
  /** Where its values must lie, beside being finite: from `least`, included, to `below`, excluded. */
  readonly range: { readonly least?: number; readonly below?: number };
}

/** How a metric's result follows from its statistics, as data. */
export interface MetricSpec {
  readonly name: string;
  /** Statistics by the names that the formulas give them. */
  readonly statistics: readonly { readonly name: string; readonly view: string }[];
  readonly totals: Readonly<Record<string, Formula>> | undefined;
  readonly result: Formula;
  readonly shape: readonly number[];
}

/** A number, a name, or a function's name with its arguments. */
export type Formula = number | string | readonly Formula[];

export interface EntrySpec {
  readonly name: string;
  readonly kind: EntryKind;
  readonly program: Program;
  /** The scalar that it returns. */
  readonly returns: Buffer | undefined;
  /** Inputs, and unless it predicts targets, that other entries read and this one does not. */
  readonly unread: readonly string[];
  /** Int views that it reads and that are checked before it runs. */
  readonly checks: readonly View[];
  /** One sentence for the module's docstrings. */
  readonly doc: string;
}

/** What a kernel means to people. */
export interface KernelMeaning {
  /** Of what it stores: `h1 = relu((image · h1.weight) + h1.bias)`. */
  readonly equations: readonly string[];
  /** The file and line that declared it. */
  readonly at: string | undefined;
}

export interface ModuleSpec {
  /** Of a kernel, where it is known. */
  readonly meaningOf: (kernel: Kernel) => KernelMeaning | undefined;
  /** What the loops of the programs were prepared for. */
  readonly target: TargetName;
  readonly name: string;
  /** What parameters are called after. */
  readonly naming: "source" | "ordinal";
  readonly capacity: number;
  readonly inputs: readonly View[];
  readonly targets: readonly View[];
  readonly outputs: readonly View[];
  readonly gradients: readonly View[];
  /** What `evaluate` writes. */
  readonly statistics: readonly View[];
  readonly metrics: readonly MetricSpec[];
  readonly parameters: readonly View[];
  readonly states: readonly View[];
  readonly hypers: readonly HyperView[];
  /** Constants with more than one value: written once when the model is made. */
  readonly constants: readonly { readonly buffer: Buffer; readonly values: readonly number[] }[];
  readonly seed: Buffer | undefined;
  readonly steps: readonly string[];
  readonly entries: readonly EntrySpec[];
}

/** The rows of a call that sets states: all that there may be, where a state has a value for each. */
export const rowsOfStates = ({ states }: Pick<ModuleSpec, "states">): string =>
  states.some(({ buffer }) => buffer.shape.some(({ power }) => power > 0)) ? "CAPACITY" : "1";
