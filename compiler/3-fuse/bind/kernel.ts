// A kernel over buffers: the tree of its roots, with a slot for each buffer in place of one for each node.

import { axesOf } from "../../../src/graph/affine.js";
import type { Node } from "../../../src/graph/node.js";
import { withOrder } from "../../ir/parallel.js";
import type { Kernel, Slot, Statement } from "../../ir/kernel.js";
import type { BufferUse, Call } from "../../ir/program.js";
import { renamed } from "../../ir/rename.js";
import { verifyScope } from "../../ir/verify/scope.js";
import { invariant } from "../../../src/messages.js";
import { build } from "../build/build.js";
import type { Storage } from "../build/building.js";
import type { Footprint, KernelTree } from "../build/tree.js";
import { sameUse } from "../places.js";
import { depthOf } from "../position.js";
import { valueOf, type Root } from "../roots.js";
import { slotAccesses } from "../../ir/slot-accesses.js";
import { statementsOf } from "./statements.js";

/** Of a group of roots, what decides their kernel. */
export interface KernelRequest {
  readonly roots: readonly Root[];
  /** What a build of each root alone told. */
  readonly known: (root: Root) => Footprint | undefined;
  readonly isStored: (node: Node) => boolean;
  readonly placeOf: (root: Root) => BufferUse;
  readonly name: string;
}

export interface BoundKernel {
  readonly call: Call;
  /** Roots that take no memory. */
  readonly kept: ReadonlySet<Root>;
}

/** The call of the roots' kernel. `kept`: roots that need no memory, unless another loop of the kernel reads them. */
export function kernelFor(request: KernelRequest, kept: ReadonlySet<Root>): BoundKernel {
  const { roots, placeOf, name } = request;
  const [tree, unstored] = treeKeeping(request, kept);
  const stored = roots.filter((root) => !unstored.has(root));
  const uses: BufferUse[] = [];
  const slots = tree.operands.map((operand) => slotIn(uses, placeOf(operand)));
  const bound = statementsOf(tree, stored, (operand) => slots[operand]!);
  const body = withOrder(inDepths(bound));
  const accesses = slotAccesses(body, uses.length);
  const kernel: Kernel = Object.freeze({
    name,
    slots: uses.map(({ buffer }, slot): Slot => ({
      name: buffer.name,
      dtype: buffer.dtype,
      access: accesses[slot]!,
    })),
    body,
    computes: computedBy(tree, roots),
  });
  verifyScope(kernel, bound);
  return { call: { kind: "call", kernel, uses }, kept: unstored };
}

/**
 * The tree, and the roots that it does not store. A value that another loop of the kernel reads is stored after all. It ends
 * because each turn stores one more root.
 */
function treeKeeping(request: KernelRequest, kept: ReadonlySet<Root>): readonly [KernelTree, ReadonlySet<Root>] {
  for (let unstored: ReadonlySet<Root> = kept; ;) {
    const tree = treeOf(request, unstored);
    const missed = new Set(tree.operands.filter((root) => unstored.has(root)));
    if (missed.size === 0) return [tree, unstored];
    unstored = new Set([...unstored].filter((root) => !missed.has(root)));
  }
}

function treeOf({ roots, known, isStored, placeOf }: KernelRequest, kept: ReadonlySet<Root>): KernelTree {
  const storage: Storage = {
    isStored,
    readers: undefined,
    startsInPlace: (root, start) => sameUse(placeOf(root), placeOf(start)),
  };
  const built = build(
    roots.map((root) => ({ root, known: known(root), isKept: kept.has(root) })),
    storage,
  );
  invariant(!("store" in built), "what is stored is decided before kernels are bound");
  return built;
}

/** The slot of a use; uses of the same memory in the same way are one. */
function slotIn(uses: BufferUse[], use: BufferUse): number {
  const known = uses.findIndex((other) => sameUse(other, use));
  return known >= 0 ? known : uses.push(use) - 1;
}

/** The nodes that the kernel stores, and those that it computes in place. */
const computedBy = ({ footprints }: KernelTree, roots: readonly Root[]): readonly Node[] => [
  ...new Set([...roots.map(valueOf), ...footprints.flatMap(({ computes }) => [...computes])]),
];

/** Sums count in variables of depths again, once all positions are known to be theirs. */
const inDepths = (statements: readonly Statement[]): readonly Statement[] =>
  renamed(statements, {
    variable: depthOf,
    affine: (affine) =>
      axesOf(affine).every((axis) => depthOf(axis) === axis)
        ? affine
        : affine.map((term) => (term.axis === undefined ? term : { ...term, axis: depthOf(term.axis) })),
  });
