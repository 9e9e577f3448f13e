// Leaves: where values come from.

import * as is from "./checks.js";
import type { DType } from "../graph/dtype.js";
import { createNode, type Node } from "../graph/node.js";
import { callSite, originOf, type CallSite, type Origin } from "../graph/origin.js";
import { printShape, sameShape, sizeOf, type Dim, type PublicDim, type Shape } from "../graph/shape.js";
import type { Mutable } from "../graph/dims-types.js";
import type { Dims, Float32, Tensor, TensorOf } from "../graph/tensor.js";
import { badArgument, shapeMismatch, wrongDtype } from "../messages.js";
import { finiteNumber, isNode, positiveInteger, tensorOperand, toAxes, toDtype, toShape } from "./define.js";
import {
  constantDef,
  inputDef,
  makeFilled,
  makeHyper,
  makeParameter,
  makeSize,
  makeState,
  type InputAttrs,
} from "./leaf-records.js";
import { callOrigin, requireOptions, type Known } from "./options.js";

export * from "./leaf-records.js";

export interface InputOptions<D extends DType> {
  readonly dtype?: D;
  /** For int32: every value must lie in 0 .. below - 1. Checked before a kernel runs. */
  readonly below?: number;
  /** One more value that is allowed beside those below `below`: a class of `sequenceCrossEntropy` that does not count. */
  readonly ignoreIndex?: number;
}

const INPUT_OPTIONS = {
  dtype: is.oneOf("float32", "int32", "bool"),
  below: is.wholeNumber,
  ignoreIndex: is.int32,
} satisfies Known<InputOptions<DType>>;

/**
 * Values that the caller writes before each run.
 * @param name the field of `net.inputs`
 * @param shape its axes: positive integers and `"batch"`
 * @returns a tensor of that shape, float32 unless `dtype` says otherwise
 */
export function input<const S extends Dims, D extends DType = "float32">(
  name: string,
  shape: S,
  options: InputOptions<D> = {},
): TensorOf<Mutable<S>, D> {
  const site = callSite("input");
  requireOptions(site, options, INPUT_OPTIONS);
  return makeInput(site, "input", name, shape, options) as TensorOf<Mutable<S>, D>;
}

/** What a regression compares with: a field of `net.targets`, read by steps and losses only. */
export function target<const S extends Dims, D extends DType = "float32">(
  name: string,
  shape: S,
  options: InputOptions<D> = {},
): TensorOf<Mutable<S>, D> {
  const site = callSite("target");
  requireOptions(site, options, INPUT_OPTIONS);
  return makeInput(site, "target", name, shape, options) as TensorOf<Mutable<S>, D>;
}

/**
 * Class indices 0 .. classes - 1, int32, as a field of `net.targets`; checked before a kernel runs. `ignoreIndex`: one more
 * value that is allowed, such as -100, for `sequenceCrossEntropy`, `crossEntropy` and `negativeLogLikelihood` to leave out.
 */
export function labels<const S extends Dims>(
  name: string,
  shape: S,
  classes: number,
  options: { readonly ignoreIndex?: number } = {},
): Tensor<Mutable<S>, "int32"> {
  const site = callSite("labels");
  requireOptions(site, options, { ignoreIndex: is.int32 });
  const below = positiveInteger("labels", "classes", classes, originOf(site));
  const bounds = { ...options, dtype: "int32", below } as const;
  return makeInput(site, "target", name, shape, bounds) as Tensor<Mutable<S>, "int32">;
}

function makeInput(
  site: CallSite,
  role: InputAttrs["role"],
  name: string,
  shape: Dims,
  options: InputOptions<DType>,
): Node {
  const op = site.call;
  const origin = originOf(site, undefined, name);
  requireName(op, name, origin);
  const dtype = toDtype(op, options.dtype, origin);
  const below = options.below === undefined ? {} : { below: positiveInteger(op, "below", options.below, origin) };
  if (options.below !== undefined && dtype !== "int32") {
    throw badArgument({
      op,
      argument: "below",
      value: options.below,
      expected: "absent unless dtype is int32",
      site: origin.site,
    });
  }
  const { ignoreIndex } = options;
  if (ignoreIndex !== undefined && (options.below === undefined || (ignoreIndex | 0) !== ignoreIndex)) {
    const expected = "a 32-bit integer, beside a `below`";
    throw badArgument({ op, argument: "ignoreIndex", value: ignoreIndex, expected, site: origin.site });
  }
  const ignored = ignoreIndex === undefined ? {} : { ignoreIndex };
  return createNode(
    inputDef,
    [],
    { name, role, ...below, ...ignored, shape: toShape(op, shape, origin), dtype },
    origin,
  );
}

export interface ParameterOptions {
  readonly name?: string;
  /** False: no gradient is derived for it and no step changes it. */
  readonly trainable?: boolean;
}

/** The first value of a parameter or state: one number for all elements, a graph, or an initialiser. */
export type Initial = number | Node | ((shape: Shape, origin: Origin) => Node);

/**
 * A float32 tensor that training changes.
 * @param shape positive integers; a parameter has no batch axis
 */
export function parameter<const S extends readonly number[]>(
  shape: S,
  initial: Initial,
  options: ParameterOptions = {},
): Float32<Mutable<S>> {
  const site = callSite("parameter");
  requireOptions(site, options, { name: is.text, trainable: is.flag });
  const origin = originOf(site, undefined, options.name);
  const sizes = fixedShape("parameter", shape, origin);
  return makeParameter(
    origin,
    sizes,
    initialGraph("parameter", initial, sizes, "float32", origin),
    options.trainable ?? true,
  ) as Float32<Mutable<S>>;
}

/** A value kept from step to step: counters, running statistics. `updating` gives it its next value. */
export function state<const S extends readonly number[], D extends DType = "float32">(
  name: string,
  shape: S,
  initial: Initial,
  options: { readonly dtype?: D } = {},
): TensorOf<Mutable<S>, D> {
  const site = callSite("state");
  requireOptions(site, options, { dtype: is.oneOf("float32", "int32", "bool") });
  const origin = originOf(site, undefined, name);
  requireName("state", name, origin);
  const sizes = fixedShape("state", shape, origin);
  const dtype = toDtype("state", options.dtype, origin);
  return makeState(origin, sizes, dtype, initialGraph("state", initial, sizes, dtype, origin)) as TensorOf<
    Mutable<S>,
    D
  >;
}

/** A float scalar of the training step that the user may change between steps: `net[name] = value`. */
export function hyper(name: string, initial: number): Float32<[]> {
  const origin = originOf(callSite("hyper"), undefined, name);
  requireName("hyper", name, origin);
  return makeHyper(origin, name, finiteNumber("hyper", "initial", initial, origin), {}) as Float32<[]>;
}

export type Nested = number | readonly Nested[];

export interface ConstantOptions<S extends Dims = Dims, D extends DType = DType> {
  /** Its axes; a single value fills them. Those of the nested list unless stated. */
  readonly shape?: S;
  /** float32 unless stated. */
  readonly dtype?: D;
}

const CONSTANT_OPTIONS = {
  shape: is.list,
  dtype: is.oneOf("float32", "int32", "bool"),
} satisfies Known<ConstantOptions>;

/**
 * Numbers written in the definition: a number, a nested list, or values with a shape: `constant(0, { shape: [2, 3] })`.
 * NaN is refused; infinities are allowed (masks).
 * @throws BAD_ARGUMENT for values that do not fill the shape, or that the dtype cannot hold
 */
export function constant<const S extends Dims = [], D extends DType = "float32">(
  value: number,
  options?: ConstantOptions<S, D>,
): TensorOf<Mutable<S>, D>;
export function constant<const S extends Dims = Dims, D extends DType = "float32">(
  value: Nested | ArrayLike<number>,
  options?: ConstantOptions<S, D>,
): TensorOf<Mutable<S>, D>;
export function constant(value: Nested | ArrayLike<number>, options: ConstantOptions = {}): Node {
  const origin = callOrigin("constant", options, CONSTANT_OPTIONS);
  const values: number[] = [];
  const written = flatten(value as Nested, values, origin);
  const sizes = toShape("constant", options.shape ?? written, origin);
  const { times, power } = sizeOf(sizes);
  if (values.length !== 1 && (power > 0 || times !== values.length)) {
    const expected = `one number, or one for each element of ${printShape(sizes)}`;
    throw badArgument({ op: "constant", argument: "the values", value: values, expected, site: origin.site });
  }
  const dtype = toDtype("constant", options.dtype, origin);
  const stray = values.find((one) => !holds(dtype, one));
  if (stray !== undefined) {
    const expected = dtype === "bool" ? "0 or 1 in a bool" : "a 32-bit integer in an int32";
    throw badArgument({ op: "constant", argument: "each value", value: stray, expected, site: origin.site });
  }
  const attrs = { values: Object.freeze(values), shape: sizes, dtype };
  return createNode(constantDef, [], attrs, origin);
}

/** Whether a number of the definition is one of the dtype. */
export const holds = (dtype: DType, value: number): boolean =>
  dtype === "float32" || (dtype === "int32" ? (value | 0) === value : value === 0 || value === 1);

/** The number of elements of `x` along `axis` (all axes unless stated), as a float scalar. */
export function size(x: Tensor, axis?: number | readonly number[]): Float32<[]> {
  const origin = originOf(callSite("size"));
  const node = tensorOperand("size", "x", x, origin);
  const counted = toAxes("size", axis, node.shape, origin).map((axis) => node.shape[axis]!);
  return makeSize(origin, sizeOf(counted)) as Float32<[]>;
}

/** Collects a nested list's numbers; returns its axes. */
function flatten(value: Nested | ArrayLike<number>, into: number[], origin: Origin): number[] {
  if (typeof value === "number") {
    if (Number.isNaN(value)) {
      throw badArgument({ op: "constant", argument: "each value", value, expected: "a number", site: origin.site });
    }
    into.push(value);
    return [];
  }
  const items = typeof value === "object" && value !== null && "length" in value ? Array.from(value) : [];
  if (items.length === 0) {
    const expected = "a number or a non-empty list of numbers";
    throw badArgument({ op: "constant", argument: "the value", value, expected, site: origin.site });
  }
  const shapes = items.map((item) => flatten(item, into, origin));
  if (shapes.some((s) => s.join() !== shapes[0]!.join())) {
    throw badArgument({ op: "constant", argument: "the rows", value, expected: "of equal length", site: origin.site });
  }
  return [items.length, ...shapes[0]!];
}

export function requireName(op: string, name: unknown, origin: Origin): void {
  if (typeof name === "string" && name.trim() !== "") return;
  throw badArgument({ op, argument: "the name", value: name, expected: "a non-empty string", site: origin.site });
}

/** A shape without a batch axis: what outlives a run. */
export function fixedShape(op: string, shape: readonly (PublicDim | Dim)[], origin: Origin): Shape {
  const sizes = toShape(op, shape, origin);
  if (sizes.every((d) => d.power === 0)) return sizes;
  const expected = "free of the batch: the value outlives a run";
  throw badArgument({ op, argument: "the shape", value: shape, expected, site: origin.site });
}

/** The first value as a graph of the right shape. */
export function initialGraph(op: string, initial: Initial, shape: Shape, dtype: DType, origin: Origin): Node {
  if (typeof initial === "number") {
    return makeFilled(origin, finiteNumber(op, "initial", initial, origin), shape, dtype);
  }
  const graph = typeof initial === "function" ? initial(shape, origin) : initial;
  if (!isNode(graph)) {
    const expected = "a number, a graph or an initialiser";
    throw badArgument({ op, argument: "initial", value: graph, expected, site: origin.site });
  }
  if (!sameShape(graph.shape, shape)) {
    throw shapeMismatch({
      op,
      left: shape,
      right: graph.shape,
      why: "the initial value has another shape",
      site: origin.site,
    });
  }
  if (graph.dtype !== dtype) {
    throw wrongDtype({ op, operand: "an initial value", dtype: graph.dtype, expected: dtype, site: origin.site });
  }
  return graph;
}
