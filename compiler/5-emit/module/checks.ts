// The functions of an emitted module that refuse bad calls before any kernel runs.

import type CodeBlockWriter from "code-block-writer";
import type { ModuleSpec } from "../../ir/module.js";
import { literal } from "../identifier.js";

/** What these functions are called: no kernel may be. */
export const CHECKS: readonly string[] = ["alive", "seedOf", "checkRows", "checkBelow", "finite", "checkParameters"];

export function runtimeChecks(writer: CodeBlockWriter, spec: ModuleSpec): void {
  const checksIds = spec.entries.some((entry) => entry.checks.length > 0);
  const parts = [
    alive(spec.name),
    seedOf,
    checkRows,
    ...(checksIds ? [checkBelow] : []),
    ...(spec.hypers.length > 0 ? [finite] : []),
    checkParameters,
  ];
  for (const part of parts) writer.writeLine(part).blankLine();
}

const alive = (name: string): string => `function alive(disposed: boolean): void {
  if (disposed) throw new Error(${literal(`this ${name} model was disposed of`)});
}`;

const seedOf = `function seedOf(seed: number): number {
  if (Number.isSafeInteger(seed)) return seed;
  throw new RangeError(\`seed must be an integer, but it is \${seed}\`);
}`;

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

const finite = `function finite(name: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(\`\${name} must be a finite number, but it is \${value}\`);
}`;

const checkParameters = `/** Values for every parameter, by name, and no others; checked before anything is written. */
function checkParameters(into: Readonly<Record<string, Float32Array | Float64Array>>, from: Readonly<Record<string, ArrayLike<number>>>): void {
  for (const name of Object.keys(from)) {
    if (!Object.hasOwn(into, name)) throw new TypeError(\`there is no parameter \${JSON.stringify(name)}; known: \${Object.keys(into).join(", ")}\`);
  }
  for (const [name, view] of Object.entries(into)) {
    const values = Object.hasOwn(from, name) ? from[name] : undefined;
    if (!values) throw new TypeError(\`parameter \${JSON.stringify(name)} is missing\`);
    if (values.length !== view.length) {
      throw new RangeError(\`parameter \${JSON.stringify(name)} must have \${view.length} values, but it has \${values.length}\`);
    }
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) throw new RangeError(\`parameter \${JSON.stringify(name)}[\${i}] must be a finite number, but it is \${values[i]}\`);
    }
  }
}`;
