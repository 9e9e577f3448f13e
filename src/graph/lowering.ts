// What an op means, element by element: the one description from which the interpreter evaluates, the compiler fuses
// and every target emits.
//
// A lowering speaks of the output's axes as variables 0..n-1; the axes of a reduction (or the domain of a scatter)
// follow. `matmul` is { kind: "reduce", combiner: "sum", axes: [K], body: load(0, [i0, i2]) * load(1, [i2, i1]) }.

import type { Expr, ScalarOp } from "../scalar/expression.js";
import type { Affine } from "./affine.js";
import type { Region } from "./node.js";
import type { Dim, Shape } from "./shape.js";

/** One axis of an access: an affine expression, plus optionally an integer computed from loaded values (a gather). */
export interface Index {
  readonly affine: Affine;
  readonly loaded?: Expr<BodyLeaf>;
}

/** The condition `0 <= index < size`. */
export interface Bound {
  readonly index: Affine;
  readonly size: Dim;
}

/** An element of an operand. Where a guard fails the value is `otherwise` and nothing is read. */
export interface Load {
  readonly kind: "load";
  readonly operand: number;
  readonly at: readonly Index[];
  readonly guards: readonly Bound[];
  readonly otherwise: number;
}

/** An axis position as an integer value. */
export interface IndexValue {
  readonly kind: "index";
  readonly affine: Affine;
}

/** A size as a number: what a mean divides by. */
export interface SizeValue {
  readonly kind: "size";
  readonly dim: Dim;
}

export type BodyLeaf = Load | IndexValue | SizeValue;

export type Body = Expr<BodyLeaf>;

export type Combiner = "sum" | "prod" | "max" | "min";

/** How a scatter combines what meets in one place, beside adding it up. */
export type ScatterCombiner = "max" | "min" | "last";

/**
 * A loop over time. Its inputs, and the parameters of its region, are carries, sequences, captures; the region's results are the
 * next carries, then outputs. A sequence gives a step the entry of its leading axis, and an output is stacked along one.
 */
export interface ScanLoop {
  readonly carries: number;
  readonly sequences: number;
  /** From the last position to the first. Outputs stand at the position that made them either way. */
  readonly reverse: boolean;
  readonly length: Dim;
}

export type Lowering =
  /** Each element on its own. */
  | { readonly kind: "map"; readonly body: Body }
  /** Each element combines `body` over `axes`. */
  | { readonly kind: "reduce"; readonly combiner: Combiner; readonly axes: Shape; readonly body: Body }
  /**
   * The output starts at the combiner's identity, or as the operand `onto`; for each index of `domain` (variables 0..d-1),
   * `output[at]` is combined with `body`: they are added up unless a combiner is stated. "last" keeps what comes last, in
   * the row-major order of the domain; it needs an operand to start as.
   */
  | {
      readonly kind: "scatter";
      readonly onto?: number;
      readonly combiner?: ScatterCombiner;
      readonly domain: Shape;
      readonly at: readonly Index[];
      readonly body: Body;
    }
  /** The first operand's elements in the same row-major order under another shape. */
  | { readonly kind: "alias" }
  /** The region, once for each position of the leading axis: see ops/scan/scan-record.ts. */
  | (ScanLoop & { readonly kind: "scan"; readonly region: Region })
  /** One result of a node with several, which is its operand. */
  | { readonly kind: "result"; readonly index: number }
  /** A leaf: its value comes from a buffer. */
  | { readonly kind: "leaf" };

/** The value each combiner starts from. */
export const identityOf = { sum: 0, prod: 1, max: -Infinity, min: Infinity } satisfies Record<Combiner, number>;

/** The instruction that combines two values. */
export const combiningOf = { sum: "add", prod: "mul", max: "max", min: "min" } as const satisfies Record<
  Combiner,
  ScalarOp
>;

export const load = (operand: number, at: readonly Affine[], guards: readonly Bound[] = [], otherwise = 0): Load =>
  Object.freeze({
    kind: "load",
    operand,
    at: Object.freeze(at.map((affine) => Object.freeze({ affine }))),
    guards: Object.freeze(guards),
    otherwise,
  });
