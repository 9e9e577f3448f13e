// Computed indices in WebAssembly: a kernel that finds one out of range notes it and returns; when its threads have met, the entry
// returns as well, and the model throws.

import { sameDim, type Dim } from "../../../src/graph/shape.js";
import { computedIn } from "../../ir/computed.js";
import type { Gathered, Statement } from "../../ir/kernel.js";
import { throwBadIndex } from "../module/indices.js";
import { CONTROL } from "./crew.js";
import { dimValue, type Scope } from "./scope.js";
import { i32 } from "./text.js";

/** The local indices of a kernel that were looked at where they were bound, and the ops whose indices a module looks at. */
export interface LookedAt {
  readonly locals: { readonly local: number; readonly below: Dim; readonly text: string }[];
  readonly ops: string[];
}

const fault = (index: string, below: Dim, op: string, scope: Scope): string => {
  const { ops } = scope.computed!;
  const known = ops.indexOf(op);
  const number = known < 0 ? ops.push(op) - 1 : known;
  return `(then (call $index.fault ${index} ${dimValue(below, scope)} ${i32(number)}) (return))`;
};

/** The value of an index, looked at unless that was done before. */
export function indexValue({ value, below, computed }: Gathered, text: string, scope: Scope): string {
  if (computed === undefined) return text;
  const known =
    "kind" in value && value.kind === "local"
      ? scope.computed!.locals.find((one) => one.local === value.local && sameDim(one.below, below))
      : undefined;
  if (known) return known.text;
  const name = scope.writer.local("index", "i32");
  const get = `(local.get ${name})`;
  const outside = `(i32.ge_u (local.tee ${name} ${text}) ${dimValue(below, scope)})`;
  return `(block (result i32) (if ${outside} ${fault(get, below, computed, scope)}) ${get})`;
}

/** Looks at a local once where it is bound, in place of each time that it is used as an index. */
export function lookAt(
  local: number,
  statements: readonly Statement[],
  scope: Scope,
  integerOf: (local: number, scope: Scope) => string,
): void {
  const bound = scope.locals.get(local)!;
  const indices = scope.computed && !bound.vector ? computedIn(local, statements) : [];
  if (indices.length === 0) return;
  // As an integer, once.
  const { writer } = scope;
  const text = bound.type === "int" ? bound.text : writer.let("index", "i32", integerOf(local, scope));
  for (const { below, computed } of indices) {
    writer.line(`(if (i32.ge_u ${text} ${dimValue(below, scope)}) ${fault(text, below, computed!, scope)})`);
    scope.computed!.locals.push({ local, below, text });
  }
}

/**
 * What an entry does at its start, and before and, when its threads have met, after a kernel that looks at indices. In which turn a
 * fault was found decides for all threads alike, and nobody forgets it before all have decided. Turns of two calls are never the
 * same number: a thread that still looks at the end of one call may already see the fault of the next.
 */
export const startLooking = "(call $index.start)";
export const beforeLooking = `(global.set $index.turn (i32.add (global.get $index.turn) ${i32(2)}))`;
export const afterLooking = "(if (call $index.failed) (then (call $barrier) (return)))";

export const INDEX_FUNCTIONS = ["index.start", "index.fault", "index.failed"] as const;

/** Calls are counted in steps that no number of turns of one call comes near to. */
const CALL = 0x9e3779b1 | 0;

export function indexFunctions(control: number): string {
  const word = (n: number): string => i32(control + CONTROL.fault + 4 * n);
  const call = `(i32.mul (i32.atomic.load ${i32(control + CONTROL.go)}) ${i32(CALL)})`;
  // Odd numbers: 0 is no turn.
  return `(global $index.turn (mut i32) ${i32(0)})
(func $index.start (global.set $index.turn (i32.or ${call} ${i32(1)})))
(func $index.fault (param $index i32) (param $below i32) (param $op i32)
(if (i32.eqz (i32.atomic.rmw.cmpxchg ${word(0)} ${i32(0)} (global.get $index.turn))) (then
(i32.store ${word(1)} (local.get $index))
(i32.store ${word(2)} (local.get $below))
(i32.store ${word(3)} (local.get $op)))))
(func $index.failed (result i32)
(i32.eq (i32.atomic.load ${word(0)}) (global.get $index.turn)))`;
}

/** The words of a model in which a fault is noted. */
export const faultsText = (control: number): string =>
  `const faults = new Int32Array(arena, ${control + CONTROL.fault}, 4).fill(0);`;

/** What the module has of it. */
export const checkIndices = (
  ops: readonly string[],
): string => `/** Throws for a computed index that an entry has found out of range. */
function checkIndices(faults: Int32Array): void {
  const [turn, index, below, op] = faults as unknown as [number, number, number, number];
  if (turn === 0) return;
  faults.fill(0);
  ${throwBadIndex(`${JSON.stringify(ops)}[op]`, "index", "below")}
}`;
