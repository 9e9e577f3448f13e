// Layers that are made of parts: projections and norms whose parameters are called after the part they play, as in
// `block.attention.query.weight`.

import * as is from "../ops/call/checks.js";
import { createNode, type Node } from "../graph/node.js";
import { originOf, part as partOf, type CallSite, type Origin } from "../graph/origin.js";
import type { Dim, Shape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { badArgument, nearestHint } from "../messages.js";
import { add, mul } from "../ops/pointwise/arithmetic.js";
import { broadcastLast } from "../ops/view/broadcast.js";
import { makeContract } from "../ops/contract/contract.js";
import type { Initial } from "../ops/leaf/leaves.js";
import type { Known } from "../ops/call/options.js";
import { makeUniform } from "../ops/random/random.js";
import { dropoutDef } from "../ops/pointwise/noise.js";
import { CLOCK } from "../ops/leaf/seed-and-clock.js";
import { makeStandardize } from "../ops/composite/standardize.js";
import { glorotUniform, zeros } from "./initializers.js";
import { layerParameters } from "./parameters.js";

export interface PartsOptions {
  /** False: no projection has a bias. True unless stated. */
  readonly bias?: boolean;
  /** Of the projections. Glorot uniform unless stated (as in Keras). */
  readonly weightInitializer?: Initial;
  /** Of the projections. Zeros unless stated. */
  readonly biasInitializer?: Initial;
  /** Names the parameters `<name>.query.weight` and so on, in place of the `const` that holds the layer. */
  readonly name?: string;
  /**
   * Parameters to share, in place of new ones, by the part they play: `{ "query.weight": w }`. New ones unless
   * stated.
   */
  readonly parameters?: Readonly<Record<string, Tensor>>;
  /** False: no gradient is derived for the layer's parameters and no step changes them. True unless stated. */
  readonly trainable?: boolean;
}

export const PARTS_OPTIONS = {
  bias: is.flag,
  weightInitializer: is.initial,
  biasInitializer: is.initial,
  name: is.text,
  parameters: is.record,
  trainable: is.flag,
} satisfies Known<PartsOptions>;

/** A layer that is being made of parts. */
export interface ComposedLayer {
  readonly op: string;
  readonly site: CallSite;
  /** The input, for messages. */
  readonly x: Shape;
  readonly options: PartsOptions;
  /** The parts that parameters were made for, or shared. */
  readonly roles: string[];
}

/** A parameter of the layer: a shared one that fits, or a new one. */
function partParameter(layer: ComposedLayer, role: string, shape: Shape, initial: Initial): Node {
  const { site, options, x } = layer;
  layer.roles.push(role);
  return layerParameters({ site, input: x }, options).parameter(role, shape, initial, `parameters["${role}"]`);
}

/** Refuses parameters to share that the layer does not have. */
export function requireKnownParts({ op, site, options, roles }: ComposedLayer): void {
  const stray = Object.keys(options.parameters ?? {}).find((role) => !roles.includes(role));
  if (stray === undefined) return;
  const hint = nearestHint(stray, roles);
  const expected = "keyed by the parts of the layer";
  throw badArgument({ op, argument: "parameters", value: stray, expected, hint, site });
}

/** `x · weight + bias` over the last axis, with parameters `<part>.weight` [features, size] and `<part>.bias`. */
export function projection(layer: ComposedLayer, part: string, x: Node, size: Dim, origin: Origin): Node {
  const { bias, weightInitializer, biasInitializer } = layer.options;
  const last = x.shape.length - 1;
  const leading = Array.from({ length: last }, (_, i) => i);
  const weight = partParameter(layer, `${part}.weight`, [x.shape[last]!, size], weightInitializer ?? glorotUniform);
  const labels = { left: [...leading, last], right: [last, last + 1], output: [...leading, last + 1] };
  const product = makeContract(origin, x, weight, labels);
  if (bias === false) return product;
  const shift = partParameter(layer, `${part}.bias`, [size], biasInitializer ?? zeros);
  return add.at(origin, product, broadcastLast(origin, shift, product.shape));
}

/** Layer norm over the last axis, with parameters `<part>.weight` and `<part>.bias`. */
export function normalized(layer: ComposedLayer, part: string, x: Node, epsilon: number): Node {
  const origin = partOf(originOf(layer.site), part);
  const last = x.shape.length - 1;
  const along = (role: string, initial: number): Node =>
    broadcastLast(origin, partParameter(layer, `${part}.${role}`, [x.shape[last]!], initial), x.shape);
  const scaled = mul.at(origin, makeStandardize(partOf(origin, "normalized"), x, [last], epsilon), along("weight", 1));
  return add.at(origin, scaled, along("bias", 0));
}

/** Dropout of the given rate; the value itself for none. Each call has noise of its own. */
export function dropped(site: CallSite, x: Node, rate: number): Node {
  if (rate === 0) return x;
  const origin = originOf(site);
  return createNode(dropoutDef, [x, makeUniform(origin, x.shape, CLOCK)], { rate }, origin);
}

/** A dropout rate: from 0 to below 1, 0 unless stated. */
export function dropoutRate(op: string, rate: number | undefined, origin: Origin): number {
  if (rate === undefined) return 0;
  if (typeof rate === "number" && rate >= 0 && rate < 1) return rate;
  throw badArgument({ op, argument: "dropout", value: rate, expected: "from 0 to below 1", site: origin.site });
}
