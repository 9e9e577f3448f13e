// The options of `compile`, checked: definitions may be compiled by plain JavaScript.

import { callSite } from "../src/graph/origin.js";
import { badArgument } from "../src/messages.js";
import { requireOptions, type Known } from "../src/ops/options.js";
import { FLOAT_TYPES, TARGETS } from "./ir/choices.js";
import type { CompileOptions } from "./pipeline.js";

const COMPILE_OPTIONS = {
  target: true,
  wasmFile: true,
  dtype: true,
  entries: true,
  schedule: true,
  constNames: true,
  observe: true,
  observeProgram: true,
} satisfies Known<CompileOptions>;

/** Throws BAD_ARGUMENT for an unknown option, target or type of numbers, and for entries that are no list. */
export function requireCompileOptions(options: CompileOptions): void {
  const site = callSite("compile");
  requireOptions(site, options, COMPILE_OPTIONS);
  const { target, dtype, entries } = options;
  for (const [argument, value, known] of [
    ["target", target, TARGETS],
    ["dtype", dtype, FLOAT_TYPES],
  ] as const) {
    if (value === undefined || known.some((name) => name === value)) continue;
    const expected = known.map((name) => JSON.stringify(name)).join(" or ");
    throw badArgument({ op: "compile", argument, value, expected, site });
  }
  if (entries === undefined || Array.isArray(entries)) return;
  throw badArgument({ op: "compile", argument: "entries", value: entries, expected: "a list of names", site });
}
