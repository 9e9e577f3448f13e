// Any number of rows up to the capacity: results for n rows are those of a build whose capacity is n.

import { describe, expect, test } from "vitest";
import { compile, type Model } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { randomNumbers } from "../oracle/leaves.js";
import { expectClose, scaleOf, type Values } from "./close.js";
import { expectEntry, expectState, fill, pairOf, snapshot, type Float } from "./harness.js";
import { compiledOf, once } from "./once.js";
import { unsampled } from "./unsampled.js";

const {
  binaryCrossEntropy,
  concat,
  crossEntropy,
  dense,
  dropout,
  flatten,
  input,
  labels,
  logSumExp,
  matmul,
  mean,
  meanSquaredError,
  mul,
  reshape,
  sgd,
  softmax,
  square,
  sub,
  sum,
  tanh,
  target,
  transpose,
  variance,
} = tapeless;

type Build = (batch: number) => Network;

const CAPACITY = 5;
/** Of the ops, which are many. */
const FEW = 3;
const optimizer = sgd({ rate: 0.1, momentum: 0.9 });

const networks = once<Build>({
  "a mean over everything": (batch) => {
    const y = dense(input("x", ["batch", 3]), 4, { name: "layer" });
    return tapeless.network("means", { batch, outputs: { y, m: mean(y) }, loss: mean(square(y)), optimizer });
  },
  "a sum, and statistics of the batch": (batch) => {
    const y = dense(input("x", ["batch", 3]), 4, { name: "layer" });
    const centred = sub(y, mean(y, { axis: 0 })) as Tensor;
    const loss = sum(square(sub(variance(y, { axis: 0 }), 0.5)));
    return tapeless.network("statistics", { batch, outputs: { centred }, loss, optimizer });
  },
  "similarities within the batch": (batch) => {
    const y = tanh(dense(input("x", ["batch", 3]), 4, { name: "layer" }));
    const similarity = matmul(y, transpose(y) as never) as Tensor;
    const loss = mean(sub(logSumExp(similarity, { axis: 1 }), mean(similarity, { axis: 1 })));
    return tapeless.network("similarities", {
      batch,
      outputs: { similarity, p: softmax(similarity) },
      loss,
      optimizer,
    });
  },
  "a dense layer of flattened positions": (batch) => {
    const tokens = tanh(dense(input("x", ["batch", 3, 2]), 4, { name: "token" }));
    const y = dense(flatten(tokens) as Tensor, 2, { name: "head" }) as Tensor;
    const positions = reshape(tokens, [-1, 4]) as Tensor;
    const rows = matmul(transpose(positions), positions as never) as Tensor;
    const loss = mean(square(sub(y, target("t", ["batch", 2])) as Tensor));
    return tapeless.network("tokens", { batch, outputs: { y, tokens, rows }, loss, optimizer });
  },
  "two batches joined": (batch) => {
    const x = input("x", ["batch", 3]);
    const both = concat([x, mul(x, -2)] as never) as Tensor;
    const y = softmax(dense(both as never, 3, { name: "layer" }) as Tensor, { axis: 0 });
    return tapeless.network("joined", { batch, outputs: { y }, loss: mean(square(y)), optimizer });
  },
  "classes with a weight for each row": (batch) => {
    const logits = dense(input("x", ["batch", 3]), 4, { name: "layer" });
    const loss = crossEntropy(logits, labels("class", ["batch"], 4), { weights: input("weight", ["batch"]) });
    return tapeless.network("classes", { batch, outputs: { p: softmax(logits) }, loss, optimizer });
  },
  "squared errors with a weight for each row": (batch) => {
    const y = dense(input("x", ["batch", 3]), 2, { name: "layer" });
    const loss = meanSquaredError(y, target("t", ["batch", 2]), { weights: input("weight", ["batch"]) });
    return tapeless.network("errors", { batch, outputs: { y }, loss, optimizer });
  },
  "probabilities after dropout": (batch) => {
    const x = dropout(input("x", ["batch", 6]), 0.3);
    const hidden = dropout(tanh(dense(x, 5, { name: "hidden" })), 0.5);
    const p = tapeless.sigmoid(dense(hidden, 1, { name: "head" }));
    const loss = binaryCrossEntropy(p, target("t", ["batch", 1]));
    return tapeless.network("dropouts", { batch, outputs: { p }, loss, optimizer });
  },
});

/** Writes the same numbers for the first rows, whatever the capacity. */
function write(model: Model, rows: number): void {
  for (const group of ["inputs", "targets"] as const) {
    for (const [name, view] of Object.entries(model[group])) {
      const random = randomNumbers(name.length);
      const { below } = model.spec[group][name]! as { below?: number };
      const count = (view.length / model.spec.capacity) * rows;
      for (let i = 0; i < count; i++)
        view[i] = below === undefined ? random() * 0.8 + 0.1 : Math.floor(random() * below);
      // What lies behind the rows must not matter, but it must be a legal number of its kind.
      for (let i = count; i < view.length; i++) view[i] = below === undefined ? NaN : below - 1;
    }
  }
}

interface Results {
  readonly numbers: Values;
  readonly outputs: Values;
  readonly grads: Values;
  readonly parameters: Values;
  readonly states: Values;
}

/** All entries with so many rows; two steps. */
function run(model: Model, rows: number): Results {
  write(model, rows);
  model.predict(rows);
  const outputs = snapshot(model.outputs);
  const numbers = { loss: [model.loss(rows)], gradients: [model.gradients(rows)] };
  const grads = snapshot(model.grads);
  const steps = [model.step(rows), model.step(rows)];
  return {
    numbers: { ...numbers, steps },
    outputs,
    grads,
    parameters: snapshot(model.parameters),
    states: snapshot(model.states),
  };
}

/** Throws where n rows of a large build and all rows of a small one differ. */
function expectRows(large: Model, small: Model, rows: number): void {
  large.reset();
  small.reset();
  const [actual, wanted] = [run(large, rows), run(small, rows)];
  for (const group of ["numbers", "outputs", "grads", "parameters", "states"] as const) {
    expectClose(group, actual[group], wanted[group], 1e-13 * scaleOf(wanted[group]));
  }
}

/** All rows of the large build need no other one to be compared with. */
function expectAllRows(build: Build, dtype: Float, capacity: number): void {
  const large = compiledOf(build(capacity), dtype).create({ seed: 7 });
  for (let rows = 1; rows < capacity; rows++) {
    expectRows(large, compiledOf(build(rows), dtype).create({ seed: 7 }), rows);
  }
}

test.each(Object.entries(unsampled))("%s", (_, build) => expectAllRows(build, "float64", FEW));

describe.each(Object.entries(networks))("%s", (_, build) => {
  test.each(["float64", "float32"] as const)("%s", (dtype) => expectAllRows(build, dtype, CAPACITY));

  test("as interpreted", () => {
    const pair = pairOf(build(CAPACITY), { dtype: "float64", seed: 7 });
    for (let rows = CAPACITY; rows >= 1; rows--) {
      fill(pair, rows, { ranges: { t: [0, 1] } });
      for (const entry of ["predict", "loss", "gradients", "step"]) expectEntry(pair, entry, rows);
      expectState(pair);
    }
  });
});

describe("negative controls", () => {
  const build = networks["classes with a weight for each row"]!;

  test("another number of rows is seen", () => {
    const [large, small] = [5, 3].map((n) => compile(build(n), { dtype: "float64" }).create({ seed: 7 }));
    expect(() => expectRows(large!, small!, 3)).not.toThrow();
    const careless = { ...large!, step: () => large!.step(4) } as Model;
    expect(() => expectRows(careless, small!, 3)).toThrow(/numbers steps/);
  });

  test("a mean over the capacity is seen", () => {
    const wrong: Build = (batch) => {
      const y = dense(input("x", ["batch", 3]), 4, { name: "layer" });
      const loss = mul(sum(square(y)), 1 / batch);
      return tapeless.network("wrong", { batch, outputs: { y }, loss, optimizer });
    };
    const [large, small] = [5, 3].map((n) => compile(wrong(n), { dtype: "float64" }).create({ seed: 7 }));
    expect(() => expectRows(large!, small!, 3)).toThrow(/numbers loss/);
  });
});
