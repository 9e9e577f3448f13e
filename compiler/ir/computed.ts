// Indices that are computed, and of which nobody knows before that they name an entry of their axis. A target looks at each before
// it reads or writes there, and ends the entry at the first that does not.

import { sameDim } from "../../src/graph/shape.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { Gathered, Kernel, KernelExpr, Position, Statement } from "./kernel.js";
import type { Buffer, Call, ProgramItem } from "./program.js";
import { callsOf, forEachLeaf, forEachValue, storesOf } from "./walk.js";

const known = new WeakMap<Kernel, boolean>();

export function hasComputed(kernel: Kernel): boolean {
  let found = known.get(kernel);
  if (found !== undefined) return found;
  found = storesOf(kernel.body).some(({ at }) => isComputed(at));
  const seen = new Set<KernelExpr>();
  forEachValue(kernel.body, (value) =>
    forEachLeaf(value, (leaf) => leaf.kind === "load" && isComputed(leaf.at) && (found = true), seen),
  );
  known.set(kernel, found);
  return found;
}

const isComputed = ({ loaded }: Position): boolean => loaded.some(({ computed }) => computed !== undefined);

/** The computed indices held in a local that the statements use whenever they run, each bound once. */
export function computedIn(local: number, statements: readonly Statement[]): Gathered[] {
  const found: Gathered[] = [];
  const seen = new Set<KernelExpr>();
  const position = ({ loaded }: Position): void => {
    for (const part of loaded) {
      const { value, below, computed } = part;
      const isOwn = computed !== undefined && !isConstant(value) && !isApply(value) && value.kind === "local";
      if (isOwn && value.local === local && !found.some((other) => sameDim(other.below, below))) found.push(part);
      expression(value);
    }
  };
  const expression = (root: KernelExpr): void => {
    if (isConstant(root) || seen.has(root)) return;
    seen.add(root);
    if (isApply(root)) {
      // What follows a condition is not always reached.
      const certain = ["select", "and", "or"].includes(root.op) ? root.args.slice(0, 1) : root.args;
      for (const arg of certain) expression(arg as KernelExpr);
    } else if (root.kind === "load") position(root.at);
  };
  const visit = (list: readonly Statement[]): void => {
    for (const s of list) {
      if (s.kind === "loop") visit(s.body);
      else if (s.kind === "reduction") for (const { value } of [...s.lets, ...s.accumulators]) expression(value);
      else expression(s.value);
      if (s.kind === "store") position(s.at);
    }
  };
  visit(statements);
  return found;
}

/**
 * The calls in an order in which computed indices are looked at before parameters and states change, as far as what calls read
 * and write allows it. Where nothing is computed, the order that they have.
 */
export function computedFirst(items: readonly ProgramItem[]): readonly ProgramItem[] {
  if (!callsOf(items).some(({ kernel }) => hasComputed(kernel))) return items;
  const first: ProgramItem[] = [];
  const later: { readonly item: ProgramItem; readonly touches: Touches }[] = [];
  for (const item of items) {
    const touches = touchesOf(item);
    const changes = [...touches.writes].some(({ segment }) => segment === "parameter" || segment === "state");
    if (changes || later.some((other) => conflict(other.touches, touches))) later.push({ item, touches });
    else first.push(item);
  }
  return [...first, ...later.map(({ item }) => item)];
}

interface Touches {
  readonly reads: ReadonlySet<Buffer>;
  readonly writes: ReadonlySet<Buffer>;
}

function touchesOf(item: ProgramItem): Touches {
  const reads = new Set<Buffer>();
  const writes = new Set<Buffer>();
  const note = ({ kernel, uses }: Call): void =>
    uses.forEach(({ buffer }, slot) => {
      const { access } = kernel.slots[slot]!;
      if (access !== "write") reads.add(buffer);
      if (access !== "read") writes.add(buffer);
    });
  callsOf([item]).forEach(note);
  return { reads, writes };
}

const conflict = (a: Touches, b: Touches): boolean =>
  [...a.writes].some((buffer) => b.reads.has(buffer) || b.writes.has(buffer)) ||
  [...b.writes].some((buffer) => a.reads.has(buffer));
