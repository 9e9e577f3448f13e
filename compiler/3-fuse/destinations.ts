// Where results and next values are stored. An update is written in place when every reader of the old value can run before it;
// otherwise the new value waits in the workspace and is copied at the end, and the program says so.

import type { Node } from "../../src/graph/node.js";
import { sameShape, sizeOf } from "../../src/graph/shape.js";
import type { BufferUse } from "../ir/program.js";
import type { Edge } from "./decide/order.js";
import type { Draft } from "./decide/settle.js";
import type { DivertReason, FuseDecision } from "./decisions.js";
import { wholeBuffer, type FuseInput } from "./input.js";
import { stripAlias } from "./lowered.js";
import { workspace } from "./places.js";
import {
  copyOf,
  isCopy,
  isNoKernels,
  loopsOf,
  makerOf,
  push,
  scattersFrom,
  startOf,
  valueOf,
  type Root,
} from "./roots.js";

/** The next value of a leaf. */
export interface PlacedUpdate {
  readonly leaf: Node;
  readonly root: Root;
  /** Is it stored over the old value at once? */
  readonly isDirect: boolean;
}

export interface Destinations {
  readonly uses: ReadonlyMap<Root, BufferUse>;
  /** The roots of results and next values, in their order. */
  readonly required: readonly Root[];
  readonly updates: ReadonlyMap<Node, PlacedUpdate>;
  /** What scattered updates add, where it is computed from what they update. */
  readonly scattered: ReadonlySet<Node>;
  readonly notes: readonly string[];
  readonly decisions: readonly FuseDecision[];
}

type Drafts = ReadonlyMap<Root, Draft>;

/** Every update in place. */
export function destinationsOf({ results, updates, leaf }: FuseInput): Destinations {
  const uses = new Map<Root, BufferUse>();
  const required: Root[] = [];
  const place = (value: Node, use: BufferUse): Root => {
    // What already lies elsewhere is copied.
    const base = stripAlias(value);
    const root = isNoKernels(base) || uses.has(base) ? copyOf(value) : base;
    uses.set(root, use);
    required.push(root);
    return root;
  };
  for (const { value, use } of results) place(value, use);
  const placed = updates.map(
    (update) => [update.leaf, { ...update, root: place(update.value, leaf(update.leaf)), isDirect: true }] as const,
  );
  return { uses, required, updates: new Map(placed), scattered: new Set(), notes: [], decisions: [] };
}

/** Whoever reads the old value of an updated leaf runs before the update. */
export function readersFirst({ updates }: Destinations, drafts: Drafts): readonly Edge[] {
  const edges: Edge[] = [];
  for (const [reader, { footprint }] of drafts) {
    for (const [read, shared] of footprint.reads) {
      const update = isCopy(read) ? undefined : updates.get(read);
      if (update && update.root !== reader)
        edges.push({ from: reader, to: update.root, aligned: shared === loopsOf(read).length ? Infinity : 0 });
    }
  }
  return edges;
}

/**
 * The step: the same with fewer updates in place, where some cannot be; the same object where all can. It ends because a leaf
 * waits once, and a graph has so many values that scatters add.
 */
export function withoutConflicts(all: Destinations, drafts: Drafts, input: FuseInput): Destinations {
  const readersOf = rootsThatRead(drafts);
  let now = all;
  for (const { leaf } of all.updates.values()) {
    const update = now.updates.get(leaf)!;
    if (!update.isDirect) continue;
    const because = conflictOf(update, now.updates, readersOf, drafts);
    if (because) now = withScattered(now, update.root) ?? diverted(now, update, because, input);
  }
  return now;
}

/** The roots that read each node, or the loop whose result it is. */
function rootsThatRead(drafts: Drafts): ReadonlyMap<Root, readonly Root[]> {
  const readersOf = new Map<Root, Root[]>();
  for (const [root, { footprint }] of drafts) {
    for (const read of footprint.reads.keys()) {
      push(readersOf, makerOf(read), root);
    }
  }
  return readersOf;
}

function conflictOf(
  { leaf, root }: PlacedUpdate,
  updates: Destinations["updates"],
  readersOf: ReadonlyMap<Root, readonly Root[]>,
  drafts: Drafts,
): DivertReason | undefined {
  const own = drafts.get(root)?.footprint.reads.get(leaf);
  if (own !== undefined && (own < loopsOf(leaf).length || scattersWhatItReads(root, leaf, drafts)))
    return "its own update reads the old value elsewhere";
  const waits = readerWaits(root, leaf, updates, readersOf, drafts);
  return waits ? "a reader of the old value waits for the new one" : undefined;
}

/** Does a scatter compute what it stores from the leaf that it is stored to? Where it stores is not where its loops read. */
function scattersWhatItReads(root: Root, leaf: Node, drafts: Drafts): boolean {
  const open: Node[] = [];
  for (const scatter of scattersFrom(root)) {
    const start = startOf(scatter);
    open.push(...scatter.inputs.filter((input, i) => input !== start || scatter.inputs.indexOf(input) !== i));
  }
  const seen = new Set<Node>();
  for (let node = open.pop(); node; node = open.pop()) {
    if (node === leaf) return true;
    // What is stored is read where it is stored.
    if (seen.has(node) || drafts.has(node)) continue;
    seen.add(node);
    open.push(...node.inputs);
  }
  return false;
}

/** Does a reader of the old value wait, directly or through others, for the new one? */
function readerWaits(
  root: Root,
  leaf: Node,
  updates: Destinations["updates"],
  readersOf: ReadonlyMap<Root, readonly Root[]>,
  drafts: Drafts,
): boolean {
  const readers = new Set((readersOf.get(leaf) ?? []).filter((reader) => reader !== root));
  if (readers.size === 0) return false;
  const seen = new Set<Root>();
  const stack = [root];
  while (stack.length > 0) {
    const node = stack.pop()!;
    const next = [...(readersOf.get(node) ?? [])];
    // An update of another leaf also waits for that leaf's readers.
    for (const read of drafts.get(node)?.footprint.reads.keys() ?? []) {
      const other = isCopy(read) ? undefined : updates.get(read);
      if (other?.isDirect && other.root !== node) next.push(other.root);
    }
    for (const reader of next) {
      if (readers.has(reader)) return true;
      if (seen.has(reader)) continue;
      seen.add(reader);
      stack.push(reader);
    }
  }
  return false;
}

/** What a scattered update adds is stored, so that it reads nothing else; nothing where that is done already. */
function withScattered(all: Destinations, root: Root): Destinations | undefined {
  const scattered = new Set(all.scattered);
  for (const scatter of scattersFrom(root)) {
    const start = startOf(scatter);
    for (const input of scatter.inputs) {
      const base = stripAlias(input);
      if (input !== start && !isNoKernels(base)) scattered.add(base);
    }
  }
  return scattered.size > all.scattered.size ? { ...all, scattered } : undefined;
}

function diverted(
  all: Destinations,
  { leaf, root }: PlacedUpdate,
  because: DivertReason,
  input: FuseInput,
): Destinations {
  const name = input.nameOf(leaf);
  const note = `the new ${name} waits in the workspace: its old value is still needed after it is known`;
  const copy = copyOf(root);
  const uses = new Map(all.uses).set(root, wholeBuffer(workspace(`${name}.next`, root))).set(copy, input.leaf(leaf));
  return {
    ...all,
    uses,
    required: [...all.required, copy],
    updates: new Map(all.updates).set(leaf, { leaf, root: copy, isDirect: false }),
    notes: [...all.notes, note],
    decisions: [...all.decisions, { kind: "divert", leaf, because }],
  };
}

/** Which updates wait for a tensor of their parameter's shape, usually the whole gradient. */
export function notesOfWhole(
  { updates, uses }: Destinations,
  drafts: Drafts,
  kept: ReadonlySet<Root>,
  { leaf: memoryOf, nameOf }: FuseInput,
): readonly string[] {
  const notes: string[] = [];
  for (const { leaf, root, isDirect } of updates.values()) {
    if (!isDirect || memoryOf(leaf).buffer.segment !== "parameter" || sizeOf(leaf.shape).times === 1) continue;
    for (const read of drafts.get(root)!.footprint.reads.keys()) {
      const isWhole = !isNoKernels(read) && sameShape(read.shape, leaf.shape);
      if (!isWhole || kept.has(read) || uses.has(read)) continue;
      notes.push(`${nameOf(valueOf(read))} is stored whole before ${nameOf(leaf)} is updated`);
    }
  }
  return notes;
}
