// Layers: dense, norms, embeddings, attention, transformers.

import {
  isFixed,
  batched,
  call,
  float,
  indices,
  initial,
  rankOf,
  shaped,
  size,
  step,
  writtenShape,
  type Canvas,
  type Value,
} from "../canvas.js";
import { sameShape } from "../../../src/graph/shape.js";
import type { Arg, Step } from "../sketch.js";
import { outerValue, value, type Table } from "./kinds.js";

const activations = ["tanh", "relu", "sigmoid", "gelu", "silu", "softplus"];

export const activation = (c: Canvas, probability = 0.3): { readonly activation?: Arg } =>
  c.draw.chance(probability) ? { activation: { $fn: c.draw.pick(activations) } } : {};

export const bias = (c: Canvas): { readonly bias?: Arg } => (c.draw.chance(0.25) ? { bias: false } : {});

/** [..., features] */
const featured = (c: Canvas): Value =>
  float(
    c,
    (v) => rankOf(v) >= 1 && isFixed(v.node.shape.at(-1)!),
    () => ["batch", size(c)],
  );

const heads = (c: Canvas, features: number): number => (c.draw.chance(0.5) && features % 2 === 0 ? 2 : 1);

const norm = (name: string, options: (c: Canvas, x: Value) => { readonly [key: string]: Arg }) =>
  outerValue(1, (c) => {
    const x = batched(c, c.draw.between(2, 3));
    return call(c, name, x.ref, { epsilon: 0.25, ...options(c, x) });
  });

const affine = (c: Canvas): { readonly [key: string]: Arg } => ({
  ...(c.draw.chance(0.25) && { scale: false }),
  ...(c.draw.chance(0.25) && { center: false }),
});

/** Masks that leave something to see. */
function masks(c: Canvas, queries: number, keys: number): { readonly [key: string]: Arg } {
  if (c.draw.chance(0.4)) return {};
  if (c.draw.chance(0.5)) return { causal: true };
  return { mask: call(c, "causalMask", queries, keys).ref };
}

const steady = { norm: "post", epsilon: 0.25 };

/** A function of drawn layers, applied to two values, or to what it makes itself. */
function applied(c: Canvas): Value {
  const { draw } = c;
  const x = featured(c);
  const features = x.node.shape.at(-1)!.times;
  const isAgain = draw.chance(0.4);
  const units = isAgain ? features : draw.chance(0.4) ? 1 : size(c);
  const given = c.fresh();
  const body: Step[] = [];
  const add = (call: string, ...args: readonly Arg[]): void => {
    body.push({ id: c.fresh(), call, args: [{ $ref: body.at(-1)?.id ?? given }, ...args] });
  };
  if (draw.chance(0.5)) add("dense", size(c));
  if (draw.chance(0.5)) add(draw.pick(["tanh", "sin", "softplus"]));
  if (draw.chance(0.25)) add("layerNorm", { epsilon: 0.25 });
  if (draw.chance(0.2)) add("dropout", 0.5);
  // In the step of a loop no state may change.
  if (!c.isInner && rankOf(x) > 1 && draw.chance(0.4)) add("batchNorm", { epsilon: 0.25, momentum: 0.5 });
  add("dense", units);
  if (draw.chance(0.5)) add("tanh");
  const f = step(c, "layer", { $lambda: [given], body, result: { $ref: body.at(-1)!.id } });
  const first = call(c, f, x.ref);
  const other = float(
    c,
    (v) => v !== x && rankOf(v) === rankOf(x) && sameShape(v.node.shape.slice(-1), x.node.shape.slice(-1)),
    () => writtenShape(x.node.shape) ?? ["batch", features],
  );
  const second = call(c, f, isAgain && draw.chance(0.7) ? first.ref : other.ref);
  if (!sameShape(first.node.shape, second.node.shape)) return second;
  return call(c, draw.pick(["add", "sub", "mul"]), first.ref, second.ref);
}

export const layers: Table = {
  dense: value(7, (c) => {
    const x = featured(c);
    const units = c.draw.chance(0.4) ? 1 : size(c);
    const options = {
      ...activation(c),
      ...bias(c),
      ...(c.draw.chance(0.2) && { weightInitializer: initial(c, [x.node.shape.at(-1)!.times, units]) }),
    };
    const y = call(c, "dense", x.ref, units, ...(Object.keys(options).length > 0 ? [options] : []));
    if (!c.draw.chance(0.25)) return y;
    // Beside it another layer of as many units: a sum of two products in one kernel.
    const other = call(c, "dense", featured(c).ref, units);
    try {
      return call(c, c.draw.pick(["add", "mul", "sub"]), y.ref, other.ref);
    } catch (error) {
      if ((error as Error).name === "Rejected") return y;
      throw error;
    }
  }),
  layer: value(1.2, applied),
  batchNorm: norm("batchNorm", (c, x) => ({
    ...affine(c),
    ...(c.draw.chance(0.3) && { momentum: 0.5 }),
    ...(c.draw.chance(0.3) && rankOf(x) > 2 && { axis: 1 }),
    ...(c.draw.chance(0.15) && { trainable: false }),
  })),
  layerNorm: norm("layerNorm", (c, x) => ({
    ...affine(c),
    ...(rankOf(x) > 2 && c.draw.chance(0.4) && { axis: [1, 2] }),
  })),
  rmsNorm: norm("rmsNorm", (c) => (c.draw.chance(0.25) ? { scale: false } : {})),
  groupNorm: outerValue(1, (c) => {
    const x = batched(c, c.draw.between(2, 3));
    const channels = x.node.shape.at(-1)!.times;
    const divisors = Array.from({ length: channels }, (_, i) => i + 1).filter((n) => channels % n === 0);
    return call(c, "groupNorm", x.ref, c.draw.pick(divisors), { epsilon: 0.25, ...affine(c) });
  }),
  instanceNorm: outerValue(1, (c) => call(c, "instanceNorm", batched(c, 3).ref, { epsilon: 0.25, ...affine(c) })),
  embedding: outerValue(2, (c) => {
    const vocabulary = c.draw.between(1, 6);
    const shape = c.draw.chance(0.6) ? (["batch", size(c)] as const) : (["batch"] as const);
    const ids = indices(c, shape, vocabulary);
    return call(
      c,
      "embedding",
      ids.ref,
      vocabulary,
      size(c),
      ...(c.draw.chance(0.3) ? [{ paddingIndex: c.draw.pick([0, -1]) }] : []),
    );
  }),
  causalMask: value(0.5, (c) => {
    const mask = call(c, "causalMask", size(c), c.draw.chance(0.5) ? size(c) : 2);
    return call(c, "where", mask.ref, shaped(c, mask.node.shape).ref, c.draw.chance(0.5) ? 0 : 0.5);
  }),
  learnedEncoding: outerValue(0.5, (c) => {
    const x = batched(c, 3);
    return call(c, "add", x.ref, call(c, "learnedEncoding", x.node.shape[1]!.times, x.node.shape[2]!.times).ref);
  }),
  sinusoidalEncoding: value(0.5, (c) => {
    const x = batched(c, 3);
    return call(c, "add", x.ref, call(c, "sinusoidalEncoding", x.node.shape[1]!.times, x.node.shape[2]!.times).ref);
  }),
  scaledDotProductAttention: outerValue(0.7, (c) => {
    const q = batched(c, 3);
    const [, queries, features] = q.node.shape.map((d) => d.times) as [number, number, number];
    const k = c.draw.chance(0.5) ? q : shaped(c, [q.node.shape[0]!, { times: size(c), power: 0 }, q.node.shape[2]!]);
    const keys = k.node.shape[1]!.times;
    const v = c.draw.chance(0.5) ? k : shaped(c, [q.node.shape[0]!, k.node.shape[1]!, { times: size(c), power: 0 }]);
    void features;
    return call(c, "scaledDotProductAttention", q.ref, k.ref, v.ref, {
      ...masks(c, queries, keys),
      ...(c.draw.chance(0.2) && { softcap: 2 }),
    });
  }),
  multiHeadAttention: outerValue(0.5, (c) => {
    const x = batched(c, 3);
    const [, queries, features] = x.node.shape.map((d) => d.times) as [number, number, number];
    return call(c, "multiHeadAttention", x.ref, heads(c, features), {
      ...masks(c, queries, queries),
      ...bias(c),
      ...(c.draw.chance(0.2) && { units: size(c) }),
    });
  }),
  transformerEncoder: outerValue(0.3, (c) => {
    const x = batched(c, 3, ([length, features]) => length! * features! <= 40);
    const [, length, features] = x.node.shape.map((d) => d.times) as [number, number, number];
    return call(c, "transformerEncoder", x.ref, heads(c, features), {
      ...steady,
      ...masks(c, length, length),
      feedForward: c.draw.between(1, 4),
      ...(c.draw.chance(0.3) && { norm: "pre" }),
      ...activation(c),
    });
  }),
  transformerDecoder: outerValue(0.3, (c) => {
    const x = batched(c, 3, ([length, features]) => length! * features! <= 40);
    const features = x.node.shape[2]!.times;
    const memory = c.draw.chance(0.5) ? x : batched(c, 3, ([length, size]) => length! * size! <= 40);
    return call(c, "transformerDecoder", x.ref, memory.ref, heads(c, features), {
      ...steady,
      feedForward: c.draw.between(1, 4),
      ...(c.draw.chance(0.3) && { causal: false }),
    });
  }),
};
