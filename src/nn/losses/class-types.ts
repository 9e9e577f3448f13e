// What losses over classes take for the right answers, and what they give, as types: `unknown` or the sentence that the editor shows.

import type { Option } from "../../graph/option-types.js";
import type { Dims, DimsOf, DTypeOf, Float32, Same, Show, Tensor } from "../../graph/tensor.js";

type NotIds<
  B extends Dims,
  Op extends string,
> = `${Op}: class ids are int32, as labels(name, shape, classes) makes them; the target ${Show<B>} is float32`;

type NotProbabilities<
  A extends Dims,
  B extends Dims,
  Op extends string,
> = `${Op}: class ids have one axis less than the logits ${Show<A>}, but the target ${Show<B>} has as many and is int32`;

type Ids<Rows extends Dims, B extends Tensor, Op extends string> =
  Same<Rows, DimsOf<B>, Op> extends infer Sentence extends string
    ? Sentence
    : [DTypeOf<B>] extends ["float32"]
      ? NotIds<DimsOf<B>, Op>
      : unknown;

type Probabilities<A extends Dims, B extends Tensor, Op extends string> = [DTypeOf<B>] extends ["int32"]
  ? NotProbabilities<A, DimsOf<B>, Op>
  : Same<A, DimsOf<B>, Op>;

type Unranked<A extends Tensor, B extends Tensor> = number extends DimsOf<A>["length"] | DimsOf<B>["length"]
  ? true
  : false;

/** Class ids [...] for scores [..., classes]. */
export type IdsFor<A extends Tensor, B extends Tensor, Op extends string> =
  Unranked<A, B> extends true
    ? unknown
    : DimsOf<A> extends readonly [...infer Rows extends Dims, infer _Classes]
      ? Ids<Rows, B, Op>
      : unknown;

/** Class ids [...] or probabilities [..., classes] for scores [..., classes]. */
type AnswersFor<A extends Tensor, B extends Tensor, Op extends string> =
  Unranked<A, B> extends true
    ? unknown
    : DimsOf<A> extends readonly [...infer Rows extends Dims, infer _Classes]
      ? DimsOf<B>["length"] extends DimsOf<A>["length"]
        ? Probabilities<DimsOf<A>, B, Op>
        : Ids<Rows, B, Op>
      : unknown;

/** The same with options; classes that lie in another axis are left to the run. */
export type ClassIds<A extends Tensor, B extends Tensor, O, Op extends string> = [Option<O, "axis", null>] extends [
  null,
]
  ? IdsFor<A, B, Op>
  : unknown;

export type ClassAnswers<A extends Tensor, B extends Tensor, O, Op extends string> = [Option<O, "axis", null>] extends [
  null,
]
  ? AnswersFor<A, B, Op>
  : unknown;

/** A scalar, unless the losses may not be reduced. */
export type ClassLoss<O> = "none" extends Option<O, "reduction", "mean"> ? Float32<Dims> : Float32<[]>;
