// Derivatives by differences: nothing is assumed of a function but that it can be evaluated. And the judgement whether a
// stated derivative is that of a function, which has kinks and is known to some digits only.

/** Central differences at `step`, half of it, a quarter and so on: `levels` of them. */
export interface Quotients {
  readonly step: number;
  readonly levels: number;
}

/** The derivative of f at 0 by central differences with Richardson's extrapolation: the error is of order 2 * levels. */
export function derivativeAt0(f: (offset: number) => number, { step, levels }: Quotients): number {
  let table: number[] = [];
  for (let level = 0, h = step; level < levels; level++, h /= 2) {
    const row = [(f(h) - f(-h)) / (2 * h)];
    for (let k = 1; k <= level; k++) row[k] = row[k - 1]! + (row[k - 1]! - table[k - 1]!) / (4 ** k - 1);
    table = row;
  }
  return table.at(-1)!;
}

/** A function's offsets of one number: `list[at]` is changed while `f` is evaluated, and is then what it was. */
export function alongElement(list: Float64Array, at: number, f: () => number): (offset: number) => number {
  const centre = list[at]!;
  return (offset) => {
    list[at] = centre + offset;
    const value = f();
    list[at] = centre;
    return value;
  };
}

/** The gradient of `f` with respect to each of `inputs`, which are changed while it works and left as they were. */
export const gradientByDifferences = (
  f: () => number,
  inputs: readonly Float64Array[],
  quotients: Quotients,
): Float64Array[] => inputs.map((input) => input.map((_, i) => derivativeAt0(alongElement(input, i, f), quotients)));

export interface Judgement {
  /** `kink`: the one-sided derivatives differ, and the stated one lies between them. */
  readonly kind: "agrees" | "kink" | "differs";
  readonly measured: number;
  /** How far the two are apart, as a share of what is allowed. */
  readonly off: number;
}

/** From wide to narrow: a kink within a wide step mostly is not within a narrow one, which sees fewer digits. */
const STEPS = [10, 13, 16, 19, 22].map((power) => 2 ** -power);

/** The share of the larger of the two numbers by which they may differ. */
const RELATIVE = 1e-6;

/** By how much a difference quotient multiplies the noise of a value, over the step. */
const AMPLIFIED = 4;

/**
 * Is `stated` the derivative of f at 0? `noise`: how far f may be off by rounding.
 *
 * A narrow step acquits only where it refutes the widest one as well: where both see the same slope, the slope is not the
 * stated one, and that the narrow step's noise would allow it says nothing.
 */
export function judge(stated: number, f: (offset: number) => number, noise: number): Judgement {
  const allowed = (step: number, measured: number): number =>
    RELATIVE * Math.max(Math.abs(stated), Math.abs(measured)) + (AMPLIFIED * noise) / step;
  const [widest, ...narrower] = STEPS;
  const wide = derivativeAt0(f, { step: widest!, levels: 2 });
  const off = Math.abs(stated - wide) / allowed(widest!, wide);
  if (off <= 1) return { kind: "agrees", measured: wide, off };
  for (const step of narrower) {
    const measured = derivativeAt0(f, { step, levels: 2 });
    const bound = allowed(step, measured);
    const apart = Math.abs(stated - measured) / bound;
    if (apart <= 1 && !(Math.abs(wide - measured) <= bound)) return { kind: "agrees", measured, off: apart };
  }
  return {
    kind: isKink(stated, f, noise) ? "kink" : "differs",
    measured: wide,
    off: Number.isNaN(off) ? Infinity : off,
  };
}

/** For a smooth function the gap between one-sided slopes shrinks with the step; at a kink it stays, at a jump it grows. */
function isKink(stated: number, f: (offset: number) => number, noise: number): boolean {
  const centre = f(0);
  const sides = (h: number): readonly [left: number, right: number] => [(centre - f(-h)) / h, (f(h) - centre) / h];
  const [wider, step] = STEPS.slice(-2) as [number, number];
  const [left, right] = sides(step);
  const gap = Math.abs(right - left);
  const before = sides(wider).reduce((a, b) => Math.abs(b - a));
  const blurred = (2 * AMPLIFIED * noise) / step + 1e-3 * Math.max(Math.abs(left), Math.abs(right));
  if (!(gap > blurred && gap > before / 4)) return false;
  const jumps = gap > 4 * before;
  return jumps || (stated >= Math.min(left, right) - blurred && stated <= Math.max(left, right) + blurred);
}
