// Every message of tapeless/page in one place. They are TrainErrors, so that a page shows all errors in one way.

import { TrainError } from "../train/messages.js";

const shown = (value: unknown): string => {
  if (typeof value === "object" && value !== null) return `an object of type ${value.constructor?.name ?? "Object"}`;
  return typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : String(value);
};

/** What a function was given in place of an element. */
export const notAnElement = (d: { caller: string; expected: string; value: unknown }): TrainError =>
  new TrainError(
    "BAD_ELEMENT",
    `${d.caller} needs ${d.expected}, but it was given ${shown(d.value)}`,
    d.value === null
      ? "the document has no such element, or not yet: a script of type module runs after it is read"
      : undefined,
  );

export const noContext = (): TrainError =>
  new TrainError("BAD_ELEMENT", "the canvas has no 2d context", "it was given another context, or to a worker");

export const wrongCount = (d: { what: string; given: number; expected: number }): TrainError =>
  new TrainError("BAD_LENGTH", `there are ${d.given} ${d.what}, but ${d.expected} are needed`);

export const noUnits = (d: { weights: number; height: number; width: number }): TrainError =>
  new TrainError(
    "BAD_LENGTH",
    `${d.weights} weights are not those of units that look at pictures of ${d.height} by ${d.width}`,
    "give the weights [height * width, units] of a dense layer",
  );

export const unknownLine = (d: { name: string; known: readonly string[] }): TrainError =>
  new TrainError("UNKNOWN_NAME", `the curve has no line named ${shown(d.name)}`, `known: ${d.known.join(", ")}`);

export const badImage = (d: { width: number; height: number; numbers: number }): TrainError =>
  new TrainError(
    "BAD_LENGTH",
    `a picture of ${d.width} by ${d.height} has ${4 * d.width * d.height} bytes, but these are ${d.numbers}`,
  );

/** What a page's policy has refused, and what would allow it. */
export const violation = (d: { directive: string; blocked: string; source: string }): string =>
  `the page's content-security policy refuses ${d.blocked}: it must allow ${d.directive} ${d.source}`;
