// Weights that PyTorch and Keras have drawn and safetensors' own library has written: the layer that is given them computes what the
// framework's layer computes. `frameworks/record.py` records them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import { fromKeras, fromPyTorch, load, predict, readSafetensors, type LayerNames } from "../../src/train/index.js";
import * as t from "../../src/index.js";

interface Recorded {
  readonly file: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "frameworks/recorded.json"), "utf8")) as Record<
  "pytorch" | "keras",
  Readonly<Record<string, Recorded>>
>;

interface Case {
  readonly output: t.Tensor;
  readonly pytorch?: LayerNames;
  readonly keras?: LayerNames;
}

const row = t.input("x", ["batch", 3]);
const line = t.input("x", ["batch", 4, 3]);
const image = t.input("x", ["batch", 5, 4, 2]);
const words = t.input("x", ["batch", 3, 4]);
const ids = t.input("x", ["batch", 3], { dtype: "int32", below: 7 });

/** The epsilons are the frameworks' own. */
const cases = (epsilon: number): Readonly<Record<string, Case>> => ({
  linear: {
    output: t.dense(t.tanh(t.dense(row, 3, { name: "a" })), 4, { name: "b" }),
    pytorch: { a: "0", b: "2" },
  },
  dense: {
    output: t.dense(t.tanh(t.dense(row, 3, { name: "a" })), 4, { name: "b" }),
    keras: { a: "a", b: "b" },
  },
  conv1d: { output: t.conv1d(line, 4, 2, { name: "c" }), pytorch: { c: "" }, keras: { c: "c" } },
  conv2d: {
    output: t.batchNorm(t.conv2d(image, 3, [3, 2], { name: "c" }), { epsilon, name: "n" }),
    pytorch: { c: "0", n: "1" },
    keras: { c: "c", n: "n" },
  },
  convTranspose2d: {
    output: t.convTranspose2d(image, epsilon === TORCH ? 3 : 2, 2, { stride: 2, name: "c" }),
    pytorch: { c: "" },
    keras: { c: "c" },
  },
  embedding: {
    output: t.embedding(ids, 7, 4, { name: "e" }) as t.Tensor,
    pytorch: { e: { layer: "embedding", name: "" } },
    keras: { e: "e" },
  },
  layerNorm: {
    output: t.layerNorm(row, { epsilon, name: "n" }),
    pytorch: { n: { layer: "norm", name: "" } },
    keras: { n: "n" },
  },
  rnn: {
    output: t.rnn(line, 2, { returnSequences: true, name: "r" }) as t.Tensor,
    pytorch: { r: { layer: "rnn", name: "" } },
    keras: { r: { layer: "rnn", name: "r/simple_rnn_cell" } },
  },
  lstm: {
    output: t.lstm(line, 2, { returnSequences: true, name: "r" }) as t.Tensor,
    pytorch: { r: { layer: "lstm", name: "" } },
    keras: { r: { layer: "lstm", name: "r/lstm_cell" } },
  },
  gru: {
    output: t.gru(line, 2, { returnSequences: true, name: "r" }) as t.Tensor,
    pytorch: { r: { layer: "gru", name: "" } },
    keras: { r: { layer: "gru", name: "r/gru_cell" } },
  },
  gruResetBefore: {
    output: t.gru(line, 2, { returnSequences: true, resetAfter: false, name: "r" }) as t.Tensor,
    keras: { r: { layer: "gruResetBefore", name: "r/gru_cell" } },
  },
  bidirectional: {
    output: t.bidirectional(t.lstm, line, 2, { returnSequences: true, name: "r" }) as t.Tensor,
    pytorch: {
      "r.forward": { layer: "lstm", name: "" },
      "r.backward": { layer: "lstm", name: "", suffix: "_l0_reverse" },
    },
  },
  attention: {
    output: t.multiHeadAttention(words, 2, { name: "t" }) as t.Tensor,
    pytorch: { t: { layer: "attention", name: "" } },
    keras: { t: { layer: "attention", name: "t" } },
  },
});

const TORCH = 1e-5;
const KERAS = 1e-3;

/** Decimals that must agree: Keras rounds what it computes to float32, weights of float64 too. */
const FRAMEWORKS = [
  ["pytorch", fromPyTorch, cases(TORCH), 12],
  ["keras", fromKeras, cases(KERAS), 6],
] as const;

describe.each(FRAMEWORKS)("%s", (framework, from, declared, decimals) => {
  test("every recorded layer has a case", () => {
    const named = Object.keys(declared).filter((name) => declared[name]![framework] !== undefined);
    expect(named.sort()).toEqual(Object.keys(recorded[framework]).sort());
  });

  test.each(Object.keys(recorded[framework]))("%s", (name) => {
    const { output, [framework]: names } = declared[name]!;
    const { file, x, y } = recorded[framework][name]!;
    const built = compile(t.network("n", { batch: 2, outputs: { y: output } }), {
      dtype: "float64",
      entries: ["predict"],
    });
    const net = built.create();
    const { tensors } = readSafetensors(Uint8Array.from(Buffer.from(file, "base64")));
    const taken = from(tensors, names!);
    expect(
      Object.keys(taken)
        .filter((key) => !key.startsWith("states/"))
        .sort(),
    ).toEqual(Object.keys(net.parameters).sort());
    load(net, taken);
    const found = () => [...predict(net, { inputs: { x: x } })["y"]!];
    const close = (): void => found().forEach((value, i) => expect(value).toBeCloseTo(y[i]!, decimals));
    expect(found().length).toBe(y.length);
    close();
    // The control: parameters that the network began with give other numbers.
    net.reset();
    expect(close).toThrow();
  });
});
