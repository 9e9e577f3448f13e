// The calls of roots that share a kernel: one, unless it would read what is not stored yet.

import type { Node } from "../../../src/graph/node.js";
import { accessesOf } from "../../ir/accesses.js";
import { ownOrderProblem } from "../../ir/verify/memory.js";
import type { Draft } from "../decide/settle.js";
import { isGiven } from "../decide/graph.js";
import type { Decision } from "../decide/decide.js";
import type { Destinations } from "../destinations.js";
import type { BoundCalls, FuseInput } from "../input.js";
import type { Places } from "../places.js";
import { identityOfObject } from "../position.js";
import { isCopy, isLooped, loopsOf, type Root } from "../roots.js";
import { kernelFor, type KernelRequest } from "./kernel.js";

/** What was decided, and where things lie. */
export interface BindContext {
  readonly input: FuseInput;
  readonly decision: Decision;
  readonly destinations: Destinations;
  readonly places: Places;
  /** Roots that need no memory, as a rule. */
  readonly kept: ReadonlySet<Root>;
}

/** Roots that only their own kernel reads, element for element: they need no memory, as a rule. */
export function keptInKernels({ kernels, drafts }: Decision, { uses }: Destinations): ReadonlySet<Root> {
  const kept = new Set(kernels.flat().filter((root) => !uses.has(root) && !isLooped(root)));
  for (const group of kernels) {
    const members = new Set(group);
    for (const reader of group) {
      for (const [read, shared] of drafts.get(reader)!.footprint.reads) {
        if (shared < loopsOf(read).length || !members.has(read)) kept.delete(read);
      }
    }
  }
  return kept;
}

/** The calls of a group's kernel. Entries of a mode share those of equal kernels over the same memory. */
export function callsFor(bindings: BindContext, group: readonly Root[]): BoundCalls {
  const { calls } = bindings.input.cache;
  const key = keyOf(bindings, group);
  const made = calls.get(key) ?? makeCalls(bindings, group);
  calls.set(key, made);
  return made;
}

/** Less is kept out of memory, or less shared, where the kernel would read what is not stored yet. */
function makeCalls(bindings: BindContext, group: readonly Root[]): BoundCalls {
  const request = requestFor(bindings, group);
  const kept = new Set(group.filter((root) => bindings.kept.has(root)));
  for (const unstored of [kept, new Set<Root>()]) {
    const bound = kernelFor(request, unstored);
    if (!ownOrderProblem(accessesOf(bound.call.kernel.body))) return { calls: [bound.call], kept: bound.kept };
  }
  const alone = group.map((root) => kernelFor(requestFor(bindings, [root]), new Set()).call);
  return { calls: alone, kept: new Set() };
}

function requestFor(bindings: BindContext, roots: readonly Root[]): KernelRequest {
  const { stored, drafts } = bindings.decision;
  return {
    roots,
    known: (root) => (drafts.get(root) as Draft | undefined)?.footprint,
    isStored: (node: Node) => stored.has(node) || isGiven(node),
    placeOf: bindings.places.of,
    name: nameOf(bindings, roots),
  };
}

const RESULTS: ReadonlySet<string> = new Set(["output", "loss", "statistic", "gradient"]);

/** After what the kernel is for: a result, a leaf's next value, or else its last node. */
function nameOf({ input, destinations: { uses, updates } }: BindContext, group: readonly Root[]): string {
  for (const root of group.toReversed()) {
    const buffer = uses.get(root)?.buffer;
    if (buffer && RESULTS.has(buffer.segment)) return buffer.name;
    if (buffer?.leaf && updates.get(buffer.leaf)?.root === root) return input.updateName(buffer.leaf);
  }
  const last = group[group.length - 1]!;
  return input.nameOf(isCopy(last) ? last.named : last);
}

/** Equal for kernels that compute the same nodes from and to the same memory. */
function keyOf({ decision, places, kept }: BindContext, group: readonly Root[]): string {
  const place = (root: Root): string => {
    const { buffer, advance } = places.of(root);
    return [root, buffer, ...advance.map((step) => step.loop)].map(identityOfObject).join(":");
  };
  return group
    .map((root) => {
      const reads = [...decision.drafts.get(root)!.footprint.reads.keys()];
      return [
        kept.has(root) ? identityOfObject(root) : place(root),
        ...reads.filter((read) => !kept.has(read)).map(place),
      ].join();
    })
    .join("|");
}
