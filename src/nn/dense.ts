// The dense layer: a matrix product over the last axis and a bias.

import type { Node } from "../graph/node.js";
import { callSite, originOf } from "../graph/origin.js";
import { dim } from "../graph/shape.js";
import type { Dims, Tensor } from "../graph/tensor.js";
import { badArgument, wrongRank } from "../messages.js";
import { add } from "../ops/arithmetic.js";
import { makeContract } from "../ops/contract.js";
import { positiveInteger, tensorOperand } from "../ops/define.js";
import { initialGraph, makeParameter, type Initial } from "../ops/leaves.js";
import { asFloat } from "../ops/pointwise.js";
import { glorotUniform, zeros } from "./initializers.js";

export interface DenseOptions {
  /** False: no bias. */
  readonly bias?: boolean;
  /** Glorot uniform unless stated (as in Keras). */
  readonly weightInitializer?: Initial;
  /** Zeros unless stated. */
  readonly biasInitializer?: Initial;
  /** Names the parameters `<name>.weight` and `<name>.bias`, in place of the `const` that holds the layer. */
  readonly name?: string;
  /** A weight [features, units] to share, in place of a new one. */
  readonly weight?: Tensor;
  /** A bias [units] to share, in place of a new one. */
  readonly biasParameter?: Tensor;
  /** False: no gradient is derived for the layer's parameters and no step changes them. */
  readonly trainable?: boolean;
}

/** The axes of a dense layer's result. */
export type DenseDims<S extends Dims, N extends number> = number extends S["length"]
  ? Dims
  : S extends readonly [...infer Leading extends Dims, infer _Features]
    ? readonly [...Leading, N]
    : Dims;

/** `unknown` where a dense layer can take the tensor; otherwise the sentence that the editor shows. */
export type DenseCompatible<S extends Dims> = number extends S["length"]
  ? unknown
  : S extends readonly []
    ? "dense: the input needs at least one axis; a scalar has none"
    : S extends readonly [...Dims, "batch"]
      ? "dense: the last axis of the input holds the features; it cannot be the batch"
      : unknown;

/**
 * `x · weight + bias` over the last axis.
 * @param x [..., features], float32 (other dtypes are converted)
 * @param units the size of the result's last axis
 * @returns [..., units]
 * The weight is [features, units] (Keras' layout; PyTorch stores its transpose).
 */
export function dense<S extends Dims, const N extends number>(
  x: Tensor<S> & DenseCompatible<S>,
  units: N,
  options: DenseOptions = {},
): Tensor<DenseDims<S, N>, "float32"> {
  const site = callSite("dense");
  const origin = originOf(site);
  const operand = asFloat(origin, tensorOperand("dense", "x", x, origin));
  const count = dim(positiveInteger("dense", "units", units, origin));
  const features = operand.shape.at(-1);
  if (features === undefined || features.power > 0) {
    const expected = "a last axis of features";
    throw wrongRank({ op: "dense", operand: "the input", shape: operand.shape, expected, site });
  }
  const trainable = options.trainable ?? true;
  const make = (role: string, shape: readonly (typeof count)[], initial: Initial): Node => {
    const leaf = originOf(site, role, options.name === undefined ? undefined : `${options.name}.${role}`);
    return makeParameter(leaf, shape, initialGraph("dense", initial, shape, "float32", leaf), trainable);
  };
  const weight = options.weight ?? make("weight", [features, count], options.weightInitializer ?? glorotUniform);
  const rank = operand.shape.length;
  const leading = Array.from({ length: rank - 1 }, (_, i) => i);
  if (weight.shape.length !== 2 || weight.shape[1]!.times !== count.times) {
    const expected = `a shared weight of shape [${features.times}, ${count.times}]`;
    throw badArgument({ op: "dense", argument: "weight", value: weight.shape.map((d) => d.times), expected, site });
  }
  const product = makeContract(origin, operand, weight, {
    left: [...leading, rank],
    right: [rank, rank + 1],
    output: [...leading, rank + 1],
  });
  if (options.bias === false) return product as Tensor<DenseDims<S, N>, "float32">;
  const bias = options.biasParameter ?? make("bias", [count], options.biasInitializer ?? zeros);
  return add.at(origin, product, bias) as Tensor<DenseDims<S, N>, "float32">;
}
