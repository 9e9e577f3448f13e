// The parameters of a layer, each made by the layer or shared with it, and the activation that it was given.

import type { Node } from "../graph/node.js";
import { originOf, type CallSite, type Origin } from "../graph/origin.js";
import { printShape, sameShape, type Shape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { badArgument, shapeMismatch } from "../messages.js";
import { isNode, tensorOperand } from "../ops/define.js";
import { initialGraph, makeParameter, type Initial } from "../ops/leaf/leaves.js";

/** What layers say of their parameters. Each of them documents the options that it has. */
export interface LayerParameterOptions {
  /** Tensors to use in place of new parameters, by role. */
  readonly parameters?: Readonly<Record<string, Tensor | undefined>>;
  /** Names the parameters `<name>.<role>`. */
  readonly name?: string;
  /** False: no gradient is derived for new parameters. True unless stated. */
  readonly trainable?: boolean;
}

/** The layer whose parameters are asked for. */
export interface ParameterOwner {
  readonly site: CallSite;
  /** Stands beside the shape of a shared tensor in the message that refuses it: mostly that of the input. */
  readonly input: Shape;
  /** What comes before the roles of new parameters, in a layer that is a part of another: `forward`. */
  readonly within?: string | undefined;
}

export interface LayerParameters {
  /** The origin of the leaf that plays a role. */
  readonly leaf: (role: string) => Origin;
  /** What is shared in a role: float32 of this shape, or the user's error. `argument` is what messages call it. */
  readonly shared: (role: string, shape: Shape, argument?: string) => Node | undefined;
  /** A parameter of the layer: a shared one that fits, or a new one. */
  readonly parameter: (role: string, shape: Shape, initial: Initial, argument?: string) => Node;
}

/** How a layer comes by its parameters. New ones are made in the order in which they are asked for. */
export function layerParameters(
  { site, input, within }: ParameterOwner,
  { parameters, name, trainable }: LayerParameterOptions,
): LayerParameters {
  const leaf = (role: string): Origin => {
    const path = within === undefined ? role : `${within}.${role}`;
    return originOf(site, path, name === undefined ? undefined : `${name}.${path}`);
  };
  const shared = (role: string, shape: Shape, argument?: string): Node | undefined => {
    const tensor = parameters?.[role];
    if (tensor === undefined) return undefined;
    const node = tensorOperand(site.call, argument ?? role, tensor, originOf(site));
    if (sameShape(node.shape, shape) && node.dtype === "float32") return node;
    const why = `${role} must be float32 ${printShape(shape)}`;
    throw shapeMismatch({ op: site.call, left: input, right: node.shape, why, site });
  };
  const made = (role: string, shape: Shape, initial: Initial): Node => {
    const origin = leaf(role);
    return makeParameter(origin, shape, initialGraph(site.call, initial, shape, "float32", origin), trainable ?? true);
  };
  return {
    leaf,
    shared,
    parameter: (role, shape, initial, argument) => shared(role, shape, argument) ?? made(role, shape, initial),
  };
}

/** An activation that a layer was given. Definitions may run without a type check: it may be anything. */
export interface GivenActivation {
  readonly site: CallSite;
  /** The option that has it. */
  readonly argument: string;
  readonly activation: unknown;
  /** One that could stand there, for the message. */
  readonly example: string;
  /** Refuses what makes another dtype of a float32. */
  readonly keepsDtype: boolean;
}

/** What the activation makes of a value: a tensor of the same shape, or the user's error. */
export function activated(x: Node, { site, argument, activation, example, keepsDtype }: GivenActivation): Node {
  const result: unknown = typeof activation === "function" ? (activation as (x: Tensor) => unknown)(x) : activation;
  const isFitting = isNode(result) && sameShape(result.shape, x.shape) && (!keepsDtype || result.dtype === x.dtype);
  if (isFitting) return result;
  const expected = `a function from a tensor to one of the same shape, such as ${example}`;
  throw badArgument({ op: site.call, argument, value: activation, expected, site });
}
