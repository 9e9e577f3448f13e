// What normalisation layers share: a scale and a shift that training changes, made by the layer or given to it.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import type { Origin } from "../graph/origin.js";
import type { Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { add, mul } from "../ops/pointwise/arithmetic.js";
import { makeBroadcast } from "../ops/adjoint-pairs.js";
import type { Initial } from "../ops/leaf/leaves.js";
import type { Known } from "../ops/call/options.js";
import { layerParameters } from "./parameters.js";

export interface ScaleOptions {
  /**
   * False: no weight; the normalised values are not scaled (PyTorch's `elementwise_affine`, Keras' `scale`). True
   * unless stated.
   */
  readonly scale?: boolean;
  /** 1 unless stated. */
  readonly weightInitializer?: Initial;
  /** A tensor to use in place of a new weight. A new one unless stated. */
  readonly parameters?: { readonly weight?: Tensor };
  /** Names the parameters `<name>.weight` and `<name>.bias`, in place of the `const` that holds the layer. */
  readonly name?: string;
  /** False: no gradient is derived for the layer's parameters and no step changes them. True unless stated. */
  readonly trainable?: boolean;
}

export const SCALE_OPTIONS = {
  scale: is.flag,
  weightInitializer: is.initial,
  parameters: is.parts("weight"),
  name: is.text,
  trainable: is.flag,
} satisfies Known<ScaleOptions>;

export interface AffineOptions extends ScaleOptions {
  /** False: no bias; nothing is added (Keras' `center`). True unless stated. */
  readonly center?: boolean;
  /** 0 unless stated. */
  readonly biasInitializer?: Initial;
  /** Tensors to use in place of new parameters. New ones unless stated. */
  readonly parameters?: { readonly weight?: Tensor; readonly bias?: Tensor };
}

export const AFFINE_OPTIONS = {
  ...SCALE_OPTIONS,
  center: is.flag,
  biasInitializer: is.initial,
  parameters: is.parts("weight", "bias"),
} satisfies Known<AffineOptions>;

/** A layer that is being made. */
export interface LayerCall {
  readonly op: string;
  readonly origin: Origin;
  readonly x: Node;
}

/** The weight and the bias over some axes of x, absent where they are switched off. */
export function affineParameters(
  call: LayerCall,
  axes: readonly number[],
  options: AffineOptions,
): { readonly weight: Node | undefined; readonly bias: Node | undefined } {
  const { op, origin, x } = call;
  const shape = axes.map((axis) => x.shape[axis]!);
  const { parameter } = layerParameters({ site: origin.site, input: x.shape }, options);
  const make = (role: "weight" | "bias", initial: Initial): Node => {
    if (options.parameters?.[role] === undefined && shape.some(({ power }) => power > 0)) {
      const expected = "axes without the batch, or a layer without weight and bias (scale: false, center: false)";
      throw badArgument({ op, argument: "axes", value: axes, expected, site: origin.site });
    }
    return parameter(role, shape, initial);
  };
  return {
    weight: options.scale === false ? undefined : make("weight", options.weightInitializer ?? 1),
    bias: options.center === false ? undefined : make("bias", options.biasInitializer ?? 0),
  };
}

/** `normal * weight + bias`, with the parameters along the given axes. */
export function applyAffine(
  origin: Origin,
  normal: Node,
  axes: readonly number[],
  { weight, bias }: { readonly weight: Node | undefined; readonly bias: Node | undefined },
): Node {
  const along = (parameter: Node): Node => makeBroadcast(origin, parameter, normal.shape, axes);
  const scaled = weight === undefined ? normal : mul.at(origin, normal, along(weight));
  return bias === undefined ? scaled : add.at(origin, scaled, along(bias));
}
