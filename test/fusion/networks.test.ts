// Small networks and the kernels that they become, as text beside the definition. A wrong fusion changes the numbers, which
// the oracle tests see; a lost one changes only this text.

import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import * as t from "../../src/index.js";
import { contracts, entryOf, kernelsOf, kernelText, overRows, reads, reductionsIn, that, writes } from "./kernels.js";

const optimizer = t.sgd({ rate: 0.1 });

test("a chain of pointwise ops is one loop", () => {
  const x = t.input("x", ["batch", 4]);
  const w = t.parameter([4], 1, { name: "w" });
  const y = t.sin(t.mul(t.exp(t.mul(x, w)), t.sub(x, 1)));
  expect(kernelText(t.network("chain", { batch: 4, outputs: { y } }), "predict")).toMatchInlineSnapshot(`
    "entry predict
      kernel y (read x, read w, write y)
        for i0 < batch (parallel):
          for i1 < 4 (parallel):
            t0 = x[4*i0 + i1]
            y[4*i0 + i1] = sin(exp(t0 * w[i1]) * (t0 - 1))"
  `);
});

test("control: a chain through a matrix product is two loops", () => {
  const x = t.input("x", ["batch", 40]);
  const e = t.exp(t.mul(x, 2));
  const y = t.sin(t.matmul(e, t.parameter([40, 30], 1, { name: "w" })));
  expect(kernelsOf(t.network("chain", { batch: 4, outputs: { y } }), "predict")).toHaveLength(2);
});

test("a chain runs into the sum that follows, and its gradient into the update", () => {
  const x = t.input("x", ["batch", 40]);
  const w = t.parameter([40], 1, { name: "w" });
  const loss = t.mean(t.square(t.tanh(t.mul(x, w))));
  expect(kernelText(t.network("chain", { batch: 4, loss, optimizer }), "step")).toMatchInlineSnapshot(`
    "entry step
      kernel tanh1 (read x, read w, write tanh1)
        for i0 < batch (parallel):
          for i1 < 40 (parallel):
            tanh1[40*i0 + i1] = tanh(x[40*i0 + i1] * w[i1])
      kernel loss (read tanh1, write loss)
        over i0 < batch, i1 < 40:
          t0 = tanh1[40*i0 + i1]
        a0 = sum over i0 < batch, i1 < 40 of t0^2
        loss[0] = a0 / (40*batch)
      kernel w.next (update w, read rate, read tanh1, read x)
        t1 = 0.05 / batch
        t2 = rate[0]
        for i0 < 40 (parallel):
          over i1 < batch:
            t0 = tanh1[i0 + 40*i1]
          a0 = sum over i1 < batch of t0 * t1 * (1 - t0^2) * x[i0 + 40*i1]
          w[i0] = w[i0] - t2 * a0"
  `);
});

test("logistic regression is one loop over the rows, with the sums and the update behind it", () => {
  const x = t.input("x", ["batch", 2]);
  const label = t.target("label", ["batch", 1]);
  const logit = t.dense(x, 1, { name: "layer" });
  const loss = t.binaryCrossEntropy(logit, label, { from: "logits" });
  expect(kernelText(t.network("logistic", { batch: 4, loss, optimizer }), "step")).toMatchInlineSnapshot(`
    "entry step
      kernel step.rows (update layer.bias, read x, update layer.weight, read label, read rate, write loss)
        t1 = layer.weight[0]
        t3 = layer.weight[1]
        t4 = layer.bias[0]
        t8 = 1 / batch
        t10 = rate[0]
        over i0 < batch:
          t0 = x[2*i0]
          t2 = x[2*i0 + 1]
          t5 = t0 * t1 + t2 * t3 + t4
          t6 = label[i0]
          t7 = exp(-abs(t5))
          t9 = (where(t5 >= 0, 1, t7) / (1 + t7) - t6) * t8
        a0 = sum over i0 < batch of max(t5, 0) - t5 * t6 + log1p(t7)
        a1 = sum over i0 < batch of t0 * t9
        a2 = sum over i0 < batch of t2 * t9
        a3 = sum over i0 < batch of t9
        loss[0] = a0 * t8
        layer.weight[0] = t1 - t10 * a1
        layer.weight[1] = t3 - t10 * a2
        layer.bias[0] = t4 - t10 * a3"
  `);
});

test("momentum: velocity and parameter in one sweep", () => {
  const x = t.input("x", ["batch", 30]);
  const w = t.parameter([30, 20], 1, { name: "w" });
  const loss = t.mean(t.square(t.matmul(x, w)));
  const network = t.network("momentum", { batch: 4, loss, optimizer: t.sgd({ rate: 0.1, momentum: 0.9 }) });
  expect(kernelText(network, "step")).toMatchInlineSnapshot(`
    "entry step
      kernel δmatmul1 (read x, read w, write matmul1, write δmatmul1)
        t0 = 0.1 / batch
        for i0 < batch (parallel):
          for i1 < 20 (parallel):
            a0 = sum over i2 < 30 of x[30*i0 + i2] * w[i1 + 20*i2]
            t1 = a0 * t0
            matmul1[20*i0 + i1] = a0
            δmatmul1[20*i0 + i1] = t1
      kernel loss (read matmul1, write loss)
        over i0 < batch, i1 < 20:
          t0 = matmul1[20*i0 + i1]
        a0 = sum over i0 < batch, i1 < 20 of t0^2
        loss[0] = a0 / (20*batch)
      kernel w.next (read momentum, update w.velocity, read x, read δmatmul1, update w, read rate)
        t0 = momentum[0]
        t2 = rate[0]
        for i0 < 30 (parallel):
          for i1 < 20 (parallel):
            a0 = sum over i2 < batch of x[i0 + 30*i2] * δmatmul1[i1 + 20*i2]
            t1 = t0 * w.velocity[20*i0 + i1] + a0
            t3 = w[20*i0 + i1] - t2 * t1
            w.velocity[20*i0 + i1] = t1
            w[20*i0 + i1] = t3"
  `);
});

/** Layer norm over the last axis, written from mean and variance. */
function layerNorm(h: t.Tensor): t.Tensor {
  const centred = t.sub(h, t.mean(h, { axis: [1], keepAxes: true }) as never) as t.Tensor;
  const scale = t.rsqrt(t.add(t.variance(h, { axis: [1], keepAxes: true }), 1e-5));
  const gain = t.parameter([32], 1, { name: "gain" });
  const shift = t.parameter([32], 0, { name: "shift" });
  return t.add(t.mul(t.mul(centred, scale as never) as never, gain) as never, shift) as t.Tensor;
}

test("layer norm written from mean and variance: forward is one kernel, δx is one kernel", () => {
  const x = t.input("x", ["batch", 32]);
  const h = t.matmul(x, t.parameter([32, 32], 0.1, { name: "w" }));
  const y = layerNorm(h as t.Tensor);
  const network = t.network("norm", { batch: 4, outputs: { y }, loss: t.mean(t.square(y)), optimizer });
  expect(kernelText(network, "predict")).toMatchInlineSnapshot(`
    "entry predict
      kernel matmul1 (read x, read w, write matmul1)
        for i0 < batch (parallel):
          for i1 < 32 (parallel):
            a0 = sum over i2 < 32 of x[32*i0 + i2] * w[i1 + 32*i2]
            matmul1[32*i0 + i1] = a0
      kernel y (read matmul1, read gain, read shift, write y)
        for i0 < batch (parallel):
          a0 = sum over i1 < 32 of matmul1[32*i0 + i1]
          t0 = a0 / 32
          over i1 < 32:
            t1 = matmul1[32*i0 + i1] - t0
          a1 = sum over i1 < 32 of t1^2
          t2 = 1 / sqrt(a1 / 32 + 0.00001)
          for i1 < 32 (parallel):
            y[32*i0 + i1] = (matmul1[32*i0 + i1] - t0) * t2 * gain[i1] + shift[i1]"
  `);
  const step = kernelsOf(network, "step");
  const deltas = step.filter((kernel) => writes(kernel).some((name) => name.startsWith("δ")));
  // Everything between the matmul and the weight's update: one kernel, one loop over rows.
  expect(deltas).toHaveLength(1);
  expect(overRows(deltas[0]!)).toBe(1);
  const update = that(step, "w");
  expect(writes(deltas[0]!)).toEqual(expect.arrayContaining(reads(update).filter((name) => name.startsWith("δ"))));
});

test("control: a norm over the batch cannot share the rows' loop", () => {
  const x = t.input("x", ["batch", 32]);
  const h = t.matmul(x, t.parameter([32, 32], 0.1, { name: "w" })) as t.Tensor;
  const centred = t.sub(h, t.mean(h, { axis: [0], keepAxes: true }) as never) as t.Tensor;
  const y = t.mul(centred, t.rsqrt(t.add(t.variance(h, { axis: [0], keepAxes: true }), 1e-5)) as never) as t.Tensor;
  const z = layerNorm(y);
  const kernels = kernelsOf(t.network("norm", { batch: 4, outputs: { z } }), "predict");
  expect(kernels.length).toBeGreaterThan(2);
});

test("a weight used twice by matmuls of one shape is still updated in one sweep", () => {
  const x = t.input("x", ["batch", 6]);
  const w = t.parameter([6, 6], 0.1, { name: "w" });
  const y = t.matmul(t.tanh(t.matmul(x, w)), w);
  const network = t.network("tied", { batch: 4, loss: t.mean(t.square(y)), optimizer });
  const update = kernelsOf(network, "step").at(-1)!;
  expect(writes(update)).toEqual(["w"]);
  const sums = reductionsIn(update).filter(({ loops }) => loops.every(({ size }) => size.power === 1));
  expect(sums.flatMap(({ accumulators }) => accumulators)).toHaveLength(2);
});

test("a table tied to the output layer needs its whole gradient first, and the plan says so", () => {
  const id = t.input("id", ["batch"], { dtype: "int32", below: 5 });
  const next = t.labels("next", ["batch"], 5);
  const table = t.parameter([5, 3], 0.1, { name: "table" });
  const loss = t.crossEntropy(t.matmul(t.take(table, id), t.transpose(table)), next);
  const network = t.network("tied", { batch: 4, loss, optimizer });
  const { notes, workspace } = entryOf(network, "step");
  const note = "δtable is stored whole before table is updated";
  expect(notes).toEqual([note]);
  expect(compile(network).print("plan")).toContain(`note (step): ${note}`);
  const whole = [...workspace].filter(([, bytes]) => bytes === 4 * 5 * 3);
  expect(whole.map(([name]) => name)).toEqual(["δtable"]);
});

test("an embedding's gradient is never a table: the update touches the rows that were looked up", () => {
  const [id, other] = ["id", "other"].map((name) => t.input(name, ["batch"], { dtype: "int32", below: 500 }));
  const [table, context] = ["table", "context"].map((name) => t.parameter([500, 30], 0.1, { name }));
  const score = t.sum(t.mul(t.take(table!, id!), t.take(context!, other!)) as never, { axis: [1] }) as t.Tensor;
  const mirrored = t.sum(t.mul(t.take(table!, other!), t.take(table!, id!)) as never, { axis: [1] }) as t.Tensor;
  const loss = t.mean(t.softplus(t.add(t.neg(score) as never, mirrored as never)));
  const network = t.network("lookup", { batch: 4, loss, optimizer });
  const { notes, workspace } = entryOf(network, "step", { entries: ["step"] });
  expect(notes).toEqual([]);
  const largest = Math.max(...workspace.values());
  expect(largest).toBeLessThanOrEqual(4 * 30 * 4);
  expect(
    compile(network, { entries: ["step"] }).memory.entries.find((entry) => entry.entry === "step")!.flops,
  ).toBeLessThan(500 * 30);
});

test("parameters whose updates read each other: one waits", () => {
  const [a, b] = [t.parameter([3, 5], 0.1, { name: "a" }), t.parameter([5, 3], 0.1, { name: "b" })];
  const network = t.network("pair", { batch: 1, loss: t.sum(t.square(t.matmul(a, b))), optimizer });
  expect(kernelText(network, "step")).toMatchInlineSnapshot(`
    "entry step
      note: the new a waits in the workspace: its old value is still needed after it is known
      kernel δmatmul1 (read a, read b, write matmul1, write δmatmul1)
        for i0 < 3 (parallel):
          for i1 < 3 (parallel):
            a0 = sum over i2 < 5 of a[5*i0 + i2] * b[i1 + 3*i2]
            t0 = a0 * 2
            matmul1[3*i0 + i1] = a0
            δmatmul1[3*i0 + i1] = t0
      kernel loss (read matmul1, write loss)
        over i0 < 3, i1 < 3:
          t0 = matmul1[3*i0 + i1]
        a0 = sum over i0 < 3, i1 < 3 of t0^2
        loss[0] = a0
      kernel a.next (read a, read rate, read δmatmul1, read b, write a.next)
        t0 = rate[0]
        for i0 < 3 (parallel):
          for i1 < 5 (parallel):
            a0 = sum over i2 < 3 of δmatmul1[3*i0 + i2] * b[3*i1 + i2]
            a.next[5*i0 + i1] = a[5*i0 + i1] - t0 * a0
      kernel b.next (update b, read rate, read a, read δmatmul1)
        t0 = rate[0]
        for i0 < 5 (parallel):
          for i1 < 3 (parallel):
            a0 = sum over i2 < 3 of a[i0 + 5*i2] * δmatmul1[i1 + 3*i2]
            b[3*i0 + i1] = b[3*i0 + i1] - t0 * a0
      kernel a.next2 (read a.next, write a)
        for i0 < 3 (parallel):
          for i1 < 5 (parallel):
            a[5*i0 + i1] = a.next[5*i0 + i1]"
  `);
});

test("a scan is a loop of the program, not copies of its body", () => {
  const x = t.input("x", ["batch", 100, 3]);
  const w = t.parameter([3, 3], 0.1, { name: "w" });
  const { carries } = t.scan(
    ([h], [e]) => ({ carries: [t.tanh(t.add(t.matmul(h!, w) as never, e! as never))], outputs: [] }),
    [t.mul(t.reshape(t.slice(x, [null, [0, 1]]), ["batch", 3]), 0)],
    [x],
    { axis: 1 },
  );
  const kernels = kernelsOf(t.network("recurrent", { batch: 2, outputs: { h: carries[0]! } }), "predict");
  expect(kernels.filter(contracts)).toHaveLength(1);
});

test("control: rows that wait for a sum over all rows need a second loop", () => {
  const x = t.input("x", ["batch", 2]);
  const centred = t.sub(x, t.mean(x, { axis: [0], keepAxes: true }) as never) as t.Tensor;
  const loss = t.mean(t.square(t.matmul(centred, t.parameter([2, 1], 1, { name: "w" }))));
  const kernels = kernelsOf(t.network("centred", { batch: 4, loss, optimizer }), "step");
  expect(kernels.map((kernel) => writes(kernel))).toEqual([["mean1.div"], ["w", "loss"]]);
});
