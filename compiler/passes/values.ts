// Values that passes are tried on, and what it means that two evaluations agree.

import type { Node } from "../../src/graph/node.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import {
  constantDef,
  hyperDef,
  inputDef,
  type ConstantAttrs,
  type HyperAttrs,
  type InputAttrs,
} from "../../src/ops/leaf/leaves.js";

/**
 * Ordinary numbers; or among them zeros, infinities and NaN; or zeros and subnormals. Not all at once: a product of infinity and of
 * two subnormals is infinite or NaN by the order in which it is taken, which passes may choose.
 */
export const KINDS = ["finite", "special", "subnormal"] as const;
export type Kind = (typeof KINDS)[number];

const AMONG: Readonly<Record<Kind, readonly number[]>> = {
  finite: [],
  special: [0, -0, 0, 1, -1, Infinity, -Infinity, NaN],
  subnormal: [0, -0, 5e-324, -1e-310, 2e-308, -1],
};

/** How many of the values are such. */
const SHARE = 0.3;

/** Values for a leaf, or for a node in whose place one stands. Constants and hyper-parameters have their own. */
export function draw(node: Node, rows: number, random: () => number, kind: Kind): Float64Array {
  const count = evaluateDim(sizeOf(node.shape), rows);
  const values = new Float64Array(count);
  if (node.def === constantDef) {
    const own = (node.attrs as ConstantAttrs).values;
    return values.map((_, i) => own[own.length === 1 ? 0 : i]!);
  }
  if (node.def === hyperDef) return values.fill((node.attrs as HyperAttrs).initial);
  const below = node.def === inputDef ? ((node.attrs as InputAttrs).below ?? 2) : 2;
  const among = AMONG[kind];
  const float = (): number =>
    among.length > 0 && random() < SHARE ? among[Math.floor(random() * among.length)]! : 4 * random() - 2;
  const next = { float32: float, int32: () => Math.floor(random() * below), bool: () => Math.floor(random() * 2) };
  return values.map(next[node.dtype]);
}

export interface Difference {
  readonly element: number;
  readonly before: number;
  readonly after: number;
}

/** The share of the largest number by which two evaluations may differ: additions may have another order. */
const SHARE_OF_LARGEST = 1e-10;

/** The largest finite magnitude. */
export function scaleOf(...lists: readonly ArrayLike<number>[]): number {
  let most = 0;
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const size = Math.abs(list[i]!);
      if (size > most && size < Infinity) most = size;
    }
  }
  return most;
}

/**
 * The first element where the lists differ: by more than rounding, or one is NaN or infinite and the other not so. `mayMend`: where
 * the first is no finite number, anything will do. `spread`: by how much rounding alone moves each element; Infinity
 * where it decides whether there is a number at all.
 */
export function difference(
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  options: { readonly scale: number; readonly mayMend?: boolean; readonly spread?: ArrayLike<number> | undefined },
): Difference | undefined {
  const { scale, mayMend = false, spread } = options;
  for (let i = 0; i < before.length; i++) {
    const [a, b] = [before[i]!, after[i]!];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (mayMend && !Number.isFinite(a)) continue;
    if (spread?.[i] === Infinity) continue;
    if (Math.abs(a - b) <= SHARE_OF_LARGEST * Math.max(scale, 1e-280) + 1e3 * (spread?.[i] ?? 0)) continue;
    return { element: i, before: a, after: b! };
  }
  return undefined;
}
