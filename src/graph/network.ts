// A network as data: what `network(...)` returns, and the entries that the compiler derives from it.

import type { LintCode } from "./lint-codes.js";
import type { Node } from "./node.js";
import type { CallSite } from "./origin.js";

/** `leaf` (a parameter or state) takes the value of `value` when the entry has run. Shapes are equal. */
export interface Assignment {
  readonly leaf: Node;
  readonly value: Node;
}

/** Where the values of a hyper-parameter lie, beside being finite: from `least`, included, to `below`, excluded. */
export interface HyperRange {
  readonly least?: number;
  readonly below?: number;
}

/** What an optimizer may ask for while it writes a step's updates. Each is a leaf; equal names give one leaf. */
export interface StepTools {
  /** A scalar that the user may change at run time within its range, such as the rate. Any finite number unless stated. */
  readonly hyper: (name: string, initial: number, range?: HyperRange) => Node;
  /** A state of the parameter's shape, owned by (step, parameter); it starts at the initial value, zero unless stated. */
  readonly slot: (parameter: Node, name: string, initial?: number | Node) => Node;
  /** A scalar state that starts at zero, owned by the step. */
  readonly state: (name: string, dtype: "float32" | "int32") => Node;
  /** The number of updates done so far. Int scalar state, owned by the step. Counted up where something reads it. */
  readonly counter: Node;
  /** The number of this update, 1 for the first: the counter plus one. */
  readonly count: Node;
}

/** An optimizer: turns the gradients of a step into next values of its parameters and of its state, as graphs. */
export interface Optimizer {
  /** Says that it is an optimizer. */
  readonly kind: "optimizer";
  /** The name of the function that made it, such as "adam". */
  readonly name: string;
  /** From the gradient of each parameter to everything that the step changes. */
  readonly updates: (gradients: ReadonlyMap<Node, Node>, tools: StepTools) => readonly Assignment[];
  /** The parameters that it names in groups with settings of their own. */
  readonly groups: readonly { readonly parameters: readonly Node[] }[];
  /** What it keeps from being done as well as it could be, and why: the printed plan shows it. */
  readonly notes: readonly string[];
  /** What prediction and evaluation read in place of a parameter, such as its moving average. */
  readonly inference?: (parameters: readonly Node[], tools: StepTools) => ReadonlyMap<Node, Node>;
}

export interface Step {
  /** A float scalar. */
  readonly loss: Node;
  readonly optimizer: Optimizer;
  /** The parameters it updates; absent: all trainable ones that the loss reaches. */
  readonly parameters?: readonly Node[] | undefined;
}

/**
 * What a metric's formula applies to numbers and lists of numbers: arithmetic is element by element, and a number fits
 * any list. `ratio` is a / b, and 0 where b is 0; `positive` is 1 where the number is above 0, else 0; `after` is for
 * each element the sum of those that come after it; `at` is the element of a list at a position. {@link metric} takes
 * formulas of them.
 */
export type MetricFunction =
  | "add"
  | "subtract"
  | "multiply"
  /** a / b, as JavaScript divides. */
  | "divide"
  /** a / b, and 0 where b is 0. */
  | "ratio"
  | "exp"
  | "sqrt"
  /** 1 where the number is above 0, else 0. */
  | "positive"
  | "sum"
  | "mean"
  /** For each element the sum of those that come after it. */
  | "after"
  /** The element of a list at a position. */
  | "at";

/**
 * A number, the name of a total, or a function of such formulas: `["divide", "right", "count"]`. {@link metric} takes
 * them.
 */
export type MetricFormula = number | string | readonly [MetricFunction, ...MetricFormula[]];

/**
 * What is measured over any number of batches: statistics of one batch as graphs, which are added up over the batches
 * in float64, and the formula that makes the result of their totals. {@link metric} makes one of your own.
 */
export interface Metric {
  /** Says that it is a metric. */
  readonly kind: "metric";
  /** float32, without a batch axis. */
  readonly statistics: Readonly<Record<string, Node>>;
  /** What is added up: a formula of one batch's statistics for each total. Absent: the statistics themselves. */
  readonly totals?: Readonly<Record<string, MetricFormula>> | undefined;
  /** The formula that makes the result of the totals. */
  readonly result: MetricFormula;
  /** Of the result: [] for a number. */
  readonly shape: readonly number[];
}

/** A declared network, as data. {@link network} makes it. */
export interface Network {
  /** Says that it is a network. */
  readonly kind: "network";
  /** As declared; it names the emitted module's functions. */
  readonly name: string;
  /** The largest number of rows. */
  readonly capacity: number;
  /** What `predict` computes, by name. */
  readonly outputs: Readonly<Record<string, Node>>;
  /** The steps of training, by name. */
  readonly steps: Readonly<Record<string, Step>>;
  /** What `evaluate` measures, by name. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Entries beside those that every network has, by name: what each computes, by name. */
  readonly entries: Readonly<Record<string, Readonly<Record<string, Node>>>>;
  /** The warnings that it does not want. */
  readonly silence: readonly LintCode[];
  /** The call in the definition. */
  readonly site: CallSite;
}

export type Mode = "train" | "infer";

export interface Result {
  readonly kind: "output" | "loss" | "gradient" | "statistic";
  /** Of a gradient: provisional, until the compiler has named the parameter. */
  readonly name: string;
  readonly value: Node;
  /** The parameter of a gradient. */
  readonly of?: Node;
  /** The entry of the network's own whose output it is. */
  readonly entry?: string;
}

/** "own": declared by the network beside its steps. "initialize": sets parameters and states, or some of them, to first values. */
export type EntryKind = "predict" | "own" | "loss" | "evaluate" | "gradients" | "step" | "initialize";

/** One callable of the emitted module: what it computes and what it changes. */
export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly mode: Mode;
  /** The step of the network that it belongs to; none for what no step has. */
  readonly step?: string | undefined;
  readonly results: readonly Result[];
  readonly updates: readonly Assignment[];
  /** What its optimizer says of it for the printed plan. */
  readonly notes?: readonly string[];
}
