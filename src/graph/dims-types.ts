// Axes that are found, joined and counted, as types. An axis that cannot be told is `number`, or `number | "batch"` where it may
// hold the batch; where not even their number is known, the result is `Dims`. Never a literal that may be another one: sizes
// of a union are computed for each of its members, an axis that may be one of two is not known.

import type { DType } from "./dtype.js";
import type { Minus, Plus, Quotient, Times, UpTo } from "./size-types.js";
import type { Dims, DimsOf, Tensor, TensorOf } from "./tensor.js";
import type { PublicDim } from "./shape.js";

/** Products beyond are shown as `number`: the pixels of an image are below, the entries of a table are not. */
type MostElements = 4096;

/** True where the number of axes is not known. */
export type Unranked<S extends Dims> = number extends S["length"] ? true : false;

export type Mutable<S extends Dims> = { -readonly [I in keyof S]: S[I] };

/** As many axes, none of them known. */
export type Loose<S extends Dims> = { -readonly [I in keyof S]: PublicDim };

export type AsAxis<X> = X extends PublicDim ? X : PublicDim;

export type IsUnion<X, All = X> = X extends X ? ([All] extends [X] ? false : true) : never;

/** An axis counted from the start; `number` where that is not known. */
export type AxisAt<Rank extends number, A> = A extends number
  ? number extends A
    ? number
    : `${A}` extends `-${infer FromEnd extends number}`
      ? Minus<Rank, FromEnd>
      : A
  : number;

/** The same; `number` also where it may be one of two. */
export type OneAxis<Rank extends number, A> = true extends IsUnion<A> | IsUnion<Rank> ? number : AxisAt<Rank, A>;

/** S with another size at one axis. */
export type WithAxis<S extends Dims, At extends number, To extends PublicDim> = number extends At
  ? Loose<S>
  : { -readonly [I in keyof S]: I extends `${At}` ? To : S[I] };

/** a * b; a multiple of the batch has no name. */
export type TimesAxis<A, B> = A extends 1
  ? AsAxis<B>
  : B extends 1
    ? AsAxis<A>
    : A extends number
      ? B extends number
        ? Times<A, B>
        : PublicDim
      : PublicDim;

type PlusAxis<A, B> = A extends number ? (B extends number ? Plus<A, B> : PublicDim) : PublicDim;

/** A number of elements as `flatten` and `reshape` show it. */
export type ShownSize<N extends PublicDim> = N extends number ? UpTo<N, MostElements> : N;

/** The number of elements, not cut off. */
export type ElementCount<S extends Dims, Product extends PublicDim = 1> = S extends readonly [
  infer Axis,
  ...infer Rest extends Dims,
]
  ? ElementCount<Rest, TimesAxis<Product, Axis>>
  : Product;

type Take<S extends Dims, Count extends number, Done extends Dims = []> = Done["length"] extends Count
  ? Done
  : S extends readonly [infer Axis extends PublicDim, ...infer Rest extends Dims]
    ? Take<Rest, Count, [...Done, Axis]>
    : Done;

type Drop<S extends Dims, Count extends number> = S extends readonly [...Take<S, Count>, ...infer Rest extends Dims]
  ? Rest
  : [];

/** All axes from one on as one; a single axis from 1 on gets a neighbour of size 1. */
export type FlattenedDims<S extends Dims, From> =
  Unranked<S> extends true ? Dims : FlattenedAt<S, [S["length"], From] extends [1, 1] ? 1 : OneAxis<S["length"], From>>;

type FlattenedAt<S extends Dims, At extends number> = number extends At
  ? Dims
  : [...Take<S, At>, ShownSize<ElementCount<Drop<S, At>>>];

/** S with one more axis, which stands at the given position of the result. */
export type InsertedDims<S extends Dims, A, Size extends PublicDim> =
  Unranked<S> extends true ? Dims : InsertedAt<S, OneAxis<Plus<S["length"], 1>, A>, Size>;

type InsertedAt<S extends Dims, At extends number, Size extends PublicDim> = number extends At
  ? [PublicDim, ...Loose<S>]
  : [...Take<S, At>, Size, ...Drop<S, At>];

type Parts = readonly Tensor[];

/** Tensors joined along an axis: the axes of the first, with the sum along that one. */
export type ConcatDims<P extends Parts, A> = P extends readonly [infer First, ...infer Rest]
  ? Unranked<DimsOf<First>> extends true
    ? Dims
    : JoinedAt<DimsOf<First>, Rest, OneAxis<DimsOf<First>["length"], A>>
  : AnyAlong<DimsOf<P[number]>, A>;

type JoinedAt<S extends Dims, Rest extends readonly unknown[], At extends number> = number extends At
  ? Loose<S>
  : WithAxis<S, At, number extends Rest["length"] ? PublicDim : SumAlong<Rest, At, AsAxis<S[At]>>>;

type SumAlong<P extends readonly unknown[], At extends number, Sum extends PublicDim> = P extends readonly [
  infer Part,
  ...infer Rest,
]
  ? SumAlong<Rest, At, PlusAxis<Sum, DimsOf<Part>[At]>>
  : Sum;

/** One axis not known, of a tensor that is one of many. */
type AnyAlong<S extends Dims, A> = S extends S
  ? Unranked<S> extends true
    ? Dims
    : WithAxis<S, OneAxis<S["length"], A>, PublicDim>
  : never;

/** Tensors of one shape along a new axis. */
export type StackDims<P extends Parts, A> = P extends readonly [infer First, ...unknown[]]
  ? InsertedDims<DimsOf<First>, A, P["length"]>
  : AnyInserted<DimsOf<P[number]>, A>;

type AnyInserted<S extends Dims, A> = S extends S ? InsertedDims<S, A, number> : never;

/** The parts of a tensor along an axis, as a tuple where their number is known. */
export type SplitParts<S extends Dims, D extends DType, P, A> = P extends readonly unknown[]
  ? { -readonly [I in keyof P]: TensorOf<PartDims<S, P[I], A>, D> }
  : P extends number
    ? EqualParts<TensorOf<PartDims<S, EqualPart<S, P, A>, A>, D>, P>
    : never;

/** More than so many parts are a list: a tuple is for what is taken apart by name. */
type FewParts = `${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}` | `${1 | 2 | 3}${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`;

type EqualParts<Part, Count extends number> = `${Count}` extends FewParts ? Copies<Part, Count> : Part[];

type Copies<X, Count extends number, Done extends readonly X[] = []> = Done["length"] extends Count
  ? Done
  : Copies<X, Count, [...Done, X]>;

type EqualPart<S extends Dims, Count extends number, A> = S[AxisAt<S["length"], A>] extends infer Size
  ? Size extends number
    ? Quotient<Size, Count>
    : Count extends 1
      ? Size
      : PublicDim
  : never;

type PartDims<S extends Dims, Size, A> =
  Unranked<S> extends true ? Dims : WithAxis<S, OneAxis<S["length"], A>, AsAxis<Size>>;

export type TiledDims<S extends Dims, R extends readonly number[]> =
  Unranked<S> extends true
    ? Dims
    : number extends R["length"]
      ? Loose<S>
      : { -readonly [I in keyof S]: I extends keyof R ? TimesAxis<S[I], R[I]> : PublicDim };

/** The axes in another order, reversed where none is given. */
export type TransposedDims<S extends Dims, O extends readonly number[]> =
  Unranked<S> extends true
    ? Dims
    : O extends readonly []
      ? Reversed<S>
      : number extends O["length"]
        ? Loose<S>
        : { -readonly [I in keyof O]: AsAxis<S[AxisAt<S["length"], O[I]>]> };

type Reversed<S extends Dims, Done extends Dims = []> = S extends readonly [
  infer Axis extends PublicDim,
  ...infer Rest extends Dims,
]
  ? Reversed<Rest, [Axis, ...Done]>
  : Done;
