// Graph in, program out: one scope of results and updates becomes kernel calls and loops in order.
//
// An update is written in place when every reader of the old value can run before it; otherwise the new value waits in
// the workspace and is copied at the end, and the program says so.

import { axesOf } from "../../src/graph/affine.js";
import type { Assignment } from "../../src/graph/network.js";
import { createNode, type Node, type Region } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import { copyRule } from "../../src/graph/rules.js";
import { sameDim, sameShape, sizeOf, type Dim } from "../../src/graph/shape.js";
import { invariant } from "../../src/messages.js";
import { argument } from "../../src/scalar/expression.js";
import { accessesOf } from "../ir/accesses.js";
import { withAxes } from "../ir/axes.js";
import type { Kernel, Slot, Statement } from "../ir/kernel.js";
import { renamed } from "../ir/rename.js";
import { ownOrderProblem } from "../ir/verify/memory.js";
import { verifyScope } from "../ir/verify/scope.js";
import type { Buffer, BufferUse, Call, LoopIdentity, ProgramItem } from "../ir/program.js";

import type { Choices, Needs } from "./block.js";
import { baseOf, KernelBuilder } from "./builder.js";
import { Chooser, type Chosen, type Draft } from "./choose.js";
import { verifyComparisons } from "./compared.js";
import { isOpaque, type Edge } from "./groups.js";
import { bindLocals } from "./locals.js";
import { lowered, stripAlias } from "./lowered.js";
import { depthOf, identityOfObject } from "./position.js";
import { slotAccesses } from "./slots.js";

/** A value to be stored in a given place. */
export interface Target {
  readonly value: Node;
  readonly use: BufferUse;
}

/** What entries of one mode share while they are fused: equal kernels over the same memory are made once. */
export class Shared {
  readonly drafts = new Map<Node, Draft>();
  readonly places = new Map<Node, BufferUse>();
  readonly calls = new Map<string, readonly Call[]>();
}

export interface Scope {
  readonly shared: Shared;
  readonly results: readonly Target[];
  readonly updates: readonly Assignment[];
  /** The memory of a leaf. */
  readonly leaf: (node: Node) => BufferUse;
  readonly nameOf: (node: Node) => string;
  /** What the kernel that stores a leaf's next value is called. */
  readonly updateName: (leaf: Node) => string;
}

export interface Fused {
  readonly items: readonly ProgramItem[];
  readonly notes: readonly string[];
}

const copyDef: OpDef = {
  name: "copy",
  family: "pointwise",
  doc: "The operand.",
  operands: ["x"],
  infer: ({ inputs }) => ({ shape: inputs[0]!.shape, dtype: inputs[0]!.dtype }),
  scalar: argument(0),
  differentiable: true,
  samples: () => [],
};

const copyOf = (node: Node): Node => createNode(copyDef, [node], {}, derivedOrigin(node, copyRule, "part"));

export const wholeBuffer = (buffer: Buffer): BufferUse => ({ buffer, advance: [] });

export function fuse(scope: Scope): Fused {
  return new Fusion(scope).run();
}

class Fusion {
  /** Where each root is stored. */
  private readonly uses = new Map<Node, BufferUse>();
  private readonly required: Node[] = [];
  private readonly updated = new Map<Node, { leaf: Node; root: Node; direct: boolean }>();
  /** What scattered updates add, where it is computed from what they update. */
  private readonly stored = new Set<Node>();
  private readonly notes: string[] = [];
  private readonly resultBuffers = new Map<Node, BufferUse[]>();
  private slotUses: BufferUse[] = [];

  constructor(private readonly scope: Scope) {}

  run(): Fused {
    for (const { value, use } of this.scope.results) this.require(value, use);
    for (const { leaf, value } of this.scope.updates) {
      const root = this.require(value, this.scope.leaf(leaf));
      this.updated.set(leaf, { leaf, root, direct: true });
    }
    for (;;) {
      const chooser = new Chooser(this.required, this.stored, this.scope.shared.drafts);
      const chosen = chooser.choose((needs) => this.antiEdges(needs));
      if (this.divertConflicts(chosen.needs)) continue;
      verifyComparisons(chosen.needs);
      const kept = this.keptInKernels(chosen);
      this.noteWhole(chosen.needs, kept);
      const items = chosen.groups.flatMap((group) => this.emit(group, chooser, chosen.needs, kept));
      return { items, notes: this.notes };
    }
  }

  /** Roots that only their own kernel reads, element for element: they need no memory, as a rule. */
  private keptInKernels({ groups, needs }: Chosen): ReadonlySet<Node> {
    const kept = new Set<Node>(groups.flat().filter((root) => !this.uses.has(root) && !isOpaque(root)));
    for (const group of groups) {
      for (const reader of group) {
        for (const [read, shared] of needs.get(reader)!.reads) {
          if (shared < rankOf(read) || !group.includes(read)) kept.delete(read);
        }
      }
    }
    return kept;
  }

  /** Says which updates wait for a tensor of their parameter's shape, usually the whole gradient. */
  private noteWhole(needs: ReadonlyMap<Node, Needs>, kept: ReadonlySet<Node>): void {
    for (const { leaf, root, direct } of this.updated.values()) {
      if (!direct || this.scope.leaf(leaf).buffer.segment !== "parameter" || sizeOf(leaf.shape).times === 1) continue;
      for (const read of needs.get(root)!.reads.keys()) {
        const whole = !["leaf", "result"].includes(lowered(read).kind) && sameShape(read.shape, leaf.shape);
        if (!whole || kept.has(read) || this.uses.get(read)?.buffer.segment !== undefined) continue;
        const [stored, name] = [this.scope.nameOf(read), this.scope.nameOf(leaf)];
        this.notes.push(`${stored} is stored whole before ${name} is updated`);
      }
    }
  }

  /** Makes the value a root stored in the given place; a copy of it when it already lives elsewhere. */
  private require(value: Node, use: BufferUse): Node {
    const base = stripAlias(value);
    const kind = lowered(base).kind;
    const root = kind === "leaf" || kind === "result" || this.uses.has(base) ? copyOf(value) : base;
    this.uses.set(root, use);
    this.required.push(root);
    return root;
  }

  /** Whoever reads the old value of an updated leaf runs before the update. */
  private antiEdges(needs: ReadonlyMap<Node, Needs>): Edge[] {
    const edges: Edge[] = [];
    for (const [reader, { reads }] of needs) {
      for (const [read, shared] of reads) {
        const update = this.updated.get(read);
        if (update && update.root !== reader)
          edges.push({ from: reader, to: update.root, aligned: shared === rankOf(read) ? Infinity : 0 });
      }
    }
    return edges;
  }

  /** Finds updates that cannot be written in place and sends them through the workspace. */
  private divertConflicts(needs: ReadonlyMap<Node, Needs>): boolean {
    let diverted = false;
    const readersOf = new Map<Node, Node[]>();
    for (const [root, { reads }] of needs) {
      for (const read of reads.keys()) {
        const source = lowered(read).kind === "result" ? stripAlias(read.inputs[0]!) : read;
        const readers = readersOf.get(source);
        if (readers) readers.push(root);
        else readersOf.set(source, [root]);
      }
    }
    for (const update of this.updated.values()) {
      if (!update.direct) continue;
      const own = needs.get(update.root)?.reads.get(update.leaf);
      const readsElsewhere = own !== undefined && (own < rankOf(update.leaf) || scattersWhatItReads(update, needs));
      if (!readsElsewhere && !this.reaches(update.root, readersOf, update.leaf, needs)) continue;
      if (!this.storeScattered(update.root)) this.divert(update);
      diverted = true;
    }
    return diverted;
  }

  /** Stores what a scattered update adds, so that it reads nothing else; false where that is done already. */
  private storeScattered(root: Node): boolean {
    const before = this.stored.size;
    for (let node: Node | undefined = root; node && lowered(node).kind === "scatter"; node = baseOf(node)) {
      for (const input of node.inputs) {
        const base = stripAlias(input);
        if (input !== baseOf(node) && !["leaf", "result"].includes(lowered(base).kind)) this.stored.add(base);
      }
    }
    return this.stored.size > before;
  }

  /** Does a reader of the old value wait, directly or through others, for the new one? */
  private reaches(
    root: Node,
    readersOf: ReadonlyMap<Node, readonly Node[]>,
    leaf: Node,
    needs: ReadonlyMap<Node, Needs>,
  ): boolean {
    const targets = new Set((readersOf.get(leaf) ?? []).filter((reader) => reader !== root));
    if (targets.size === 0) return false;
    const seen = new Set<Node>();
    const stack = [root];
    while (stack.length > 0) {
      const node = stack.pop()!;
      const next = [...(readersOf.get(node) ?? [])];
      // An update of another leaf also waits for that leaf's readers.
      for (const read of needs.get(node)?.reads.keys() ?? []) {
        const other = this.updated.get(read);
        if (other?.direct && other.root !== node) next.push(other.root);
      }
      for (const reader of next) {
        if (targets.has(reader)) return true;
        if (seen.has(reader)) continue;
        seen.add(reader);
        stack.push(reader);
      }
    }
    return false;
  }

  private divert(update: { leaf: Node; root: Node; direct: boolean }): void {
    const name = this.scope.nameOf(update.leaf);
    this.notes.push(`the new ${name} waits in the workspace: its old value is still needed after it is known`);
    const buffer = workspace(`${name}.next`, update.root);
    this.uses.set(update.root, wholeBuffer(buffer));
    const copy = copyOf(update.root);
    this.uses.set(copy, this.scope.leaf(update.leaf));
    this.required.push(copy);
    this.updated.set(update.leaf, { leaf: update.leaf, root: copy, direct: false });
  }

  private useOf(node: Node): BufferUse {
    const known = this.uses.get(node);
    if (known) return known;
    const use = this.placeOf(node);
    this.uses.set(node, use);
    return use;
  }

  private placeOf(node: Node): BufferUse {
    const kind = lowered(node).kind;
    if (kind === "leaf") return this.scope.leaf(node);
    if (kind === "result") return this.resultBuffer(node.inputs[0]!, (node.attrs as { index: number }).index);
    const { places } = this.scope.shared;
    const place = places.get(node) ?? wholeBuffer(workspace(this.scope.nameOf(node), node));
    places.set(node, place);
    return place;
  }

  private emit(
    group: readonly Node[],
    chooser: Chooser,
    needs: ReadonlyMap<Node, Needs>,
    kept: ReadonlySet<Node>,
  ): ProgramItem[] {
    if (isOpaque(group[0]!)) return this.emitScan(group[0]!);
    const key = this.callKey(group, needs, kept);
    const calls = this.scope.shared.calls.get(key) ?? this.kernelCalls(group, chooser.isMaterial, needs, kept);
    this.scope.shared.calls.set(key, calls);
    return [...calls];
  }

  /** One call, unless its kernel would read what is not stored yet: then less is kept out of memory, or less shared. */
  private kernelCalls(
    group: readonly Node[],
    isMaterial: (node: Node) => boolean,
    needs: ReadonlyMap<Node, Needs>,
    kept: ReadonlySet<Node>,
  ): readonly Call[] {
    for (const unstored of [kept, new Set<Node>()]) {
      const call = this.kernelCall(group, isMaterial, needs, unstored);
      if (!ownOrderProblem(accessesOf(call.kernel.body))) return [call];
    }
    return group.map((root) => this.kernelCall([root], isMaterial, needs, new Set()));
  }

  /** Equal for kernels that compute the same nodes from and to the same memory. */
  private callKey(group: readonly Node[], needs: ReadonlyMap<Node, Needs>, kept: ReadonlySet<Node>): string {
    const place = (node: Node): string => {
      const { buffer, advance } = this.useOf(node);
      return [node, buffer, ...advance.map((step) => step.loop)].map(identityOfObject).join(":");
    };
    return group
      .map((root) => {
        const { reads } = needs.get(root)!;
        return [
          kept.has(root) ? identityOfObject(root) : place(root),
          ...[...reads.keys()].filter((read) => !kept.has(read)).map(place),
        ].join();
      })
      .join("|");
  }

  private kernelCall(
    group: readonly Node[],
    isMaterial: (node: Node) => boolean,
    needs: ReadonlyMap<Node, Needs>,
    kept: ReadonlySet<Node>,
  ): Call {
    this.slotUses = [];
    const choices: Choices = {
      isMaterial,
      materialize: (node) => invariant(false, `${node.def.name} is stored before kernels are built`),
      cost: () => 0,
      cut: (node) => node,
      slotOf: (node) => this.slotKey(this.useOf(node)),
    };
    const unstored = new Set(group.filter((root) => kept.has(root)));
    let builder = this.build(group, needs, unstored, choices);
    for (;;) {
      // A value that another loop of the kernel needs again is stored after all.
      const missed = [...unstored].filter((root) => builder.slots.includes(this.slotKey(this.useOf(root))));
      if (missed.length === 0) break;
      for (const root of missed) unstored.delete(root);
      builder = this.build(group, needs, unstored, choices);
    }
    const stored = group.filter((root) => !unstored.has(root));
    const uses = builder.slots as BufferUse[];
    const slotOf = (root: Node): number => uses.indexOf(this.slotKey(this.useOf(root)) as BufferUse);
    const bound = bindLocals(builder.body, stored, slotOf, builder.guards);
    const body = withAxes(inDepths(bound));
    const accesses = slotAccesses(body, uses.length);
    const slots = uses.map(({ buffer }, slot): Slot => ({
      name: buffer.name,
      dtype: buffer.dtype,
      access: accesses[slot]!,
    }));
    const kernel: Kernel = Object.freeze({ name: this.kernelName(group), slots, body });
    verifyScope(kernel, bound);
    return { kind: "call", kernel, uses };
  }

  private build(
    group: readonly Node[],
    needs: ReadonlyMap<Node, Needs>,
    unstored: ReadonlySet<Node>,
    choices: Choices,
  ): KernelBuilder {
    const builder = new KernelBuilder(choices);
    for (const root of group) builder.place(root, needs.get(root), unstored.has(root));
    return builder;
  }

  /** After what the kernel is for: a result, a leaf's next value, or else its last node. */
  private kernelName(group: readonly Node[]): string {
    for (const root of group.toReversed()) {
      const buffer = this.uses.get(root)?.buffer;
      if (buffer && ["output", "loss", "statistic", "gradient"].includes(buffer.segment)) return buffer.name;
      if (buffer?.leaf && this.updated.get(buffer.leaf)?.root === root) return this.scope.updateName(buffer.leaf);
    }
    return this.scope.nameOf(group[group.length - 1]!);
  }

  private emitScan(node: Node): ProgramItem[] {
    const attrs = node.attrs as { carries: number; sequences: number; reverse: boolean; length: Dim };
    const region = node.regions[0] as Region;
    const results = node.def.results!(node).map((_, index) => this.resultBuffer(node, index));
    const loop: LoopIdentity = { name: this.scope.nameOf(node) };
    const along = (use: BufferUse, element: Node): BufferUse => ({
      buffer: use.buffer,
      advance: [...use.advance, { loop, stride: sizeOf(element.shape) }],
    });
    const places = new Map<Node, BufferUse>();
    const before: ProgramItem[] = [];
    region.parameters.forEach((parameter, index) => {
      if (index < attrs.carries) {
        places.set(parameter, results[index]!);
        before.push(this.copyInto(node.inputs[index]!, results[index]!));
      } else {
        const source = this.useOf(stripAlias(node.inputs[index]!));
        places.set(parameter, index < attrs.carries + attrs.sequences ? along(source, parameter) : source);
      }
    });
    const leaf = (inner: Node): BufferUse => places.get(inner) ?? this.useOf(inner);
    const outputs = region.results.slice(attrs.carries);
    const body = fuse({
      shared: new Shared(),
      results: outputs.map((value, index) => ({ value, use: along(results[attrs.carries + index]!, value) })),
      updates: region.results
        .slice(0, attrs.carries)
        .map((value, index) => ({ leaf: region.parameters[index]!, value })),
      leaf,
      nameOf: this.scope.nameOf,
      updateName: (parameter) => `${this.scope.nameOf(node)}.${this.scope.nameOf(parameter)}`,
    });
    this.notes.push(...body.notes);
    return [...before, { kind: "repeat", loop, count: attrs.length, reverse: attrs.reverse, body: body.items }];
  }

  private copyInto(value: Node, use: BufferUse): ProgramItem {
    const copy = copyOf(value);
    this.uses.set(copy, use);
    return this.kernelCall([copy], () => true, new Map(), new Set());
  }

  /** The buffer of one of a scan's results. */
  private resultBuffer(scan: Node, index: number): BufferUse {
    const buffers = this.resultBuffers.get(scan) ?? [];
    this.resultBuffers.set(scan, buffers);
    const type = scan.def.results!(scan)[index]!;
    buffers[index] ??= wholeBuffer({ ...type, name: `${this.scope.nameOf(scan)}.${index}`, segment: "workspace" });
    return buffers[index];
  }

  /** Uses of the same memory in the same way are one slot. */
  private slotKey(use: BufferUse): object {
    const known = this.slotUses.find((other) => sameUse(other, use));
    if (!known) this.slotUses.push(use);
    return known ?? use;
  }
}

function sameUse(a: BufferUse, b: BufferUse): boolean {
  return (
    a.buffer === b.buffer &&
    a.advance.length === b.advance.length &&
    a.advance.every((step, i) => step.loop === b.advance[i]!.loop && sameDim(step.stride, b.advance[i]!.stride))
  );
}

/** Sums count in variables of depths again, once all positions are known to be theirs. */
const inDepths = (statements: readonly Statement[]): readonly Statement[] =>
  renamed(statements, {
    variable: depthOf,
    affine: (affine) =>
      axesOf(affine).every((axis) => depthOf(axis) === axis)
        ? affine
        : affine.map((term) => (term.axis === undefined ? term : { ...term, axis: depthOf(term.axis) })),
  });

const rankOf = (node: Node): number => node.shape.filter((d) => !(d.times === 1 && d.power === 0)).length;

const workspace = (name: string, node: Node): Buffer => ({
  name,
  segment: "workspace",
  dtype: node.dtype,
  shape: node.shape,
});

/** Does a scatter compute what it stores from the leaf that it is stored to? Where it stores is not where its loops read. */
function scattersWhatItReads(
  { root, leaf }: { readonly root: Node; readonly leaf: Node },
  needs: ReadonlyMap<Node, Needs>,
): boolean {
  const open: Node[] = [];
  for (let node: Node | undefined = root; node && lowered(node).kind === "scatter"; node = baseOf(node)) {
    const base = baseOf(node);
    open.push(...node.inputs.filter((input, i) => input !== base || node!.inputs.indexOf(input) !== i));
  }
  const seen = new Set<Node>();
  for (let node = open.pop(); node; node = open.pop()) {
    if (node === leaf) return true;
    // What is stored is read where it is stored.
    if (seen.has(node) || needs.has(node)) continue;
    seen.add(node);
    open.push(...node.inputs);
  }
  return false;
}
