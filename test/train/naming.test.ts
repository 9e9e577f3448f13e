// Weights of a build that names otherwise are refused as such, whether their naming is recorded or not.

import { expect, test } from "vitest";
import * as t from "../../src/index.js";
import { compile } from "../../compiler/compile.js";
import { checkpointOf, load, restore, save, tensorsOf } from "../../src/train/index.js";
import { namingOf, STORING } from "../../src/train/naming.js";

const hidden = (units: number) => {
  const h1 = t.relu(t.dense(t.input("x", ["batch", 3]), units));
  const logits = t.dense(h1, 2);
  return t.network("n", { batch: 4, outputs: { logits } });
};

const net = hidden(4);

const bySource = () => compile(net).create({ seed: 1 });
const byNumber = (network = net) => compile(network, { constNames: "ordinals" }).create({ seed: 2 });

test("what a model says of its names", () => {
  expect(compile(net).naming).toBe("source");
  expect(bySource().spec.naming).toBe("source");
  expect(Object.keys(bySource().parameters)).toContain("h1.weight");
  expect(compile(net, { constNames: "ordinals" }).naming).toBe("ordinal");
  expect(byNumber().spec.naming).toBe("ordinal");
});

test("weights of another naming are refused, with what to do", () => {
  const [source, ordinal] = [bySource(), byNumber()];
  const before = save(source);
  expect(() => load(source, save(ordinal))).toThrow(
    /^OTHER_NAMING: these weights were saved by a build whose names are calls with numbers \(dense1\.weight\), and the names of this model are those of its source \(h1\.weight\)\n {2}hint: save the weights from a build that has the definition's file/,
  );
  expect(save(source)).toEqual(before);
  expect(() => load(ordinal, before)).toThrow(
    /^OTHER_NAMING: .*those of its source \(h1\.weight\), and the names of this model are calls with numbers \(dense1\.weight\)\n {2}hint: build the model/,
  );
});

test("tensors and checkpoints of another naming are refused too", () => {
  const [source, ordinal] = [bySource(), byNumber()];
  const before = save(source);
  expect(() => load(source, tensorsOf(ordinal))).toThrow(/^OTHER_NAMING: .*dense1/);
  expect(() => restore(source, checkpointOf(ordinal))).toThrow(
    /^OTHER_NAMING: .*calls with numbers \(dense1\.weight\), and the names of this model are those of its source \(h1\.weight\)/,
  );
  expect(() => restore(ordinal, checkpointOf(source))).toThrow(/^OTHER_NAMING: .*\n {2}hint: build the model/);
  expect(save(source)).toEqual(before);
  restore(source, checkpointOf(bySource()));
});

test("where a model does not say what its names are, they tell", () => {
  const silent = (model: ReturnType<typeof bySource>) => {
    const { naming: _, ...spec } = model.spec;
    return { ...model, spec };
  };
  expect(() => load(silent(bySource()), save(byNumber()))).toThrow(/^OTHER_NAMING/);
  expect(() => load(silent(byNumber()), save(bySource()))).toThrow(/^OTHER_NAMING/);
  load(silent(bySource()), save(bySource()));
});

test("control: other mistakes are what they were", () => {
  const source = bySource();
  const { "h1.weight": weight, ...rest } = save(source);
  expect(() => load(source, { ...rest, "h1.wieght": weight! })).toThrow(/^UNKNOWN_NAME.*"h1.wieght"[^]*MISSING_DATA/);
  const elsewhere = { "fc1.weight": [1], "fc2.weight": [1] };
  expect(() => load(byNumber(), elsewhere)).toThrow(/^UNKNOWN_NAME/);
  load(source, save(source));
});

test("a model is not made from parameters of another naming", () => {
  const make = compile(net).create;
  expect(() => make({ parameters: save(byNumber()) })).toThrow(
    /no parameter "dense1\.weight"; known: h1\.weight.*; the names of this model are those of its source$/,
  );
});

test("the functions that store parameters are known by name", () => {
  const x = t.input("x", ["batch", 4]) as t.Tensor;
  const line = t.input("line", ["batch", 6, 4]) as t.Tensor;
  const image = t.input("image", ["batch", 6, 6, 4]) as t.Tensor;
  const ids = t.input("ids", ["batch"], { dtype: "int32", below: 3 });
  const layers: readonly unknown[] = [
    t.dense(x, 2),
    t.batchNorm(x),
    t.layerNorm(x),
    t.rmsNorm(x),
    t.lstm(line as never, 3),
    t.gru(line as never, 3),
    t.rnn(line as never, 3),
    t.groupNorm(image as never, 2),
    t.multiHeadAttention(line as never, 2),
    t.embedding(ids as never, 3, 4),
    t.matmul(x as never, t.parameter([4, 2], 0) as never),
  ];
  const outputs = Object.fromEntries(layers.map((layer, i) => [`y${i}`, layer as t.Tensor]));
  const names = Object.keys(byNumber(t.network("all", { batch: 4, outputs })).parameters);
  expect(names.length).toBeGreaterThan(20);
  expect(namingOf(names)).toBe("ordinal");
  for (const name of names) expect(STORING).toContain(/^[a-z]+[A-Z]?[A-Za-z]*(?=\d)/.exec(name)![0]);
  expect(namingOf([...names, "conv1.weight"])).toBe("source");
  expect(namingOf(["layer1.dense2.weight", "conv1d1.weight", "parameter1"])).toBe("ordinal");
});
