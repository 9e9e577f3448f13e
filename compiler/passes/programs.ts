// Passes over kernels: what an entry's program stores after each of them is what its graph gives.

import type { Entry } from "../../src/graph/network.js";
import { interpreterOf } from "../../src/graph/interpret.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { resolveScalar } from "../formula/resolve.js";
import { runProgram, type Elements, type WrongAccess } from "../ir/evaluate.js";
import type { Kernel, Statement } from "../ir/kernel.js";
import type { Plan } from "../ir/layout.js";
import type { EntrySpec, ModuleSpec } from "../ir/module.js";
import type { Buffer, ProgramItem } from "../ir/program.js";
import { rootsOf } from "../0-declare/entry-names.js";
import { firstDifference, spreadOf, type Finding, type Results } from "./graphs.js";
import { draw, type Kind } from "./values.js";

/** A pass, and the program of an entry after it. */
export type Form = readonly [pass: string, items: readonly ProgramItem[]];

/** A pass over the statements of a kernel. */
export type BodyPass = (statements: readonly Statement[]) => readonly Statement[];

export interface ProgramOptions {
  readonly rows: number;
  readonly random: () => number;
  readonly kinds: readonly Kind[];
  /** More passes over kernels, for negative controls. */
  readonly bodyPasses?: Readonly<Record<string, BodyPass>> | undefined;
}

export interface Lowered {
  readonly spec: ModuleSpec;
  readonly layout: Plan;
  /** The entries whose graphs were fused. */
  readonly entries: readonly Entry[];
  /** The forms of each entry's program, in order. */
  readonly forms: ReadonlyMap<string, readonly Form[]>;
}

export function checkPrograms(lowered: Lowered, options: ProgramOptions): Finding[] {
  return lowered.entries.flatMap((entry) => {
    const spec = lowered.spec.entries.find(({ name }) => name === entry.name)!;
    return checkProgram(entry, spec, lowered, options);
  });
}

function checkProgram(entry: Entry, spec: EntrySpec, lowered: Lowered, options: ProgramOptions): Finding[] {
  const { rows, random } = options;
  const forms: readonly Form[] = [
    ...lowered.forms.get(entry.name)!,
    ...Object.entries(options.bodyPasses ?? {}).map(([name, pass]): Form => [
      name,
      mapKernels(spec.program.items, pass),
    ]),
  ];
  for (const values of options.kinds) {
    const leaves = new Map<Node, Float64Array>();
    const leaf = (node: Node): Float64Array => {
      let own = leaves.get(node);
      if (!own) leaves.set(node, (own = draw(node, rows, random, values)));
      return own;
    };
    let expected: Results;
    try {
      expected = expectedOf(entry, rows, leaf);
    } catch {
      // An index that is computed from what was drawn names nothing.
      continue;
    }
    const compare = (pass: string, items: readonly ProgramItem[], memory: Memory): Finding | undefined => {
      const wrong: WrongAccess[] = [];
      runProgram(items, { rows, memory: memory.of, wrong: (access) => void (wrong.length < 1 && wrong.push(access)) });
      const found = firstDifference(expected, actualOf(entry, spec, lowered.spec, memory), {
        // a * (1 / b) becomes a / b, which is right where 1 / b overflows and the product is NaN or infinite.
        mayMend: values === "subnormal",
        spread: () => spreadOf([entry], rows, leaf),
      });
      if (found) return { kind: "pass", name: pass, values, ...found };
      const [access] = wrong;
      if (!access) return undefined;
      const where = `${entry.name}: kernel ${access.kernel} reads or writes ${access.buffer}[${access.element}], ${access.kind}`;
      return { kind: "pass", name: pass, values, where, before: NaN, after: NaN };
    };
    // The first form that differs is due to its own pass.
    for (const [pass, items] of forms) {
      const found = compare(pass, items, separate(rows, leaf));
      if (found) return [found];
    }
    const found = compare("plan", spec.program.items, planned(spec, lowered.layout, rows, leaf));
    if (found) return [found];
  }
  return [];
}

const mapKernels = (items: readonly ProgramItem[], pass: BodyPass): readonly ProgramItem[] =>
  items.map((item): ProgramItem => {
    if (item.kind === "repeat") return { ...item, body: mapKernels(item.body, pass) };
    const kernel: Kernel = { ...item.kernel, body: pass(item.kernel.body) };
    return { ...item, kernel };
  });

function expectedOf(entry: Entry, rows: number, leaf: (node: Node) => ArrayLike<number>): Results {
  const roots = rootsOf(entry);
  const values = interpreterOf(roots, { rows, scalarOf: resolveScalar })(leaf);
  return [
    ...entry.results.map(({ kind, name, value }) => ({
      where: `${entry.name}: ${kind} ${name}`,
      values: asStored(value, values),
    })),
    ...entry.updates.map(({ value }, i) => ({ where: `${entry.name}: update ${i}`, values: asStored(value, values) })),
  ];
}

/** The interpreter keeps ints as numbers; memory has 32 bits for one. */
const asStored = (node: Node, values: ReadonlyMap<Node, Float64Array>): ArrayLike<number> => {
  const list = values.get(node)!;
  return node.dtype === "int32" ? Int32Array.from(list) : list;
};

/** What the program has stored of the same. */
function actualOf(entry: Entry, spec: EntrySpec, module: ModuleSpec, memory: Memory): Results {
  const views = { output: module.outputs, gradient: module.gradients, statistic: module.statistics };
  return [
    ...entry.results.map(({ kind, name }) => {
      const buffer = kind === "loss" ? spec.returns! : views[kind].find((view) => view.name === name)!.buffer;
      return { where: name, values: memory.of(buffer) };
    }),
    ...entry.updates.map(({ leaf }) => ({ where: "", values: memory.ofLeaf(leaf) })),
  ];
}

interface Memory {
  readonly of: (buffer: Buffer) => Elements;
  readonly ofLeaf: (leaf: Node) => Elements;
}

const countOf = ({ shape }: Buffer, rows: number): number => evaluateDim(sizeOf(shape), rows);

/** A buffer of its own for each; what was not stored yet is no number. */
function separate(rows: number, leaf: (node: Node) => Float64Array): Memory {
  const buffers = new Map<Buffer, Elements>();
  const leaves = new Map<Node, Elements>();
  const of = (buffer: Buffer): Elements => {
    let elements = buffer.leaf ? leaves.get(buffer.leaf) : buffers.get(buffer);
    if (!elements) {
      elements = made(buffer, countOf(buffer, rows));
      buffers.set(buffer, elements);
      if (buffer.leaf) {
        elements.set(leaf(buffer.leaf));
        leaves.set(buffer.leaf, elements);
      }
    }
    return elements;
  };
  return { of, ofLeaf: (node) => leaves.get(node) ?? leaf(node) };
}

const POISON = -123_456_789;

function made({ dtype }: Buffer, count: number): Elements {
  if (dtype === "bool") return new Uint8Array(count).fill(255);
  return dtype === "int32" ? new Int32Array(count).fill(POISON) : new Float64Array(count).fill(NaN);
}

/** As the plan lays buffers out, in float64: those that are not alive at once share memory. */
function planned({ program }: EntrySpec, layout: Plan, rows: number, leaf: (node: Node) => Float64Array): Memory {
  const arena = new ArrayBuffer(layout.arenaBytes);
  new Float64Array(arena, 0, Math.floor(layout.arenaBytes / 8)).fill(NaN);
  const views = new Map<Buffer, Elements>();
  const leaves = new Map<Node, Elements>();
  const of = (buffer: Buffer): Elements => {
    let view = views.get(buffer);
    if (!view) {
      const { offset } = layout.placeOf(buffer, program);
      const type = { float32: Float64Array, int32: Int32Array, bool: Uint8Array }[buffer.dtype];
      views.set(buffer, (view = new type(arena, offset, countOf(buffer, rows))));
    }
    return view;
  };
  for (const { buffer } of layout.persistent) {
    if (!buffer.leaf) continue;
    of(buffer).set(leaf(buffer.leaf));
    leaves.set(buffer.leaf, of(buffer));
  }
  return { of, ofLeaf: (node) => leaves.get(node) ?? leaf(node) };
}
