// Norms as kernels: a layer norm forward is one kernel over rows and so is its gradient; a batch norm in inference is one
// scale and one shift where the layer before makes its values.

import { describe, expect, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import * as t from "../../src/index.js";
import type { Tensor } from "../../src/index.js";
import { contracts, kernelsOf, kernelText, loopsIn, reads, shown, sumsIn, writes } from "./kernels.js";

const optimizer = t.sgd({ rate: 0.1 });

/** A norm between two dense layers. */
function between(norm: (h: Tensor) => Tensor): Network {
  const x = t.input("x", ["batch", 64]);
  const hidden = t.dense(x, 48, { name: "first", bias: false });
  const y = t.dense(norm(hidden) as never, 32, { name: "last", bias: false }) as Tensor;
  const loss = t.meanSquaredError(y as never, t.target("t", ["batch", 32]) as never);
  return t.network("norm", { batch: 16, outputs: { y }, loss, optimizer });
}

describe("layer norm", () => {
  const network = between((h) => t.layerNorm(h, { name: "norm" }));

  test("forward: one kernel over rows", () => {
    expect(kernelText(network, "predict")).toMatchInlineSnapshot(`
      "entry predict
        kernel dense1 (read x, read first.weight, write dense1)
          for i0 < batch (parallel):
            for i1 < 48 (parallel):
              a0 = sum over i2 < 64 of x[64*i0 + i2] * first.weight[i1 + 48*i2]
              dense1[48*i0 + i1] = a0
        kernel layerNorm1 (read dense1, read norm.weight, read norm.bias, write layerNorm1)
          for i0 < batch (parallel):
            a0 = sum over i1 < 48 of dense1[48*i0 + i1]
            t0 = a0 / 48
            over i1 < 48:
              t1 = dense1[48*i0 + i1] - t0
            a1 = sum over i1 < 48 of t1^2
            t2 = 1 / sqrt(a1 / 48 + 0.00001)
            for i1 < 48 (parallel):
              layerNorm1[48*i0 + i1] = (dense1[48*i0 + i1] - t0) * t2 * norm.weight[i1] + norm.bias[i1]
        kernel y (read layerNorm1, read last.weight, write y)
          for i0 < batch (parallel):
            for i1 < 32 (parallel):
              a0 = sum over i2 < 48 of layerNorm1[48*i0 + i2] * last.weight[i1 + 32*i2]
              y[32*i0 + i1] = a0"
    `);
  });

  test("a product before a norm that ends the network keeps its pair of loops", () => {
    const x = t.input("x", ["batch", 8, 16]);
    const y = t.transformerEncoder(x, 2, { feedForward: 32 });
    const loss = t.meanSquaredError(y, t.target("t", ["batch", 8, 16]));
    const kernels = kernelsOf(t.network("last", { batch: 4, outputs: { y }, loss, optimizer }), "step");
    const sums = kernels
      .filter(contracts)
      .map((kernel) => sumsIn(kernel).filter(({ combiner }) => combiner === "sum").length);
    expect(new Set(sums.slice(0, 8))).toEqual(new Set([1]));
  });

  test("a step has one kernel forward, one backward, and the sums over columns", () => {
    const kernels = kernelsOf(network, "step").filter((kernel) => !contracts(kernel));
    const touching = kernels.filter((kernel) => reads(kernel).some((name) => name.endsWith("dense1")));
    expect(touching.map(writes)).toMatchInlineSnapshot(`
      [
        [
          "layerNorm1.normalized.mean",
          "layerNorm1.normalized.rsqrt",
          "layerNorm1",
        ],
        [
          "δdense1",
        ],
      ]
    `);
    expect(shown(touching.find((kernel) => writes(kernel).includes("δdense1"))!)).toMatchInlineSnapshot(`
      [
        "for i0 < batch (parallel):",
        "  t1 = layerNorm1.normalized.mean[i0]",
        "  t2 = layerNorm1.normalized.rsqrt[i0]",
        "  over i1 < 48:",
        "    t0 = δlayerNorm1[48*i0 + i1] * norm.weight[i1]",
        "  a0 = sum over i1 < 48 of t0",
        "  a1 = sum over i1 < 48 of t0 * (dense1[48*i0 + i1] - t1) * t2",
        "  t3 = a0 / 48",
        "  t4 = a1 / 48",
        "  for i1 < 48 (parallel):",
        "    δdense1[48*i0 + i1] = t2 * (δlayerNorm1[48*i0 + i1] * norm.weight[i1] - t3 - (dense1[48*i0 + i1] - t1) * t2 * t4)",
      ]
    `);
  });

  test.each([
    ["rmsNorm", (h: Tensor) => t.rmsNorm(h, { name: "norm" })],
    ["layerNorm without parameters", (h: Tensor) => t.standardize(h)],
    [
      "groupNorm, channels first",
      (h: Tensor) => t.flatten(t.groupNorm(t.reshape(h, ["batch", 4, 12]) as Tensor, 2, { axis: 1, name: "norm" })),
    ],
  ])("%s: one kernel forward between the products", (_, norm) => {
    expect(kernelsOf(between(norm), "predict").filter((kernel) => !contracts(kernel))).toHaveLength(1);
  });

  test("control: a norm over columns does not fit into one kernel over rows", () => {
    const columns = between((h) => t.layerNorm(h, { axis: 0, scale: false, center: false }));
    expect(kernelsOf(columns, "predict").filter((kernel) => !contracts(kernel)).length).toBeGreaterThan(1);
  });
});

describe("batch norm", () => {
  const network = between((h) => t.relu(t.batchNorm(h, { name: "norm" })) as Tensor);

  test("in inference the scale is computed once, and applied where the product ends", () => {
    expect(kernelText(network, "predict")).toMatchInlineSnapshot(`
      "entry predict
        kernel batchNorm1.scale (read norm.weight, read norm.runningVariance, write batchNorm1.scale)
          for i0 < 48 (parallel):
            batchNorm1.scale[i0] = norm.weight[i0] * (1 / sqrt(norm.runningVariance[i0] + 0.00001))
        kernel relu1 (read x, read first.weight, read batchNorm1.scale, read norm.bias, read norm.runningMean, write relu1)
          for i0 < batch (parallel):
            for i1 < 48 (parallel):
              a0 = sum over i2 < 64 of x[64*i0 + i2] * first.weight[i1 + 48*i2]
              t0 = batchNorm1.scale[i1]
              t1 = a0 * t0 + (norm.bias[i1] - norm.runningMean[i1] * t0)
              relu1[48*i0 + i1] = where(t1 > 0, t1, 0)
        kernel y (read relu1, read last.weight, write y)
          for i0 < batch (parallel):
            for i1 < 32 (parallel):
              a0 = sum over i2 < 48 of relu1[48*i0 + i2] * last.weight[i1 + 32*i2]
              y[32*i0 + i1] = a0"
    `);
  });

  test("so it is in a convolution", () => {
    const x = t.input("x", ["batch", 12, 12, 8]);
    const conv = t.conv2d(x, 16, 3, { name: "conv", bias: false }) as Tensor;
    const y = t.relu(t.batchNorm(conv, { name: "norm" }));
    const kernels = kernelsOf(t.network("norm", { batch: 4, outputs: { y } }), "predict");
    expect(kernels.map(({ slots }) => slots.length)).toEqual([3, 6]);
    expect(loopsIn(kernels[0]!).map(({ size }) => size)).toEqual([{ times: 16, power: 0 }]);
    const [scaled, stored] = shown(kernels[1]!)
      .slice(-2)
      .map((line) => line.trim());
    expect(scaled).toBe("t1 = a0 * t0 + (norm.bias[i3] - norm.runningMean[i3] * t0)");
    expect(stored).toMatch(/^y\[.*\] = where\(t1 > 0, t1, 0\)$/);
  });

  test("training: one kernel takes the statistics and moves the running ones", () => {
    const kernels = kernelsOf(network, "step");
    const statistics = kernels.filter((kernel) => writes(kernel).includes("norm.runningMean"));
    expect(statistics).toHaveLength(1);
    expect(shown(statistics[0]!)).toMatchInlineSnapshot(`
      [
        "t5 = batch > 1",
        "t7 = batch / max(batch - 1, 1)",
        "for i0 < 48 (parallel):",
        "  a0 = sum over i1 < batch of dense1[i0 + 48*i1]",
        "  batchNorm1.normalized.mean[i0] = a0 / batch",
        "  t0 = a0 / batch",
        "  over i1 < batch:",
        "    t1 = dense1[i0 + 48*i1] - t0",
        "  a1 = sum over i1 < batch of t1^2",
        "  t2 = a1 / batch",
        "  t3 = 1 / sqrt(t2 + 0.00001)",
        "  t4 = norm.runningMean[i0]",
        "  t6 = norm.runningVariance[i0]",
        "  t8 = norm.weight[i0] * t3",
        "  t9 = t4 + 0.1 * (t0 - t4)",
        "  t10 = where(t5, t6 + 0.1 * (t2 * t7 - t6), t6)",
        "  batchNorm1.normalized.rsqrt[i0] = t3",
        "  batchNorm1.mul3[i0] = t8",
        "  norm.runningMean[i0] = t9",
        "  norm.runningVariance[i0] = t10",
      ]
    `);
    expect(kernelsOf(network, "gradients").flatMap(writes)).not.toContain("norm.runningMean");
  });

  test("control: a norm that nothing makes place for is applied by itself", () => {
    const x = t.input("x", ["batch", 32]);
    const net = t.network("norm", { batch: 16, outputs: { y: t.batchNorm(t.tanh(x), { name: "norm" }) } });
    expect(kernelsOf(net, "predict").filter(contracts)).toHaveLength(0);
  });
});
