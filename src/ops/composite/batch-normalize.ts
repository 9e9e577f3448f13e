// Batch normalisation: the batch's own statistics in training, running ones in inference.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { beside, type Origin } from "../../graph/origin.js";
import { dim, sameShape, sizeOf } from "../../graph/shape.js";
import { invariant } from "../../messages.js";
import { makeBroadcast, makeSum } from "../adjoint-pairs.js";
import { float, record, ruleOrigin, shapeOf } from "../define.js";
import { makeScalar, makeSize } from "../leaf/leaves.js";
import { add, div, mul, rsqrt, sub } from "../pointwise/arithmetic.js";
import { makeStandardize, momentsOf } from "./standardize.js";
import { rule } from "../../graph/rules.js";

export interface BatchNormalizeAttrs {
  /** The channels; statistics are taken over all other axes. */
  readonly axis: number;
  readonly epsilon: number;
}

/** All axes but one. */
export const otherAxes = (x: Node, axis: number): number[] => x.shape.map((_, i) => i).filter((i) => i !== axis);

/** (x - mean) / sqrt(variance + epsilon) * weight + bias, as one scale and one shift for each channel. */
export function scaleAndShift(origin: Origin, inputs: readonly Node[], { axis, epsilon }: BatchNormalizeAttrs): Node {
  const [x, weight, bias, mean, variance] = inputs as [Node, Node, Node, Node, Node];
  const [ofScale, ofShift] = [beside(origin, "scale"), beside(origin, "shift")];
  const deviation = add.at(ofScale, variance, makeScalar(ofScale, epsilon));
  const scale = mul.at(ofScale, weight, rsqrt.at(ofScale, deviation));
  const shift = sub.at(ofShift, bias, mul.at(ofShift, mean, scale));
  const spread = (channels: Node): Node => makeBroadcast(origin, channels, x.shape, [axis]);
  return add.at(origin, mul.at(origin, x, spread(scale)), spread(shift));
}

export const batchNormalizeDef: OpDef<BatchNormalizeAttrs> = record<BatchNormalizeAttrs>({
  name: "batchNormalize",
  family: "composite",
  doc: "weight * (x - mean) / sqrt(variance + epsilon) + bias for each channel: in training with the statistics of the batch, in inference with those given.",
  operands: ["x", "weight", "bias", "mean", "variance"],
  infer({ inputs: [x, ...channels], attrs }) {
    const perChannel = [x!.shape[attrs.axis]!];
    invariant(
      channels.every((one) => sameShape(one.shape, perChannel)),
      "a batch norm has one number of each kind for each channel",
    );
    return float(x!.shape);
  },
  expand({ inputs, attrs, origin }) {
    const [x, weight, bias] = inputs as [Node, Node, Node];
    const spread = (channels: Node): Node => makeBroadcast(origin, channels, x.shape, [attrs.axis]);
    const normal = makeStandardize(beside(origin, "normalized"), x, otherAxes(x, attrs.axis), attrs.epsilon);
    return add.at(origin, mul.at(origin, normal, spread(weight)), spread(bias));
  },
  rule: [
    rule(
      "batch-norm",
      "algebra",
      "batch norm",
      String.raw`\delta_{x} = \frac{\gamma}{s} \left(\delta - \operatorname{mean}(\delta) - \hat{x} \odot \operatorname{mean}(\delta \odot \hat{x})\right)`,
    ),
    rule(
      "batch-norm.weight",
      "algebra",
      "batch norm, its weight",
      String.raw`\delta_{\gamma} = \textstyle\sum \delta \odot \hat{x}`,
    ),
    rule("batch-norm.bias", "algebra", "batch norm, its bias", String.raw`\delta_{\beta} = \textstyle\sum \delta`),
  ],
  vjp(adjoint) {
    const { attrs, gradient: g } = adjoint;
    const [x, weight] = adjoint.inputs as [Node, Node];
    const origin = ruleOrigin(adjoint);
    const axes = otherAxes(x, attrs.axis);
    const spread = (channels: Node): Node => makeBroadcast(origin, channels, x.shape, [attrs.axis]);
    const normal = makeStandardize(beside(origin, "normalized"), x, axes, attrs.epsilon);
    const shift = makeSum(origin, g, axes);
    const scale = makeSum(origin, mul.at(origin, g, normal), axes);
    // The two sums are all that x's adjoint needs: the weight stays outside of them.
    const count = makeSize(origin, sizeOf(axes.map((a) => x.shape[a]!)));
    const across = sub.at(origin, g, spread(div.at(origin, shift, count)));
    const along = mul.at(origin, normal, spread(div.at(origin, scale, count)));
    const { variance } = momentsOf(origin, x, axes);
    const slope = mul.at(origin, weight, rsqrt.at(origin, add.at(origin, variance, makeScalar(origin, attrs.epsilon))));
    return [mul.at(origin, spread(slope), sub.at(origin, across, along)), scale, shift, null, null];
  },
  inference: ({ inputs, attrs, origin }) => scaleAndShift(origin, inputs, attrs),
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(3, 2), 1],
        [shapeOf(2, 3), 0],
        [shapeOf(4, 1), 1],
        [shapeOf(2, 3, 2), 1],
        [shapeOf("b", 2), 1],
        [shapeOf("b", 2, 2, 3), 3],
      ] as const
    ).map(([shape, axis]) => {
      const channels = { ...float([dim(shape[axis]!.times)]), range: [0.5, 2] } as const;
      return {
        inputs: [{ ...float(shape), range: [-2, 2] as const }, channels, channels, channels, channels],
        build: (inputs) => createNode(batchNormalizeDef, inputs, { axis, epsilon: 0.1 }, inputs[0]!.origin),
      };
    }),
});
