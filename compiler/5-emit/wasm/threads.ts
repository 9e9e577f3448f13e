// Dividing kernels between threads: the blocks of a kernel's outermost parallel loop are shared out, whole blocks as one
// thread would run them, so that every element is computed by the same instructions whatever the number of threads.

import type { Dim } from "../../../src/graph/shape.js";
import type { Kernel, Statement, Store } from "../../ir/kernel.js";
import { storesOf } from "../../ir/walk.js";
import { costOf } from "./cost.js";
import { PREPARED } from "./crew.js";
import { strideOf, type Scope } from "./scope.js";
import { i32, type FunctionText } from "./text.js";

/**
 * In how many parts a thread takes its range of a kernel's blocks, and what a part should cost at least, in additions. A smaller
 * range is taken as a whole: what one thread takes of another's has left that one's cache.
 */
const PARTS_OF_A_RANGE = 16;
const PART_COST = 40_000;

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
  const added = new Set(stores.filter(({ mode }) => mode !== "set").map(({ slot }) => slot));
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

/** In how many parts each thread takes its range of a kernel, as a value in terms of the rows: by what the range of one of two threads costs. */
export function partsOf({ body }: Kernel, capacity: number): string {
  const isLarge = (rows: number): boolean => costOf(body, undefined, rows) / 2 >= PARTS_OF_A_RANGE * PART_COST;
  if (!isLarge(capacity)) return i32(1);
  let [small, large] = [0, capacity];
  while (large - small > 1) {
    const middle = Math.floor((small + large) / 2);
    if (isLarge(middle)) large = middle;
    else small = middle;
  }
  return large === 1
    ? i32(PARTS_OF_A_RANGE)
    : `(select ${i32(PARTS_OF_A_RANGE)} ${i32(1)} (i32.ge_u (local.get $rows) ${i32(large)}))`;
}

/** What a divided kernel is told: the number of the part that it is to run, and how many there are. */
export const PART_PARAMETERS = ["$part", "$parts"] as const;
const [PART, PARTS] = PART_PARAMETERS.map((name) => `(local.get ${name})`) as [string, string];

/** What a thread does once for all parts that it runs of a kernel, in the first of them that comes to it: some are empty. */
export function oncePerKernel({ writer, divided, takePreparation }: Scope, body: () => void): void {
  const number = takePreparation();
  if (divided === undefined || number >= 32) return body();
  const bit = i32(1 << number);
  writer.guard(`(i32.eqz (i32.and ${PREPARED} ${bit}))`, () => {
    body();
    writer.line(`(global.set $prepared (i32.or ${PREPARED} ${bit}))`);
  });
}

/** The part of the blocks of `step` values from `first` to below `limit` that is to be run. */
export function ownPart(
  first: string,
  limit: string,
  step: number,
  { writer }: Scope,
): { readonly first: string; readonly limit: string } {
  const blocks = `(i32.div_u (i32.sub (i32.add ${limit} ${i32(step - 1)}) ${first}) ${i32(step)})`;
  const count = writer.hoist(0, "blocks", "i32", blocks);
  const border = (part: string): string =>
    writer.hoist(
      0,
      "border",
      "i32",
      `(i32.add ${first} (i32.mul (i32.div_u (i32.mul ${count} ${part}) ${PARTS}) ${i32(step)}))`,
    );
  return { first: border(PART), limit: border(`(i32.add ${PART} (i32.const 1))`) };
}

/** What is left over when a loop is cut into blocks is of the last part. */
export function inLastPart(writer: FunctionText, body: () => void): void {
  writer.line(`(if (i32.eq (i32.add ${PART} (i32.const 1)) ${PARTS}) (then`);
  body();
  writer.line("))");
}
