// The gradient of a windowed contraction's input by columns: each window's part of it is a sum of products that is added
// where the window stands. When that is less work than gathering, and in which order it is done.

import { axesOf, type Affine } from "../../graph/affine.js";
import type { Shape } from "../../graph/shape.js";

/** What is asked of a windowed contraction, see ConvolveAttrs. */
interface Windowed {
  readonly sizes: Shape;
  readonly left: readonly Affine[];
  readonly output: readonly number[];
}

export const labelsOf = (left: readonly Affine[]): number[] => [...new Set(left.flatMap(axesOf))];

/**
 * Whether products are better added where they belong than gathered through windows over zeros: windows about as large as
 * their operand multiply mostly zeros. Each product that is added is a sum over the labels that `left` lacks; the fewer
 * there are, the more the additions in memory weigh.
 * @param axes what each window's position is solved for
 * @param along the operand's sizes along them
 */
export function addsLess(
  axes: readonly { readonly stride: number; readonly solved: number }[],
  { sizes, left, output }: Windowed,
  along: Shape,
): boolean {
  if (axes.some(({ stride }) => stride !== 1)) return false;
  const positions = along.reduce((product, size) => product * size.times, 1);
  const solved = axes.reduce((product, { solved: label }) => product * sizes[label]!.times, 1);
  const held = labelsOf(left);
  const summed = output.reduce((product, label) => (held.includes(label) ? product : product * sizes[label]!.times), 1);
  return positions / solved > 1.25 + 8 / summed;
}

/** Last the inside of a row of windows, so that what lies side by side is added to side by side; before it another axis. */
export function columnOrder({ left, output }: Windowed): number[] {
  const all = labelsOf(left);
  const inside = all.filter((label) => !output.includes(label));
  const row = inside.slice(-2);
  const rest = all.filter((label) => !row.includes(label));
  const down = rest.findLast(
    (label) => output.includes(label) && axesAlong(left, label, row) === 0 && label !== all[0],
  );
  return [...rest.filter((label) => label !== down), ...(down === undefined ? [] : [down]), ...row];
}

/** How many positions depend on the label and on one of the others. */
const axesAlong = (left: readonly Affine[], label: number, others: readonly number[]): number =>
  left.filter((affine) => axesOf(affine).includes(label) && axesOf(affine).some((other) => others.includes(other)))
    .length;
