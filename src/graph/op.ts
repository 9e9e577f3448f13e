// The record of an op: everything the rest of the system knows about it. Shared code asks the record and never names
// an op.

import type { Reason } from "../scalar/reason.js";
import type { Scalar } from "../scalar/expression.js";
import type { Lowering } from "./lowering.js";
import type { Node, Region, TensorType } from "./node.js";
import type { Origin } from "./origin.js";

/** How the fuser and the printers may treat an op, beyond its lowering. */
export type Family =
  | "leaf"
  | "pointwise" // element by element, all operands of the output's shape
  | "view" // each output element is one operand element (or a constant): broadcast, transpose, slice, pad, concat
  | "random" // elements computed from seed, stream, step and index
  | "reduce"
  | "contract"
  | "gather"
  | "scatter"
  | "window"
  | "scan"
  | "composite" // named in the graph, expanded before fusion
  | "marker"; // stands for something a phase replaces: gradient, stopGradient, updating

/** What a record's rules are given. `A` is the op's attribute type. */
export interface Call<A extends object> {
  readonly inputs: readonly Node[];
  readonly attrs: A;
  readonly regions: readonly Region[];
  readonly origin: Origin;
}

/** A node together with the adjoint of its output. */
export interface Adjoint<A extends object> extends Call<A> {
  readonly output: Node;
  /** The gradient of the scalar being differentiated with respect to the output; the output's shape. */
  readonly gradient: Node;
}

/** A random well-typed call, drawn for the tests that loop over the registry. */
export interface Sample {
  readonly inputs: readonly SampleInput[];
  /** Makes the node from leaves of the inputs' types. */
  readonly build: (inputs: readonly Node[]) => Node;
}

export interface SampleInput extends TensorType {
  /** Values are drawn uniformly from here; keeps away from kinks and poles. */
  readonly range: readonly [number, number];
  /** Ints are drawn below this. */
  readonly below?: number;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place where the registry erases attribute types
export interface OpDef<A extends object = any> {
  /** The public name. Unique in the registry. */
  readonly name: string;
  readonly family: Family;
  /** One sentence for the reference page. */
  readonly doc: string;
  /** Names of the operands, for formulas, printing and the reference page. A variadic op ends in "...". */
  readonly operands: readonly string[];
  /** The shape and dtype rule. Throws a TapelessError when the inputs do not fit. */
  readonly infer: (call: Call<A>) => TensorType;
  /** Pointwise ops: the formula text over `operands` and the numeric attributes (`"where(x > 0, x, slope * x)"`) … */
  readonly formula?: string;
  /** … or, for derived ops, the expression itself. */
  readonly scalar?: Scalar;
  /** What the op means, element by element. Pointwise ops have none: their formula says it. Composites expand. */
  readonly lower?: (call: Call<A> & { readonly output: TensorType }) => Lowering;
  /**
   * The vector-Jacobian product: for each input the adjoint as a graph, or null where none flows. Absent for most pointwise
   * ops (their formula's derivative is taken) and for composites without a shorthand (their expansion's is taken).
   */
  readonly vjp?: (adjoint: Adjoint<A>) => readonly (Node | null)[];
  /**
   * By which rule `vjp` or `vjpMany` sends the adjoint to each operand: one for all, or a list of which the last holds for the
   * operands after it. Absent where there is neither: the rule is read off the formula's slope.
   */
  readonly rule?: Reason | readonly Reason[] | undefined;
  /** Ops with several results (scan): their types. The node itself stands for the tuple and only `result` nodes read it. */
  readonly results?: (call: Call<A>) => readonly TensorType[];
  /** The same for an op with several results: one adjoint for each, null where none flows. */
  readonly vjpMany?: (
    call: Call<A> & { readonly output: Node; readonly gradients: readonly (Node | null)[] },
  ) => readonly (Node | null)[];
  /** False for ops no gradient passes through: comparisons, argMax, randomness. */
  readonly differentiable: boolean;
  /** Composites: the same value as a graph of simpler ops. */
  readonly expand?: (call: Call<A>) => Node;
  /** What the node becomes in inference mode (dropout: its input). Absent: itself. */
  readonly inference?: (call: Call<A>) => Node;
  /** Inputs may be sorted. */
  readonly commutative?: boolean;
  /** Of one operand: never falls where it rises, computed in floats as well. */
  readonly increasing?: boolean;
  /** LaTeX of a call, given its operands' LaTeX. Absent: `\operatorname{name}(…)`. */
  readonly tex?: (operands: readonly string[], attrs: A) => string;
  /** Random well-typed calls for the registry tests; `draw(n)` gives an integer below n. */
  readonly samples: (draw: (below: number) => number) => readonly Sample[];
}
