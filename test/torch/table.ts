// The table of cases that PyTorch evaluates as well, what it gave, and the numbers that both start from.

import { readFileSync } from "node:fs";
import type { TensorType } from "../../src/graph/node.js";
import { shape, elements, randomNumbers } from "../oracle/leaves.js";

/** What an input is called and what it is: `batch x 3 in 0.5 to 2`, `4 below 7`, `3 bool`, `3 fixed` (no gradient is asked for), `2 x 2 of 1 0 0 1`. */
type Inputs = Readonly<Record<string, string>>;

interface Loosened {
  /** Share of the largest number by which numbers may differ. */
  readonly tolerance?: number;
  /** Why that is not the usual one. */
  readonly because?: string;
  readonly rows?: number;
}

export interface FunctionCase extends Loosened {
  readonly torch: string;
  readonly inputs: Inputs;
}

export interface TrainingCase extends Loosened {
  readonly inputs: Inputs;
  readonly parameters: Inputs;
  readonly states?: Inputs;
  readonly loss: string;
  readonly optimizer: string;
  readonly schedule?: string;
  readonly clip?: string;
  readonly after?: string;
  readonly predict?: string;
  /** Steps that make one update. */
  readonly every?: number;
  readonly steps?: number;
}

interface Table {
  /** Where conventions differ on purpose: what no case looks at. */
  readonly different: readonly string[];
  /** Exports that no case calls, by the reason. */
  readonly without: Readonly<Record<string, readonly string[]>>;
  readonly functions: Readonly<Record<string, Readonly<Record<string, FunctionCase>>>>;
  readonly training: Readonly<Record<string, TrainingCase>>;
}

export interface RecordedTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface RecordedFunction {
  readonly case: FunctionCase;
  readonly outputs: readonly RecordedTensor[];
  /** Of the weighted sum of all outputs, by float input. Absent where no output is a float. */
  readonly gradients?: Readonly<Record<string, readonly number[]>>;
}

export interface RecordedTraining {
  readonly case: TrainingCase;
  readonly losses: readonly number[];
  /** Parameters and states after each step. */
  readonly kept: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly predict?: readonly number[];
}

interface Recording {
  readonly version: string;
  readonly cases: Readonly<Record<string, RecordedFunction | RecordedTraining>>;
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));

export const table = read("cases.json") as Table;
export const recording = read("recorded.json") as Recording;

/** Steps and rows of a case that does not say. */
export const STEPS = 4;
export const ROWS = 2;

/** A case's numbers depend on its name alone: 32-bit FNV-1a. */
export function randomFor(name: string): () => number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return randomNumbers(hash);
}

export interface Drawn {
  readonly type: TensorType;
  readonly below: number | undefined;
  /** A float whose gradient is compared. */
  readonly varied: boolean;
  readonly values: readonly number[];
}

const FORM = /^(scalar|[\w ]+?)( bool| fixed)?(?: below (\d+))?(?: in (\S+) to (\S+))?(?: of (.+))?$/;

/** A tensor as the table words it, with its values: floats from -2 to 2 unless stated. */
export function drawn(form: string, rows: number, random: () => number): Drawn {
  const match = FORM.exec(form);
  if (!match) throw new Error(`"${form}" does not say what a tensor is`);
  const [, axes, word, bound, low = "-2", high = "2", listed] = match;
  const sizes = axes === "scalar" ? [] : axes!.split(" x ");
  const below = bound === undefined ? undefined : Number(bound);
  const type: TensorType = {
    shape: shape(...sizes.map((size) => (size === "batch" ? "batch" : Number(size)))),
    dtype: word === " bool" ? "bool" : below === undefined ? "float32" : "int32",
  };
  const value = {
    bool: () => (random() >= 0.5 ? 1 : 0),
    int32: () => Math.floor(random() * below!),
    float32: () => Number(low) + (Number(high) - Number(low)) * random(),
  }[type.dtype];
  const values = listed?.split(" ").map(Number) ?? Array.from({ length: elements(type, rows) }, value);
  return { type, below, varied: type.dtype === "float32" && word === undefined, values };
}
