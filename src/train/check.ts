// Validation of the caller's data against a model's spec. Everything that can be wrong with it is found here and thrown at
// once, before any function of the model runs.

import * as say from "./messages.js";
import { isRead, leavesOf, type Column, type LeafKind, type Leaf, type LeafSpec, type Model } from "./model.js";

export interface LooseData {
  readonly inputs?: object | undefined;
  readonly targets?: object | undefined;
  readonly rows?: number | undefined;
}

/** The columns of `kinds`, of which those that one of `entries` reads must be there, and their common number of rows. */
export function checkData(
  model: Model,
  data: LooseData,
  kinds: readonly LeafKind[],
  entries: readonly string[],
  rejectNaN: boolean,
): { readonly rows: number; readonly found: readonly LeafColumn[] } {
  if (!isRecord(data)) throw say.notARecord({ field: "data", value: data, names: kinds });
  const errors: say.TrainError[] = [];
  const found = kinds.flatMap((kind) => findColumns(model, kind, data, entries, errors));
  const rows = countRows(found, data.rows, errors);
  say.throwAll(errors);
  for (const { leaf, values } of found) checkValues(leaf, values, rejectNaN, errors);
  say.throwAll(errors);
  return { rows, found };
}

/** A leaf of the model with the values given for it. */
export interface LeafColumn {
  readonly leaf: Leaf;
  readonly values: Column;
}

function findColumns(
  model: Model,
  kind: LeafKind,
  data: LooseData,
  entries: readonly string[],
  errors: say.TrainError[],
): readonly LeafColumn[] {
  const given = (data as Record<string, unknown>)[kind] ?? {};
  const leaves = leavesOf(model, kind);
  const known = leaves.map((leaf) => leaf.name);
  if (!isRecord(given)) {
    errors.push(say.notARecord({ field: kind, value: given, names: known }));
    return [];
  }
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) errors.push(say.unknownName({ kind: kind.slice(0, -1), name, known }));
  }
  return leaves.flatMap((leaf) => {
    const values = Object.hasOwn(given, leaf.name) ? given[leaf.name] : undefined;
    if (values === undefined) {
      if (!isRead(model, leaf, entries)) return [];
      errors.push(say.missingName({ kind: kind.slice(0, -1), name: leaf.name, given: Object.keys(given) }));
    } else if (!isColumn(values)) {
      errors.push(say.notAColumn({ field: leaf.field, value: values }));
    } else if (leaf.axis === "elsewhere") {
      errors.push(say.batchAxisNotFirst({ field: leaf.field, shape: shapeText(leaf) }));
    } else if (leaf.axis === "none" && values.length !== leaf.length) {
      const { field, length: expected } = leaf;
      errors.push(say.badFixedLength({ field, length: values.length, expected, shape: shapeText(leaf) }));
    } else if (values.length % leaf.length !== 0) {
      const { field, length: rowLength } = leaf;
      errors.push(say.badLength({ field, length: values.length, rowLength, shape: shapeText(leaf) }));
    } else {
      return [{ leaf, values }];
    }
    return [];
  });
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

export function isColumn(values: unknown): values is Column {
  if (Array.isArray(values)) return values.length === 0 || typeof values[0] === "number";
  if (!ArrayBuffer.isView(values) || values instanceof DataView) return false;
  return typeof (values as unknown as Column)[0] !== "bigint";
}

function countRows(found: readonly LeafColumn[], given: unknown, errors: say.TrainError[]): number {
  const counts = found
    .filter(({ leaf }) => leaf.axis === "first")
    .map(({ leaf, values }) => [leaf.field, values.length / leaf.length] as const);
  if (given !== undefined) {
    if (!Number.isSafeInteger(given) || (given as number) < 1) {
      errors.push(say.badOption({ option: "rows", value: given, expected: "a positive integer" }));
      return 0;
    }
    counts.push(["rows", given as number]);
  }
  const rows = counts[0]?.[1];
  if (errors.length > 0) return 0; // A column that was refused above would make the counts misleading.
  if (rows === undefined) errors.push(say.rowsNotKnown());
  else if (counts.some(([, other]) => other !== rows)) errors.push(say.rowCounts({ counts }));
  else if (rows === 0) errors.push(say.noRows({ what: "the data" }));
  return rows ?? 0;
}

/** Reports the first bad value of the column. */
function checkValues(leaf: Leaf, values: Column, rejectNaN: boolean, errors: say.TrainError[]): void {
  const { field, spec, length } = leaf;
  const { at, expected } = firstBad(spec, values, rejectNaN);
  if (at < 0) return;
  const hint = Number.isNaN(values[at]) ? "where NaN is meant, set rejectNaN: false" : undefined;
  errors.push(
    say.badValue({ field, row: Math.floor(at / length), index: at % length, value: values[at], expected, hint }),
  );
}

/** The position of the first value that the leaf cannot have, or -1, and what it can have. */
export function firstBad(
  spec: LeafSpec,
  values: Column,
  rejectNaN: boolean,
): { readonly at: number; readonly expected: string } {
  const { find, expected } = ruleOf(spec, rejectNaN);
  return { at: find(values), expected };
}

interface Rule {
  /** The position of the first value that breaks the rule, or -1. */
  readonly find: (values: Column) => number;
  readonly expected: string;
}

function ruleOf({ dtype, below, ignoreIndex }: LeafSpec, rejectNaN: boolean): Rule {
  if (dtype === "bool") return { find: findNot((value) => value === 0 || value === 1), expected: "0 or 1" };
  if (dtype === "int32" && below === undefined) {
    return { find: findNot((value) => (value | 0) === value), expected: "a 32-bit integer" };
  }
  if (dtype === "int32") {
    const holds = (value: number): boolean =>
      (Number.isInteger(value) && value >= 0 && value < below!) || value === ignoreIndex;
    const or = ignoreIndex === undefined ? "" : `, or ${ignoreIndex}`;
    return { find: findNot(holds), expected: `an integer in 0 .. ${below! - 1}${or}` };
  }
  const isNumber = findNot((value) => typeof value === "number" && !(rejectNaN && value !== value));
  // A number in a plain array may be anything at run time; in a typed array of integers it is a number.
  const find = (values: Column): number => {
    if (Array.isArray(values)) return isNumber(values);
    return rejectNaN && !isIntegers(values) ? findNaN(values) : -1;
  };
  return { find, expected: "a number" };
}

const findNot =
  (holds: (value: number) => boolean) =>
  (values: Column): number => {
    for (let i = 0; i < values.length; i++) if (!holds(values[i]!)) return i;
    return -1;
  };

/** Apart from `findNot`, since it runs over every pixel of a data set. */
function findNaN(values: Column): number {
  const { length } = values;
  for (let i = 0; i < length; i++) if (values[i] !== values[i]) return i;
  return -1;
}

const isIntegers = (values: Column): boolean => /^U?[Ii]nt/.test(Object.prototype.toString.call(values).slice(8));

const shapeText = (leaf: Leaf): string => `[${leaf.spec.shape.join(", ")}]`;
