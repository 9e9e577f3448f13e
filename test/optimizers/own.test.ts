// An optimizer of the user's own: what it gives a step to change is looked at.

import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import * as t from "../../src/index.js";

type Updates = t.Optimizer["updates"];

const build = (updates: Updates, wrap: (own: t.Optimizer) => t.Optimizer = (own) => own) => {
  const x = t.input("x", ["batch", 3]);
  const optimizer = wrap({ kind: "optimizer", name: "own", groups: [], notes: [], updates });
  return compile(t.network("n", { batch: 2, loss: t.mean(t.square(t.dense(x, 2, { name: "h" }))), optimizer }));
};

const descent: Updates = (gradients) =>
  [...gradients].map(([leaf, gradient]) => ({ leaf, value: t.sub(leaf, t.mul(0.1, gradient)) }));

const wrong: Readonly<Record<string, readonly [Updates, RegExp]>> = {
  "a scalar for a matrix": [
    (gradients) => [...gradients].map(([leaf]) => ({ leaf, value: t.constant(0) })),
    /BAD_UPDATE.*the optimizer own gives a parameter of float32 \[3, 2\] a next value that is float32 \[\]/,
  ],
  "a row that would stretch": [
    (gradients) =>
      [...gradients].map(([leaf, gradient]) => ({ leaf, value: t.sum(gradient, { axis: 0, keepAxes: true }) })),
    /BAD_UPDATE.*float32 \[3, 2\] a next value that is float32 \[1, 2\]/,
  ],
  "the transpose of a square": [
    (gradients, { slot }) =>
      [...gradients].map(([leaf]) => ({ leaf: slot(leaf, "m"), value: t.transpose(t.constant(0, { shape: [3, 2] })) })),
    /BAD_UPDATE.*gives a state of float32 \[3, 2\] a next value that is float32 \[2, 3\]/,
  ],
  "another dtype": [
    (gradients) => [...gradients].map(([leaf]) => ({ leaf, value: t.cast(leaf, "int32") })),
    /BAD_UPDATE.*a next value that is int32 \[3, 2\]/,
  ],
  "two next values": [
    (gradients, tools) => [...descent(gradients, tools), ...descent(gradients, tools)],
    /BAD_UPDATE.*gives a parameter of float32 \[3, 2\] two next values/,
  ],
  "a hyper-parameter": [
    (_, { hyper }) => [{ leaf: hyper("rate", 1), value: t.constant(0) }],
    /BAD_UPDATE.*gives a hyper of float32 \[\] a next value, but no step changes it/,
  ],
};

test.each(Object.entries(wrong))("%s is refused", (_, [updates, message]) => {
  expect(() => build(updates)).toThrow(message);
});

test.each([
  ["a scalar", t.constant(0), /a value for inference that is float32 \[\]/],
  ["a row", t.constant(1, { shape: [1, 2] }), /a value for inference that is float32 \[1, 2\]/],
  ["another dtype", t.constant(1, { shape: [3, 2], dtype: "int32" }), /a value for inference that is int32 \[3, 2\]/],
])("%s that inference would read in place of a matrix is refused", (_, value, message) => {
  const read = (own: t.Optimizer): t.Optimizer => ({
    ...own,
    inference: (parameters) => new Map(parameters.filter(({ shape }) => shape.length === 2).map((p) => [p, value])),
  });
  const x = t.input("x", ["batch", 3]);
  const y = t.dense(x, 2, { name: "h" });
  const optimizer = read({ kind: "optimizer", name: "own", groups: [], notes: [], updates: descent });
  expect(() => t.network("n", { batch: 2, outputs: { y }, loss: t.mean(t.square(y)), optimizer })).toThrow(message);
});

test.each([
  ["by itself", (own: t.Optimizer) => own],
  ["accumulated", (own: t.Optimizer) => t.accumulate(own, 2)],
  ["averaged", (own: t.Optimizer) => t.movingAverage(own)],
])("control: descent %s is as it should be", (_, wrap) => {
  const net = build(descent, wrap).create({ seed: 1 });
  const before = net.parameters["h.weight"]!.slice();
  (net.inputs["x"] as Float32Array).fill(1);
  net.step!(2);
  net.step!(2);
  expect(net.parameters["h.weight"]).not.toEqual(before);
  expect([...net.parameters["h.weight"]!].every(Number.isFinite)).toBe(true);
});
