// Reads command-line options as what they mean, and refuses what they cannot: misspelt flags, wrong values.

import type { ArgsDef } from "citty";
import { badUsage } from "../../src/messages.js";

/** Refuses flags that the command does not have, since one that is misspelt would be ignored in silence, and values given twice. */
export function checkFlags(command: string, rawArgs: readonly string[], definition: ArgsDef): void {
  const flags = new Map<string, { readonly name: string; readonly takesValue: boolean }>();
  for (const [name, arg] of Object.entries(definition)) {
    if (arg.type === "positional") continue;
    const alias = "alias" in arg ? (arg.alias as string | readonly string[] | undefined) : undefined;
    const aliases = typeof alias === "string" ? [alias] : (alias ?? []);
    for (const spelt of [`--${name}`, ...aliases.map((short) => `-${short}`)])
      flags.set(spelt, { name, takesValue: arg.type !== "boolean" });
  }
  const given = new Set<string>();
  for (let i = 0; i < rawArgs.length; i++) {
    const arg = rawArgs[i]!;
    if (arg === "--") return;
    if (!arg.startsWith("-") || arg === "-") continue;
    const [flag, value] = arg.includes("=") ? [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)] : [arg];
    const known = flags.get(flag);
    if (known === undefined) {
      throw badUsage({
        text: `tapeless ${command} has no option ${flag}`,
        hint: suggestion(flag, [...flags.keys()], command),
      });
    }
    if (!known.takesValue) continue;
    // The last of two would be taken, and the first ignored in silence.
    if (given.has(known.name)) throw badUsage({ text: `--${known.name} is given twice` });
    given.add(known.name);
    const word = value ?? rawArgs[++i];
    if (word === undefined || word === "" || (value === undefined && /^--?[a-z]/i.test(word))) {
      throw badUsage({ text: `${flag} needs a value`, hint: `see: tapeless ${command} --help` });
    }
  }
}

function suggestion(word: string, known: readonly string[], command: string): string {
  const near = nearest(word, known);
  return near ? `did you mean ${near}?` : `see: tapeless ${command} --help`;
}

/** The known word that a misspelt one most likely means. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** One of the listed words. */
export function choice<const T extends string>(
  flag: string,
  value: string | undefined,
  words: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = words.find((word) => word === value);
  if (found === undefined)
    throw badUsage({ text: `--${flag} must be ${listed(words)}, but it is ${JSON.stringify(value)}` });
  return found;
}

export const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** A whole number of at least `lowest`. */
export function wholeNumber(
  flag: string,
  value: string | undefined,
  lowest: number,
  largest = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === "" || !Number.isSafeInteger(number) || number < lowest || number > largest) {
    const range = largest < Number.MAX_SAFE_INTEGER ? `from ${lowest} to ${largest}` : `of at least ${lowest}`;
    throw badUsage({ text: `--${flag} must be a whole number ${range}, but it is ${JSON.stringify(value)}` });
  }
  return number;
}

/** `predict,step` as names. */
export function nameList(flag: string, value: string | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const names = value.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) {
    throw badUsage({ text: `--${flag} must be names separated by commas, but it is ${JSON.stringify(value)}` });
  }
  return [...new Set(names)];
}
