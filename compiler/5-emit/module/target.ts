// What a target adds to the module that all of them share.

import type CodeBlockWriter from "code-block-writer";
import type { EntrySpec, ModuleSpec } from "../../ir/module.js";
import type { Plan } from "../../ir/layout.js";
import { bytesPerElement } from "../../ir/layout.js";
import type { Buffer, Program } from "../../ir/program.js";
import type { Member, TargetMember } from "./members.js";

/** A field of the options that a model is made with. */
export interface ModelOption {
  readonly name: string;
  /** Lines of its docstring. */
  readonly doc: readonly string[];
  readonly type: string;
}

export interface Target {
  /** Options that say which memory a model lives in, and the like. */
  readonly options: readonly ModelOption[];
  /** The kernels. */
  readonly writeCode: (writer: CodeBlockWriter) => void;
  /**
   * The functions that make a model. They check their options by `checkOptions` first; what `body` writes needs `arena` and
   * `options`, and returns the model.
   */
  readonly writeFactories: (writer: CodeBlockWriter, body: () => void) => void;
  /** Members of the model beside those of every target. */
  readonly members?: Readonly<Record<TargetMember, Pick<Member, "type" | "value">>>;
  /** What a model lets go of. */
  readonly writeDispose?: (writer: CodeBlockWriter) => void;
  /** Runs an entry's kernels. `rows`: the text of their number. */
  readonly writeRun: (writer: CodeBlockWriter, program: Program, rows: string) => void;
}

/** What is printed, and the names that all parts of a module agree on. */
export interface ModuleContext {
  readonly spec: ModuleSpec;
  readonly plan: Plan;
  /** The name of the model's interface. */
  readonly type: string;
  /** The array type of its floats. */
  readonly floats: "Float32Array" | "Float64Array";
}

/** A buffer's first element in the arena's view of its type. */
export const offsetIn = (plan: Plan, buffer: Buffer, program: Program): number =>
  plan.placeOf(buffer, program).offset / bytesPerElement(buffer.dtype, plan.float);

export const hasDtype = (plan: Plan, dtype: Buffer["dtype"]): boolean =>
  [...plan.persistent, ...plan.entries.flatMap((entry) => entry.workspace)].some((p) => p.buffer.dtype === dtype);

/** The entries that a user calls. */
export const callable = (spec: ModuleSpec): readonly EntrySpec[] =>
  spec.entries.filter((entry) => entry.kind !== "initialize");
