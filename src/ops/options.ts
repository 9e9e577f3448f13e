// Options of public functions: an object, and no name in it that the function does not know. Definitions may run without a
// type check, and a misspelt option would be ignored in silence.

import { callSite, originOf, type CallSite, type Origin } from "../graph/origin.js";
import { printShape } from "../graph/shape.js";
import { badArgument, unknownOption, type TapelessError } from "../messages.js";
import { isNode } from "./define.js";

/** Each name of an options type and no other: one that is forgotten or extra is a type error. */
export type Known<O> = Readonly<Record<keyof O, true>>;

/** The origin of a call of a public function, its options being checked. */
export function callOrigin<O extends object>(op: string, options: O, known: Known<NoInfer<O>>): Origin {
  const site = callSite(op);
  requireOptions(site, options, known);
  return originOf(site);
}

/** Refuses options that are no object or have an unknown name. */
export function requireOptions<O extends object>(site: CallSite, options: O, known: Known<NoInfer<O>>): void {
  onlyKnown(site, "options", options, Object.keys(known));
}

/** Refuses what is no object of settings or has another name than the known ones. */
export function onlyKnown(site: CallSite, argument: string, given: unknown, known: readonly string[]): void {
  const [wrong] = optionErrors(site, argument, given, known);
  if (wrong) throw wrong;
}

/** What is wrong with an object of settings: that it is none, or each of its names that is not known. */
export function optionErrors(
  site: CallSite,
  argument: string,
  given: unknown,
  known: readonly string[],
): TapelessError[] {
  const op = site.call;
  // Lists, functions, maps and dates are none; objects of another realm are.
  if (Object.prototype.toString.call(given) === "[object Object]" && !isNode(given)) {
    const stray = Object.keys(given as object).filter((name) => !known.includes(name));
    return stray.map((name) => unknownOption({ op, argument, name, known, site }));
  }
  const value = isNode(given) ? `${given.dtype} ${printShape(given.shape)}` : given;
  const hint = `known: ${known.join(", ")}`;
  return [badArgument({ op, argument, value, expected: "an object of settings", hint, site })];
}
