// How the threads of a model agree. Each takes its own range of a kernel's parts one after the other, and then what others have
// not yet begun: a processor's core may be slower than another, or busy with something else. After each kernel the threads wait
// for one another.

import { constantOf, i32, multiply, type FunctionText } from "./text.js";

/** The most threads of a model. */
export const MOST_THREADS = 64;

/** The bytes that processors exchange at once. */
export const LINE = 64;

/**
 * Words behind the arena. From `taken` on each thread has a line, with how many parts of its range have been taken: one word for
 * a kernel, another for the next.
 */
export const CONTROL = {
  arrived: 0,
  generation: 4,
  go: 8,
  command: 12,
  rows: 16,
  ready: 20,
  /** Four words of a computed index that is out of range. */
  fault: 24,
  taken: LINE,
  bytes: LINE * (1 + MOST_THREADS),
} as const;

/** The number of the thread that an instance belongs to, how many there are, and where its own scratch memory begins. */
export const THREAD_IMPORTS = [
  `(import "env" "thread" (global $thread i32))`,
  `(import "env" "threads" (global $threads i32))`,
  `(import "env" "scratch" (global $scratch i32))`,
] as const;

export const SCRATCH = "(global.get $scratch)";
const THREAD = "(global.get $thread)";
const THREADS = "(global.get $threads)";
const ALONE = `(i32.eq ${THREADS} ${i32(1)})`;

/** What the thread has prepared for the kernel at hand, a bit for each thing. */
export const PREPARED = "(global.get $prepared)";

/** A call that the first thread alone makes. */
export const byFirstThread = (call: string): string => `(if (i32.eqz ${THREAD}) (then ${call}))`;

/** Calls a kernel for each part that the thread can take, of so many for each thread. `call` gets the part's number and how many there are. */
export function eachPart(parts: string, writer: FunctionText, call: (part: readonly string[]) => string): void {
  writer.line(`(global.set $prepared ${i32(0)})`);
  if (constantOf(parts) === 1) return writer.line(call([THREAD, THREADS]));
  const own = constantOf(parts) === undefined ? writer.hoist(0, "parts", "i32", parts) : parts;
  const part = writer.local("part", "i32");
  const take = (again: number): string => `(i32.ge_s (local.tee ${part} (call $take ${own} ${i32(again)})) ${i32(0)})`;
  const all = `(select ${i32(1)} ${multiply(THREADS, own)} ${ALONE})`;
  writer.repeat(take(0), take(1), () => writer.line(call([`(local.get ${part})`, all])));
}

/** The names of the functions below. */
export const CREW_FUNCTIONS = ["barrier", "take"] as const;

/** The functions by which threads agree and a global, with their words from byte `control` on. */
export const crewText = (control: number): string =>
  [PREPARED_GLOBAL, barrierText(control), takeText(control)].join("\n");

const PREPARED_GLOBAL = `(global $prepared (mut i32) ${i32(0)})`;

/** Turns that a thread watches before it sleeps. The caller never sleeps: a page's main thread may not. */
const PATIENCE = 20_000;

function barrierText(control: number): string {
  const at = (word: number): string => i32(control + word);
  const generation = `(i32.atomic.load ${at(CONTROL.generation)})`;
  return `(func $barrier (local $before i32) (local $turns i32)
(if ${ALONE} (then (return)))
(local.set $before ${generation})
(i32.atomic.store ${counter(control, THREAD, "(i32.add (local.get $before) (i32.const 1))")} (i32.const 0))
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

/** Where the parts of a thread's range that are taken are counted, in a generation of the barrier. */
const counter = (control: number, thread: string, generation: string): string =>
  `(i32.add (i32.mul ${thread} ${i32(LINE)})
(i32.add ${i32(control + CONTROL.taken)} (i32.shl (i32.and ${generation} (i32.const 1)) (i32.const 2))))`;

/**
 * The number of a part that nobody has taken, of the thread's own range first; -1 when there is none. A thread alone takes all as one. Where each
 * thread has a single part, it is run by no other: counting would take longer.
 */
function takeText(control: number): string {
  const generation = `(i32.atomic.load ${i32(control + CONTROL.generation)})`;
  const range = "(local.get $range)";
  return `(func $take (param $parts i32) (param $again i32) (result i32) (local $range i32) (local $part i32)
(if (i32.or ${ALONE} (i32.eq (local.get $parts) (i32.const 1)))
(then (return (select (i32.const -1) ${THREAD} (local.get $again)))))
(local.set $range ${THREAD})
(loop $ranges
(local.set $part (i32.atomic.rmw.add ${counter(control, range, generation)} (i32.const 1)))
(if (i32.lt_u (local.get $part) (local.get $parts))
(then (return (i32.add (i32.mul ${range} (local.get $parts)) (local.get $part)))))
(local.set $range (i32.add ${range} (i32.const 1)))
(if (i32.eq ${range} ${THREADS}) (then (local.set $range (i32.const 0))))
(br_if $ranges (i32.ne ${range} ${THREAD})))
(i32.const -1))`;
}
