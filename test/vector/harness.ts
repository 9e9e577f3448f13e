// A vector routine in a module of its own, run over float32 arrays; and the distance of its results from those in float64.

import { assemble } from "../../compiler/5-emit/wasm/encode/assemble.js";
import type { Routine, VectorOp } from "../../compiler/5-emit/wasm/math/builder.js";
import { routineFunction } from "../../compiler/5-emit/wasm/math/function.js";

export type Routines = Readonly<Record<VectorOp, Routine>>;

/** Numbers that one call takes; a multiple of 4. */
const CHUNK = 1 << 16;

/** Of memory, for two operands and a result. */
const PAGES = (3 * 4 * CHUNK) / 65536;

export interface Runner {
  /** At most CHUNK numbers, and the second operands where there are two. The result is overwritten by the next call. */
  readonly run: (x: Float32Array, y?: Float32Array) => Float32Array;
}

export function runner(op: VectorOp, routines: Routines, relaxed: boolean): Runner {
  const needed: VectorOp[] = [op];
  const functions: string[] = [];
  for (const name of needed) {
    const { text, calls } = routineFunction(name, routines, relaxed);
    functions.push(text);
    needed.push(...[...calls].filter((called) => !needed.includes(called)));
  }
  const load = (operand: number): string =>
    `(v128.load offset=${4 * CHUNK * operand} (i32.mul (local.get $i) (i32.const 16)))`;
  const bytes = assemble(`(module
    (import "env" "memory" (memory ${PAGES} ${PAGES}))
    ${functions.join("\n")}
    (func $run (export "run") (param $vectors i32) (local $i i32)
      (loop $next
        (v128.store offset=${8 * CHUNK} (i32.mul (local.get $i) (i32.const 16))
          (call $${op} ${load(0)} ${routines[op].parameters === 2 ? load(1) : ""}))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_s (local.get $i) (local.get $vectors))))))`);
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const { run } = exports as unknown as { run: (vectors: number) => void };
  const floats = new Float32Array(memory.buffer);
  return {
    run: (x, y) => {
      floats.set(x, 0);
      if (y) floats.set(y, CHUNK);
      run(Math.ceil(x.length / 4));
      return floats.subarray(2 * CHUNK, 2 * CHUNK + x.length);
    },
  };
}

/** The distance of two float32 numbers next to `value`. */
export function ulp(value: number): number {
  const size = Math.max(Math.abs(value), 2 ** -126);
  const exponent = Math.floor(Math.log2(size));
  // The logarithm may round up to the next integer.
  return 2 ** ((size < 2 ** exponent ? exponent - 1 : exponent) - 23);
}

const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * The distance in units in the last place. Infinite where one is NaN and the other is not, where one is zero by sign
 * or exactness and the other is not, and where an infinity is not reached; next to overflow both sides of it are right.
 */
export function distance(result: number, expected: number): number {
  const rounded = Math.fround(expected);
  if (Object.is(result, rounded)) return 0;
  if (Number.isNaN(expected) || Number.isNaN(result) || expected === 0) return Infinity;
  if (Math.sign(expected) !== Math.sign(result) && result !== 0) return Infinity;
  if (result === 0 && Object.is(result, 0) !== expected > 0) return Infinity;
  if (!Number.isFinite(expected)) return Infinity;
  const reached = Number.isFinite(result) ? result : Math.sign(result) * 2 ** 128;
  return Math.abs(reached - expected) / ulp(Math.min(Math.abs(expected), LARGEST));
}

export interface Worst {
  readonly distance: number;
  readonly at: readonly number[];
}

export function worst(
  { run }: Runner,
  reference: (x: number, y: number) => number,
  points: Float32Array,
  seconds?: Float32Array,
): Worst {
  let found: Worst = { distance: 0, at: [] };
  for (let from = 0; from < points.length; from += CHUNK) {
    const x = points.subarray(from, from + CHUNK);
    const y = seconds?.subarray(from, from + CHUNK);
    const results = run(x, y);
    for (let i = 0; i < x.length; i++) {
      const far = distance(results[i]!, reference(x[i]!, y ? y[i]! : NaN));
      if (far > found.distance) found = { distance: far, at: y ? [x[i]!, y[i]!] : [x[i]!] };
    }
  }
  return found;
}
