// What `compile`, `interpret` and `createInterpreter` refuse of plain JavaScript: options, names and numbers of values.

import { expect, test } from "vitest";
import { dense, input, meanSquaredError, network, sgd, sum, target, type Tensor } from "tapeless";
import { compile, createInterpreter, interpret, type CompileOptions } from "tapeless/compiler";

const net = network("small", {
  batch: 4,
  loss: meanSquaredError(dense(input("x", ["batch", 3]), 2, { name: "layer" }), target("y", ["batch", 2])),
  optimizer: sgd({ rate: 0.1 }),
});

const [x, y] = [
  [1, 2, 3, 4, 5, 6],
  [0, 1, 1, 0],
];

test.each<[what: string, options: unknown, message: RegExp]>([
  ["a target", { target: "wgsl" }, /target must be "typescript" or "wasm", but it is "wgsl"/],
  ["a type of numbers", { dtype: "float16" }, /dtype must be "float32" or "float64"/],
  ["an option", { tagret: "wasm" }, /no option "tagret"[^]*did you mean target/],
  ["names", { constNames: "ordinal" }, /constNames must be what a definition was read into, or "ordinals"/],
  ["entries", { entries: "step" }, /entries must be a list of names/],
  ["a word for options", "wasm", /options must be an object/],
])("compile: %s", (_, options, message) => {
  expect(() => compile(net, options as CompileOptions)).toThrow(message);
});

test("print: what there is to print", () => {
  expect(() => compile(net).print("kernel" as never)).toThrow(/^BAD_ARGUMENT: print.*graph, gradient, kernels/);
});

test.each<[what: string, values: object, message: RegExp]>([
  ["half a row", { inputs: { x: [1, 2] }, targets: { y } }, /number of values of "x" must be a multiple of 3/],
  ["too many rows", { inputs: { x: Array(15).fill(0) }, targets: { y } }, /for 1 to 4 rows, but it is 15/],
  ["fewer targets than rows", { inputs: { x }, targets: { y: [1, 2] } }, /target "y" must be 4, but it is 2/],
  ["rows", { rows: 5, inputs: { x }, targets: { y } }, /rows must be an integer from 1 to 4/],
  ["a target's name", { inputs: { x }, targets: { t: y } }, /no "t" in targets/],
  ["a parameter's name", { inputs: { x }, parameters: { "layer.weights": [1] } }, /did you mean layer\.weight\?/],
  ["a parameter's size", { inputs: { x }, parameters: { "layer.weight": [1] } }, /must be 6, but it is 1/],
  ["a rate's name", { inputs: { x }, targets: { y }, hypers: { rat: [1] } }, /no "rat" in hypers/],
])("interpret: %s", (_, values, message) => {
  expect(() => interpret(net, values)).toThrow(message);
});

test("interpret: rows are read off an input over the batch twice", () => {
  const a = input("a", ["batch", "batch"] as never) as Tensor;
  const squared = network("squared", { batch: 4, outputs: { total: sum(a) } });
  expect(interpret(squared, { inputs: { a: [1, 2, 3, 4] } }).outputs["total"]).toEqual(Float64Array.of(10));
  expect(() => interpret(squared, { inputs: { a: [1, 2, 3] } })).toThrow(/"a" must be batch\^2, for 1 to 4 rows/);
});

test("createInterpreter: names of parameters and entries", () => {
  expect(() => createInterpreter(net, { parameters: { weight: [1] } })).toThrow(/no "weight" in parameters/);
  expect(() => createInterpreter(net).run("stepp", 1)).toThrow(/^UNKNOWN_ENTRY.*"stepp"[^]*did you mean step/);
});

test("control: what fits is taken", () => {
  const { losses, gradients } = interpret(net, { inputs: { x }, targets: { y }, hypers: { rate: [0.5] } });
  expect(losses["step"]).toBe(losses["gradients"]);
  expect(gradients["layer.weight"]).toHaveLength(6);
  expect(compile(net, { target: "typescript", dtype: "float64", entries: undefined }).create().spec.dtype).toBe(
    "float64",
  );
});
