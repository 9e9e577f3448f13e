// The functions of an emitted module that refuse bad calls before any kernel runs.

import type CodeBlockWriter from "code-block-writer";
import type { FloatType } from "../../ir/choices.js";
import type { ModuleSpec } from "../../ir/module.js";
import { literal } from "../identifier.js";

/** What these functions are called: no kernel may be. */
export const CHECKS: readonly string[] = [
  "alive",
  "seedOf",
  "checkRows",
  "checkBelow",
  "finite",
  "checkParameters",
  "checkOptions",
];

export function runtimeChecks(
  writer: CodeBlockWriter,
  spec: ModuleSpec,
  float: FloatType,
  options: readonly string[],
): void {
  const checksIds = spec.entries.some((entry) => entry.checks.length > 0);
  const parts = [
    alive(spec.name),
    seedOf,
    checkRows,
    ...(checksIds ? [checkBelow] : []),
    ...(spec.hypers.length > 0 ? [finite(float)] : []),
    checkParameters(float, spec.naming),
    checkOptions(options),
  ];
  for (const part of parts) writer.writeLine(part).blankLine();
}

// Views of memory that was detached have no length, and nor have those that no longer fit.
const alive = (name: string): string => `function alive(disposed: boolean, numbers: number): void {
  if (disposed) throw new Error(${literal(`this ${name} model was disposed of`)});
  if (numbers === 0) throw new Error(${literal(`this ${name} model has lost its memory: the buffer was detached or made smaller, or the WebAssembly.Memory has grown`)});
}`;

const seedOf = `function seedOf(seed: number): number {
  if (typeof seed === "number" && (seed | 0) === seed) return seed;
  throw new RangeError(\`seed must be an integer from -2147483648 to 2147483647, but it is \${String(seed)}\`);
}`;

/** Whether a number is finite, and stays so in the model's own numbers. */
const isFinite = (value: string, float: FloatType): string =>
  float === "float32"
    ? `Number.isFinite(${value}) && Number.isFinite(Math.fround(${value}))`
    : `Number.isFinite(${value})`;

const inFloat = (float: FloatType): string => (float === "float32" ? " in float32" : "");

const checkRows = `function checkRows(rows: number): void {
  if (Number.isInteger(rows) && rows >= 1 && rows <= CAPACITY) return;
  throw new RangeError(\`rows must be an integer from 1 to \${CAPACITY}, but it is \${rows}\`);
}`;

const checkBelow = `function checkBelow(name: string, values: Int32Array, at: number, count: number, below: number, ignored = 0): void {
  for (let i = 0; i < count; i++) {
    const value = values[at + i]!;
    if ((value < 0 || value >= below) && value !== ignored) {
      throw new RangeError(\`\${name}[\${i}] must be an integer from 0 to \${below - 1}, but it is \${value}\`);
    }
  }
}`;

const finite = (
  float: FloatType,
): string => `function finite(name: string, value: number, least = -Infinity, below = Infinity): number {
  if (${isFinite("value", float)} && value >= least && value < below) return value;
  const bounds = [least > -Infinity ? \` of at least \${least}\` : "", below < Infinity ? \` below \${below}\` : ""].filter(Boolean);
  throw new RangeError(\`\${name} must be a finite number\${bounds.join(" and")}${inFloat(float)}, but it is \${String(value)}\`);
}`;

/** What may be wrong with a name that the model does not know. */
const NAMINGS: Readonly<Record<ModuleSpec["naming"], string>> = {
  source: "; the names of this model are those of its source",
  ordinal: "; the names of this model are calls with numbers, since it was built without its source",
};

const checkParameters = (
  float: FloatType,
  naming: ModuleSpec["naming"],
): string => `/** Values for every parameter, by name, and no others; checked before anything is written. */
function checkParameters(into: Readonly<Record<string, Float32Array | Float64Array>>, from: Readonly<Record<string, ArrayLike<number>>>): void {
  if (typeof from !== "object" || from === null) throw new TypeError(\`parameters must be an object, but they are \${String(from)}\`);
  for (const name of Object.keys(from)) {
    if (!Object.hasOwn(into, name)) throw new TypeError(\`there is no parameter \${JSON.stringify(name)}; known: \${Object.keys(into).join(", ")}${NAMINGS[naming]}\`);
  }
  for (const [name, view] of Object.entries(into)) {
    const values = Object.hasOwn(from, name) ? from[name] : undefined;
    if (!values) throw new TypeError(\`parameter \${JSON.stringify(name)} is missing\`);
    if (values.length !== view.length) {
      throw new RangeError(\`parameter \${JSON.stringify(name)} must have \${view.length} values, but it has \${values.length}\`);
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!(${isFinite("value", float)})) throw new RangeError(\`parameter \${JSON.stringify(name)}[\${i}] must be a finite number${inFloat(float)}, but it is \${String(value)}\`);
    }
  }
}`;

const checkOptions = (
  known: readonly string[],
): string => `/** Refuses options that the model has not, and values that it cannot be made with, before anything is made. */
function checkOptions(options: object): void {
  const known: readonly string[] = [${known.map(literal).join(", ")}];
  if (typeof options !== "object" || options === null) throw new TypeError(\`options must be an object, but they are \${String(options)}\`);
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !known.includes(name)) throw new TypeError(\`there is no option \${JSON.stringify(name)}; known: \${known.join(", ")}\`);
  }
  const { seed = 0 } = options as { readonly seed?: number };
  seedOf(seed);
}`;
