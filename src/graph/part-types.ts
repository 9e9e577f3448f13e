// Parts of axes and borders around them, as types: slice and pad.

import type { AsAxis, Loose, Unranked } from "./dims-types.js";
import type { Ceil, Least, Minus, Plus } from "./size-types.js";
import type { Dims } from "./tensor.js";

/** Where a range begins or ends, as NumPy reads it: negative counts from the end, beyond an end is that end. */
type Position<Size extends number, P, Whole extends number> = P extends null
  ? Whole
  : P extends number
    ? number extends P
      ? number
      : `${P}` extends `-${infer FromEnd extends number}`
        ? Minus<Size, Least<Size, FromEnd>>
        : Least<P, Size>
    : number;

type Span<Size extends number, From, To> = Minus<Position<Size, To, Size>, Position<Size, From, 0>>;

type Stepped<Size extends number, From, To, By> = By extends null | undefined
  ? Span<Size, From, To>
  : By extends -1
    ? [From, To] extends [null, null]
      ? Size
      : number
    : By extends number
      ? Ceil<Span<Size, From, To>, By>
      : number;

/** Of the batch: the whole, or one end. */
type OfBatch<R> = R extends readonly [null, null, (1 | -1 | null)?] ? "batch" : number | "batch";

type RangeOf<Size, R> = R extends null | undefined
  ? Size
  : Size extends number
    ? R extends readonly [infer From, infer To]
      ? Stepped<Size, From, To, null>
      : R extends readonly [infer From, infer To, infer By]
        ? Stepped<Size, From, To, By>
        : number
    : OfBatch<R>;

export type SlicedDims<S extends Dims, R extends readonly unknown[]> =
  Unranked<S> extends true
    ? Dims
    : number extends R["length"]
      ? Loose<S>
      : { -readonly [I in keyof S]: I extends keyof R ? AsAxis<RangeOf<S[I], R[I]>> : S[I] };

/** The batch takes no border. */
type Bordered<Size, W> = Size extends number
  ? W extends readonly [infer Before extends number, infer After extends number]
    ? Plus<Plus<Size, Before>, After>
    : number
  : Size;

export type PaddedDims<S extends Dims, W extends readonly unknown[]> =
  Unranked<S> extends true
    ? Dims
    : number extends W["length"]
      ? { -readonly [I in keyof S]: AsAxis<Bordered<S[I], unknown>> }
      : {
          -readonly [I in keyof S]: I extends keyof W ? AsAxis<Bordered<S[I], W[I]>> : AsAxis<Bordered<S[I], unknown>>;
        };
