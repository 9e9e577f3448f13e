// A graph that is being drawn: the values that there are, and ways to find or make operands of a wanted type. Each step is
// built as soon as it is drawn, so that shapes are those of the language itself.

import type { DType } from "../../src/graph/dtype.js";
import type { Node } from "../../src/graph/node.js";
import {
  BATCH,
  dim,
  evaluateDim,
  isOne,
  sameDim,
  sameShape,
  sizeOf,
  type Dim,
  type PublicDim,
  type Shape,
} from "../../src/graph/shape.js";
import { TapelessError } from "../../src/messages.js";
import { bindPattern, stepValue, valueOf, type Scope } from "./build.js";
import type { Draw } from "./draw.js";
import type { Sampler } from "./sample.js";
import type { Arg, Callee, Pattern, Ref, Step } from "./sketch.js";

/** A tensor that may be an operand. */
export interface Value {
  readonly ref: Ref;
  readonly node: Node;
  /** The largest magnitude in a sample. */
  readonly size: number;
  /** How often it was taken as an operand. */
  uses: number;
}

/** What was drawn does not fit: the attempt is given up. */
export class Rejected extends Error {
  override readonly name = "Rejected";
  constructor(
    readonly call: string,
    readonly why: string,
  ) {
    super(`${call}: ${why}`);
  }
}

/** How large the axes of a graph are. */
export interface Profile {
  readonly name: "small" | "wide" | "cube";
  readonly sizes: readonly (readonly [weight: number, size: number])[];
  readonly mostElements: number;
}

export interface Canvas {
  readonly draw: Draw;
  readonly capacity: number;
  readonly profile: Profile;
  readonly steps: Step[];
  readonly values: Value[];
  /** Inside a function that a call is given: no new inputs, states and the like. */
  readonly isInner: boolean;
  readonly scope: Scope;
  readonly sampler: Sampler;
  readonly fresh: () => number;
  /** Where leaves are declared. */
  readonly outer: Canvas | undefined;
}

const FLOAT: DType = "float32";

/** Values beyond this are brought back. */
const LARGE = 3;
const TOO_LARGE = 40;

const nameOf = (call: Callee): string =>
  typeof call === "string" ? call : "$call" in call ? nameOf(call.$call) : `v${call.$ref}`;

/** A step without a value of its own yet: its result may be a list, or hold several tensors. */
export function step(canvas: Canvas, call: Callee, ...args: readonly Arg[]): Ref {
  const made: Step = { id: canvas.fresh(), call, args };
  let result: unknown;
  try {
    result = stepValue(made, canvas.scope);
  } catch (error) {
    if (error instanceof TapelessError) throw new Rejected(nameOf(call), error.message.split("\n")[0]!);
    throw error;
  }
  canvas.scope.set(made.id, result);
  canvas.steps.push(made);
  return { $ref: made.id };
}

/** Makes an operand of a step's value or of a part of it. */
export function take(canvas: Canvas, ref: Ref, ...path: readonly (string | number)[]): Value {
  const whole: Ref = path.length === 0 ? ref : { $ref: ref.$ref, path: [...(ref.path ?? []), ...path] };
  const node = valueOf(whole, canvas.scope) as Node;
  if (elements(canvas, node.shape) > canvas.profile.mostElements) throw new Rejected("size", "too many elements");
  const values = canvas.sampler(node);
  let size = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) throw new Rejected("value", "not finite");
    size = Math.max(size, Math.abs(value));
  }
  const value: Value = { ref: whole, node, size, uses: 0 };
  canvas.values.push(value);
  return value;
}

/** A step whose value is a tensor. Large floats are brought back into range before anything reads them. */
export function call(canvas: Canvas, name: Callee, ...args: readonly Arg[]): Value {
  return tamed(canvas, take(canvas, step(canvas, name, ...args)));
}

/** As it is, or squashed where it is large. */
export function tamed(canvas: Canvas, value: Value): Value {
  if (value.node.dtype !== FLOAT || value.size <= LARGE) return value;
  if (value.size <= TOO_LARGE && canvas.draw.chance(0.3)) return value;
  const index = canvas.values.indexOf(value);
  if (index >= 0) canvas.values.splice(index, 1);
  if (value.size <= 8 * LARGE && canvas.draw.chance(0.5)) return take(canvas, step(canvas, "tanh", value.ref));
  const factor = 2 ** -Math.ceil(Math.log2(value.size));
  return take(canvas, step(canvas, "mul", value.ref, factor));
}

export const elements = (canvas: Canvas, shape: Shape): number => evaluateDim(sizeOf(shape), canvas.capacity);

export const rankOf = ({ node }: Value): number => node.shape.length;

export const isFixed = (d: Dim): boolean => d.power === 0;

/** What the size of an axis is written as; nothing for one that is computed of the batch. */
export const written = (d: Dim): PublicDim | undefined =>
  d.power === 0 ? d.times : sameDim(d, BATCH) ? "batch" : undefined;

export function writtenShape(shape: Shape): PublicDim[] | undefined {
  const dims = shape.map(written);
  return dims.some((d) => d === undefined) ? undefined : (dims as PublicDim[]);
}

export const toShape = (dims: readonly PublicDim[]): Shape => dims.map((d) => (d === "batch" ? BATCH : dim(d)));

export const size = ({ draw, profile }: Canvas): number => draw.weighted(profile.sizes);

/** A leaf of the given shape and dtype, declared outside of all functions. */
export function leaf(canvas: Canvas, shape: readonly PublicDim[], dtype: DType = FLOAT, below = 2): Value {
  if (canvas.outer) {
    const made = leaf(canvas.outer, shape, dtype, below);
    return made;
  }
  const { draw } = canvas;
  const numbered = (prefix: string): string => `${prefix}${canvas.fresh()}`;
  if (dtype === "int32") return take(canvas, step(canvas, "input", numbered("n"), shape, { dtype, below }));
  if (dtype === "bool") return take(canvas, step(canvas, "input", numbered("b"), shape, { dtype }));
  if (shape.includes("batch")) return take(canvas, step(canvas, "input", numbered("x"), shape));
  const numbers = shape as readonly number[];
  const count = numbers.reduce((a, b) => a * b, 1);
  const kind = draw.weighted([
    [6, "parameter"],
    [2, "input"],
    [count <= 12 ? 2 : 0, "constant"],
  ] as const);
  if (kind === "parameter") return take(canvas, step(canvas, "parameter", numbers, initial(canvas, numbers)));
  if (kind === "input") return take(canvas, step(canvas, "input", numbered("x"), shape));
  const values = Array.from({ length: count }, () => draw.between(-8, 8) / 8);
  return take(canvas, step(canvas, "constant", values, { shape: numbers }));
}

/** The first value of a parameter, by any initialiser. */
export function initial({ draw }: Canvas, shape: readonly number[]): Arg {
  const many = shape.length >= 1;
  return draw.weighted<Arg>([
    [6, draw.between(-8, 8) / 8],
    [2, { $call: "normal", args: [0, 0.5] }],
    [2, { $call: "uniform", args: [-0.5, 0.75] }],
    [1, { $call: "filled", args: [0.25] }],
    [1, { $fn: "zeros" }],
    [many ? 1 : 0, { $fn: "glorotUniform" }],
    [many ? 1 : 0, { $fn: "glorotNormal" }],
    [many ? 1 : 0, { $fn: "heUniform" }],
    [many ? 1 : 0, { $fn: "heNormal" }],
    [shape.length >= 2 && Math.max(...shape) <= 8 ? 1 : 0, { $call: "orthogonal", args: [draw.pick([1, 0.5])] }],
  ]);
}

/** The values that can be operands here: those of the function first, then what it sees from outside. */
export function visible(canvas: Canvas): readonly Value[] {
  return canvas.outer ? [...visible(canvas.outer), ...canvas.values] : canvas.values;
}

/** One of the values that fit, late ones sooner than early ones. */
export function find(canvas: Canvas, fits: (value: Value) => boolean): Value | undefined {
  const fitting = visible(canvas).filter(fits);
  if (fitting.length === 0) return undefined;
  const { draw } = canvas;
  const unused = fitting.filter(({ uses }) => uses === 0);
  const from = unused.length > 0 && draw.chance(0.4) ? unused : fitting;
  const back = draw.chance(0.3)
    ? draw.below(from.length)
    : Math.min(from.length - 1, Math.floor(-Math.log(1 - draw.number()) * 2.5));
  const value = from[from.length - 1 - back]!;
  value.uses++;
  return value;
}

export const isFloat = ({ node }: Value): boolean => node.dtype === FLOAT;

/** A float tensor that fits, or a leaf of the given shape. */
export function float(
  canvas: Canvas,
  fits: (value: Value) => boolean = () => true,
  otherwise?: () => readonly PublicDim[],
): Value {
  const found = canvas.draw.chance(0.95) ? find(canvas, (value) => isFloat(value) && fits(value)) : undefined;
  if (found) return found;
  const made = leaf(canvas, otherwise ? otherwise() : randomShape(canvas));
  if (!fits(made)) throw new Rejected("operand", "no value fits");
  made.uses++;
  return made;
}

/** A shape with a batch axis more often than not. */
export function randomShape(
  canvas: Canvas,
  rank = canvas.draw.weighted([
    [1, 0],
    [3, 1],
    [6, 2],
    [3, 3],
    [1, 4],
  ] as const),
): PublicDim[] {
  const shape: PublicDim[] = Array.from({ length: rank }, () => size(canvas));
  if (rank > 0 && canvas.draw.chance(0.65)) shape[canvas.draw.chance(0.9) ? 0 : canvas.draw.below(rank)] = "batch";
  return shape;
}

/** A float tensor of exactly this shape: one that there is, one under another shape, or a leaf. */
export function shaped(canvas: Canvas, shape: Shape): Value {
  const { draw } = canvas;
  const same = draw.chance(0.75) ? find(canvas, (v) => isFloat(v) && sameShape(v.node.shape, shape)) : undefined;
  if (same) return same;
  const dims = writtenShape(shape);
  const count = sizeOf(shape);
  const other =
    dims && draw.chance(0.6) ? find(canvas, (v) => isFloat(v) && sameDim(sizeOf(v.node.shape), count)) : undefined;
  if (other) return call(canvas, "reshape", other.ref, dims!);
  if (!dims) {
    const any = find(canvas, (v) => isFloat(v) && sameShape(v.node.shape, shape));
    if (any) return any;
    throw new Rejected("operand", "a computed size has no leaf");
  }
  return leaf(canvas, dims);
}

/** A float tensor of this rank with the batch first and fixed sizes behind it. */
export function batched(canvas: Canvas, rank: number, fits: (sizes: readonly number[]) => boolean = () => true): Value {
  const { draw } = canvas;
  const sizesOf = ({ node }: Value): number[] => node.shape.slice(1).map((d) => d.times);
  const isBatched = ({ node: { shape } }: Value): boolean =>
    shape.length >= 1 && sameDim(shape[0]!, BATCH) && shape.slice(1).every(isFixed);
  const ready = draw.chance(0.75)
    ? find(canvas, (v) => isFloat(v) && rankOf(v) === rank && isBatched(v) && fits(sizesOf(v)))
    : undefined;
  if (ready) return ready;
  const other = draw.chance(0.7) ? find(canvas, (v) => isFloat(v) && isBatched(v)) : undefined;
  if (other) {
    const sizes = factors(
      draw,
      sizesOf(other).reduce((a, b) => a * b, 1),
      rank - 1,
    );
    if (fits(sizes)) return call(canvas, "reshape", other.ref, ["batch", ...sizes]);
  }
  for (let attempt = 0; attempt < 20; attempt++) {
    const sizes = Array.from({ length: rank - 1 }, () => size(canvas));
    if (fits(sizes)) return leaf(canvas, ["batch", ...sizes]);
  }
  throw new Rejected("operand", "no sizes fit");
}

/** A number as a product of so many factors, in any order. */
export function factors(draw: Draw, product: number, count: number): number[] {
  const result = new Array<number>(count).fill(1);
  let left = product;
  if (count === 0) return result;
  for (let prime = 2; left > 1;) {
    if (left % prime === 0) {
      result[draw.below(count)]! *= prime;
      left /= prime;
    } else prime++;
  }
  return result;
}

/** Int32 values of a shape, from 0 to `below`, excluded: an input, a constant, or computed. */
export function indices(canvas: Canvas, shape: readonly PublicDim[], below: number): Value {
  const { draw } = canvas;
  const count = shape.reduce<number>((n, d) => n * (d === "batch" ? canvas.capacity : d), 1);
  const kind = draw.weighted([
    [4, "input"],
    [3, "computed"],
    [shape.includes("batch") || count > 12 ? 0 : 7, "constant"],
  ] as const);
  if (kind === "constant") {
    const values = Array.from({ length: count }, () => draw.below(below));
    return take(canvas, step(canvas, "constant", values, { shape, dtype: "int32" }));
  }
  if (kind === "input") return leaf(canvas, shape, "int32", below);
  // In range whatever the float is: x in (0, 1) times the size, toward zero.
  const x = shaped(canvas, toShape(shape));
  const share = call(canvas, "sigmoid", x.ref);
  const place = take(canvas, step(canvas, "mul", share.ref, below));
  return take(canvas, step(canvas, "cast", place.ref, "int32"));
}

/** Two shapes meet by NumPy's rule. */
export const combines = (a: Shape, b: Shape): boolean =>
  Array.from({ length: Math.min(a.length, b.length) }, (_, i) => [a.at(-1 - i)!, b.at(-1 - i)!] as const).every(
    ([x, y]) => sameDim(x, y) || isOne(x) || isOne(y),
  );

/** A value above 0.25 or so, made of any float. */
export function positive(canvas: Canvas, x: Value): Value {
  const { draw } = canvas;
  const of = (name: string, ...rest: readonly Arg[]): Ref => step(canvas, name, ...rest);
  return take(
    canvas,
    draw.weighted([
      [3, () => of("add", of("square", x.ref), 0.5)],
      [2, () => of("add", of("sigmoid", x.ref), 0.25)],
      [2, () => of("exp", of("tanh", x.ref))],
      [1, () => of("add", of("softplus", x.ref), 0.5)],
    ])(),
  );
}

/** A function: its parameters are values of an inner canvas while its body is drawn. */
export function lambda(
  canvas: Canvas,
  pattern: (inner: Canvas) => readonly Pattern[],
  body: (inner: Canvas, given: readonly unknown[]) => Arg,
): { readonly arg: () => Arg; readonly run: (...given: readonly unknown[]) => unknown } {
  const inner: Canvas = { ...canvas, steps: [], values: [], isInner: true, outer: canvas };
  const names = pattern(inner);
  let result: Arg | undefined;
  return {
    arg: () => ({ $lambda: names, body: inner.steps, result: result! }),
    run: (...given) => {
      names.forEach((name, i) => bindPattern(name, given[i], canvas.scope));
      result = body(inner, given);
      return valueOf(result, canvas.scope);
    },
  };
}
