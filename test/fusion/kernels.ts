// What fusion made of a network, as data: the kernels of an entry, and questions about one of them.

import type { CompileOptions } from "../../compiler/options.js";
import { planned } from "../../compiler/pipeline.js";
import type { Kernel, KernelExpr, Loop, Reduction, Statement, Store } from "../../compiler/ir/kernel.js";
import { printKernel, printProgram } from "../../compiler/ir/print.js";
import { callsOf, forEachLeaf, forEachValue, storesOf } from "../../compiler/ir/walk.js";
import type { Network } from "../../src/graph/network.js";
import { isApply, isConstant, type ScalarOp } from "../../src/scalar/expression.js";

export interface EntryKernels {
  readonly notes: readonly string[];
  readonly kernels: readonly Kernel[];
  /** As `tapeless print kernels` shows it. */
  readonly text: string;
  /** The bytes of each buffer of the workspace, by its name. */
  readonly workspace: ReadonlyMap<string, number>;
}

/** Every entry of a compiled network. Names are ordinals unless the definition's consts are given. */
export function entriesOf(network: Network, options: CompileOptions = {}): ReadonlyMap<string, EntryKernels> {
  const { layout, kernels: programs } = planned(network, { constNames: "ordinals", ...options });
  return new Map(
    layout.entries.map(({ program: { entry, notes }, workspace }, n) => [
      entry,
      {
        notes,
        // Before the passes over loops.
        kernels: callsOf(programs[n]!.items).map(({ kernel }) => kernel),
        text: printProgram(programs[n]!),
        workspace: new Map(workspace.map(({ buffer, bytes }) => [buffer.name, bytes])),
      },
    ]),
  );
}

export const entryOf = (network: Network, entry: string, options?: CompileOptions): EntryKernels =>
  entriesOf(network, options).get(entry)!;

export const kernelsOf = (network: Network, entry: string): readonly Kernel[] => entryOf(network, entry).kernels;

export const writes = ({ slots }: Kernel): string[] =>
  slots.filter(({ access }) => access !== "read").map(({ name }) => name);

export const reads = ({ slots }: Kernel): string[] =>
  slots.filter(({ access }) => access === "read" || access === "update").map(({ name }) => name);

/** The one kernel that writes a buffer of this name. */
export function that(kernels: readonly Kernel[], name: string): Kernel {
  const found = kernels.filter((kernel) => writes(kernel).includes(name));
  if (found.length !== 1) throw new Error(`${found.length} kernels write ${name}`);
  return found[0]!;
}

export const storesIn = ({ body }: Kernel): readonly Store[] => storesOf(body);

export const reductionsIn = ({ body }: Kernel): readonly Reduction[] => nested(body, "reduction");

export const loopsIn = ({ body }: Kernel): readonly Loop[] => nested(body, "loop");

type OfKind<K> = Extract<Statement, { readonly kind: K }>;

function nested<K extends Statement["kind"]>(statements: readonly Statement[], kind: K): readonly OfKind<K>[] {
  return statements.flatMap((s): readonly OfKind<K>[] => [
    ...(s.kind === kind ? [s as OfKind<K>] : []),
    ...(s.kind === "loop" ? nested(s.body, kind) : []),
  ]);
}

/** Sums, products, extremes: what the reductions add up. */
export const sumsIn = (kernel: Kernel): readonly Reduction["accumulators"][number][] =>
  reductionsIn(kernel).flatMap(({ accumulators }) => accumulators);

/** Has it sums of what is loaded times what is made of loads, as matrix products and convolutions are? */
export const contracts = (kernel: Kernel): boolean =>
  sumsIn(kernel).some(({ combiner, value }) => combiner === "sum" && beginsWithProduct(value));

function beginsWithProduct(value: KernelExpr): boolean {
  for (let at = value; !isConstant(at) && isApply(at); at = at.args[0] as KernelExpr) {
    const [left, right] = at.args as readonly KernelExpr[];
    if (at.op === "mul" && isLoad(left!) && isLoad(firstLeafOf(right!))) return true;
  }
  return false;
}

const isLoad = (expr: KernelExpr): boolean => expr.kind === "load";

const firstLeafOf = (expr: KernelExpr): KernelExpr =>
  !isConstant(expr) && isApply(expr) ? firstLeafOf(expr.args[0] as KernelExpr) : expr;

/** How often an instruction stands in a kernel, shared expressions once. */
export function appliedIn(kernel: Kernel, op: ScalarOp): number {
  let count = 0;
  forEachValue(kernel.body, (value) => (count += applied(value).filter((one) => one === op).length));
  return count;
}

/** The instructions of an expression. */
export function applied(root: KernelExpr): readonly ScalarOp[] {
  const seen = new Set<KernelExpr>();
  const found: ScalarOp[] = [];
  const visit = (expr: KernelExpr): void => {
    if (seen.has(expr) || isConstant(expr)) return;
    seen.add(expr);
    if (isApply(expr)) {
      found.push(expr.op);
      for (const arg of expr.args) visit(arg as KernelExpr);
    } else if (expr.kind === "load") for (const { value } of expr.at.loaded) visit(value);
  };
  visit(root);
  return found;
}

/** The names of the buffers that an expression loads. */
export function loadedIn({ slots }: Kernel, value: KernelExpr): ReadonlySet<string> {
  const names = new Set<string>();
  forEachLeaf(value, (leaf) => leaf.kind === "load" && names.add(slots[leaf.slot]!.name));
  return names;
}

/** The loops that run once for each row of the batch, those of sums included. */
export const overRows = (kernel: Kernel): number =>
  [...loopsIn(kernel), ...reductionsIn(kernel).flatMap(({ loops }) => loops)].filter(({ size }) => size.power > 0)
    .length;

/** The names of ops that it computes. */
export const computed = ({ computes }: Kernel): readonly string[] => computes.map(({ def }) => def.name);

/** An entry as text: for the whole of a small program beside its definition. */
export const kernelText = (network: Network, entry: string): string => entryOf(network, entry).text;

/** The lines of a kernel's body. */
export const shown = (kernel: Kernel): readonly string[] =>
  printKernel(kernel)
    .slice(1)
    .map((line) => line.slice(2));
