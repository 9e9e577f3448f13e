// The checked build, for tests: emitted code in which every load and store asserts that it lies in the buffer that its slot stands
// for, at the rows of the call, and every load that what it reads was written in this call, by that buffer, or persists by right.
// Here: what is known of each call, as data.

import { evaluateDim, sizeOf } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import { bytesPerElement, type Plan } from "../../ir/layout.js";
import type { EntrySpec, ModuleSpec } from "../../ir/module.js";
import type { Buffer, Call, Program, Segment } from "../../ir/program.js";
import { callsOf } from "../../ir/walk.js";

/** What a slot stands for in a call: `times * rows^power` elements from byte `first` on. */
export interface CheckedSlot {
  readonly kernel: string;
  readonly buffer: string;
  /** The number of the buffer: who wrote a byte. Not 0. */
  readonly owner: number;
  readonly first: number;
  /** Bytes of an element. */
  readonly element: number;
  readonly times: number;
  readonly power: number;
}

/** Bytes that an entry may read without having written them. */
export interface Kept {
  readonly first: number;
  readonly bytes: number;
  readonly owner: number;
}

export interface CheckedCalls {
  /** The slots of all calls, one call after the other. */
  readonly slots: readonly CheckedSlot[];
  /** The most slots of a call. */
  readonly mostSlots: number;
  /** Where a call's slots begin in that list. */
  readonly placeOf: (call: Call, program: Program) => number;
  /** By entry. */
  readonly kept: ReadonlyMap<Program, readonly Kept[]>;
}

const PERSISTENT: readonly Segment[] = ["input", "target", "parameter", "state", "hyper", "constant"];
/** What is set before initial values are computed; the seed is a state. */
const BEFORE: readonly Segment[] = ["hyper", "constant"];

export function checkedCalls(spec: ModuleSpec, plan: Plan): CheckedCalls {
  const slots: CheckedSlot[] = [];
  const places = new Map<Program, Map<Call, number>>();
  const owners = new Map<Buffer, number>();
  const ownerOf = (buffer: Buffer): number => {
    const known = owners.get(buffer) ?? owners.size + 1;
    owners.set(buffer, known);
    return known;
  };
  for (const { program } of spec.entries) {
    const own = new Map<Call, number>();
    places.set(program, own);
    for (const call of callsOf(program.items)) {
      if (own.has(call)) continue;
      own.set(call, slots.length);
      for (const { buffer } of call.uses) {
        slots.push({
          kernel: call.kernel.name,
          buffer: buffer.name,
          owner: ownerOf(buffer),
          first: plan.placeOf(buffer, program).offset,
          element: bytesPerElement(buffer.dtype, plan.float),
          ...sizeOf(buffer.shape),
        });
      }
    }
  }
  const kept = new Map(spec.entries.map((entry) => [entry.program, keptBy(entry, spec, plan, ownerOf)]));
  invariant(owners.size < 2 ** 16, "the number of a buffer has 16 bits");
  const calls = spec.entries.flatMap(({ program }) => callsOf(program.items));
  const mostSlots = Math.max(1, ...calls.map(({ uses }) => uses.length));
  return { slots, mostSlots, placeOf: (call, program) => places.get(program)!.get(call)!, kept };
}

function keptBy(entry: EntrySpec, spec: ModuleSpec, plan: Plan, ownerOf: (buffer: Buffer) => number): Kept[] {
  const segments = entry.kind === "initialize" ? BEFORE : PERSISTENT;
  return plan.persistent
    .filter(({ buffer }) => segments.includes(buffer.segment) || buffer === spec.seed)
    .map(({ buffer, offset }) => {
      const elements = evaluateDim(sizeOf(buffer.shape), spec.capacity);
      return { first: offset, bytes: elements * bytesPerElement(buffer.dtype, plan.float), owner: ownerOf(buffer) };
    });
}
