// What is said to those who write as in another framework: a hint names what the function has, and nothing else.

import { describe, expect, test } from "vitest";
import * as t from "tapeless";
import { argumentsOf, callOf } from "../../src/graph/calls.js";
import { FOREIGN, FOREIGN_WORDS, FUNCTIONS } from "../../src/ops/call/foreign-names.js";
import { optionHint } from "../../src/ops/call/hints.js";
import { calls, ids, image, line, needed, rows, x, y } from "./option-calls.js";

const any = (value: unknown): never => value as never;

function refused(call: () => unknown): t.TapelessError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(t.TapelessError);
    return error as t.TapelessError;
  }
  throw new Error("nothing was refused");
}

/** The options that a function has, as it says itself. */
const optionsOf = (name: string): string[] => {
  const { hint } = refused(() => calls[name]!(any({ ...needed[name], QQQQQQQQQQQQ: 1 })));
  return hint!.slice("known: ".length).split(", ");
};

const options = new Map(Object.keys(calls).map((name) => [name, optionsOf(name)]));

describe("names of other frameworks", () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ["lr", () => t.adam(any({ lr: 0.1 })), "it is called rate here"],
    ["learningRate", () => t.sgd(any({ learningRate: 0.1 })), "it is called rate here"],
    ["learning_rate", () => t.rmsprop(any({ learning_rate: 0.1 })), "it is called rate here"],
    ["lr of a group", () => t.adam({ groups: [any({ parameters: [], lr: 1 })] }), "it is called rate here"],
    ["betas", () => t.adamw(any({ betas: [0.9, 0.99] })), "they are called beta1 and beta2 here"],
    ["beta_1", () => t.adam(any({ beta_1: 0.9 })), "did you mean beta1?"],
    ["eps", () => t.layerNorm(x, any({ eps: 1e-3 })), "it is called epsilon here"],
    ["alpha", () => t.rmsprop(any({ alpha: 0.9 })), "it is called rho here"],
    ["weight_decay", () => t.adamw(any({ weight_decay: 0.1 })), "did you mean weightDecay?"],
    ["clipnorm", () => t.adam(any({ clipnorm: 1 })), "write clip: clipByNorm(1)"],
    ["keepdims", () => t.sum(x, any({ keepdims: true })), "it is called keepAxes here"],
    ["keepDims", () => t.mean(x, any({ keepDims: true })), "it is called keepAxes here"],
    ["keepdim", () => t.argMax(x, any({ keepdim: true })), "it is called keepAxes here"],
    ["dim", () => t.max(x, any({ dim: 1 })), "it is called axis here"],
    ["axes", () => t.norm(x, any({ axes: 1 })), "it is called axis here"],
    ["normalized_shape", () => t.layerNorm(x, any({ normalized_shape: 3 })), "it is called axis here"],
    ["units", () => t.dense(x, 3, any({ units: 3 })), "units stands by itself: dense(x, units)"],
    ["out_features", () => t.dense(x, 3, any({ out_features: 3 })), "units stands by itself: dense(x, units)"],
    [
      "filters",
      () => t.conv2d(image, 3, 3, any({ filters: 3 })),
      "filters stands by itself: conv2d(x, filters, kernel)",
    ],
    [
      "kernelSize",
      () => t.conv1d(line, 3, 3, any({ kernelSize: 3 })),
      "kernel stands by itself: conv1d(x, filters, kernel)",
    ],
    [
      "kernel_size",
      () => t.conv2d(image, 3, 3, any({ kernel_size: 3 })),
      "kernel stands by itself: conv2d(x, filters, kernel)",
    ],
    [
      "kernel_size of a pool",
      () => t.maxPool(image, 2, any({ kernel_size: 2 })),
      "window stands by itself: maxPool(x, window)",
    ],
    ["pool_size", () => t.avgPool(image, 2, any({ pool_size: 2 })), "window stands by itself: avgPool(x, window)"],
    ["strides", () => t.conv2d(image, 3, 3, any({ strides: 2 })), "it is called stride here"],
    ["data_format", () => t.maxPool(image, 2, any({ data_format: "channels_first" })), "it is called layout here"],
    ["useBias", () => t.dense(x, 3, any({ useBias: false })), "it is called bias here"],
    ["use_bias", () => t.lstm(line, 3, any({ use_bias: false })), "it is called bias here"],
    [
      "kernelInitializer",
      () => t.dense(x, 3, any({ kernelInitializer: t.heNormal })),
      "it is called weightInitializer here",
    ],
    [
      "numHeads",
      () => t.multiHeadAttention(line, 2, any({ numHeads: 2 })),
      "heads stands by itself: multiHeadAttention(x, heads)",
    ],
    ["key_dim", () => t.multiHeadAttention(line, 2, any({ key_dim: 2 })), "it is called keySize here"],
    [
      "is_causal",
      () => t.scaledDotProductAttention(line, line, line, any({ is_causal: true })),
      "it is called causal here",
    ],
    ["norm_first", () => t.transformerEncoder(line, 2, any({ norm_first: true })), 'write norm: "pre"'],
    ["p", () => t.dropout(x, 0.5, any({ p: 0.5 })), "probability stands by itself: dropout(x, probability)"],
    ["activation of a norm", () => t.batchNorm(x, any({ activation: t.relu })), "call it around: relu(batchNorm(x))"],
    [
      "activation of a pool",
      () => t.maxPool(image, 2, any({ activation: t.relu })),
      "call it around: relu(maxPool(x, window))",
    ],
    ["dropout of a layer", () => t.dense(x, 3, any({ dropout: 0.5 })), "call it around: dropout(dense(x, units), 0.5)"],
    ["gamma of a norm", () => t.layerNorm(x, any({ gamma: 1 })), "write parameters: { weight: … }"],
    ["go_backwards", () => t.gru(line, 2, any({ go_backwards: true })), "it is called reverse here"],
    ["return_sequences", () => t.lstm(line, 2, any({ return_sequences: true })), "did you mean returnSequences?"],
    ["from_logits", () => t.binaryCrossEntropy(x, y, any({ from_logits: true })), 'write from: "logits"'],
    ["fromLogits", () => t.auc(x, y, any({ fromLogits: true })), 'write from: "logits"'],
    ["sample_weight", () => t.meanSquaredError(x, y, any({ sample_weight: rows })), "it is called weights here"],
    ["unbiased", () => t.variance(x, any({ unbiased: true })), "write correction: 1"],
    ["decay_steps", () => t.cosineDecay(9, any({ decay_steps: 9 })), "steps stands by itself: cosineDecay(steps)"],
    [
      "gamma of a schedule",
      () => t.exponentialDecay(0.9, any({ gamma: 0.9 })),
      "factor stands by itself: exponentialDecay(factor)",
    ],
    ["batchSize", () => t.network("n", any({ batchSize: 3 })), "it is called batch here"],
  ];
  test.each(cases)("%s", (_, call, hint) => {
    const error = refused(call);
    expect(error.hint ?? error.message).toContain(hint);
  });

  test("control: nothing is called around what is no layer", () => {
    expect(refused(() => t.adam(any({ activation: 1 }))).hint).not.toMatch(/around/);
    expect(refused(() => t.crossEntropy(x, any(ids), any({ dropout: 1 }))).hint).not.toMatch(/around/);
  });

  test("control: a name that means nothing has the nearest name or all of them", () => {
    expect(refused(() => t.adam(any({ ratee: 1 }))).hint).toBe("did you mean rate?");
    expect(refused(() => t.adam(any({ constructor: 1 }))).hint).toMatch(/^known: |^did you mean/);
    expect(optionHint("adam", "__proto__", ["rate"])).toBeUndefined();
    expect(optionHint("adam", "toString", ["rate"])).toBeUndefined();
  });
});

describe("values of other frameworks", () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ["SAME", () => t.conv2d(image, 2, 3, { padding: any("SAME") }), 'did you mean "same"?'],
    ["VALID", () => t.maxPool(image, 2, { padding: any("VALID") }), 'did you mean "valid"?'],
    ["channels_first", () => t.maxPool(image, 2, { layout: any("channels_first") }), 'did you mean "channelsFirst"?'],
    ["NHWC", () => t.conv2d(image, 2, 3, { layout: any("NHWC") }), 'did you mean "channelsLast"?'],
    ["batchmean", () => t.klDivergence(x, y, { reduction: any("batchmean") }), 'did you mean "mean"?'],
    [
      "log_probabilities",
      () => t.klDivergence(x, y, { from: any("log_probabilities") }),
      'did you mean "logProbabilities"?',
    ],
    ["int64", () => t.input("a", [2], { dtype: any("int64") }), 'did you mean "int32"?'],
    ["symmetric", () => t.pad(x, [[0, 0], [1, 1]], { mode: any("symmetric") }), 'did you mean "reflect"?'], // prettier-ignore
    ["relu as a text", () => t.dense(x, 3, { activation: any("relu") }), "give the function: activation: relu"],
    [
      "hard_sigmoid",
      () => t.gru(line, 3, { activation: any("hard_sigmoid") }),
      "give the function: activation: hardSigmoid",
    ],
    [
      "a function that there is not",
      () => t.conv2d(image, 3, 3, { activation: any("swish") }),
      "give the function: activation: relu",
    ],
    [
      "he_normal",
      () => t.dense(x, 3, { weightInitializer: any("he_normal") }),
      "give the function: weightInitializer: heNormal",
    ],
    [
      "an initialiser that there is not",
      () => t.dense(x, 3, { weightInitializer: any("lecun_normal") }),
      "give the function: weightInitializer: heNormal",
    ],
  ];
  test.each(cases)("%s", (_, call, hint) => {
    expect(refused(call).hint).toBe(hint);
  });

  test("control: other values have no such hint", () => {
    expect(refused(() => t.conv2d(image, 2, 3, { padding: any("full") })).hint).toBeUndefined();
    expect(refused(() => t.dense(x, 3, { activation: any(3) })).hint).toBeUndefined();
    expect(refused(() => t.dense(x, 3, { name: any(3) })).hint).toBeUndefined();
  });
});

describe("something else where options are wanted", () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ["an activation by its name", () => t.dense(x, 32, any("relu")), "write { activation: relu }"],
    ["an activation", () => t.dense(x, 32, any(t.relu)), "write { activation: "],
    ["no bias", () => t.dense(x, 32, any(false)), "write { bias: false }"],
    ["a name", () => t.dense(x, 32, any("hidden")), 'write { name: "hidden" }'],
    ["a padding", () => t.conv2d(image, 8, 3, any("same")), 'write { padding: "same" }'],
    ["a PADDING", () => t.conv2d(image, 8, 3, any("SAME")), 'write { padding: "same" }'],
    ["a stride", () => t.maxPool(image, 2, any(2)), "write { stride: 2 }"],
    ["strides", () => t.maxPool(image, 2, any([2, 1])), "write { stride: [2, 1] }"],
    ["a rate", () => t.adam(any(0.01)), "write { rate: 0.01 }"],
    ["a rate of sgd", () => t.sgd(any(0.01)), "write { rate: 0.01 }"],
    ["an axis", () => t.sum(x, any(1)), "write { axis: 1 }"],
    ["axes", () => t.mean(x, any([0, 1])), "write { axis: [0, 1] }"],
    ["an axis of softmax", () => t.softmax(x, any(1)), "write { axis: 1 }"],
    ["an axis of concat", () => t.concat([x, x], any(1)), "write { axis: 1 }"],
    ["a reduction", () => t.meanSquaredError(x, y, any("sum")), 'write { reduction: "sum" }'],
    ["weights", () => t.meanSquaredError(x, y, any(rows)), "write { weights: … }"],
    ["a delta", () => t.huber(x, y, any(2)), "write { delta: 2 }"],
    ["a mask", () => t.scaledDotProductAttention(line, line, line, any(t.causalMask(6))), "write { mask: … }"],
    ["a decay", () => t.movingAverage(t.adam(), any(0.9)), "write { decay: 0.9 }"],
    ["a stream", () => t.dropout(x, 0.5, any("mask")), 'write { stream: "mask" }'],
  ];
  test.each(cases)("%s", (_, call, hint) => {
    const error = refused(call);
    expect(error.sentence).toMatch(/options must be an object of settings/);
    expect(error.hint).toContain(hint);
  });

  test("control: what fits no option gets the list of them", () => {
    expect(refused(() => t.dense(x, 32, any(null))).hint).toMatch(/^known: activation, /);
    expect(refused(() => t.standardize(x, any(t.relu))).hint).toBe("known: axis, epsilon");
  });
});

describe("an object where an argument stands by itself", () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ["conv2d", () => t.conv2d(image, 8, any({ kernel: 3 })), "conv2d(x, filters, kernel)"],
    [
      "conv2d, all of it",
      () => t.conv2d(image, ...(any([{ filters: 8, kernelSize: 3 }]) as [8, 3])),
      "conv2d(x, filters, kernel)",
    ],
    ["maxPool", () => t.maxPool(image, any({ size: 2 })), "maxPool(x, window)"],
    ["dense", () => t.dense(x, any({ units: 2 })), "dense(x, units)"],
    ["embedding", () => t.embedding(ids, any({ vocabulary: 3, size: 2 }), 2), "embedding(ids, vocabulary, size)"],
    ["dropout", () => t.dropout(x, any({ p: 0.5 })), "dropout(x, probability)"],
    ["squeeze", () => t.squeeze(x, any({ axis: 1 })), "squeeze(x, axis)"],
    ["leakyRelu", () => t.leakyRelu(x, any({ alpha: 0.1 })), "leakyRelu(x, slope)"],
    ["elu", () => t.elu(x, any({ alpha: 0.1 })), "elu(x, alpha)"],
    ["clip", () => t.clip(x, any({ low: 0, high: 1 }), any(undefined)), "clip(x, low, high)"],
    ["flatten", () => t.flatten(x, any({ from: 1 })), "flatten(x, axis)"],
    ["cosineDecay", () => t.cosineDecay(any({ steps: 9 })), "cosineDecay(steps)"],
    ["stepDecay", () => t.stepDecay(any({ every: 9 })), "stepDecay(steps)"],
    ["accumulate", () => t.accumulate(t.adam(), any({ every: 2 })), "accumulate(optimizer, calls)"],
    [
      "scan",
      () =>
        t.scan(
          any(() => 0),
          any({ initial: [], sequences: [] }),
          any(undefined),
        ),
      "scan(step, initial, sequences)",
    ],
    ["elasticNet", () => t.elasticNet(any({ l1: 1, l2: 1 }), any(x)), "elasticNet(l1, l2, ...parameters)"],
    ["roll", () => t.roll(x, any({ shift: 1 })), "roll(x, shift)"],
  ];
  test.each(cases)("%s", (_, call, written) => {
    expect(refused(call).hint).toBe(`arguments stand by themselves: ${written}`);
  });

  test("control: a wrong number has no such hint", () => {
    expect(refused(() => t.dense(x, any(1.5))).hint).toBeUndefined();
    expect(refused(() => t.softmax(x, { axis: 7 })).hint).toBeUndefined();
    expect(refused(() => t.dense(x, any(y))).hint).toBeUndefined();
  });
});

describe("the table", () => {
  const said = Object.keys(calls).flatMap((op) =>
    Object.keys(FOREIGN).flatMap((name) => {
      const known = options.get(op)!;
      const hint = known.includes(name) ? undefined : optionHint(op, name, known);
      return hint === undefined ? [] : [{ op, name, known, hint }];
    }),
  );

  /** What a hint names that its function has not. */
  const strange = ({ op, known, hint }: (typeof said)[number]): string[] => {
    const called = /^(?:it is|they are) called (.*) here$/.exec(hint)?.[1]?.split(" and ");
    const meant = /^did you mean (.*)\?$/.exec(hint)?.[1];
    const written = /^write (\w+):/.exec(hint)?.[1];
    const bare = /^(\w+) stands by itself: (.*)$/.exec(hint);
    const around = /^call it around: (\w+)\((.*?\))(?:, 0\.5)?\)$/.exec(hint);
    if (bare) return argumentsOf(op).includes(bare[1]!) && bare[2] === callOf(op) ? [] : [hint];
    if (around) return around[1]! in t && around[2] === callOf(op) ? [] : [hint];
    const named = called ?? [meant ?? written ?? hint];
    return named.filter((one) => !known.includes(one));
  };

  test("names only what the function has", () => {
    expect(said.length).toBeGreaterThan(300);
    expect(said.flatMap(strange)).toEqual([]);
  });

  test("controls: a hint that names what there is not is found", () => {
    const [one] = said;
    for (const hint of [
      "it is called speed here",
      "write speed: 1",
      "speed stands by itself: dense(x, speed)",
      "faster",
    ]) {
      expect(strange({ ...one!, hint })).not.toEqual([]);
    }
  });

  test("has no name without a use, and none that is an option itself wherever it is said", () => {
    const used = new Set(said.map(({ name }) => name));
    expect(Object.keys(FOREIGN).filter((name) => !used.has(name))).toEqual([]);
  });

  test("names words that some option takes, and functions that there are", () => {
    const words = [
      "channelsLast",
      "channelsFirst",
      "mean",
      "reflect",
      "edge",
      "wrap",
      "pytorch",
      "int32",
      "float32",
      "bool",
    ];
    expect(Object.values(FOREIGN_WORDS).filter((word) => !words.includes(word))).toEqual([]);
    expect(FUNCTIONS.filter((name) => typeof (t as Readonly<Record<string, unknown>>)[name] !== "function")).toEqual(
      [],
    );
  });
});
