// Every public function that takes options refuses what it does not know, by name and with a hint. Definitions run without
// a type check: a misspelt option that is ignored makes another network.

import { describe, expect, test } from "vitest";
import * as t from "tapeless";

type Call = (options: never) => unknown;

const m = t.input("m", [2, 3]) as t.Tensor;
const x = t.input("x", ["batch", 3]) as t.Tensor;
const y = t.target("y", ["batch", 3]) as t.Tensor;
const line = t.input("line", ["batch", 6, 4]) as t.Tensor;
const image = t.input("image", ["batch", 6, 6, 4]) as t.Tensor;
const volume = t.input("volume", ["batch", 4, 4, 4, 2]) as t.Tensor;
const ids = t.input("ids", ["batch"], { dtype: "int32", below: 3 }) as t.Tensor;
const among = t.input("among", [2, 3], { dtype: "int32", below: 2 }) as t.Tensor;
const digit = t.labels("digit", ["batch"], 3) as t.Tensor;
const rows = t.input("rows", ["batch"]) as t.Tensor;
const weight = t.parameter([3, 3], 0.5) as t.Tensor;
const loss = t.mean(t.square(weight));
const steps = { initial: [rows], sequences: [m] };
const keep = ([h]: readonly t.Tensor[]) => ({ carries: [h!], outputs: [] });
const square = (a: t.Tensor): t.Tensor => t.square(a);

const calls: Readonly<Record<string, Call>> = {
  input: (o) => t.input("a", [2], o),
  target: (o) => t.target("a", [2], o),
  labels: (o) => t.labels("a", ["batch"], 3, o),
  parameter: (o) => t.parameter([2], 0, o),
  constant: (o) => t.constant(0, [2], o),
  state: (o) => t.state("a", [2], 0, o),
  carry: (o) => t.carry("a", [2], o),
  formula: (o) => t.formula("twice", "2 * a", o),
  customGradient: (o) => t.customGradient(square, (g) => [g], o),
  leakyRelu: (o) => t.leakyRelu(x, o),
  elu: (o) => t.elu(x, o),
  gelu: (o) => t.gelu(x, o),
  sum: (o) => t.sum(x, o),
  prod: (o) => t.prod(x, o),
  mean: (o) => t.mean(x, o),
  logSumExp: (o) => t.logSumExp(x, o),
  max: (o) => t.max(x, o),
  min: (o) => t.min(x, o),
  variance: (o) => t.variance(x, o),
  norm: (o) => t.norm(x, o),
  argMax: (o) => t.argMax(x, o),
  argMin: (o) => t.argMin(x, o),
  softmax: (o) => t.softmax(x, o),
  logSoftmax: (o) => t.logSoftmax(x, o),
  standardize: (o) => t.standardize(x, o),
  convolve: (o) => t.convolve(line, t.parameter([3, 4, 2], 0), o),
  convolveTranspose: (o) => t.convolveTranspose(line, t.parameter([3, 2, 4], 0), o),
  maxPool: (o) => t.maxPool(image, 2, o),
  maxPoolWithIndices: (o) => t.maxPoolWithIndices(image, 2, o),
  maxUnpool: (o) => t.maxUnpool(image, t.cast(image, "int32") as t.Tensor, 12, o),
  avgPool: (o) => t.avgPool(image, 2, o),
  globalMaxPool: (o) => t.globalMaxPool(image, o),
  globalAvgPool: (o) => t.globalAvgPool(image, o),
  upsample: (o) => t.upsample(image, 2, o),
  pad: (o) => t.pad(m, [[1, 1], [0, 0]], o), // prettier-ignore
  roll: (o) => t.roll(m, 1, o),
  concat: (o) => t.concat([m, m], o),
  stack: (o) => t.stack([m, m], o),
  split: (o) => t.split(m, 2, o),
  take: (o) => t.take(weight, ids, o),
  takeAlong: (o) => t.takeAlong(m, among, o),
  segmentSum: (o) => t.segmentSum(x, ids, 3, o),
  segmentMean: (o) => t.segmentMean(x, ids, 3, o),
  segmentMax: (o) => t.segmentMax(x, ids, 3, o),
  segmentMin: (o) => t.segmentMin(x, ids, 3, o),
  segmentSoftmax: (o) => t.segmentSoftmax(x, ids, 3, o),
  addAt: (o) => t.addAt(weight, ids, x, o),
  setAt: (o) => t.setAt(weight, ids, x, o),
  argSort: (o) => t.argSort(m, o),
  sort: (o) => t.sort(m, o),
  topK: (o) => t.topK(m, 2, o),
  cumsum: (o) => t.cumsum(m, o),
  randomUniform: (o) => t.randomUniform([2], o),
  randomNormal: (o) => t.randomNormal([2], o),
  bernoulli: (o) => t.bernoulli([2], 0.5, o),
  dropout: (o) => t.dropout(x, 0.5, o),
  lstmCell: (o) => t.lstmCell(x, [x, x], o),
  gruCell: (o) => t.gruCell(x, x, o),
  rnnCell: (o) => t.rnnCell(x, x, o),
  layer: (o) => t.layer((a) => t.dense(a, 2), o),
  gaussianNoise: (o) => t.gaussianNoise(x, 0.5, o),
  scan: (o) => t.scan(keep, o),

  dense: (o) => t.dense(x, 4, o),
  conv1d: (o) => t.conv1d(line, 2, o),
  conv2d: (o) => t.conv2d(image, 2, o),
  conv3d: (o) => t.conv3d(volume, 2, o),
  convTranspose2d: (o) => t.convTranspose2d(image, 2, o),
  rnn: (o) => t.rnn(line, 2, o),
  gru: (o) => t.gru(line, 2, o),
  lstm: (o) => t.lstm(line, 2, o),
  bidirectional: (o) => t.bidirectional(t.lstm, line, 2, o),
  scaledDotProductAttention: (o) => t.scaledDotProductAttention(line, line, line, o),
  attentionCache: (o) => t.attentionCache("a", 6, 4, o),
  multiHeadAttention: (o) => t.multiHeadAttention(line, 2, o),
  transformerEncoder: (o) => t.transformerEncoder(line, 2, o),
  transformerDecoder: (o) => t.transformerDecoder(line, line, 2, o),
  learnedEncoding: (o) => t.learnedEncoding(6, 4, o),
  embedding: (o) => t.embedding(ids, 3, 2, o),
  batchNorm: (o) => t.batchNorm(x, o),
  groupNorm: (o) => t.groupNorm(image, 2, o),
  instanceNorm: (o) => t.instanceNorm(image, o),
  layerNorm: (o) => t.layerNorm(x, o),
  rmsNorm: (o) => t.rmsNorm(x, o),

  meanSquaredError: (o) => t.meanSquaredError(x, y, o),
  meanAbsoluteError: (o) => t.meanAbsoluteError(x, y, o),
  huber: (o) => t.huber(x, y, o),
  binaryCrossEntropy: (o) => t.binaryCrossEntropy(x, y, o),
  negativeSampling: (o) => t.negativeSampling(rows, x, o),
  crossEntropy: (o) => t.crossEntropy(x, digit, o),
  negativeLogLikelihood: (o) => t.negativeLogLikelihood(x, digit, o),
  sequenceCrossEntropy: (o) => t.sequenceCrossEntropy(x, digit, o),
  focalLoss: (o) => t.focalLoss(x, digit, o),
  klDivergence: (o) => t.klDivergence(x, y, o),
  hinge: (o) => t.hinge(x, digit, o),
  tripletLoss: (o) => t.tripletLoss(x, y, x, o),
  cosineSimilarity: (o) => t.cosineSimilarity(x, y, o),
  cosineSimilarityLoss: (o) => t.cosineSimilarityLoss(x, y, o),
  elasticNet: (o) => t.elasticNet(o, weight),

  accuracy: (o) => t.accuracy(x, digit, o),
  topKAccuracy: (o) => t.topKAccuracy(x, digit, o),
  precision: (o) => t.precision(x, digit, o),
  recall: (o) => t.recall(x, digit, o),
  f1: (o) => t.f1(x, digit, o),
  confusionMatrix: (o) => t.confusionMatrix(x, digit, o),
  auc: (o) => t.auc(x, y, o),
  rSquared: (o) => t.rSquared(x, y, o),
  rootMeanSquaredError: (o) => t.rootMeanSquaredError(x, y, o),
  perplexity: (o) => t.perplexity(x, digit, o),
  average: (o) => t.average(x, o),
  metric: (o) => t.metric(o),

  network: (o) => t.network("n", o),
  adadelta: (o) => t.adadelta(o),
  adagrad: (o) => t.adagrad(o),
  adam: (o) => t.adam(o),
  adamax: (o) => t.adamax(o),
  adamw: (o) => t.adamw(o),
  amsgrad: (o) => t.amsgrad(o),
  lion: (o) => t.lion(o),
  momentum: (o) => t.momentum(o),
  nesterov: (o) => t.nesterov(o),
  rmsprop: (o) => t.rmsprop(o),
  sgd: (o) => t.sgd(o),
  accumulate: (o) => t.accumulate(t.adam(), o),
  movingAverage: (o) => t.movingAverage(t.adam(), o),
  maxNorm: (o) => t.maxNorm(1, o),
  cosineDecay: (o) => t.cosineDecay(o),
  exponentialDecay: (o) => t.exponentialDecay(o),
  linearDecay: (o) => t.linearDecay(o),
  oneCycle: (o) => t.oneCycle(o),
  stepDecay: (o) => t.stepDecay(o),
  warmUp: (o) => t.warmUp(o),
};

/** What cannot be left out. */
const needed: Readonly<Record<string, object>> = {
  scan: steps,
  conv1d: { kernel: 3 },
  conv2d: { kernel: 3 },
  conv3d: { kernel: 3 },
  convTranspose2d: { kernel: 3 },
  elasticNet: { l1: 1, l2: 1 },
  metric: { statistics: { sum: t.sum(x) }, result: "sum" },
  network: { batch: 2, loss, optimizer: t.adam() },
  momentum: { rate: 0.1 },
  nesterov: { rate: 0.1 },
  sgd: { rate: 0.1 },
  accumulate: { every: 2 },
  cosineDecay: { steps: 10 },
  exponentialDecay: { factor: 0.9 },
  linearDecay: { steps: 10 },
  oneCycle: { steps: 10 },
  stepDecay: { every: 2 },
  warmUp: { steps: 10 },
};

/** Exported functions that take no options. */
const without = (
  "TapelessError TapelessErrors abs add broadcast cast causalMask ceil clip clipByGlobalNorm clipByNorm clipByValue constantRate " +
  "cos div einsum equal erf exp expandDims expm1 filled flatten flip floor glorotNormal glorotUniform gradient greater " +
  "greaterEqual hardSigmoid heNormal heUniform hyper l1 l2 less lessEqual log log1p logSigmoid logicalAnd logicalNot logicalOr " +
  "matmul maximum minimum mish mul neg normal notEqual oneHot orthogonal pick pow range reciprocal relu reshape round rsqrt " +
  "scatterAdd selu sigmoid sigmoidCrossEntropy sign silu sin sinusoidalEncoding size slice softmaxCrossEntropy softplus " +
  "softsign sqrt square squeeze stopGradient straightThrough sub tanh tile transpose uniform updating where zeros"
).split(" ");

const UNLIKE = "QQQQQQQQQQQQ";

/** One value of each kind. */
const KINDS: readonly unknown[] = ["no", 7.5, true, { a: 1 }, [{}], () => 0];

function refusal(call: () => unknown): t.TapelessError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(t.TapelessError);
    return error as t.TapelessError;
  }
  throw new Error("nothing was refused");
}

/** The refusal of one more name beside sound options. */
const refusalOf = (name: string, stray: string): t.TapelessError =>
  refusal(() => calls[name]!({ ...needed[name], [stray]: undefined } as never));

describe.each(Object.keys(calls))("%s", (name) => {
  test("an unknown option is refused where it is written, with those that are known", () => {
    const refused = refusalOf(name, UNLIKE);
    expect(refused.code).toBe("BAD_ARGUMENT");
    expect(refused.sentence).toMatch(new RegExp(`^${name}(?: has no option|: there is no) "${UNLIKE}"`));
    expect(refused.hint).toMatch(/^known: \w+/);
    expect(refused.at?.file).toMatch(/unknown-options\.test\.ts$/);
  });

  test("each option misspelt is told from the others", () => {
    const known = refusalOf(name, UNLIKE).hint!.slice("known: ".length).split(", ");
    expect(known).toEqual(expect.arrayContaining(Object.keys(needed[name] ?? {})));
    for (const option of known) expect(refusalOf(name, `${option}q`).hint).toBe(`did you mean ${option}?`);
  });

  test("each option refuses what it cannot be, by name, with what it must be and what it is", () => {
    const known = refusalOf(name, UNLIKE).hint!.slice("known: ".length).split(", ");
    for (const option of known) {
      const refusedWith = (value: unknown): t.TapelessError | undefined => {
        try {
          calls[name]!({ ...needed[name], [option]: value } as never);
          return undefined;
        } catch (error) {
          expect(error, `${option}: ${String(value)}`).toBeInstanceOf(t.TapelessError);
          return error as t.TapelessError;
        }
      };
      for (const never of [null, NaN, Symbol("s")]) {
        const { code, sentence } = refusedWith(never) ?? { code: "none", sentence: option };
        expect(code, `${option}: ${String(never)}`).toBe("BAD_ARGUMENT");
        expect(sentence).toMatch(new RegExp(`^${name}: (?:\\w+ )*${option}\\b.* must be .*, but it is `, "s"));
      }
      // Some are lists or functions, some texts, none is all.
      expect(KINDS.filter(refusedWith).length, option).toBeGreaterThanOrEqual(3);
    }
  });

  test("options are an object", () => {
    for (const options of [null, "axes", [1], square, new Map()]) {
      const refused = refusal(() => calls[name]!(options as never));
      expect(refused.code).toBe("BAD_ARGUMENT");
      expect(refused.message).toMatch(new RegExp(`^BAD_ARGUMENT: ${name}: \\w+ must be an object`));
    }
  });

  test("without it nothing is refused", () => {
    expect(() => calls[name]!((needed[name] ?? {}) as never)).not.toThrow();
  });
});

describe("parts of options", () => {
  const step = { loss, optimizer: t.adam() };
  const stepped = (stray: object) => ({ batch: 2, steps: { one: { ...step, ...stray } } }) as never;
  const cases: readonly (readonly [what: string, call: () => unknown, sentence: string, hint: string])[] = [
    [
      "a step",
      () => t.network("n", stepped({ paramters: [weight] })),
      'network: there is no "paramters" in the step one',
      "parameters",
    ],
    [
      "a direction",
      () => t.bidirectional(t.gru, line, 2, { forward: { initalState: rows } as never }),
      'bidirectional: there is no "initalState" in forward',
      "initialState",
    ],
    [
      "a group",
      () => t.adam({ groups: [{ parameters: [weight], rat: 1 } as never] }),
      'adam: there is no "rat" in group 1',
      "rate",
    ],
  ];

  test.each<[string, () => unknown, RegExp]>([
    [
      "dense",
      () => t.dense(x, 3, { parameters: { wieght: weight } as never }),
      /by the part that they play: weight, bias, but/,
    ],
    [
      "dense, a number",
      () => t.dense(x, 3, { parameters: { bias: 1 } as never }),
      /dense: parameters must be an object of/,
    ],
    ["conv2d", () => t.conv2d(image, 2, { kernel: 2, parameters: { kernel: weight } as never }), /weight, bias, but/],
    ["embedding", () => t.embedding(ids, 3, 3, { parameters: { table: weight } as never }), /they play: weight, but/],
    ["rmsNorm", () => t.rmsNorm(x, { parameters: { bias: rows } as never }), /they play: weight, but/],
    [
      "batchNorm",
      () => t.batchNorm(x, { parameters: { mean: rows } as never }),
      /bias, runningMean, runningVariance, but/,
    ],
    [
      "lstm",
      () => t.lstm(line, 2, { parameters: { recurrentBias: rows } as never }),
      /weight, recurrent, bias, peephole, but/,
    ],
    [
      "gruCell",
      () => t.gruCell(x, x, { parameters: { peephole: rows } as never }),
      /recurrent, bias, recurrentBias, but/,
    ],
    ["rnn", () => t.rnn(line, 2, { parameters: [weight] as never }), /weight, recurrent, bias, but/],
  ])("parameters of %s", (_, call, sentence) => {
    expect(refusal(call).sentence).toMatch(sentence);
  });

  test("control: tensors by the part that they play", () => {
    expect(() => t.dense(x, 3, { parameters: { weight } })).not.toThrow();
  });

  test.each(cases)("%s", (_, call, sentence, hint) => {
    expect(refusal(call)).toMatchObject({ code: "BAD_ARGUMENT", sentence, hint: `did you mean ${hint}?` });
  });

  test("sound ones are accepted", () => {
    expect(() => t.network("n", stepped({ parameters: [weight] }))).not.toThrow();
    expect(() => t.bidirectional(t.gru, line, 2, { forward: { resetAfter: false }, name: "both" })).not.toThrow();
  });

  test("a layer of one's own is given what bidirectional does not know, and refuses it itself", () => {
    const layer = (a: t.Tensor, units: number, options: object): t.Tensor => t.rnn(a, units, options);
    expect(() => t.bidirectional(layer, line, 2, { merge: "sum" })).not.toThrow();
    const refused = refusal(() => t.bidirectional(layer, line, 2, { returnSequence: true } as never));
    expect(refused.message).toMatch(/rnn has no option "returnSequence"\n {2}hint: did you mean returnSequences\?/);
  });
});

test("axes and axis are told apart", () => {
  expect(refusal(() => t.mean(x, { axis: 1 } as never)).hint).toBe("did you mean axes?");
  expect(refusal(() => t.softmax(x, { axes: 1 } as never)).hint).toBe("did you mean axis?");
  expect(refusal(() => t.flip(x, { axes: 1 } as never)).sentence).toMatch(/^flip: axes must be an integer or a list/);
});

test("max and min take a number, a tensor or options", () => {
  for (const call of [t.max, t.min]) {
    expect(call(x, 0)).toMatchObject({ dtype: "float32" });
    expect(call(x, y)).toMatchObject({ dtype: "float32" });
  }
  expect(refusal(() => t.softmax(x, m as never)).sentence).toBe(
    'softmax: options must be an object of settings, but it is "float32 [2, 3]"',
  );
});

describe("the table", () => {
  const names = Object.entries(t).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
  const missing = (table: readonly string[]): string[] => names.filter((name) => !table.includes(name));

  test("has every exported function, or says that it takes no options", () => {
    const table = [...Object.keys(calls), ...without];
    expect(missing(table)).toEqual([]);
    expect(table.filter((name, i) => !names.includes(name) || table.indexOf(name) !== i)).toEqual([]);
  });

  test("a function that it has not is found", () => {
    expect(missing([...Object.keys(calls), ...without].filter((name) => name !== "dense"))).toEqual(["dense"]);
  });

  test("no function that is said to take none reads options", () => {
    const text = (name: string): string => String((t as unknown as Record<string, object>)[name]);
    expect(without.filter((name) => !name.startsWith("Tapeless") && /\boptions\b/.test(text(name)))).toEqual([]);
    expect(text("dense")).toMatch(/\boptions\b/);
  });
});
