// What must hold of the memory that a call of a kernel touches.

import { sizeOf, type Dim } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import { accessesOf, type Access } from "../accesses.js";
import { isMarked } from "../parallel.js";
import type { Kernel } from "../kernel.js";
import { brokenBy, isParallel, sizesOf } from "../order.js";
import { isPlainlyInside } from "../plain.js";
import type { BufferUse, Call } from "../program.js";
import { inRows, less, liesIn, NOTHING } from "../ranges.js";
import { loopsOf } from "../walk.js";
import { verifyScope } from "./scope.js";

/** The elements that a call may touch of a buffer: all, or in a loop of the program those of one iteration. */
const elementsOf = ({ buffer, advance }: BufferUse): Dim => advance.at(-1)?.stride ?? sizeOf(buffer.shape);

const before = new WeakMap<Kernel, ReadonlySet<number>>();

/** The slots of which a kernel makes use as they were when it was called. */
export function readsBefore(kernel: Kernel): ReadonlySet<number> {
  const known = before.get(kernel);
  if (known) return known;
  const slots = new Set<number>();
  const filled = new Set<number>();
  for (const { kind, slot, fresh, adds } of accessesOf(kernel.body)) {
    if (kind === "load" ? !fresh : adds && !filled.has(slot)) slots.add(slot);
    else if (kind === "store") filled.add(slot);
  }
  before.set(kernel, slots);
  return slots;
}

/** The sizes of buffers that a kernel was verified with, by what is equal for equal ones. */
const verified = new WeakMap<Kernel, Map<string, readonly Dim[]>>();

/** Positions lie in their buffers, loads see what they should, loops that are called parallel are. `pass`: what was done last. */
export function verifyMemory(call: Call, pass: string): void {
  const sizes = call.uses.map(elementsOf);
  const key = sizes.map(({ times, power }) => `${times}^${power}`).join();
  const known = verified.get(call.kernel) ?? new Map<string, readonly Dim[]>();
  if (known.has(key)) return;
  const problem = memoryProblem(call.kernel, sizes);
  invariant(problem === undefined, `after ${pass}, in kernel ${call.kernel.name}, ${problem}`);
  verified.set(call.kernel, known.set(key, sizes));
}

/** What was proven of a kernel holds of another one that touches the same memory in the same order. */
export function holdsAsWell(before: Kernel, after: Kernel): void {
  const known = verified.get(before);
  if (known) verified.set(after, known);
}

/** The same of a kernel that a pass has made of another one, for all buffers that this one was verified with. */
export function verifyRewritten(before: Kernel, after: Kernel, pass: string): void {
  verifyScope(after);
  for (const [key, sizes] of verified.get(before) ?? []) {
    const problem = memoryProblem(after, sizes);
    invariant(problem === undefined, `after ${pass}, in kernel ${after.name}, ${problem}`);
    verified.set(after, (verified.get(after) ?? new Map<string, readonly Dim[]>()).set(key, sizes));
  }
}

/** The first sentence that a kernel breaks; nothing for a sound one. `sizes`: the elements behind each slot. */
export function memoryProblem(
  { body, slots }: Pick<Kernel, "body" | "slots">,
  sizes: readonly Dim[],
): string | undefined {
  const all = accessesOf(body);
  for (const access of all) {
    if (!isInside(access, sizes[access.slot]!)) {
      const what = access.kind === "load" ? "a load" : "a store";
      return `${what} lies in its buffer wherever its guards hold: ${slots[access.slot]!.name}`;
    }
  }
  const broken = ownOrderProblem(all);
  if (broken) return broken;
  const loop = isMarked(body)
    ? undefined
    : loopsOf(body).find((one) => one.run.order === "parallel" && !isParallel(one, all));
  return loop && `the iterations of a parallel loop touch elements of their own: i${loop.variable}`;
}

function isInside(access: Access, size: Dim): boolean {
  const { at, guards, loops } = access;
  if (at.loaded.length === 0 && isPlainlyInside(at.affine, loops, size)) return true;
  return liesIn(access.form, NOTHING, less(inRows(size), [1]), sizesOf(access), guards);
}

const ordered = new WeakMap<readonly Access[], { readonly problem: string | undefined }>();

/** The same where each slot has memory of its own; asked more than once of a kernel. */
export function ownOrderProblem(all: readonly Access[]): string | undefined {
  const known = ordered.get(all) ?? { problem: orderProblem(all) };
  ordered.set(all, known);
  return known.problem;
}

/** The sentence that the loads of slots which are written break. `memoryOf`: what is equal for slots in the same memory. */
function orderProblem(all: readonly Access[], memoryOf: (slot: number) => number = (slot) => slot): string | undefined {
  const stores = new Map<number, Access[]>();
  for (const access of all) {
    if (access.kind === "load") continue;
    const memory = memoryOf(access.slot);
    stores.set(memory, [...(stores.get(memory) ?? []), access]);
  }
  for (const load of all) {
    const written = load.kind === "load" ? stores.get(memoryOf(load.slot)) : undefined;
    const broken = written && brokenBy(load, written);
    if (broken) return broken;
  }
  return undefined;
}

/**
 * The sentence that would be broken if the slot `to` lay in the memory of the slot `from`. It is asked of what fusion made: passes
 * over loops keep, for each element, the order of what reads and what stores it.
 */
export const takeOverProblem = (
  { body, fused = body }: Pick<Kernel, "body" | "fused">,
  from: number,
  to: number,
): string | undefined => orderProblem(accessesOf(fused), (slot) => (slot === to ? from : slot));
