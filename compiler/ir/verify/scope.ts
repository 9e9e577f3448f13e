// What must hold of a kernel's names: each variable, local and accumulator is used where it is known, and slots are touched as
// their access says.

import { axesOf } from "../../../src/graph/affine.js";
import { invariant } from "../../../src/messages.js";
import type { Kernel, KernelExpr, Position, Statement } from "../kernel.js";
import { forEachLeaf } from "../walk.js";

type Require = (condition: unknown, sentence: string) => void;

const requireOf =
  (kernel: Kernel): Require =>
  (condition, sentence) => {
    if (!condition) invariant(false, `in kernel ${kernel.name}, ${sentence}`);
  };

interface Known {
  readonly variables: ReadonlySet<number>;
  readonly locals: ReadonlySet<number>;
  readonly accumulators: ReadonlySet<number>;
}

const verified = new WeakSet<Kernel>();

/** `body`: the kernel's as it was when sums still had variables of their own, where that is known. */
export function verifyScope(kernel: Kernel, body: readonly Statement[] = kernel.body): void {
  if (verified.has(kernel)) return;
  const stored = new Set<number>();
  const require = requireOf(kernel);
  verifyStatements(kernel, body, { variables: new Set(), locals: new Set(), accumulators: new Set() }, stored);
  for (const [slot, { access, name }] of kernel.slots.entries()) {
    require((access === "read") !== stored.has(slot), `${name} is stored to exactly if its access says so`);
  }
  verified.add(kernel);
}

function verifyStatements(kernel: Kernel, statements: readonly Statement[], outer: Known, stored: Set<number>): void {
  const require = requireOf(kernel);
  const locals = new Set(outer.locals);
  const accumulators = new Set(outer.accumulators);
  const known: Known = { variables: outer.variables, locals, accumulators };
  for (const statement of statements) {
    if (statement.kind === "loop") {
      require(!known.variables.has(statement.variable), "a loop has a variable of its own");
      const variables = new Set([...known.variables, statement.variable]);
      verifyStatements(kernel, statement.body, { ...known, variables }, stored);
    } else if (statement.kind === "reduction") {
      for (const { variable } of statement.loops)
        require(!known.variables.has(variable), "a sum has variables of its own");
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
  const require = requireOf(kernel);
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
  const inside = affine.every(({ axis }) => axis === undefined || known.variables.has(axis));
  requireOf(kernel)(inside, "a position counts loops around it");
}
