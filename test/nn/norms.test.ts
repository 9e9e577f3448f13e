// Normalisation of each example by itself, against loops from the formulas that ONNX publishes (LayerNormalization,
// RMSNormalization, GroupNormalization, InstanceNormalization).

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import { groupNorm, input, instanceNorm, layerNorm, network, rmsNorm, standardize, type Tensor } from "tapeless";
import {
  CAPACITY,
  closeTo,
  count,
  EPSILON,
  groupedBy,
  indices,
  numbers,
  options,
  sized,
  type Dims,
} from "./norm-loops.js";

interface Layer {
  readonly name: string;
  readonly shape: Dims;
  readonly build: (x: Tensor) => Tensor;
  /** Which elements share statistics. */
  readonly key: (index: number[]) => string;
  /** The position of an element's weight and bias. */
  readonly parameter: (index: number[]) => number;
  /** Without the mean: RMSNormalization. */
  readonly uncentred?: boolean;
}

const { biasInitializer: _, ...scaleOptions } = options;

const layers: readonly Layer[] = [
  {
    name: "layerNorm over the last axis",
    shape: ["batch", 4],
    build: (x) => layerNorm(x, options),
    key: ([i]) => `${i}`,
    parameter: ([, j]) => j!,
  },
  {
    name: "layerNorm over two trailing axes",
    shape: ["batch", 3, 2],
    build: (x) => layerNorm(x, { ...options, axis: [-2, -1] }),
    key: ([i]) => `${i}`,
    parameter: ([, j, k]) => 2 * j! + k!,
  },
  {
    name: "layerNorm over one element",
    shape: ["batch", 3, 1],
    build: (x) => layerNorm(x, options),
    key: ([i, j]) => `${i} ${j}`,
    parameter: () => 0,
  },
  {
    name: "layerNorm over a middle axis",
    shape: ["batch", 3, 2],
    build: (x) => layerNorm(x, { ...options, axis: 1 }),
    key: ([i, , k]) => `${i} ${k}`,
    parameter: ([, j]) => j!,
  },
  {
    name: "rmsNorm",
    shape: ["batch", 2, 3],
    build: (x) => rmsNorm(x, scaleOptions),
    key: ([i, j]) => `${i} ${j}`,
    parameter: ([, , k]) => k!,
    uncentred: true,
  },
  {
    name: "groupNorm of two groups, channels last",
    shape: ["batch", 3, 4],
    build: (x) => groupNorm(x, 2, options),
    key: ([i, , c]) => `${i} ${c! >> 1}`,
    parameter: ([, , c]) => c!,
  },
  {
    name: "groupNorm of three groups, channels first",
    shape: ["batch", 6, 2, 2],
    build: (x) => groupNorm(x, 3, { ...options, axis: 1 }),
    key: ([i, c]) => `${i} ${c! >> 1}`,
    parameter: ([, c]) => c!,
  },
  {
    name: "groupNorm of one group without positions",
    shape: ["batch", 4],
    build: (x) => groupNorm(x, 1, options),
    key: ([i]) => `${i}`,
    parameter: ([, c]) => c!,
  },
  {
    name: "instanceNorm, channels last",
    shape: ["batch", 3, 2, 2],
    build: (x) => instanceNorm(x, options),
    key: ([i, , , c]) => `${i} ${c}`,
    parameter: ([, , , c]) => c!,
  },
  {
    name: "instanceNorm, channels first",
    shape: ["batch", 2, 5],
    build: (x) => instanceNorm(x, { ...options, axis: 1 }),
    key: ([i, c]) => `${i} ${c}`,
    parameter: ([, c]) => c!,
  },
];

type Values = Readonly<Record<string, ArrayLike<number> | undefined>>;

function expected(layer: Layer, x: readonly number[], rows: number, parameters: Values): number[] {
  const shape = sized(layer.shape, rows);
  const statistics = groupedBy(x, shape, layer.key);
  const squares = groupedBy(
    x.map((v) => v * v),
    shape,
    layer.key,
  );
  return indices(shape).map((index, at) => {
    const { mean, variance } = statistics(index);
    const [shift, square] = layer.uncentred ? [0, squares(index).mean] : [mean, variance];
    const p = layer.parameter(index);
    return (
      ((x[at]! - shift) / Math.sqrt(square + EPSILON)) * parameters["n.weight"]![p]! + (parameters["n.bias"]?.[p] ?? 0)
    );
  });
}

describe("statistics of each example", () => {
  test.each(layers)("$name", (layer) => {
    const x = input("x", layer.shape) as Tensor;
    const model = compile(network("norm", { batch: CAPACITY, outputs: { y: layer.build(x) } }), {
      dtype: "float64",
    }).create({ seed: 4 });
    expect(Object.keys(model.parameters)).toEqual(layer.uncentred ? ["n.weight"] : ["n.weight", "n.bias"]);
    for (const rows of [CAPACITY, 2, 1]) {
      const values = numbers(count(sized(layer.shape, rows)), rows);
      model.inputs["x"]!.set(values);
      model.predict(rows);
      closeTo(model.outputs["y"]!, expected(layer, values, rows, model.parameters));
    }
  });

  test("control: another epsilon is seen", () => {
    const [layer] = layers;
    const x = input("x", layer!.shape) as Tensor;
    const net = network("norm", { batch: 2, outputs: { y: layerNorm(x, { ...options, epsilon: 0.011 }) } });
    const model = compile(net, { dtype: "float64" }).create({ seed: 4 });
    const values = numbers(8, 1);
    model.inputs["x"]!.set(values);
    model.predict(2);
    expect(() => closeTo(model.outputs["y"]!, expected(layer!, values, 2, model.parameters))).toThrow(/element/);
  });

  test("without scale and center there is no parameter, and `standardize` is the same", () => {
    const x = input("x", ["batch", 4]);
    const outputs = { a: layerNorm(x, { scale: false, center: false }), b: standardize(x) };
    const model = compile(network("norm", { batch: 1, outputs }), { dtype: "float64" }).create();
    model.inputs["x"]!.set([1, 2, 3, 6]);
    model.predict(1);
    expect(Object.keys(model.parameters)).toEqual([]);
    const scale = Math.sqrt(3.5 + 1e-5);
    closeTo(model.outputs["a"]!, [-2 / scale, -1 / scale, 0, 3 / scale]);
    closeTo(model.outputs["b"]!, Array.from(model.outputs["a"]!));
  });

  test("the batch may be normalised too, without parameters", () => {
    const x = input("x", ["batch", 2]);
    const y = layerNorm(x, { axis: [0, 1], scale: false, center: false });
    const model = compile(network("norm", { batch: 3, outputs: { y } }), { dtype: "float64" }).create();
    model.inputs["x"]!.set([1, 2, 3, 6, 100, 100]);
    model.predict(2);
    const scale = Math.sqrt(3.5 + 1e-5);
    closeTo(model.outputs["y"]!, [-2 / scale, -1 / scale, 0, 3 / scale]);
  });
});
