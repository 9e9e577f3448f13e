// What must hold of kernels and of a plan, as sentences. A broken one is our fault, not the user's.

import { axesOf } from "../../src/graph/affine.js";
import { invariant } from "../../src/messages.js";
import type { Kernel, KernelExpr, Position, Statement } from "./kernel.js";
import type { EntryPlan, Plan } from "./layout.js";
import type { Program } from "./program.js";
import { callsOf, forEachLeaf } from "./walk.js";

/** Every kernel of the program. */
export function verifyProgram(program: Program): void {
  for (const call of callsOf(program.items)) {
    invariant(
      call.uses.length === call.kernel.slots.length,
      `${call.kernel.name} is called with a buffer for each slot`,
    );
    verifyKernel(call.kernel);
  }
}

interface Known {
  readonly variables: ReadonlySet<number>;
  readonly locals: ReadonlySet<number>;
  readonly accumulators: ReadonlySet<number>;
}

function verifyKernel(kernel: Kernel): void {
  const stored = new Set<number>();
  const require = (condition: unknown, sentence: string): void =>
    invariant(condition, `in kernel ${kernel.name}, ${sentence}`);
  verifyStatements(kernel, kernel.body, { variables: new Set(), locals: new Set(), accumulators: new Set() }, stored);
  for (const [slot, { access, name }] of kernel.slots.entries()) {
    require((access === "read") !== stored.has(slot), `${name} is stored to exactly if its access says so`);
  }
}

function verifyStatements(kernel: Kernel, statements: readonly Statement[], outer: Known, stored: Set<number>): void {
  const require = (condition: unknown, sentence: string): void =>
    invariant(condition, `in kernel ${kernel.name}, ${sentence}`);
  const locals = new Set(outer.locals);
  const accumulators = new Set(outer.accumulators);
  const known: Known = { variables: outer.variables, locals, accumulators };
  for (const statement of statements) {
    if (statement.kind === "loop") {
      require(!known.variables.has(statement.variable), "a loop has a variable of its own");
      const variables = new Set([...known.variables, statement.variable]);
      verifyStatements(kernel, statement.body, { ...known, variables }, stored);
    } else if (statement.kind === "reduction") {
      const variables = new Set([...known.variables, ...statement.loops.map((loop) => loop.variable)]);
      const inner = { variables, locals: new Set(locals), accumulators };
      for (const { local, value } of statement.lets) {
        verifyValue(kernel, value, inner);
        inner.locals.add(local);
      }
      for (const { value } of statement.accumulators) verifyValue(kernel, value, inner);
      for (const { accumulator } of statement.accumulators) accumulators.add(accumulator);
    } else {
      verifyValue(kernel, statement.value, known);
      if (statement.kind === "let") {
        require(!locals.has(statement.local), "a local is bound once");
        locals.add(statement.local);
      } else {
        require(statement.slot in kernel.slots, "a store goes to a slot of the kernel");
        verifyPosition(kernel, statement.at, known);
        stored.add(statement.slot);
      }
    }
  }
}

function verifyValue(kernel: Kernel, root: KernelExpr, known: Known): void {
  const require = (condition: unknown, sentence: string): void =>
    invariant(condition, `in kernel ${kernel.name}, ${sentence}`);
  forEachLeaf(root, (leaf) => {
    if (leaf.kind === "local") require(known.locals.has(leaf.local), "a local is bound before it is used");
    if (leaf.kind === "accumulator")
      require(known.accumulators.has(leaf.accumulator), "an accumulator is read when it is done");
    if (leaf.kind === "index")
      require(axesOf(leaf.affine).every((v) => known.variables.has(v)), "an index counts loops around it");
    if (leaf.kind === "load") {
      require(leaf.slot in kernel.slots, "a load reads a slot of the kernel");
      verifyPosition(kernel, leaf.at, known);
    }
  });
}

function verifyPosition(kernel: Kernel, { affine }: Position, known: Known): void {
  const inside = axesOf(affine).every((variable) => known.variables.has(variable));
  invariant(inside, `in kernel ${kernel.name}, a position counts loops around it`);
}

/** No two buffers that are alive at the same time share memory, and everything lies in the arena. */
export function verifyPlan(plan: Plan): void {
  const persistent = plan.persistent.toSorted((a, b) => a.offset - b.offset);
  for (const [i, place] of persistent.entries()) {
    const next = persistent[i + 1];
    const end = next ? next.offset : plan.workspaceOffset;
    invariant(place.offset + place.bytes <= end, `${place.buffer.name} ends before what follows it`);
  }
  for (const entry of plan.entries) verifyWorkspace(entry, plan);
}

function verifyWorkspace({ workspace, program }: EntryPlan, plan: Plan): void {
  // The buffers alive, by offset; ended ones leave when they are next looked at.
  const alive: (typeof workspace)[number][] = [];
  for (const place of workspace.toSorted((a, b) => a.first - b.first)) {
    const { offset, bytes, buffer } = place;
    const inside = offset >= plan.workspaceOffset && offset + bytes <= plan.arenaBytes;
    invariant(inside, `${buffer.name} lies in the workspace`);
    // A buffer may take over memory in the very call that reads its former owner for the last time.
    const ended = (other: Placed): boolean =>
      other.last < place.first || (other.last === place.first && other.offset === offset);
    let at = lowerBound(alive, offset);
    while (at < alive.length && (ended(alive[at]!) || alive[at]!.offset < offset + bytes)) {
      refuse(alive[at]!, ended(alive[at]!), buffer.name, program.entry);
      alive.splice(at, 1);
    }
    for (; at > 0 && ended(alive[at - 1]!); at--) alive.splice(at - 1, 1);
    const before = alive[at - 1];
    if (before) refuse(before, before.offset + before.bytes <= offset, buffer.name, program.entry);
    alive.splice(at, 0, place);
  }
}

type Placed = EntryPlan["workspace"][number];

function refuse(other: Placed, apart: boolean, name: string, entry: string): void {
  invariant(apart, `in ${entry}, ${name} and ${other.buffer.name} do not share memory while both are alive`);
}

/** The first position whose offset is at least the given one. */
function lowerBound(places: readonly Placed[], offset: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
