// What the training loop needs of an emitted model, as structural types: any object of this form can be trained, so
// a page ships the generated module and this folder and nothing else.

import type { FormulaData } from "./formula.js";
import type { Naming } from "./naming.js";

/**
 * A persistent view into the model's memory, of which there is one for each input, target, output, parameter and
 * state. Its length is that of capacity rows. {@link predict} gives such arrays.
 */
export type View = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What a model says of an input, target, output, parameter or state. {@link compile} makes models. */
export interface LeafSpec {
  /** Numbers, and the word "batch" for the rows. */
  readonly shape: readonly (number | string)[];
  /** "float32" or "float64", "int32", "bool". */
  readonly dtype: string;
  /** Integers in this leaf are in 0 .. below - 1. */
  readonly below?: number | undefined;
  /** One more value that they may have. */
  readonly ignoreIndex?: number | undefined;
  /** Of an output: the entry of the network's own that writes it; `predict` where it is absent. */
  readonly entry?: string | undefined;
}

/** How a metric of the network follows from what `evaluate` writes, added up over batches. {@link evaluate} reads it. */
export interface MetricSpec {
  /** Of the result: [] for a number. */
  readonly shape: readonly number[];
  /** The views that formulas name. */
  readonly statistics: { readonly [name: string]: string };
  /** What is added up; the statistics themselves where it is absent. */
  readonly totals?: { readonly [name: string]: FormulaData };
  /** The formula that makes the result of the totals. */
  readonly result: FormulaData;
}

/**
 * What {@link fit} and its relatives need of an emitted model. Any object of this form can be trained, so that a page
 * ships the generated module and `tapeless/train` and nothing else.
 */
export interface Model {
  /** What is known of the model: the names, shapes and types of its views, its steps and metrics. */
  readonly spec: {
    readonly name: string;
    /** What parameters are called after. */
    readonly naming?: Naming;
    /** The largest number of rows of one call. */
    readonly capacity: number;
    readonly inputs: { readonly [name: string]: LeafSpec };
    readonly targets: { readonly [name: string]: LeafSpec };
    readonly outputs: { readonly [name: string]: LeafSpec };
    readonly parameters?: { readonly [name: string]: LeafSpec };
    readonly states?: { readonly [name: string]: LeafSpec };
    /** What tells this definition from others, where its builder says so. */
    readonly definition?: string;
    readonly steps: readonly string[];
    readonly metrics?: { readonly [name: string]: MetricSpec };
    /** By function: inputs and targets that it does not read though others do. A target is none of `predict` at all. */
    readonly unread?: { readonly [entry: string]: readonly string[] };
  };
  // Each is a record of views. `object` and not `Record<string, View>`, which a generated interface would not satisfy.
  /** A view for each input. */
  readonly inputs: object;
  /** A view for each target. */
  readonly targets: object;
  /** A view for each output. */
  readonly outputs?: object;
  /** A view for each statistic of the metrics. */
  readonly statistics?: object;
  /** A view for each parameter. */
  readonly parameters: object;
  /** A view for each state. */
  readonly states?: object;
  /** Computes the outputs of so many rows. */
  readonly predict?: (rows: number) => void;
  /** The seed of all randomness. */
  readonly seed?: number;
  /** Sets parameters and states back to their initial values, with another seed where one is given. */
  readonly reset?: (seed?: number) => void;
}

/** The values of one input or target for all rows, flat in row-major order. {@link fit} takes them. */
export type Column = ArrayLike<number>;

type Columns<Views> = { readonly [Name in keyof Views]: Column };

/** Where functions of the model leave some inputs or targets unread, which of them must be given is seen when they run. */
type Needed<M extends Model, Views> = M["spec"] extends { readonly unread: object }
  ? Partial<Columns<Views>>
  : Columns<Views>;

/** Rows to predict from. {@link predict} takes them. */
export interface Inputs<M extends Model> {
  /** A column for each input. */
  readonly inputs: Needed<M, M["inputs"]>;
  /** The number of rows; needed only where no input has a batch axis. */
  readonly rows?: number | undefined;
}

/** Rows to learn from. {@link fit} takes them. */
export interface Data<M extends Model> extends Inputs<M> {
  /** A column for each target. */
  readonly targets: Needed<M, M["targets"]>;
}

export type LeafKind = "inputs" | "targets" | "outputs";

/** A name of the spec with what is declared about it and its view. */
export interface Leaf {
  /** As a message names it: "inputs.image". */
  readonly field: string;
  readonly name: string;
  readonly spec: LeafSpec;
  readonly view: View;
  /** Numbers of one row; of the whole where there is no batch axis. */
  readonly length: number;
  readonly axis: "first" | "none" | "elsewhere";
}

/** Every input, target or output of the model. */
export function leavesOf(model: Model, kind: LeafKind): readonly Leaf[] {
  const views = (model[kind] ?? {}) as Record<string, View>;
  return Object.entries(model.spec[kind]).flatMap(([name, spec]) => {
    const view = Object.hasOwn(views, name) ? views[name] : undefined;
    if (view === undefined) return [];
    const axis = batchAxis(spec.shape);
    const length = axis === "none" ? view.length : view.length / model.spec.capacity;
    return [{ field: `${kind}.${name}`, name, spec, view, length, axis }];
  });
}

function batchAxis(shape: LeafSpec["shape"]): Leaf["axis"] {
  const symbolic = shape.filter((size) => typeof size !== "number").length;
  if (symbolic === 0) return "none";
  return symbolic === 1 && shape[0] === "batch" ? "first" : "elsewhere";
}

/** Whether one of these functions reads the input or target. */
export const isRead = (model: Model, leaf: Leaf, entries: readonly string[]): boolean =>
  entries.some((entry) => {
    if (entry === "predict" && leaf.field.startsWith("targets")) return false;
    return model.spec.unread?.[entry]?.includes(leaf.name) !== true;
  });

/** A function of the model by its name, called as a method; undefined where the module was generated without it. */
export function functionOf(model: Model, name: string): ((rows: number) => number) | undefined {
  const methods = model as unknown as Record<string, (rows: number) => number>;
  return typeof methods[name] === "function" ? (rows) => methods[name]!(rows) : undefined;
}
