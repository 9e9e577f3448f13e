// The dense layer: a matrix product over the last axis and a bias.

import * as is from "../ops/call/checks.js";
import { dim } from "../graph/shape.js";
import type { Dims, DimsOf, LastAxis, Same, Float32, Tensor } from "../graph/tensor.js";
import { wrongRank } from "../messages.js";
import { add } from "../ops/pointwise/arithmetic.js";
import { makeContract } from "../ops/contract/contract.js";
import { positiveInteger, tensorOperand } from "../ops/define.js";
import type { Initial } from "../ops/leaf/leaves.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { glorotUniform, zeros } from "./initializers.js";
import { activated, layerParameters } from "./parameters.js";

/** The options of {@link dense}. */
export interface DenseOptions {
  /** Applied to the result, such as `relu`. None unless stated. */
  readonly activation?: (x: Tensor) => Tensor;
  /** False: no bias. True unless stated. */
  readonly bias?: boolean;
  /** Glorot uniform unless stated (as in Keras). */
  readonly weightInitializer?: Initial;
  /** Zeros unless stated. */
  readonly biasInitializer?: Initial;
  /** Names the parameters `<name>.weight` and `<name>.bias`, in place of the `const` that holds the layer. */
  readonly name?: string;
  /** Tensors to use in place of new parameters: a weight [features, units], a bias [units]. New ones unless stated. */
  readonly parameters?: { readonly weight?: Tensor; readonly bias?: Tensor };
  /** False: no gradient is derived for the layer's parameters and no step changes them. True unless stated. */
  readonly trainable?: boolean;
}

const DENSE_OPTIONS = {
  activation: is.call,
  bias: is.flag,
  weightInitializer: is.initial,
  biasInitializer: is.initial,
  name: is.text,
  parameters: is.parts("weight", "bias"),
  trainable: is.flag,
} satisfies Known<DenseOptions>;

/** The axes of a dense layer's result. */
export type DenseDims<S extends Dims, N extends number> = number extends S["length"]
  ? Dims
  : S extends readonly [...infer Leading extends Dims, infer _Features]
    ? [...Leading, N]
    : Dims;

/** `unknown` where a dense layer can take the tensor; otherwise the sentence that the editor shows. */
export type DenseCompatible<S extends Dims> = number extends S["length"]
  ? unknown
  : S extends readonly []
    ? "dense: the input needs at least one axis; a scalar has none"
    : S extends readonly [...Dims, "batch"]
      ? "dense: the last axis of the input holds the features; it cannot be the batch"
      : unknown;

/** Shared parameters of the right shapes. */
interface Shared<S extends Dims, N extends number, W extends Tensor, B extends Tensor> {
  readonly parameters?: {
    readonly weight?: Same<DimsOf<W>, readonly [LastAxis<S>, N], "dense"> & W;
    readonly bias?: Same<DimsOf<B>, readonly [N], "dense"> & B;
  };
}

/**
 * `activation(x · weight + bias)` over the last axis. The weight is [features, units] (Keras' layout; PyTorch stores
 * its transpose).
 * @param x [..., features]; int32 and bool are converted to float32
 * @param units the size of the result's last axis: a positive integer
 * @returns [..., units], float32
 * @throws WRONG_RANK for an input without an axis of features, SHAPE_MISMATCH for `parameters` of other shapes,
 *   BAD_ARGUMENT
 * @example
 * ```ts
 * const x = input("x", ["batch", 3]);
 * const h = dense(x, 2, { activation: relu, name: "h" }); // float32 [batch, 2]
 * const net = network("example", { batch: 1, outputs: { h } });
 * const parameters = { "h.weight": [1, -1, 1, -1, 1, -1], "h.bias": [10, 0] };
 * interpret(net, { inputs: { x: [1, 2, 3] }, parameters }).outputs.h; // [16, 0]
 * ```
 */
export function dense<S extends Dims, const N extends number, W extends Tensor = Tensor, B extends Tensor = Tensor>(
  x: DenseCompatible<S> & Tensor<S>,
  units: N,
  options: Shared<S, N, W, B> & DenseOptions = {},
): Float32<DenseDims<S, N>> {
  const origin = callOrigin("dense", options, DENSE_OPTIONS);
  const { site } = origin;
  const operand = asFloat(origin, tensorOperand("dense", "x", x, origin));
  const count = dim(positiveInteger("dense", "units", units, origin));
  const features = operand.shape.at(-1);
  if (features === undefined || features.power > 0) {
    const expected = "a last axis of features";
    throw wrongRank({ op: "dense", operand: "the input", shape: operand.shape, expected, site });
  }
  const { parameter } = layerParameters({ site, input: operand.shape }, options);
  const weight = parameter("weight", [features, count], options.weightInitializer ?? glorotUniform);
  const rank = operand.shape.length;
  const leading = Array.from({ length: rank - 1 }, (_, i) => i);
  const product = makeContract(origin, operand, weight, {
    left: [...leading, rank],
    right: [rank, rank + 1],
    output: [...leading, rank + 1],
  });
  const sum =
    options.bias === false
      ? product
      : add.at(origin, product, parameter("bias", [count], options.biasInitializer ?? zeros));
  const { activation } = options;
  const result =
    activation === undefined
      ? sum
      : activated(sum, { site, argument: "activation", activation, example: "relu", keepsDtype: false });
  return result as Tensor<DenseDims<S, N>, "float32">;
}
