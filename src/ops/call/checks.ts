// What values of options must be. Definitions may run without a type check: a text that says "no" is no `false`.

import { isNode } from "../define.js";

/** What one option must be, where it is given. */
export interface Check {
  /** As messages say it: "true or false". */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** Where it is one of some words: which they are. */
  readonly words?: readonly string[];
}

const check = (expected: string, accepts: (value: unknown) => boolean, words?: readonly string[]): Check =>
  Object.freeze({ expected, accepts, ...(words && { words }) });

const isNumber = (value: unknown): value is number => typeof value === "number";

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null && !isList(value);

export const flag = check("true or false", (value) => typeof value === "boolean");

export const text = check("a text", (value) => typeof value === "string");

export const finite = check("a finite number", (value) => Number.isFinite(value));

/** Infinities too. */
export const anyNumber = check("a number", (value) => isNumber(value) && !Number.isNaN(value));

export const wholeNumber = check("an integer", (value) => Number.isInteger(value));

export const int32 = check("a 32-bit integer", (value) => isNumber(value) && (value | 0) === value);

export const positiveInteger = check("a positive integer", (value) => Number.isInteger(value) && (value as number) > 0);

const isWholeOrList = (value: unknown): boolean => Number.isInteger(value) || isList(value);

/** Which axes there are is for the op to say. */
export const axes = check("an integer or a list of integers", isWholeOrList);

/** A number for all spatial axes, or one for each; which, is for the op to say. */
export const perAxis = check("an integer, or a list with one for each axis", isWholeOrList);

export const tensor = check("a tensor", isNode);

/** Tensors that take the place of a layer's parameters, by the part that they play. */
export const parts = (...roles: readonly string[]): Check =>
  check(`an object of tensors by the part that they play: ${roles.join(", ")}`, (value) => {
    const isPart = ([role, given]: [string, unknown]): boolean =>
      roles.includes(role) && (given === undefined || isNode(given));
    return isRecord(value) && !isNode(value) && Object.entries(value).every(isPart);
  });

export const initial = check(
  "a number, a graph or an initialiser",
  (value) => Number.isFinite(value) || typeof value === "function" || isNode(value),
);

export const call = check("a function", (value) => typeof value === "function");

export const list = check("a list", isList);

export const names = check(
  "a list of names",
  (value) => isList(value) && value.every((name) => typeof name === "string"),
);

/** An object with names of the caller's own. */
export const record = check("an object with names as keys", (value) => isRecord(value) && !isNode(value));

/** Words joined as a sentence has them: `"mean", "sum" or "none"`. */
export function oneOf(...words: readonly string[]): Check {
  const shown = words.map((word) => JSON.stringify(word));
  const expected = shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)!}`;
  return check(expected, (value) => words.some((word) => word === value), words);
}

/** What another function of the library makes, which says so by its kind. */
export const madeBy = (kind: string, expected: string): Check =>
  check(expected, (value) => isRecord(value) && (value as { readonly kind?: unknown }).kind === kind);

export const either = (expected: string, ...checks: readonly Check[]): Check =>
  check(
    expected,
    (value) => checks.some(({ accepts }) => accepts(value)),
    checks.flatMap(({ words = [] }) => words),
  );

/** For options of functions that the library does not know, and for those that their function checks whole. */
export const anything: Check = check("anything", () => true);
