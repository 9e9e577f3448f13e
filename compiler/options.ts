// The options of `compile`, checked: definitions may be compiled by plain JavaScript.

import * as is from "../src/ops/checks.js";
import { callSite } from "../src/graph/origin.js";
import { requireOptions, type Known } from "../src/ops/options.js";
import { FLOAT_TYPES, TARGETS } from "./ir/choices.js";
import type { CompileOptions } from "./pipeline.js";

const COMPILE_OPTIONS = {
  target: is.oneOf(...TARGETS),
  wasmFile: is.text,
  dtype: is.oneOf(...FLOAT_TYPES),
  entries: is.names,
  // Checked whole where it is read.
  schedule: is.anything,
  checked: is.flag,
  constNames: is.record,
  observe: is.call,
  observeProgram: is.call,
} satisfies Known<CompileOptions>;

/** Throws BAD_ARGUMENT for an unknown option, and for a value that is not what its option must be. */
export function requireCompileOptions(options: CompileOptions): void {
  requireOptions(callSite("compile"), options, COMPILE_OPTIONS);
}
