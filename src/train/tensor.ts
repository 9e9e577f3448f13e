// Tensors by name, as files have them: numbers with their shape, and those of a model.

import type { LeafSpec, Model, View } from "./model.js";

/** Arrays that a tensor's numbers may be in. */
export type TensorValues = View | Int8Array | Int16Array | Uint16Array | Uint32Array;

/** Numbers of one type with their shape, as files have them. {@link readSafetensors} gives them. */
export interface StoredTensor {
  /** The type of the numbers. */
  readonly dtype: "float64" | "float32" | "int32" | "uint32" | "int16" | "uint16" | "int8" | "uint8" | "bool";
  /** The sizes of the axes. */
  readonly shape: readonly number[];
  /** The numbers, flat in row-major order, as many as the shape has places. */
  readonly values: TensorValues;
}

/** Tensors by name. {@link readSafetensors} gives them. */
export type Tensors = Readonly<Record<string, StoredTensor>>;

/** What the names of states begin with in a file: beside a parameter `norm` there may be a state `norm`. */
export const STATES = "states/";

/** What a checkpoint of `fit` has beside the model: the best epoch's model, and where training stands. */
export const BEST = "best/";
export const FIT = "fit/";

/** A tensor of a model under its name in a file. */
export interface Slot {
  readonly key: string;
  /** As messages name it: "parameters.h1.weight". */
  readonly field: string;
  /** As the model names it. */
  readonly name: string;
  readonly kind: "parameter" | "state";
  readonly view: View;
  readonly spec: LeafSpec;
  readonly shape: readonly number[];
}

/** All parameters and states of a model; the arrays are the model's own. */
export const slotsOf = (model: Model): readonly Slot[] => [
  ...group(model, "parameters", ""),
  ...group(model, "states", STATES),
];

function group(model: Model, kind: "parameters" | "states", prefix: string): readonly Slot[] {
  const declared = model.spec[kind] ?? {};
  return Object.entries((model[kind] ?? {}) as Record<string, View>).map(([name, view]) => {
    const known = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const spec = known ?? { shape: [view.length], dtype: dtypeOf(view) };
    const shape = sizes(spec.shape, view.length, model.spec.capacity);
    const of = kind === "parameters" ? "parameter" : "state";
    return { key: prefix + name, field: `${kind}.${name}`, name, kind: of, view, spec, shape };
  });
}

export const tensorOf = ({ view, shape }: Slot): StoredTensor => ({ dtype: dtypeOf(view), shape, values: view });

/** The arrays of models have one type of number each: their bytes are flags. */
export function dtypeOf(view: View): "float64" | "float32" | "int32" | "bool" {
  if (view instanceof Float64Array) return "float64";
  if (view instanceof Float32Array) return "float32";
  return view instanceof Int32Array ? "int32" : "bool";
}

/** The shape with the capacity in place of the batch; what cannot be told apart is flat. */
function sizes(shape: LeafSpec["shape"], length: number, capacity: number): readonly number[] {
  const known = shape.map((size) => (size === "batch" ? capacity : size));
  const product = known.reduce<number>((sum, size) => (typeof size === "number" ? sum * size : sum), 1);
  const sized = known.map((size) => (typeof size === "number" ? size : length / product));
  return sized.reduce((sum, size) => sum * size, 1) === length ? sized : [length];
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);
