// Weights of PyTorch and Keras, under our names: the layer that is given them computes what the framework's own formula says.

import { describe, expect, test } from "vitest";
import * as t from "../../src/index.js";
import { compile } from "../../compiler/compile.js";
import { fromKeras, fromPyTorch, load, predict, recurrentWeights, type StoredTensor } from "../../src/train/index.js";
import { floats, randomNumbers } from "../oracle/leaves.js";

const random = randomNumbers(5);
const drawn = (...shape: number[]): StoredTensor => ({
  dtype: "float64",
  shape,
  values: floats(
    shape.reduce((a, b) => a * b, 1),
    random,
  ),
});

const x = drawn(2, 3).values as Float64Array;

/** `[out, in]` times a row, and a bias. */
const linear = (weight: StoredTensor, bias: StoredTensor, row: ArrayLike<number>): number[] =>
  Array.from({ length: weight.shape[0]! }, (_, o) =>
    Array.from(row).reduce((sum, v, i) => sum + v * weight.values[o * row.length + i]!, bias.values[o]!),
  );

const modelOf = (output: t.Tensor) =>
  compile(t.network("n", { batch: 2, outputs: { y: output } }), { dtype: "float64", entries: ["predict"] }).create();

const close = (found: ArrayLike<number>, wanted: readonly number[]): void => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 12));
};

describe("PyTorch", () => {
  test("Linear, square too: its transpose", () => {
    const tensors = {
      "fc.weight": drawn(3, 3),
      "fc.bias": drawn(3),
      "head.weight": drawn(2, 3),
      "head.bias": drawn(2),
      "n.num": drawn(1),
    };
    const net = modelOf(t.dense(t.dense(t.input("x", ["batch", 3]), 3, { name: "h" }), 2, { name: "out" }));
    load(net, fromPyTorch(tensors, { h: "fc", out: "head" }));
    const { y } = predict(net, { inputs: { x } });
    const rows = [x.slice(0, 3), x.slice(3)].flatMap((row) =>
      linear(tensors["head.weight"], tensors["head.bias"], linear(tensors["fc.weight"], tensors["fc.bias"], row)),
    );
    close(y!, rows);
    // The control: as it is, a square weight is taken too, and gives other numbers.
    load(net, { ...fromPyTorch(tensors, { h: "fc", out: "head" }), "h.weight": tensors["fc.weight"] });
    expect(() => close(predict(net, { inputs: { x } })["y"]!, rows)).toThrow();
  });

  test("Conv2d [out, in, kh, kw] and BatchNorm2d, running statistics too", () => {
    const tensors = {
      "0.weight": drawn(4, 2, 3, 2),
      "0.bias": drawn(4),
      "1.weight": drawn(4),
      "1.bias": drawn(4),
      "1.running_mean": drawn(4),
      "1.running_var": { ...drawn(4), values: Float64Array.of(0.5, 1, 2, 3) },
      "1.num_batches_tracked": drawn(),
    };
    const image = t.input("x", ["batch", 3, 2, 2]);
    const net = modelOf(t.batchNorm(t.conv2d(image, 4, [3, 2], { name: "conv" }), { name: "norm" }));
    load(net, fromPyTorch(tensors, { conv: "0", norm: "1" }));
    const pixels = floats(24, random);
    const { y } = predict(net, { inputs: { x: pixels } });
    const value = (name: keyof typeof tensors, i: number): number => tensors[name].values[i]!;
    // The window is as large as the image: one position. Pixels are [row, h, w, channel].
    const rows = [0, 1].flatMap((row) =>
      [0, 1, 2, 3].map((o) => {
        let sum = value("0.bias", o);
        for (let c = 0; c < 2; c++)
          for (let h = 0; h < 3; h++)
            for (let w = 0; w < 2; w++)
              sum += value("0.weight", ((o * 2 + c) * 3 + h) * 2 + w) * pixels[((row * 3 + h) * 2 + w) * 2 + c]!;
        const normal = (sum - value("1.running_mean", o)) / Math.sqrt(value("1.running_var", o) + 1e-5);
        return normal * value("1.weight", o) + value("1.bias", o);
      }),
    );
    close(y!, rows);
  });

  test("ConvTranspose2d [in, out, kh, kw]", () => {
    const tensors = { "up.weight": drawn(2, 3, 2, 2), "up.bias": drawn(3) };
    const net = modelOf(t.convTranspose2d(t.input("x", ["batch", 1, 1, 2]), 3, 2, { name: "up", stride: 2 }));
    load(net, fromPyTorch(tensors, { up: "up" }));
    const pixels = floats(4, random);
    const { y } = predict(net, { inputs: { x: pixels } });
    const rows = [0, 1].flatMap((row) =>
      [0, 1, 2, 3].flatMap((place) =>
        [0, 1, 2].map((o) =>
          [0, 1].reduce(
            (sum, c) => sum + pixels[row * 2 + c]! * tensors["up.weight"].values[(c * 3 + o) * 4 + place]!,
            tensors["up.bias"].values[o]!,
          ),
        ),
      ),
    );
    close(y!, rows);
  });

  const tables = { "emb.weight": drawn(3, 3), "ln.weight": drawn(3), scale: drawn(2, 2) };

  test("Embedding and a single tensor: as they are", () => {
    const found = fromPyTorch(tables, {
      table: { layer: "embedding", name: "emb" },
      norm: { layer: "norm", name: "ln" },
      s: "scale",
    });
    expect(found).toEqual({
      "table.weight": tables["emb.weight"],
      "norm.weight": tables["ln.weight"],
      s: tables["scale"],
    });
  });

  test.each(["lstm", "gru", "rnn"] as const)("%s, both directions, as recurrentWeights gives them", (layer) => {
    const gates = { lstm: 4, gru: 3, rnn: 1 }[layer];
    const of = (suffix: string) => ({
      [`rnn.weight_ih${suffix}`]: drawn(gates * 2, 3),
      [`rnn.weight_hh${suffix}`]: drawn(gates * 2, 2),
      [`rnn.bias_ih${suffix}`]: drawn(gates * 2),
      [`rnn.bias_hh${suffix}`]: drawn(gates * 2),
    });
    const tensors: Record<string, StoredTensor> = { ...of("_l0"), ...of("_l0_reverse") };
    const found = fromPyTorch(tensors, {
      "cell.forward": { layer, name: "rnn" },
      "cell.backward": { layer, name: "rnn", suffix: "_l0_reverse" },
    });
    const line = t.input("x", ["batch", 3, 3]);
    const make = { lstm: t.lstm, gru: t.gru, rnn: t.rnn }[layer] as typeof t.rnn;
    const net = modelOf(
      t.add(make(line, 2, { name: "cell.forward" }), make(line, 2, { name: "cell.backward" })) as t.Tensor,
    );
    load(net, found);
    const values = (name: string): ArrayLike<number> => tensors[`rnn.${name}`]!.values;
    const wanted = recurrentWeights(layer, {
      weightIh: values("weight_ih_l0_reverse"),
      weightHh: values("weight_hh_l0_reverse"),
      biasIh: values("bias_ih_l0_reverse"),
      biasHh: values("bias_hh_l0_reverse"),
    });
    expect(net.parameters["cell.backward.weight"]).toEqual(wanted.weight);
    expect(net.parameters["cell.backward.recurrent"]).toEqual(wanted.recurrent);
    expect(net.parameters["cell.backward.bias"]).toEqual(wanted.bias);
    expect(net.parameters["cell.forward.weight"]).not.toEqual(wanted.weight);
  });

  test("attention: the thirds of in_proj", () => {
    const tensors = {
      "attn.in_proj_weight": drawn(12, 4),
      "attn.in_proj_bias": drawn(12),
      "attn.out_proj.weight": drawn(4, 4),
      "attn.out_proj.bias": drawn(4),
    };
    const net = modelOf(t.multiHeadAttention(t.input("x", ["batch", 3, 4]), 2, { name: "a" }) as t.Tensor);
    load(net, fromPyTorch(tensors, { a: { layer: "attention", name: "attn" } }));
    const key = net.parameters["a.key.weight"]!;
    for (let o = 0; o < 4; o++)
      for (let i = 0; i < 4; i++) expect(key[i * 4 + o]).toBe(tensors["attn.in_proj_weight"].values[(4 + o) * 4 + i]);
    expect([...net.parameters["a.value.bias"]!]).toEqual(Array.from(tensors["attn.in_proj_bias"].values.subarray(8)));
    expect([...net.parameters["a.output.bias"]!]).toEqual([...tensors["attn.out_proj.bias"].values]);
  });
});

describe("Keras", () => {
  test("Dense, Conv2D, BatchNormalization, Embedding: other names, the same layouts", () => {
    const tensors = {
      "m/dense/kernel": drawn(3, 2),
      "m/dense/bias": drawn(2),
      "m/conv/kernel": drawn(3, 3, 2, 4),
      "m/bn/gamma": drawn(2),
      "m/bn/beta": drawn(2),
      "m/bn/moving_mean": drawn(2),
      "m/bn/moving_variance": drawn(2),
      "m/embedding/embeddings": drawn(5, 2),
    };
    expect(fromKeras(tensors, { h: "m/dense", c: "m/conv", n: "m/bn", e: "m/embedding" })).toEqual({
      "h.weight": tensors["m/dense/kernel"],
      "h.bias": tensors["m/dense/bias"],
      "c.weight": tensors["m/conv/kernel"],
      "n.weight": tensors["m/bn/gamma"],
      "n.bias": tensors["m/bn/beta"],
      "states/n.runningMean": tensors["m/bn/moving_mean"],
      "states/n.runningVariance": tensors["m/bn/moving_variance"],
      "e.weight": tensors["m/embedding/embeddings"],
    });
  });

  test("GRU: gates in our order, two biases", () => {
    const tensors = { "g/kernel": drawn(3, 6), "g/recurrent_kernel": drawn(2, 6), "g/bias": drawn(2, 6) };
    const net = modelOf(t.gru(t.input("x", ["batch", 3, 3]), 2, { name: "cell" }) as t.Tensor);
    load(net, fromKeras(tensors, { cell: { layer: "gru", name: "g" } }));
    const values = (name: keyof typeof tensors): ArrayLike<number> => tensors[name].values;
    const given = { kernel: values("g/kernel"), recurrentKernel: values("g/recurrent_kernel"), bias: values("g/bias") };
    expect(net.parameters["cell.weight"]).toEqual(recurrentWeights("gru", given).weight);
    expect(net.parameters["cell.weight"]).not.toEqual(tensors["g/kernel"].values);
    expect(net.parameters["cell.recurrentBias"]).toEqual(recurrentWeights("gru", given).recurrentBias);
  });

  test("MultiHeadAttention: heads in one axis", () => {
    const tensors = Object.fromEntries([
      ...["query", "key", "value"].flatMap((head) => [
        [`a/${head}/kernel`, drawn(4, 2, 2)],
        [`a/${head}/bias`, drawn(2, 2)],
      ]),
      ["a/attention_output/kernel", drawn(2, 2, 4)],
      ["a/attention_output/bias", drawn(4)],
    ]) as Record<string, StoredTensor>;
    const net = modelOf(t.multiHeadAttention(t.input("x", ["batch", 3, 4]), 2, { name: "a" }) as t.Tensor);
    load(net, fromKeras(tensors, { a: { layer: "attention", name: "a" } }));
    expect([...net.parameters["a.value.weight"]!]).toEqual([...tensors["a/value/kernel"]!.values]);
    expect([...net.parameters["a.output.weight"]!]).toEqual([...tensors["a/attention_output/kernel"]!.values]);
  });
});

describe("refused", () => {
  const tensors = {
    "fc1.weight": drawn(3, 4),
    "fc1.bias": drawn(3),
    "rnn.weight_ih_l0": drawn(8, 3),
    "rnn.weight_hh_l0": drawn(8, 3),
  };

  test("a name with nothing under it, with the nearest", () => {
    expect(() => fromPyTorch(tensors, { h: "fc2" })).toThrow(
      /^UNKNOWN_NAME: .*"fc2.weight"[^]*did you mean "fc1.weight"/,
    );
    expect(() => fromPyTorch(tensors, { h: { layer: "gru", name: "fc1" } })).toThrow(/^UNKNOWN_NAME: .*gru "fc1"/);
    expect(() => fromKeras(tensors, { h: "fc1" })).toThrow(/^UNKNOWN_NAME: .*"fc1\/kernel"/);
  });

  test("a layer that is none", () => {
    expect(() => fromPyTorch(tensors, { h: { layer: "linear", name: "fc1" } as never })).toThrow(
      /^BAD_OPTION: a layer must be one of "embedding"/,
    );
  });

  test("recurrent weights of no layer", () => {
    expect(() => fromPyTorch(tensors, { cell: { layer: "lstm", name: "rnn" } })).toThrow(/^BAD_RECURRENT_WEIGHTS/);
  });

  test("shapes that do not fit, when they are loaded; nothing is written", () => {
    const net = modelOf(t.dense(t.input("x", ["batch", 3]), 3, { name: "h" }));
    const before = net.parameters["h.weight"]!.slice();
    expect(() => load(net, fromPyTorch(tensors, { h: "fc1" }))).toThrow(
      /^BAD_SHAPE: parameters.h.weight has the shape \[4, 3\], but here it is \[3, 3\]/,
    );
    expect(net.parameters["h.weight"]).toEqual(before);
  });
});
