// The options of `compile`, and what they must be: definitions may be compiled by plain JavaScript.

import * as is from "../src/ops/call/checks.js";
import type { Check } from "../src/ops/call/checks.js";
import { callSite } from "../src/graph/origin.js";
import { badArgument } from "../src/messages.js";
import { requireOptions, type Known } from "../src/ops/call/options.js";
import { FLOAT_TYPES, TARGETS, type FloatType, type TargetName } from "./ir/choices.js";
import type { Schedule } from "./ir/schedule.js";
import type { ConstNames } from "./names/index.js";
import type { TraceEvent } from "./trace.js";

/** How a network is compiled. {@link compile} takes them. */
export interface CompileOptions {
  /** How kernels are emitted: as TypeScript, or as WebAssembly with SIMD inside the same module. Default "typescript". */
  readonly target?: TargetName;
  /**
   * For WebAssembly: the name of a file beside the module that has the bytes, such as "digits.wasm". Absent: they are in the
   * module's text.
   */
  readonly wasmFile?: string | undefined;
  /** The floating type of the emitted module. Default "float32". */
  readonly dtype?: FloatType;
  /**
   * False, for float32 on WebAssembly: results are the same bits on every engine, NaN's own bits aside. Unless stated, sums of
   * products round once where the engine has relaxed SIMD, which is faster; `create` may be asked not to.
   */
  readonly relaxed?: boolean | undefined;
  /** The entries to emit, by name. Default: all. */
  readonly entries?: readonly string[] | undefined;
  /**
   * How register tiles are cut, as `tapeless tune` has measured it. Kernels that it does not know are left to the
   * cost model. Results differ from those without it by the order of sums alone, and on WebAssembly only. Default:
   * none.
   */
  readonly schedule?: Schedule | undefined;
  /**
   * For tests of the compiler: every load and store of the module asserts that it lies in its buffer, and every load that what
   * it reads is there. Slow.
   * @internal
   */
  readonly checked?: boolean | undefined;
  /**
   * Where names come from. Absent: from the files that declared the network, where they can be read; "ordinals" are calls with
   * their numbers, as `dense1.weight`.
   */
  readonly constNames?: ConstNames | "ordinals" | undefined;
  /**
   * Told of each phase when it is done, see {@link TraceEvent}. Default: nobody is told, and nothing is written down.
   */
  readonly trace?: ((event: TraceEvent) => void) | undefined;
}

/** Where names come from. */
export const CONST_NAMES: Check = {
  expected: 'what a definition was read into, or "ordinals"',
  accepts: (value) => value === "ordinals" || is.record.accepts(value),
};

const COMPILE_OPTIONS = {
  target: is.oneOf(...TARGETS),
  wasmFile: is.text,
  dtype: is.oneOf(...FLOAT_TYPES),
  relaxed: is.flag,
  entries: is.names,
  // Checked whole where it is read.
  schedule: is.anything,
  checked: is.flag,
  constNames: CONST_NAMES,
  trace: is.call,
} satisfies Known<CompileOptions>;

/** Throws BAD_ARGUMENT for an unknown option, and for a value that is not what its option must be. */
export function requireCompileOptions(options: CompileOptions): void {
  const site = callSite("compile");
  requireOptions(site, options, COMPILE_OPTIONS);
  const { target, dtype = "float32", relaxed } = options;
  if (relaxed !== false || (target === "wasm" && dtype === "float32")) return;
  const expected =
    'absent unless target is "wasm" and dtype "float32": other builds compute with the engine\'s own functions';
  throw badArgument({ op: "compile", argument: "relaxed", value: relaxed, expected, site });
}
