// What a call that was written as in another framework, or with an argument in another's place, was meant to be.

import { argumentsOf, callOf } from "../../graph/calls.js";
import {
  aroundHint,
  calledHint,
  functionHint,
  meantHint,
  positionalHint,
  printValue,
  settingHint,
} from "../../messages.js";
import type { Check } from "./checks.js";
import { FOREIGN, FOREIGN_WORDS, FUNCTIONS, type Meaning } from "./foreign-names.js";

const plain = (name: string): string => name.replaceAll(/[_-]/g, "").toLowerCase();

const same = (name: string, names: readonly string[]): string | undefined =>
  names.find((one) => plain(one) === plain(name));

/** For an option that a function has not: what another framework means by its name. `options`: those that it has. */
export function optionHint(op: string, name: string, options: readonly string[]): string | undefined {
  const here = same(name, options);
  if (here !== undefined) return meantHint(here);
  const key = plain(name);
  const meanings = Object.hasOwn(FOREIGN, key) ? FOREIGN[key]! : [];
  return meanings.map((meaning) => fitting(meaning, op, options)).find((hint) => hint !== undefined);
}

function fitting(meaning: Meaning, op: string, options: readonly string[]): string | undefined {
  const call = callOf(op);
  if ("around" in meaning) {
    return call !== undefined && argumentsOf(op)[0] === "x"
      ? aroundHint(meaning.around, call, meaning.beside)
      : undefined;
  }
  if ("argument" in meaning) {
    return call !== undefined && argumentsOf(op).includes(meaning.argument)
      ? positionalHint(meaning.argument, call)
      : undefined;
  }
  if ("options" in meaning) {
    return meaning.options.every((one) => options.includes(one)) ? calledHint(meaning.options) : undefined;
  }
  if (!options.includes(meaning.option)) return undefined;
  return "written" in meaning ? settingHint(meaning.written) : calledHint([meaning.option]);
}

/** For a value that an option cannot have: the word or the function that was meant. */
export function valueHint(option: string, value: unknown, { accepts, words = [] }: Check): string | undefined {
  if (typeof value !== "string") return undefined;
  const key = plain(value);
  const word = same(value, words) ?? (Object.hasOwn(FOREIGN_WORDS, key) ? FOREIGN_WORDS[key]! : undefined);
  if (word !== undefined && words.includes(word)) return meantHint(printValue(word));
  if (!accepts(Math.abs)) return undefined;
  return functionHint(option, same(value, FUNCTIONS) ?? (option.endsWith("Initializer") ? "heNormal" : "relu"));
}

/** Which option a bare value is likeliest meant for, the likeliest first. */
const LIKELY = [
  ..."activation rate axis keepAxes bias causal stride delta margin k bins threshold decay warmUp steps".split(" "),
  ..."mask weights initialState keys descending reverse weightInitializer stream name".split(" "),
] as readonly string[];

/** For what stands in place of options: the option that was meant. */
export function insteadOfOptionsHint(value: unknown, checks: Readonly<Record<string, Check>>): string | undefined {
  const options = Object.keys(checks);
  if (typeof value === "string") {
    const named = same(value, FUNCTIONS);
    if (named !== undefined && options.includes("activation")) return settingHint(`{ activation: ${named} }`);
    const worded = options.find((name) => same(value, checks[name]!.words ?? []) !== undefined);
    if (worded !== undefined) {
      return settingHint(`{ ${worded}: ${printValue(same(value, checks[worded]!.words ?? []))} }`);
    }
  }
  const likely = LIKELY.find((name) => options.includes(name) && value !== null && checks[name]!.accepts(value));
  return likely === undefined ? undefined : settingHint(`{ ${likely}: ${shown(value)} }`);
}

/** A value as it is written: functions by their names, tensors not at all. */
function shown(value: unknown): string {
  if (typeof value === "function") return value.name || "…";
  return typeof value === "object" && !Array.isArray(value) ? "…" : printValue(value);
}
