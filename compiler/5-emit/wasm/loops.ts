// Loops of a kernel: one value of a variable after the other, or four at a time, and how threads share them out.

import type { Dim } from "../../../src/graph/shape.js";
import { isApply } from "../../../src/scalar/expression.js";
import type { KernelExpr, Reduction } from "../../ir/kernel.js";
import { valueOf, varies } from "./expression.js";
import { dimValue, type Scope, type Variable } from "./scope.js";
import { add, constantOf, i32, LANES } from "./text.js";
import { inLastPart, ownPart } from "./threads.js";

export const withVariable = (scope: Scope, variable: number, value: Variable): Scope => ({
  ...scope,
  variables: new Map(scope.variables).set(variable, value),
});

/** The variable, so many values further on. */
export const shifted = (at: Variable, by: number): Variable => ({ ...at, plus: at.plus + by });

/** With four lanes of a variable. */
export const withLanes = (scope: Scope, variable: number, lanes: number): Scope => ({
  ...scope,
  vector: { variable, lanes, varying: new Map() },
});

/** One iteration after the other. */
export function eachOne(variable: number, size: Dim, scope: Scope, body: (scope: Scope) => void): void {
  const { writer } = scope;
  if (size.power === 0 && size.times === 1) {
    return once(variable, scope, () =>
      body(withVariable(scope, variable, { text: i32(0), plus: 0, level: writer.level })),
    );
  }
  const limit = dimValue(size, scope);
  countUp(variable, i32(0), limit, 1, true, scope, body);
}

/** What is written for fixed values of a variable: where its values are shared out, one part has it. */
export function once(variable: number, scope: Scope, body: () => void): void {
  if (scope.divided === variable) inLastPart(scope.writer, body);
  else body();
}

/** `variable` from `first` in steps, while below `limit`. */
export function countUp(
  variable: number,
  first: string,
  limit: string,
  step: number,
  entered: boolean,
  scope: Scope,
  body: (scope: Scope) => void,
): void {
  const { writer } = scope;
  const divided = scope.divided === variable;
  const own = divided ? ownPart(first, limit, step, scope) : { first, limit };
  const name = writer.local(`i${variable}`, "i32");
  writer.line(`(local.set ${name} ${own.first})`);
  const value: Variable = { text: `(local.get ${name})`, plus: 0, level: writer.level + 1 };
  writer.loop(name, step, own.limit, entered && !divided, () => body(withVariable(scope, variable, value)));
}

/** Four iterations at once, then the rest. */
export function eachLanes(variable: number, size: Dim, scope: Scope, body: (scope: Scope) => void): void {
  const { writer } = scope;
  if (size.power > 0) {
    const count = dimValue(size, scope);
    const whole = writer.hoist(0, "whole", "i32", `(i32.and ${count} ${i32(-LANES)})`);
    countUp(variable, i32(0), whole, LANES, false, scope, (inner) => body(withLanes(inner, variable, LANES)));
    countUp(variable, whole, count, 1, false, scope, (inner) => body(withLanes(inner, variable, 1)));
    return;
  }
  const rest = size.times % LANES;
  const whole = size.times - rest;
  const at = (plus: number): Scope => withVariable(scope, variable, { text: i32(0), plus, level: writer.level });
  if (whole === LANES) once(variable, scope, () => body(withLanes(at(0), variable, LANES)));
  else if (whole > 0) {
    countUp(variable, i32(0), i32(whole), LANES, true, scope, (inner) => body(withLanes(inner, variable, LANES)));
  }
  if (rest > 0) once(variable, scope, () => body(withLanes(at(whole), variable, rest)));
}

export function nest(loops: Reduction["loops"], scope: Scope, body: (scope: Scope) => void): void {
  const [first, ...rest] = loops;
  if (!first) return body(scope);
  eachOne(first.variable, first.size, scope, (inner) => nest(rest, inner, body));
}

/** The operands of a product of floats. */
export function factors(value: KernelExpr, scope: Scope): readonly [string, string] | undefined {
  if (!isApply(value) || value.op !== "mul" || !varies(value, scope)) return undefined;
  const [a, b] = value.args as readonly [KernelExpr, KernelExpr];
  return [valueOf(a, "float", scope), valueOf(b, "float", scope)];
}

/** Counts to `size` in steps, in parts of at most `part` iterations, each followed by `flush`. */
export function inParts(
  variable: number,
  size: Dim,
  scope: Scope,
  part: number,
  step: number,
  body: (scope: Scope) => void,
  flush: (scope: Scope) => void,
  /** Iterations beyond the last multiple of it are left out. */
  whole = 1,
): void {
  const { writer } = scope;
  const count = dimValue(size, scope);
  const known = constantOf(count);
  const limit =
    known !== undefined
      ? i32(known - (known % whole))
      : whole === 1
        ? count
        : writer.hoist(0, "whole", "i32", `(i32.and ${count} ${i32(-whole)})`);
  const start = writer.local("from", "i32");
  writer.line(`(local.set ${start} ${i32(0)})`);
  writer.loop(start, part, limit, whole === 1, () => {
    const end = writer.local("to", "i32");
    const bound = writer.local("bound", "i32");
    writer.line(`(local.set ${bound} ${add(`(local.get ${start})`, i32(part))})`);
    const least = `(select (local.get ${bound}) ${limit} (i32.lt_s (local.get ${bound}) ${limit}))`;
    writer.line(`(local.set ${end} ${least})`);
    countUp(variable, `(local.get ${start})`, `(local.get ${end})`, step, true, scope, body);
    flush(scope);
  });
}
