// Which names are meant: texts with `*` for anything, expressions, or lists of both.

import type { OptionCheck } from "./options.js";

/**
 * Which names are meant: a name, in which `*` stands for any characters; a regular expression; or a list of these, one
 * of which must fit. {@link load} and {@link tensorsOf} take it.
 */
export type Pattern = string | RegExp | readonly (string | RegExp)[];

const pattern: OptionCheck = {
  expected: "a name, which may have *, a regular expression, or a list of these",
  accepts: (value) => (Array.isArray(value) ? value : [value]).every(isOne),
};

const isOne = (value: unknown): boolean => typeof value === "string" || value instanceof RegExp;

export interface Choice {
  /** Names that fit. All unless stated. */
  readonly only?: Pattern | undefined;
  /** Of these, names that fit are left out. None unless stated. */
  readonly except?: Pattern | undefined;
}

export const CHOICE = { only: pattern, except: pattern } as const;

/** Whether a name is chosen. */
export function chosenBy({ only, except }: Choice): (name: string) => boolean {
  const [wanted, unwanted] = [
    only === undefined ? () => true : fits(only),
    except === undefined ? () => false : fits(except),
  ];
  return (name) => wanted(name) && !unwanted(name);
}

function fits(given: Pattern): (name: string) => boolean {
  const list = typeof given === "string" || given instanceof RegExp ? [given] : given;
  // `search` begins at the start, whatever the expression was last used for.
  return (name) => list.some((each) => (typeof each === "string" ? matches(each, name) : name.search(each) >= 0));
}

/** In time that grows with the name alone, since names come from files: each part at its first place after the one before. */
function matches(glob: string, name: string): boolean {
  const [first, ...others] = glob.split("*") as [string, ...string[]];
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at + last.length <= name.length;
}
