// How the type tests compare: a type as a whole, or a tensor's axes and dtype.

import type { Tensor } from "tapeless";
import type { DimsOf } from "../../src/graph/tensor.js";

export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** A tensor as its axes and its dtype: whether the axes can be written to is no question of shapes. */
type Seen<T> = T extends Tensor<infer S, infer D> ? readonly [Readonly<S>, D] : T;

export declare function expectType<A, B>(same: Same<Seen<A>, Seen<B>>): void;

/** The axes alone. */
export declare function expectDims<A extends Tensor, S extends readonly (number | "batch")[]>(
  same: Same<Readonly<DimsOf<A>>, Readonly<S>>,
): void;
