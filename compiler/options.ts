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
  relaxed: true,
  entries: true,
  schedule: true,
  checked: true,
  constNames: true,
  observe: true,
} satisfies Known<CompileOptions>;

/** Throws BAD_ARGUMENT for an unknown option, target or type of numbers, and for entries that are no list. */
export function requireCompileOptions(options: CompileOptions): void {
  const site = callSite("compile");
  requireOptions(site, options, COMPILE_OPTIONS);
  const { target, dtype, relaxed, entries, checked } = options;
  for (const [argument, value, known] of [
    ["target", target, TARGETS],
    ["dtype", dtype, FLOAT_TYPES],
  ] as const) {
    if (value === undefined || known.some((name) => name === value)) continue;
    const expected = known.map((name) => JSON.stringify(name)).join(" or ");
    throw badArgument({ op: "compile", argument, value, expected, site });
  }
  const canBeExact = target === "wasm" && (dtype ?? "float32") === "float32";
  if (relaxed !== undefined && typeof relaxed !== "boolean")
    throw badArgument({ op: "compile", argument: "relaxed", value: relaxed, expected: "true or false", site });
  if (relaxed === false && !canBeExact) {
    const expected =
      'absent unless target is "wasm" and dtype "float32": other builds compute with the engine\'s own functions';
    throw badArgument({ op: "compile", argument: "relaxed", value: relaxed, expected, site });
  }
  if (checked !== undefined && typeof checked !== "boolean")
    throw badArgument({ op: "compile", argument: "checked", value: checked, expected: "true or false", site });
  if (entries === undefined || Array.isArray(entries)) return;
  throw badArgument({ op: "compile", argument: "entries", value: entries, expected: "a list of names", site });
}
