// Reshape, as types: what -1 stands for, and whether the elements fill the new shape. Products are compared up to 4,096; beyond,
// the message of the run holds.

import type { AsAxis, ShownSize, TimesAxis } from "./dims-types.js";
import type { Quotient } from "./size-types.js";
import type { Dims, Show } from "./tensor.js";

/** The product of the numbers among the axes, and as many zeros as there are batches; null where an axis is not known. */
type Counted<S extends readonly unknown[], Product = 1, Batches extends readonly 0[] = []> = S extends readonly [
  infer Axis,
  ...infer Rest,
]
  ? number extends Axis
    ? null
    : Axis extends -1
      ? Counted<Rest, Product, Batches>
      : Axis extends number
        ? Counted<Rest, TimesAxis<Product, Axis>, Batches>
        : Axis extends "batch"
          ? Counted<Rest, Product, [...Batches, 0]>
          : null
  : S extends readonly []
    ? readonly [Product, Batches]
    : null;

/** What is left for -1. */
type RestOf<All, Part> = All extends readonly [infer Whole extends number, infer B extends readonly 0[]]
  ? Part extends readonly [infer Taken extends number, infer C extends readonly 0[]]
    ? B extends readonly [...C, ...infer Left]
      ? Left extends readonly []
        ? ShownSize<Quotient<Whole, Taken>>
        : Left extends readonly [0]
          ? Quotient<Whole, Taken> extends 1
            ? "batch"
            : number | "batch"
          : number | "batch"
      : number | "batch"
    : number | "batch"
  : number | "batch";

export type ReshapedDims<X extends Dims, S extends readonly unknown[]> = {
  -readonly [I in keyof S]: S[I] extends -1 ? RestOf<Counted<X>, Counted<S>> : AsAxis<S[I]>;
};

type Fills<X, S> = X extends readonly [infer All extends number, infer B extends readonly 0[]]
  ? S extends readonly [infer Part extends number, infer C extends readonly 0[]]
    ? number extends ShownSize<All> | ShownSize<Part>
      ? true
      : [All, B] extends [Part, C]
        ? true
        : false
    : true
  : true;

/** `unknown` where the elements fill the shape, or where that is not known; otherwise the sentence that the editor shows. */
export type ReshapeCompatible<X extends Dims, S extends readonly unknown[]> = -1 extends S[number]
  ? unknown
  : true extends Fills<Counted<X>, Counted<S>>
    ? unknown
    : `reshape: the elements of ${Show<X>} do not fill ${S extends Dims ? Show<S> : "the shape"}`;
