// Leaves: where values come from.

import * as is from "../call/checks.js";
import type { DType } from "../../graph/dtype.js";
import { createNode, type Node } from "../../graph/node.js";
import { callSite, originOf, type CallSite, type Origin } from "../../graph/origin.js";
import { printShape, sameShape, sizeOf, type Dim, type PublicDim, type Shape } from "../../graph/shape.js";
import type { Mutable } from "../../graph/dims-types.js";
import type { Dims, Float32, Tensor, TensorOf } from "../../graph/tensor.js";
import { badArgument, shapeMismatch, wrongDtype } from "../../messages.js";
import { finiteNumber, isNode, positiveInteger, tensorOperand, toAxes, toDtype, toShape } from "../define.js";
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
import { callOrigin, requireOptions, type Known } from "../call/options.js";

export * from "./leaf-records.js";

/** The options of {@link input} and {@link target}. */
export interface InputOptions<D extends DType> {
  /** "float32" unless stated; "int32" or "bool". */
  readonly dtype?: D;
  /** For int32: every value must lie in 0 .. below - 1; looked at before a kernel runs. Any value unless stated. */
  readonly below?: number;
  /**
   * One more value that is allowed beside those below `below`: a class of `sequenceCrossEntropy` that does not count.
   * None unless stated.
   */
  readonly ignoreIndex?: number;
}

const INPUT_OPTIONS = {
  dtype: is.oneOf("float32", "int32", "bool"),
  below: is.wholeNumber,
  ignoreIndex: is.int32,
} satisfies Known<InputOptions<DType>>;

/**
 * Values that the caller writes before each run, into `model.inputs[name]`.
 * @param name the view's name
 * @param shape its axes: positive integers and "batch"
 * @returns that shape, float32 unless `dtype` says otherwise
 * @throws BAD_ARGUMENT for an empty name, what is no shape, and `below` without int32; DUPLICATE_NAME from the network
 * @example
 * ```ts
 * const image = input("image", ["batch", 28, 28]); // float32 [batch, 28, 28]
 * const word = input("word", ["batch"], { dtype: "int32", below: 1000 }); // int32 [batch]
 * ```
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

/**
 * What a loss compares with: values that the caller writes into `model.targets[name]`. Losses, steps and metrics read
 * it; outputs cannot.
 * @param name the view's name
 * @param shape its axes: positive integers and "batch"
 * @returns that shape, float32 unless `dtype` says otherwise
 * @throws BAD_ARGUMENT for an empty name, what is no shape, and `below` without int32; OUTPUT_NEEDS_TARGET from a
 *   network whose outputs read it
 * @example
 * ```ts
 * const price = target("price", ["batch", 1]); // float32 [batch, 1]
 * ```
 */
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
 * Class indices from 0 to below `classes`, which the caller writes into `model.targets[name]`; they are looked at before a
 * kernel runs.
 * @param name the view's name
 * @param shape its axes: positive integers and "batch"
 * @param classes how many classes there are
 * @returns that shape, int32
 * @throws BAD_ARGUMENT for an empty name, what is no shape, a number of classes that is no positive integer
 * @example
 * ```ts
 * const digit = labels("digit", ["batch"], 10); // int32 [batch]
 * ```
 */
export function labels<const S extends Dims>(
  name: string,
  shape: S,
  classes: number,
  options: {
    /** One more value that is allowed, such as -100, for losses to leave out. None unless stated. */
    readonly ignoreIndex?: number;
  } = {},
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

/** The options of {@link parameter}. */
export interface ParameterOptions {
  /** The parameter's name, in place of the `const` that holds it. */
  readonly name?: string;
  /** False: no gradient is derived for it and no step changes it. True unless stated. */
  readonly trainable?: boolean;
}

/** The first value of a parameter or state: one number for all elements, a graph, or an initialiser. */
export type Initial = number | Node | ((shape: Shape, origin: Origin) => Node);

/**
 * A float32 tensor that training changes. Layers make their own.
 * @param shape positive integers; a parameter has no batch axis
 * @param initial where it starts: one number for all elements, an initialiser such as {@link heNormal}, or a tensor of
 *   that shape
 * @returns that shape, float32
 * @throws BAD_ARGUMENT for a shape with the batch; SHAPE_MISMATCH and WRONG_DTYPE for an initial tensor of another
 *   type; BAD_INITIAL for one that depends on what has no value yet
 * @example
 * ```ts
 * const w = parameter([2], 0.5, { name: "w" });
 * const net = network("example", { batch: 1, outputs: { y: mul(w, 10) } });
 * interpret(net, { parameters: { w: [1, 2] } }).outputs.y; // [10, 20]
 * ```
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

/**
 * A value that is kept from step to step and that no gradient trains: counters, running statistics. {@link updating}
 * gives it its next value, in training steps alone. What an entry of the network's own carries is made by
 * {@link carry}.
 * @param name of the view `model.states[name]`
 * @param shape positive integers; a state has no batch axis
 * @param initial where it starts: one number for all elements, an initialiser, or a tensor of that shape
 * @returns that shape, float32 unless `dtype` says otherwise
 * @throws BAD_ARGUMENT for an empty name or a shape with the batch; SHAPE_MISMATCH and WRONG_DTYPE for an initial
 *   tensor of another type
 * @example
 * ```ts
 * const seen = state("seen", [], 0);
 * const w = parameter([1], 2, { name: "w" });
 * const loss = updating(sum(square(w)), [[seen, add(seen, 1)]]);
 * const net = network("example", { batch: 1, loss, optimizer: sgd({ rate: 0.25 }) });
 * interpret(net, { states: { seen: [7] } }).after.step?.states; // { seen: [8] }
 * ```
 */
export function state<const S extends readonly number[], D extends DType = "float32">(
  name: string,
  shape: S,
  initial: Initial,
  options: {
    /** "float32" unless stated; "int32" or "bool". */
    readonly dtype?: D;
  } = {},
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

/**
 * A float scalar of the training step that may be changed between steps: `model[name] = value`.
 * @param name the model's member
 * @param initial its value at the start: a finite number
 * @returns a float32 scalar
 * @throws BAD_ARGUMENT for an empty name or an initial value that is not finite; BAD_NAME and DUPLICATE_NAME from the
 *   network
 * @example
 * ```ts
 * const w = parameter([2], 3, { name: "w" });
 * const decay = hyper("decay", 0.1);
 * const net = network("example", { batch: 1, loss: mul(decay, l2(1, w)), optimizer: sgd() });
 * interpret(net, {}).loss; // 1.8
 * interpret(net, { hypers: { decay: [0.5] } }).loss; // 9
 * ```
 */
export function hyper(name: string, initial: number): Float32<[]> {
  const origin = originOf(callSite("hyper"), undefined, name);
  requireName("hyper", name, origin);
  return makeHyper(origin, name, finiteNumber("hyper", "initial", initial, origin), {}) as Float32<[]>;
}

export type Nested = number | readonly Nested[];

/** The options of {@link constant}. */
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
 * Numbers written in the definition: a number, a nested list, or values with a shape. NaN is refused; infinities are
 * allowed, as for masks.
 * @param value one number (which fills the shape), a nested list, or a flat or typed array
 * @returns the shape of the nested list, or that of the options; float32 unless `dtype` says otherwise
 * @throws BAD_ARGUMENT for values that do not fill the shape, or that the dtype cannot hold
 * @example
 * ```ts
 * constant([[1, 2], [3, 4]]); // float32 [2, 2]
 * constant(0, { shape: ["batch", 3], dtype: "int32" }); // int32 [batch, 3]
 * ```
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

/**
 * The number of elements of `x` along some axes, as a float scalar: along all of them unless stated. Along the axis of
 * the batch it is the number of rows of the run.
 * @param x a tensor of any shape and dtype
 * @param axis an axis or several; negative counts from the end
 * @returns a float32 scalar
 * @throws BAD_ARGUMENT for an axis that x has not
 * @example
 * ```ts
 * const x = input("x", ["batch", 2]);
 * const net = network("example", { batch: 8, outputs: { mean: div(sum(x), size(x)), rows: size(x, 0) } });
 * interpret(net, { inputs: { x: [1, 2, 3, 4, 5, 9] } }).outputs; // { mean: [4], rows: [3] }
 * ```
 */
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
