// Loads and stores of a checked build: functions that look first. A fault is noted, with nothing but a place of its own read or
// written, so that threads still meet; the entry throws when all are done. Who wrote a byte of the arena is noted in 16 bits
// for each; what a thread has prepared in its scratch memory, in a byte for each.

import { checkedPrelude } from "../checked/prelude.js";
import type { CheckedCalls } from "../checked/calls.js";
import type { Access, Address } from "./access.js";
import { SCRATCH } from "./crew.js";
import { add, i32, i32x4, multiply } from "./text.js";

const call =
  (name: string) =>
  (slot: number, at: Address, bytes: number): Address => ({
    text: `(call $check.${name} ${i32(slot)} ${add(at.text, i32(at.offset))} ${i32(bytes)})`,
    offset: 0,
  });

export const checkedAccess: Access = {
  load: call("load"),
  store: call("store"),
  loadScratch: (at, bytes) => call("loadScratch")(0, at, bytes),
  storeScratch: (at, bytes) => call("storeScratch")(0, at, bytes),
  stored: (value, type, writer) => writer.let("v", type, value),
};

export const CHECK_FUNCTIONS = ["load", "store", "loadScratch", "storeScratch", "fault", "inside", "forget"].map(
  (name) => `check.${name}`,
);

/** Words of a slot in the table: its buffer's number, first byte, bytes of an element, elements. */
const ROW = 20;

export const checkedTable = ({ slots }: CheckedCalls): number[] =>
  slots.flatMap(({ owner, first, element, times, power }) => [owner, first, element, times, power]);

/** Where what a checked module needs lies in memory. */
export interface CheckedPlaces {
  readonly table: number;
  /** A fault, then bytes that may be read and written in place of others. */
  readonly words: number;
  readonly shadow: number;
}

export const WORDS_BYTES = 128;
const DUMP = 64;

/** What an entry does first, and before each call. `slots`: where the call's slots lie in the table, as an integer. */
export const entryLine = "(global.set $check.rows (local.get $rows))";
export const rowAddress = (table: number, place: number): number => table + ROW * place;
export const callLines = (row: string, scratchBytes: number): string[] => [
  `(global.set $check.slots ${row})`,
  `(global.set $check.scratch ${i32(scratchBytes)})`,
  "(call $check.forget)",
];

const FAULTS = { loadOutside: 1, storeOutside: 2, unwritten: 3, scratchOutside: 4, scratchUnwritten: 5 } as const;

/** The functions. `marks`: how far behind a byte of scratch memory its mark lies. */
export function checkFunctions({ words, shadow }: CheckedPlaces, marks: number): string {
  const get = (name: string): string => `(local.get $${name})`;
  const fault = (kind: number, owner = i32(0)): string =>
    `(return (call $check.fault ${i32(kind)} ${get("row")} ${get("at")} ${owner}))`;
  const owner = `(i32.load ${get("row")})`;
  const shadowAt = (n: string): string => add(i32(shadow), `(i32.shl (i32.add ${get("at")} ${n}) ${i32(1)})`);
  const eachByte = (body: string): string => `(local.set $n ${i32(0)})
(loop $bytes
${body}
(local.set $n (i32.add ${get("n")} ${i32(1)}))
(br_if $bytes (i32.lt_u ${get("n")} ${get("bytes")})))`;
  const head = (name: string): string =>
    `(func $check.${name} (param $slot i32) (param $at i32) (param $bytes i32) (result i32) (local $row i32) (local $n i32)
(local.set $row (i32.add (global.get $check.slots) ${multiply(get("slot"), i32(ROW))}))`;
  const inside = `(call $check.inside ${get("row")} ${get("at")} ${get("bytes")})`;
  const scratch = `(i32.and (i32.ge_u ${get("at")} ${SCRATCH})
(i32.le_u (i32.add (i32.sub ${get("at")} ${SCRATCH}) ${get("bytes")}) (global.get $check.scratch)))`;
  const mark = `(i32.add (i32.add ${get("at")} ${get("n")}) (global.get $check.marks))`;
  return `(global $check.slots (mut i32) ${i32(0)})
(global $check.rows (mut i32) ${i32(0)})
(global $check.scratch (mut i32) ${i32(0)})
(global $check.marks i32 ${i32(marks)})
(func $check.fault (param $kind i32) (param $row i32) (param $at i32) (param $owner i32) (result i32)
(if (i32.eqz (i32.atomic.rmw.cmpxchg ${i32(words)} ${i32(0)} ${get("kind")})) (then
(i32.store ${i32(words + 4)} ${get("row")})
(i32.store ${i32(words + 8)} ${get("at")})
(i32.store ${i32(words + 12)} ${get("owner")})))
${i32(words + DUMP)})
(func $check.forget (local $at i32) (local $end i32)
(local.set $at (i32.add ${SCRATCH} (global.get $check.marks)))
(local.set $end (i32.add ${get("at")} (global.get $check.scratch)))
(loop $bytes
(if (i32.lt_u ${get("at")} ${get("end")}) (then
(v128.store ${get("at")} ${i32x4(0, 0, 0, 0)})
(local.set $at (i32.add ${get("at")} ${i32(16)}))
(br $bytes)))))
(func $check.inside (param $row i32) (param $at i32) (param $bytes i32) (result i32) (local $size i32) (local $n i32)
(local.set $size (i32.mul (i32.load offset=8 ${get("row")}) (i32.load offset=12 ${get("row")})))
(local.set $n (i32.load offset=16 ${get("row")}))
(loop $powers
(if ${get("n")} (then
(local.set $size (i32.mul ${get("size")} (global.get $check.rows)))
(local.set $n (i32.sub ${get("n")} ${i32(1)}))
(br $powers))))
(local.set $n (i32.sub ${get("at")} (i32.load offset=4 ${get("row")})))
(i32.and (i32.le_u ${get("n")} ${get("size")}) (i32.ge_u (i32.sub ${get("size")} ${get("n")}) ${get("bytes")})))
${head("load")}
(if (i32.eqz ${inside}) (then ${fault(FAULTS.loadOutside)}))
${eachByte(`(if (i32.ne (i32.load16_u ${shadowAt(get("n"))}) ${owner})
(then ${fault(FAULTS.unwritten, `(i32.load16_u ${shadowAt(get("n"))})`)}))`)}
${get("at")})
${head("store")}
(if (i32.eqz ${inside}) (then ${fault(FAULTS.storeOutside)}))
${eachByte(`(i32.store16 ${shadowAt(get("n"))} ${owner})`)}
${get("at")})
${head("loadScratch")}
(if (i32.eqz ${scratch}) (then ${fault(FAULTS.scratchOutside)}))
${eachByte(`(if (i32.eqz (i32.load8_u ${mark})) (then ${fault(FAULTS.scratchUnwritten)}))`)}
${get("at")})
${head("storeScratch")}
(if (i32.eqz ${scratch}) (then ${fault(FAULTS.scratchOutside)}))
${eachByte(`(i32.store8 ${mark} ${i32(1)})`)}
${get("at")})`;
}

/** What the emitted module has of it. */
export const checkedText = (
  calls: CheckedCalls,
  { table, words, shadow }: CheckedPlaces,
): string => `${checkedPrelude(calls)}

/** Notes that nothing was written yet. */
function checkedBegin(arena: ArrayBufferLike, entry: string): void {
  checkedEntry(new Uint16Array(arena, ${shadow}, ARENA_BYTES), entry);
}

/** Throws for the first fault of an entry. */
function checkedEnd(arena: ArrayBufferLike, rows: number): void {
  const words = new Int32Array(arena, ${words}, 4);
  const [kind, row, at, owner] = words as unknown as [number, number, number, number];
  if (kind === 0) return;
  words.fill(0);
  const place = (row - ${table}) / ${ROW};
  const [kernel, , , first, element] = CHECKED[place]!;
  if (kind >= ${FAULTS.scratchOutside}) {
    const why = kind === ${FAULTS.scratchOutside} ? "outside of what it took" : "where it has prepared nothing";
    throw new Error(\`checked build: kernel \${kernel} is in its scratch memory at byte \${at}, \${why}\`);
  }
  checkedFault(place, rows, kind === ${FAULTS.storeOutside}, (at - first) / element, kind === ${FAULTS.unwritten} ? owner : -1);
}`;

export const beginText = (entry: string): string => `checkedBegin(arena, ${entry});`;
export const endText = (rows: string): string => `checkedEnd(arena, ${rows});`;
