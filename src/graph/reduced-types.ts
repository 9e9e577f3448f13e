// Axes that vanish or keep the size 1, as types: reductions, squeeze. An axis or a list of them, counted from either end.

import type { AxisAt, IsUnion, Loose, OneAxis, Unranked } from "./dims-types.js";
import type { Option } from "./option-types.js";
import type { PublicDim } from "./shape.js";
import type { Dims } from "./tensor.js";

/** The axes that are meant, counted from the start; `number` where they are not known. */
type Named<Rank extends number, A> =
  IsUnion<A> extends true
    ? number
    : A extends readonly unknown[]
      ? number extends A["length"]
        ? number
        : true extends { [I in keyof A]: IsUnion<A[I]> }[number]
          ? number
          : { [I in keyof A]: AxisAt<Rank, A[I]> }[number]
      : OneAxis<Rank, A>;

type Without<S extends Dims, At, Done extends Dims = [], Seen extends readonly 0[] = []> = S extends readonly [
  infer Axis extends PublicDim,
  ...infer Rest extends Dims,
]
  ? Without<Rest, At, Seen["length"] extends At ? Done : [...Done, Axis], [...Seen, 0]>
  : Done;

/** S without an axis or a list of axes. */
export type Removed<S extends Dims, A> =
  Unranked<S> extends true ? Dims : number extends Named<S["length"], A> ? Dims : Without<S, Named<S["length"], A>>;

/** S with size 1 at an axis or a list of axes. */
export type KeptDims<S extends Dims, A> =
  Unranked<S> extends true
    ? Dims
    : number extends Named<S["length"], A>
      ? Loose<S>
      : { -readonly [I in keyof S]: I extends `${Named<S["length"], A>}` ? 1 : S[I] };

type Ones<S extends Dims> = Unranked<S> extends true ? Dims : { -readonly [I in keyof S]: 1 };

/** The axes of a reduction by its options, over `Default` unless they name others. */
export type ReducedDims<S extends Dims, O, Default = "all"> = ReducedBy<
  S,
  Option<O, "axis", Default>,
  Option<O, "keepAxes", false>
>;

type ReducedBy<S extends Dims, A, Keep> = [Keep] extends [true]
  ? [A] extends ["all"]
    ? Ones<S>
    : KeptDims<S, A>
  : [Keep] extends [false]
    ? [A] extends ["all"]
      ? []
      : Removed<S, A>
    : Dims;

/** S without its axes of size 1; not known where an axis may be one of them. */
export type SqueezedDims<S extends Dims, Done extends Dims = []> =
  Unranked<S> extends true
    ? Dims
    : S extends readonly [infer Axis extends PublicDim, ...infer Rest extends Dims]
      ? [Axis] extends [1]
        ? SqueezedDims<Rest, Done>
        : 1 extends Axis
          ? Dims
          : number extends Axis
            ? Dims
            : SqueezedDims<Rest, [...Done, Axis]>
      : Done;
