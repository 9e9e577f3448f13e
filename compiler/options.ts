// The options of `compile`, checked: definitions may be compiled by plain JavaScript.

import * as is from "../src/ops/call/checks.js";
import type { Check } from "../src/ops/call/checks.js";
import { callSite } from "../src/graph/origin.js";
import { badArgument } from "../src/messages.js";
import { requireOptions, type Known } from "../src/ops/call/options.js";
import { FLOAT_TYPES, TARGETS } from "./ir/choices.js";
import type { CompileOptions } from "./pipeline.js";

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
  observe: is.call,
  observeProgram: is.call,
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
