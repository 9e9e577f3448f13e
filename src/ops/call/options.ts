// Options of public functions: an object, no name in it that the function does not know, and values that are what their
// option must be. Definitions may run without a type check, and a misspelt option would be ignored in silence.

import { callSite, originOf, type CallSite, type Origin } from "../../graph/origin.js";
import { printShape } from "../../graph/shape.js";
import { badArgument, knownHint, unknownOption, type TapelessError } from "../../messages.js";
import type { Check } from "./checks.js";
import { isNode } from "../define.js";
import { insteadOfOptionsHint, optionHint, valueHint } from "./hints.js";

/**
 * Each name of an options type, with what its value must be: one that is forgotten or extra is a type error. Ranges that depend
 * on other arguments are for the function to check.
 */
export type Known<O> = Readonly<Record<keyof O, Check>>;

/** Options and what they must be, whosever they are. */
export type Checks = Readonly<Record<string, Check>>;

/** The origin of a call of a public function, its options being checked. */
export function callOrigin<O extends object>(op: string, options: O, checks: Known<NoInfer<O>>): Origin {
  const site = callSite(op);
  requireOptions(site, options, checks);
  return originOf(site);
}

/** Refuses options that are no object, have an unknown name, or a value that is not what it must be. */
export function requireOptions<O extends object>(site: CallSite, options: O, checks: Known<NoInfer<O>>): void {
  onlyKnown(site, "options", options, checks);
}

/** Refuses what is no object of settings, has another name than the known ones, or a value that is not what it must be. */
export function onlyKnown(site: CallSite, argument: string, given: unknown, checks: Checks): void {
  const [wrong] = optionErrors(site, argument, given, checks);
  if (wrong) throw wrong;
}

/** What is wrong with an object of settings: that it is none, or each of its names and values. */
export function optionErrors(site: CallSite, argument: string, given: unknown, checks: Checks): TapelessError[] {
  const op = site.call;
  const names = Object.keys(checks);
  // Lists, functions, maps and dates are none; objects of another realm are.
  if (Object.prototype.toString.call(given) === "[object Object]" && !isNode(given)) {
    const stray = Object.keys(given as object).filter((name) => !names.includes(name));
    const unknown = stray.map((name) =>
      unknownOption({ op, argument, name, known: names, hint: optionHint(op, name, names), site }),
    );
    return [...unknown, ...valueErrors(site, argument, given as Readonly<Record<string, unknown>>, checks)];
  }
  const value = isNode(given) ? `${given.dtype} ${printShape(given.shape)}` : given;
  const meant = insteadOfOptionsHint(given, checks);
  const hint = meant ?? knownHint(names);
  return [badArgument({ op, argument, value, expected: "an object of settings", hint, site })];
}

/** An option that is undefined is as if it were absent. */
function valueErrors(
  site: CallSite,
  argument: string,
  given: Readonly<Record<string, unknown>>,
  checks: Checks,
): TapelessError[] {
  const where = argument === "options" ? "" : ` of ${argument}`;
  return Object.entries(checks).flatMap(([name, check]) => {
    const { accepts, expected } = check;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || accepts(value)) return [];
    const shown = isNode(value) ? `${value.dtype} ${printShape(value.shape)}` : value;
    return [
      badArgument({
        op: site.call,
        argument: `${name}${where}`,
        value: shown,
        expected,
        hint: valueHint(name, value, check),
        site,
      }),
    ];
  });
}
