// An op whose gradient the user states.

import * as is from "../call/checks.js";
import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { callSite, originOf } from "../../graph/origin.js";
import { sameShape } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { replaceNodes } from "../../graph/walk.js";
import { badArgument, shapeMismatch } from "../../messages.js";
import { noSamples, record, tensorOperand } from "../define.js";
import { makeRegionParameter } from "../leaf/leaves.js";
import { requireOptions } from "../call/options.js";
import { closeRegion } from "../scan/region.js";
import { rule } from "../../graph/rules.js";

export interface CustomGradientAttrs {
  readonly operands: number;
  /** The compiler compares the statement with differences. */
  readonly check: boolean;
}

/**
 * Inputs are [value, operands, captures]; the region has a parameter for the gradient of the value, then one for each input,
 * and gives the adjoint of each operand.
 */
export const customGradientDef: OpDef<CustomGradientAttrs> = record<CustomGradientAttrs>({
  name: "customGradient",
  family: "marker",
  doc: "A value with a stated gradient.",
  operands: ["value", "operands..."],
  infer: ({ inputs: [value] }) => ({ shape: value!.shape, dtype: value!.dtype }),
  lower: ({ inputs: [value] }) => ({
    kind: "map",
    body: load(
      0,
      value!.shape.map((_, i) => axis(i)),
    ),
  }),
  rule: rule(
    "custom",
    "algebra",
    "stated by the definition",
    String.raw`c = f(a) \;\Rightarrow\; \delta_{a} = g(a, \delta_{c})`,
  ),
  vjp({ inputs, regions, attrs, gradient }) {
    const { parameters, results } = regions[0]!;
    const values = [gradient, ...inputs];
    const adjoints = replaceNodes(results, new Map(parameters.map((parameter, i) => [parameter, values[i]!])));
    return [null, ...adjoints, ...inputs.slice(1 + attrs.operands).map(() => null)];
  },
  differentiable: true,
  samples: noSamples,
});

/**
 * A value with a stated gradient. `customGradient(forward, backward)(x, y)` has the value of `forward(x, y)`; its
 * gradients are `backward(gradient, value, [x, y])`, one for each operand. The stated gradients are compared with
 * finite differences when the network is compiled, at random points, unless `check` is false: for a gradient that is
 * meant to be another, such as one that is clipped or reversed.
 * @param forward from the operands to the value
 * @param backward from the gradient of the value, the value and the operands to a list with one tensor for each
 *   operand, of the operand's shape
 * @returns a function of tensors
 * @throws BAD_ARGUMENT and SHAPE_MISMATCH where `backward` does not give one tensor of the right shape for each
 *   operand; WRONG_GRADIENT from the compiler where a gradient differs from the differences
 * @example
 * ```ts
 * const reversed = customGradient((x) => mul(x, 1), (g) => [neg(g)], { check: false });
 * const x = parameter([2], 3, { name: "x" });
 * const net = network("example", { batch: 1, loss: sum(reversed(x)), optimizer: sgd({ rate: 0.1 }) });
 * interpret(net, {}).gradients; // { x: [-1, -1] }
 * ```
 */
export function customGradient(
  forward: (...operands: readonly Tensor[]) => Tensor,
  backward: (gradient: Tensor, value: Tensor, operands: readonly Tensor[]) => readonly Tensor[],
  options: {
    /** False: the gradient is not compared with differences. True unless stated. */
    readonly check?: boolean;
  } = {},
): (...operands: readonly Tensor[]) => Tensor {
  requireOptions(callSite("customGradient"), options, { check: is.flag });
  return (...operands) => {
    const origin = originOf(callSite("customGradient"));
    const { site } = origin;
    const nodes = operands.map((x) => tensorOperand("customGradient", "each operand", x, origin));
    const value = tensorOperand("customGradient", "what forward returns", forward(...nodes), origin);
    const types = [value, value, ...nodes];
    const parameters = types.map((type, i) => makeRegionParameter(origin, i, type));
    const adjoints = backward(parameters[0]!, parameters[1]!, parameters.slice(2));
    if (!Array.isArray(adjoints) || adjoints.length !== nodes.length) {
      const expected = `a list with one gradient for each of the ${nodes.length} operands`;
      throw badArgument({ op: "customGradient", argument: "what backward returns", value: adjoints, expected, site });
    }
    const results: Node[] = adjoints.map((g: unknown) => tensorOperand("customGradient", "each gradient", g, origin));
    results.forEach((g, i) => {
      if (sameShape(g.shape, nodes[i]!.shape)) return;
      const why = `the gradient of operand ${i} must have its shape`;
      throw shapeMismatch({ op: "customGradient", left: nodes[i]!.shape, right: g.shape, why, site });
    });
    const { region, captures } = closeRegion(parameters, results);
    const attrs = { operands: nodes.length, check: options.check ?? true };
    return createNode(customGradientDef, [value, ...nodes, ...captures], attrs, origin, [region]);
  };
}
