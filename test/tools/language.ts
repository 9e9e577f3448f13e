// A small language for these tests: the library's real leaves and ops, and layers just large enough to name.

import type { Node } from "../../src/graph/node.js";
import { callSite, originOf } from "../../src/graph/origin.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import { relu as plainRelu } from "../../src/ops/pointwise/activations.js";
import { add } from "../../src/ops/pointwise/arithmetic.js";
import { makeMatmul } from "../../src/ops/contract/contract.js";
import { makeFilled, makeParameter } from "../../src/ops/leaf/leaves.js";

export { batchNorm } from "../../src/nn/batch-norm.js";
export { layer } from "../../src/nn/layer.js";
export { adam } from "../../src/optimizers/adam.js";
export { add } from "../../src/ops/pointwise/arithmetic.js";
export { matmul } from "../../src/ops/contract/contract.js";
export { input, labels, parameter, state, target } from "../../src/ops/leaf/leaves.js";
export { dropout } from "../../src/ops/pointwise/noise.js";
export { mean } from "../../src/ops/reduce/reduce.js";
export { softmax } from "../../src/ops/composite/softmax.js";

export const relu = plainRelu as (x: Node) => Node;

/** A layer of one call: its own site on its parameters and its product, an inner public call for the sum. */
export function dense(x: Node, units: number, options: { name?: string } = {}): Node {
  const site = callSite("dense");
  const shape = [x.shape.at(-1)!, dim(units)];
  const leaf = (role: string, sizes: typeof shape) => {
    const origin = originOf(site, role, options.name && `${options.name}.${role}`);
    return makeParameter(origin, sizes, makeFilled(origin, 0, sizes, "float32"), true);
  };
  const product = makeMatmul(originOf(site), x, leaf("weight", shape));
  return (add as unknown as (a: Node, b: Node) => Node)(product, leaf("bias", [dim(units)]));
}

/** A layer that is made of other public layers, whose parameters carry its parts' names. */
export function pair(x: Node): Node {
  const site = callSite("pair");
  const leaf = (role: string) => {
    const origin = originOf(site, role);
    return makeParameter(origin, [x.shape.at(-1)!], makeFilled(origin, 0, [x.shape.at(-1)!], "float32"), true);
  };
  const plus = add as unknown as (a: Node, b: Node) => Node;
  return plainRelu(
    plus(plus(plainRelu(plus(x, leaf("first.scale"))) as Node, leaf("second.scale")), 1 as never),
  ) as Node;
}

export function network(name: string, options: { outputs: Record<string, Node>; steps?: Record<string, object> }) {
  const site = callSite("network");
  return {
    kind: "network",
    name,
    capacity: 4,
    outputs: options.outputs,
    steps: options.steps ?? {},
    metrics: {},
    entries: {},
    site,
  };
}

export const rows = BATCH;
