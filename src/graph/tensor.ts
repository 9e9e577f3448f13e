// The public face of a node: a tensor whose axes the editor knows.
//
// The type parameters are phantoms. They catch a wrong operand while typing; the shape rules of the records catch it when
// the definition runs. A plain `Tensor` says nothing about its axes and is accepted everywhere, so loops and generic
// blocks stay writable.
//
// A float32 tensor has an interface of its own for what the editor shows: `Tensor<["batch", 10]>`, without the dtype that nearly
// all tensors have. The type that definitions write, `Tensor` for any axes and any dtype, is `AnyTensor` here.

import type { DType } from "./dtype.js";
import type { Node } from "./node.js";
import type { PublicDim } from "./shape.js";

export type Dims = readonly PublicDim[];

declare const axes: unique symbol;

/**
 * A tensor of a definition. `Tensor` alone has any axes and any dtype; `Tensor<["batch", 10], "int32">` says them, and
 * the editor refuses another one. {@link input} and all functions of the language make tensors.
 */
interface AnyTensor<S extends Dims = Dims, D extends DType = DType> extends Node {
  /** The type of its elements. */
  readonly dtype: D;
  readonly [axes]?: S | undefined;
}

/**
 * A float32 tensor: what the editor shows as `Tensor<["batch", 10]>`. It is a {@link Tensor}. {@link dense} and most
 * functions give one.
 */
interface Tensor<S extends Dims = Dims> extends AnyTensor<S, "float32"> {}

export type { AnyTensor as Tensor, Tensor as Float32 };

/** A tensor of a dtype, float32 as the editor is to show it. */
export type TensorOf<S extends Dims, D extends DType> = [D] extends ["float32"] ? Tensor<S> : AnyTensor<S, D>;

/** What elementwise functions take: a number stands for a scalar tensor. {@link add} takes two of them. */
export type Operand = AnyTensor | number;

/** The axes of an operand; a number has none. */
export type DimsOf<X> = X extends number
  ? []
  : X extends { readonly [axes]?: (infer S extends Dims) | undefined }
    ? S
    : Dims;

/** The dtype of an operand. */
export type DTypeOf<X> = X extends { readonly dtype: infer D extends DType } ? D : DType;

/** True where the number of axes is not known. */
type Unknown<A extends Dims> = number extends A["length"] ? true : false;

type SameAxis<X extends PublicDim, Y extends PublicDim> = number extends X
  ? true
  : number extends Y
    ? true
    : [X] extends [Y]
      ? true
      : [Y] extends [X]
        ? true
        : false;

type FitsAxis<X extends PublicDim, Y extends PublicDim> = X extends 1 ? true : Y extends 1 ? true : SameAxis<X, Y>;

type JoinAxis<X extends PublicDim, Y extends PublicDim> = [X] extends [1]
  ? Y
  : [Y] extends [1]
    ? X
    : number extends X
      ? Y
      : X;

/** NumPy's rule: axes aligned from the last, a missing axis or one of size 1 stretches. */
export type Broadcast<A extends Dims, B extends Dims> =
  Unknown<A> extends true
    ? Dims
    : Unknown<B> extends true
      ? Dims
      : A extends readonly [...infer RestA extends Dims, infer LastA extends PublicDim]
        ? B extends readonly [...infer RestB extends Dims, infer LastB extends PublicDim]
          ? [...Broadcast<RestA, RestB>, JoinAxis<LastA, LastB>]
          : A
        : B;

type Fits<A extends Dims, B extends Dims> =
  Unknown<A> extends true
    ? true
    : Unknown<B> extends true
      ? true
      : A extends readonly [...infer RestA extends Dims, infer LastA extends PublicDim]
        ? B extends readonly [...infer RestB extends Dims, infer LastB extends PublicDim]
          ? FitsAxis<LastA, LastB> extends true
            ? Fits<RestA, RestB>
            : false
          : true
        : true;

export type Show<A extends Dims> = `[${Join<A>}]`;
type Join<A extends Dims> = A extends readonly [infer Only extends PublicDim]
  ? `${Only}`
  : A extends readonly [infer First extends PublicDim, ...infer Rest extends Dims]
    ? `${First}, ${Join<Rest>}`
    : "";

/** `unknown` where the shapes combine; otherwise the sentence that the editor shows. */
export type Compatible<A extends Dims, B extends Dims> =
  Fits<A, B> extends true ? unknown : `shapes ${Show<A>} and ${Show<B>} do not combine`;

type SameAxes<A extends Dims, B extends Dims> =
  Unknown<A> extends true
    ? true
    : Unknown<B> extends true
      ? true
      : A extends readonly [infer FirstA extends PublicDim, ...infer RestA extends Dims]
        ? B extends readonly [infer FirstB extends PublicDim, ...infer RestB extends Dims]
          ? SameAxis<FirstA, FirstB> extends true
            ? SameAxes<RestA, RestB>
            : false
          : false
        : B extends readonly []
          ? true
          : false;

/** `unknown` where the shapes are the same, nothing stretched; otherwise the sentence that the editor shows. */
export type Same<A extends Dims, B extends Dims, Op extends string> =
  SameAxes<A, B> extends true ? unknown : `${Op}: the shapes ${Show<A>} and ${Show<B>} must be the same`;

/** The axes of a matrix product, NumPy's rule. */
export type MatmulDims<A extends Dims, B extends Dims> =
  Unknown<A> extends true
    ? Dims
    : Unknown<B> extends true
      ? Dims
      : A extends readonly [PublicDim]
        ? B extends readonly [PublicDim]
          ? []
          : B extends readonly [...infer RestB extends Dims, PublicDim, infer N extends PublicDim]
            ? [...RestB, N]
            : Dims
        : A extends readonly [...infer RestA extends Dims, infer M extends PublicDim, PublicDim]
          ? B extends readonly [PublicDim]
            ? [...RestA, M]
            : B extends readonly [...infer RestB extends Dims, PublicDim, infer N extends PublicDim]
              ? [...Broadcast<RestA, RestB>, M, N]
              : Dims
          : Dims;

export type LastAxis<A extends Dims> = A extends readonly [...Dims, infer Last extends PublicDim] ? Last : PublicDim;
type InnerAxis<B extends Dims> = B extends readonly [infer Only extends PublicDim]
  ? Only
  : B extends readonly [...Dims, infer K extends PublicDim, PublicDim]
    ? K
    : PublicDim;
type Leading<A extends Dims> = A extends readonly [...infer Rest extends Dims, PublicDim, PublicDim]
  ? Rest
  : readonly [];

/** `unknown` where the matrix product exists; otherwise the sentence that the editor shows. */
export type MatmulCompatible<A extends Dims, B extends Dims> =
  Unknown<A> extends true
    ? unknown
    : Unknown<B> extends true
      ? unknown
      : SameAxis<LastAxis<A>, InnerAxis<B>> extends true
        ? Fits<Leading<A>, Leading<B>> extends true
          ? unknown
          : `matmul: the leading axes of ${Show<A>} and ${Show<B>} do not combine`
        : `matmul: ${Show<A>} has ${LastAxis<A>} columns but ${Show<B>} has ${InnerAxis<B>} rows`;
