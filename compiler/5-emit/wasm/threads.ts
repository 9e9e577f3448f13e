// Dividing kernels between threads: the blocks of a kernel's outermost parallel loop are shared out, whole blocks as one
// thread would run them, so that every element is computed by the same instructions whatever the number of threads. After
// each kernel the threads wait for one another.

import type { Dim } from "../../../src/graph/shape.js";
import type { Kernel, Statement, Store } from "../../ir/kernel.js";
import { storesOf } from "../../ir/walk.js";
import { strideOf, type Scope } from "./scope.js";
import { i32, type FunctionText } from "./text.js";

/** Words behind the arena by which the threads of a model agree. */
export const CONTROL = { arrived: 0, generation: 4, go: 8, command: 12, rows: 16, ready: 20, bytes: 64 } as const;

/** The number of the thread that an instance belongs to, how many there are, and where its own scratch memory begins. */
export const THREAD_IMPORTS = [
  `(import "env" "thread" (global $thread i32))`,
  `(import "env" "threads" (global $threads i32))`,
  `(import "env" "scratch" (global $scratch i32))`,
] as const;

export const SCRATCH = "(global.get $scratch)";
const THREAD = "(global.get $thread)";
const THREADS = "(global.get $threads)";

/** The loop that is divided; nothing where one thread must run the kernel as a whole. */
export function dividedVariable({ body }: Kernel): number | undefined {
  const loops = body.filter((s) => s.kind === "loop");
  const [loop] = loops;
  if (loops.length !== 1 || loop!.axis !== "parallel" || body.some((s) => s.kind === "store" || sums(s)))
    return undefined;
  return isApart(storesOf(body), loop!.variable, loopSizes(body)) ? loop!.variable : undefined;
}

/** Whether each value of the variable adds to elements of its own. */
function isApart(stores: readonly Store[], variable: number, sizes: ReadonlyMap<number, Dim>): boolean {
  const added = new Set(stores.filter(({ mode }) => mode === "add").map(({ slot }) => slot));
  const strides = new Map<number, number>();
  return stores.every(({ slot, at }) => {
    if (!added.has(slot)) return true;
    const stride = strideOf(at, variable);
    if (at.loaded.length > 0 || !stride || (strides.get(slot) ?? stride) !== stride) return false;
    strides.set(slot, stride);
    let reach = 0;
    for (const { axis, times, power } of at.affine) {
      if (axis === variable) continue;
      const size = axis === undefined ? undefined : sizes.get(axis);
      if (power > 0 || times < 0 || (axis !== undefined && (!size || size.power > 0))) return false;
      reach += axis === undefined ? times : times * (size!.times - 1);
    }
    return reach < stride;
  });
}

/** The loops below statements, by variable; of two with the same one, the longer. */
function loopSizes(statements: readonly Statement[], sizes = new Map<number, Dim>()): Map<number, Dim> {
  for (const s of statements) {
    if (s.kind !== "loop") continue;
    const known = sizes.get(s.variable);
    if (!known || known.power < s.size.power || (known.power === s.size.power && known.times < s.size.times))
      sizes.set(s.variable, s.size);
    loopSizes(s.body, sizes);
  }
  return sizes;
}

const sums = (statement: Statement): boolean => statement.kind === "reduction";

/** The part of the blocks of `step` values from `first` to below `limit` that is the thread's own. */
export function ownPart(
  first: string,
  limit: string,
  step: number,
  { writer }: Scope,
): { readonly first: string; readonly limit: string } {
  const blocks = `(i32.div_u (i32.sub (i32.add ${limit} ${i32(step - 1)}) ${first}) ${i32(step)})`;
  const count = writer.hoist(0, "blocks", "i32", blocks);
  const border = (thread: string): string =>
    writer.hoist(
      0,
      "border",
      "i32",
      `(i32.add ${first} (i32.mul (i32.div_u (i32.mul ${count} ${thread}) ${THREADS}) ${i32(step)}))`,
    );
  return { first: border(THREAD), limit: border(`(i32.add ${THREAD} (i32.const 1))`) };
}

/** What is left over when a loop is cut into blocks is the last thread's. */
export function byLastThread(writer: FunctionText, body: () => void): void {
  writer.line(`(if (i32.eq (i32.add ${THREAD} (i32.const 1)) ${THREADS}) (then`);
  body();
  writer.line("))");
}

/** A call that the first thread alone makes. */
export const byFirstThread = (call: string): string => `(if (i32.eqz ${THREAD}) (then ${call}))`;

/** Turns that a thread watches before it sleeps. The caller never sleeps: a page's main thread may not. */
const PATIENCE = 20_000;

/** The barrier, with its words from byte `control` on. */
export function barrierText(control: number): string {
  const at = (word: number): string => `(i32.const ${control + word})`;
  const generation = `(i32.atomic.load ${at(CONTROL.generation)})`;
  return `(func $barrier (local $before i32) (local $turns i32)
(if (i32.eq ${THREADS} (i32.const 1)) (then (return)))
(local.set $before ${generation})
(if (i32.eq (i32.atomic.rmw.add ${at(CONTROL.arrived)} (i32.const 1)) (i32.sub ${THREADS} (i32.const 1)))
(then
(i32.atomic.store ${at(CONTROL.arrived)} (i32.const 0))
(drop (i32.atomic.rmw.add ${at(CONTROL.generation)} (i32.const 1)))
(drop (memory.atomic.notify ${at(CONTROL.generation)} (i32.const -1)))
(return)))
(loop $watch
(if (i32.ne ${generation} (local.get $before)) (then (return)))
(local.set $turns (i32.add (local.get $turns) (i32.const 1)))
(if (i32.and (i32.gt_u (local.get $turns) (i32.const ${PATIENCE})) (i32.ne ${THREAD} (i32.const 0)))
(then (drop (memory.atomic.wait32 ${at(CONTROL.generation)} (local.get $before) (i64.const -1)))))
(br $watch)))`;
}
