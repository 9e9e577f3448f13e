// Threads and faults of computed indices, step by step: two threads as two instances over one memory, run in an order that a
// scheduler may choose.

import { expect, test } from "vitest";
import { assemble } from "../../compiler/5-emit/wasm/encode/assemble.js";
import { CONTROL } from "../../compiler/5-emit/wasm/crew.js";
import { beforeLooking, indexFunctions, startLooking } from "../../compiler/5-emit/wasm/indices.js";

interface Thread {
  /** What it does at the start of an entry. */
  readonly start: () => void;
  /** What it does before a kernel that looks at indices. */
  readonly next: () => void;
  /** What the kernel does for an index that is out of range. */
  readonly fault: () => void;
  /** Does it see a fault of the kernel that has run? */
  readonly failed: () => number;
}

const functions = indexFunctions(0);
/** Turns that are counted anew in each call, as they once were. */
const anew = functions.replace(
  /\(func \$index\.start .*\)/,
  "(func $index.start (global.set $index.turn (i32.const 1)))",
);

function crew(text: string): { threads: readonly [Thread, Thread]; call: (number: number) => void } {
  const bytes = assemble(`(module
    (import "env" "memory" (memory 1 1))
    ${text}
    (func $start (export "start") ${startLooking})
    (func $next (export "next") ${beforeLooking})
    (func $fault (export "fault") (call $index.fault (i32.const 9) (i32.const 5) (i32.const 0)))
    (func $failed (export "failed") (result i32) (call $index.failed)))`);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const module = new WebAssembly.Module(bytes);
  const thread = (): Thread => new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Thread;
  const words = new Int32Array(memory.buffer);
  const call = (number: number): void => {
    words[CONTROL.go / 4] = number;
    words.fill(0, CONTROL.fault / 4, CONTROL.fault / 4 + 4);
  };
  return { threads: [thread(), thread()], call };
}

/** The second thread is late: it looks for a fault of its call when the first has found one in the next. */
function seesTheNextCall(text: string, turns: number, number: number): boolean {
  const { threads, call } = crew(text);
  const [first, late] = threads;
  call(number);
  late.start();
  for (let i = 0; i < turns; i++) late.next();
  call(number + 1);
  first.start();
  for (let i = 0; i < turns; i++) first.next();
  first.fault();
  expect(first.failed()).toBe(1);
  return late.failed() === 1;
}

test.each([1, 2, 77])("a thread that is late takes no fault of the next call for one of its own, %s turns", (turns) => {
  for (const number of [1, 2, 1000, 0x7fffffff, -1]) expect(seesTheNextCall(functions, turns, number)).toBe(false);
});

test("control: with turns that are counted anew it would", () => {
  expect(anew).not.toBe(functions);
  expect(seesTheNextCall(anew, 3, 7)).toBe(true);
});

test("threads of one call agree, whichever found the fault", () => {
  const { threads, call } = crew(functions);
  for (const number of [1, 2, 3]) {
    call(number);
    for (const thread of threads) {
      thread.start();
      thread.next();
    }
    expect(threads.map((thread) => thread.failed())).toEqual([0, 0]);
    threads[number % 2]!.fault();
    threads[0].fault();
    expect(threads.map((thread) => thread.failed())).toEqual([1, 1]);
  }
});
