// How many windows stand over the spatial axes of a tensor, as types: what ops/window/geometry.ts computes, for literal sizes, windows,
// strides, dilations and paddings. Anything else gives `number`.

import type { AsAxis, IsUnion, TimesAxis } from "./dims-types.js";
import type { Option } from "./option-types.js";
import type { Ceil, Floor, Minus, Plus, Times } from "./size-types.js";
import type { PublicDim } from "./shape.js";
import type { Dims } from "./tensor.js";

/** One number for all axes, or that of an axis. */
type At<P, I extends number> = P extends readonly unknown[]
  ? P[I] extends infer N extends number
    ? N
    : number
  : P extends number
    ? P
    : number;

type SpanOf<Window extends number, Dilation extends number> = Dilation extends 1
  ? Window
  : Plus<Times<Dilation, Minus<Window, 1>>, 1>;

/** How much padding stands before and after an axis together. */
type PaddingOf<P, I extends number> = P extends readonly unknown[]
  ? P[I] extends infer Own
    ? Own extends readonly [infer Before extends number, infer After extends number]
      ? Plus<Before, After>
      : Own extends number
        ? Plus<Own, Own>
        : number
    : never
  : P extends number
    ? Plus<P, P>
    : P extends "valid"
      ? 0
      : number;

type Padded<Size extends number, P, I extends number> = P extends "valid" ? Size : Plus<Size, PaddingOf<P, I>>;

/** What is usual is told apart first: it costs no arithmetic. */
type Count<Size extends number, Span extends number, Stride extends number, P, I extends number> = P extends
  "same" | "sameLower"
  ? Stride extends 1
    ? Size
    : Ceil<Size, Stride>
  : Stride extends 1
    ? Side<Size, Minus<Span, 1>, P, I>
    : [P, Span, Stride] extends ["valid", Stride, Span]
      ? Some<Floor<Size, Stride>>
      : Plus<Floor<Minus<Padded<Size, P, I>, Span>, Stride>, 1>;

/** No window is none: the run refuses it. */
type Some<N extends number> = N extends 0 ? number : N;

/** Where windows are neighbours: the size and its padding without what a window spans beyond its first element. */
type Side<Size extends number, Beyond extends number, P, I extends number> =
  IsUnion<Beyond> extends true
    ? Some<Minus<Padded<Size, P, I>, Beyond>>
    : number extends Beyond
      ? number
      : [PaddingOf<P, I>] extends [Beyond]
        ? Size
        : Some<Minus<Padded<Size, P, I>, Beyond>>;

/** Written over the options one by one: layers with the same ones share the result, which the checker keeps. */
type Counts<
  Spatial extends Dims,
  Window,
  Stride,
  Dilation,
  Padding,
  Done extends Dims = [],
> = Spatial extends readonly [infer Size, ...infer Rest extends Dims]
  ? Counts<
      Rest,
      Window,
      Stride,
      Dilation,
      Padding,
      [
        ...Done,
        Count<
          Size extends number ? Size : number,
          SpanOf<At<Window, Done["length"]>, At<Dilation, Done["length"]>>,
          At<Stride, Done["length"]>,
          Padding,
          Done["length"]
        >,
      ]
    >
  : Done;

/** Rows, spatial axes and channels by a layout, put together again by `Arranged`; null where they are not known. */
type Apart<S extends Dims, Layout> = number extends S["length"]
  ? null
  : [Layout] extends ["channelsFirst"]
    ? S extends readonly [infer Rows extends PublicDim, infer Channels extends PublicDim, ...infer Spatial extends Dims]
      ? readonly [Rows, Spatial, Channels]
      : null
    : [Layout] extends ["channelsLast"]
      ? S extends readonly [
          infer Rows extends PublicDim,
          ...infer Spatial extends Dims,
          infer Channels extends PublicDim,
        ]
        ? readonly [Rows, Spatial, Channels]
        : null
      : null;

type Arranged<Rows, Spatial extends Dims, Channels, Layout> = [Layout] extends ["channelsFirst"]
  ? [AsAxis<Rows>, AsAxis<Channels>, ...Spatial]
  : [AsAxis<Rows>, ...Spatial, AsAxis<Channels>];

type LayoutOf<O> = Option<O, "layout", "channelsLast">;

export type ConvolvedDims<S extends Dims, Filters extends number, Kernel, O> =
  Apart<S, LayoutOf<O>> extends readonly [infer Rows, infer Spatial extends Dims, unknown]
    ? Arranged<
        Rows,
        Counts<Spatial, Kernel, Option<O, "stride", 1>, Option<O, "dilation", 1>, Option<O, "padding", "valid">>,
        Filters,
        LayoutOf<O>
      >
    : Dims;

export type PooledDims<S extends Dims, Window, O> =
  Apart<S, LayoutOf<O>> extends readonly [infer Rows, infer Spatial extends Dims, infer Channels]
    ? Arranged<
        Rows,
        Option<O, "ceilMode", false> extends false
          ? Counts<
              Spatial,
              Window,
              Option<O, "stride", Window>,
              Option<O, "dilation", 1>,
              Option<O, "padding", "valid">
            >
          : { [I in keyof Spatial]: number },
        Channels,
        LayoutOf<O>
      >
    : Dims;

/** The axes of what a global pool leaves: rows and channels. */
export type GlobalDims<S extends Dims, O> =
  Apart<S, LayoutOf<O>> extends readonly [infer Rows, Dims, infer Channels] ? [AsAxis<Rows>, AsAxis<Channels>] : Dims;

type Scaled<Spatial extends Dims, Factor, Done extends Dims = []> = Spatial extends readonly [
  infer Size,
  ...infer Rest extends Dims,
]
  ? Scaled<Rest, Factor, [...Done, TimesAxis<Size, At<Factor, Done["length"]>>]>
  : Done;

export type UpsampledDims<S extends Dims, Factor, O> =
  Apart<S, LayoutOf<O>> extends readonly [infer Rows, infer Spatial extends Dims, infer Channels]
    ? Arranged<Rows, Scaled<Spatial, Factor>, Channels, LayoutOf<O>>
    : Dims;

type Given<Spatial extends Dims, Sizes, Done extends Dims = []> = Spatial extends readonly [
  unknown,
  ...infer Rest extends Dims,
]
  ? Given<Rest, Sizes, [...Done, At<Sizes, Done["length"]>]>
  : Done;

export type UnpooledDims<S extends Dims, Sizes, O> =
  Apart<S, LayoutOf<O>> extends readonly [infer Rows, infer Spatial extends Dims, infer Channels]
    ? Arranged<Rows, Given<Spatial, Sizes>, Channels, LayoutOf<O>>
    : Dims;

// Transposed convolutions

type Grown<
  Size extends number,
  Span extends number,
  Stride extends number,
  P,
  Extra extends number,
  I extends number,
> = P extends "same" | "sameLower"
  ? Times<Size, Stride>
  : Minus<Plus<Plus<Times<Minus<Size, 1>, Stride>, Span>, Extra>, PaddingOf<P, I>>;

type Growths<
  Spatial extends Dims,
  Window,
  Stride,
  Dilation,
  Padding,
  Extra,
  Done extends Dims = [],
> = Spatial extends readonly [infer Size, ...infer Rest extends Dims]
  ? Growths<
      Rest,
      Window,
      Stride,
      Dilation,
      Padding,
      Extra,
      [
        ...Done,
        Grown<
          Size extends number ? Size : number,
          SpanOf<At<Window, Done["length"]>, At<Dilation, Done["length"]>>,
          At<Stride, Done["length"]>,
          Padding,
          At<Extra, Done["length"]>,
          Done["length"]
        >,
      ]
    >
  : Done;

export type TransposedConvDims<S extends Dims, Filters extends number, Kernel, O> =
  Apart<S, LayoutOf<O>> extends readonly [infer Rows, infer Spatial extends Dims, unknown]
    ? Arranged<
        Rows,
        Growths<
          Spatial,
          Kernel,
          Option<O, "stride", 1>,
          Option<O, "dilation", 1>,
          Option<O, "padding", "valid">,
          Option<O, "outputPadding", 0>
        >,
        Filters,
        LayoutOf<O>
      >
    : Dims;
