// Options are checked by value, where they are declared: what a type check would refuse, plain JavaScript is told at run time.

import { describe, expect, test } from "vitest";
import { compile, createInterpreter, interpret } from "tapeless/compiler";
import * as t from "tapeless";
import { evaluate, fit, predict } from "tapeless/train";

const x = t.input("x", ["batch", 3]) as t.Tensor;
const line = t.input("line", ["batch", 6, 4]) as t.Tensor;
const ids = t.input("ids", ["batch"], { dtype: "int32", below: 3 }) as t.Tensor;
const any = (value: unknown): never => value as never;

const { adam, adamw, amsgrad, adamax, adadelta, adagrad, rmsprop } = t;
const OPTIMIZERS = { adam, adamw, amsgrad, adamax, adadelta, adagrad, rmsprop };

const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    "trainable",
    () => t.dense(x, 3, { trainable: any("no") }),
    /dense: trainable must be true or false, but it is "no"/,
  ],
  ["bias", () => t.dense(x, 3, { bias: any("no") }), /dense: bias must be true or false, but it is "no"/],
  ["name", () => t.dense(x, 3, { name: any(7) }), /dense: name must be a text, but it is 7/],
  ["reverse", () => t.lstm(line, 3, { reverse: any("yes") }), /lstm: reverse must be true or false, but it is "yes"/],
  [
    "returnSequences",
    () => t.lstm(line, 3, { returnSequences: any("true") }),
    /lstm: returnSequences must be true or false, but it is "true"/,
  ],
  ["returnState", () => t.gru(line, 3, { returnState: any(1) }), /gru: returnState must be true or false, but it is 1/],
  ["descending", () => t.sort(x, { descending: any("no") }), /sort: descending must be true or false, but it is "no"/],
  ["exclusive", () => t.cumsum(x, { exclusive: any("no") }), /cumsum: exclusive must be true or false, but it is "no"/],
  ["keepAxes", () => t.sum(x, { keepAxes: any(1) }), /sum: keepAxes must be true or false, but it is 1/],
  ["nesterov", () => t.sgd({ rate: 0.1, nesterov: any("yes") }), /sgd: nesterov must be true or false/],
  [
    "an option of a direction",
    () => t.bidirectional(t.gru, line, 2, { forward: { bias: any(0) } }),
    /bidirectional: bias of forward must be true or false, but it is 0/,
  ],
  [
    "an option of a group",
    () => t.adam({ groups: [{ parameters: [], amsgrad: any("no") }] }),
    /adam: amsgrad of group 1 must be true or false, but it is "no"/,
  ],
  ["target", () => compile(net(), { target: any("wgsl") }), /compile: target must be "typescript" or "wasm"/],
  ["wasmFile", () => compile(net(), { wasmFile: any(true) }), /compile: wasmFile must be a text, but it is true/],
  ["trace", () => compile(net(), { trace: any("log") }), /compile: trace must be a function, but it is "log"/],
  ["the interpreter's seed", () => createInterpreter(net(), { seed: 1.5 }), /createInterpreter: seed must be a 32-bit/],
  ["its options", () => createInterpreter(net(), any({ sed: 1 })), /createInterpreter has no option "sed"/],
  ["values", () => interpret(net(), { inputs: any(5) }), /interpret: inputs must be an object/],
  ...[2.5, NaN, "3", 0, -1, undefined].map(
    (size) =>
      [
        `the size of scatterAdd, ${String(size)}`,
        () => t.scatterAdd(x, ids, any(size)),
        /scatterAdd: size must be a positive integer, but it is/,
      ] as const,
  ),
  ...Object.entries(OPTIMIZERS).flatMap(([name, make]) =>
    [0, -1e-8, 1e-40].map(
      (epsilon) =>
        [
          `${name} with epsilon ${epsilon}`,
          () => make({ epsilon }),
          new RegExp(`${name}: epsilon must be a finite number of at least 1e-30`),
        ] as const,
    ),
  ),
];

function net() {
  const w = t.parameter([3], 0.5, { name: "w" });
  const loss = t.mean(t.mul(x, w as never));
  return t.network("n", { batch: 2, outputs: { y: t.mul(x, w as never) }, loss, optimizer: t.sgd({ rate: 0.1 }) });
}

describe("refused, with the option, what it must be and what it is", () => {
  test.each(refused)("%s", (_, make, message) => {
    expect(make).toThrow(t.TapelessError);
    expect(make).toThrow(message);
  });

  test("an option that is undefined is as if it were absent", () => {
    expect(() => t.dense(x, 3, any({ trainable: undefined, name: undefined }))).not.toThrow();
  });

  test("the least epsilon makes no NaN of a gradient that is 0", () => {
    for (const make of [t.adam, t.adamax, t.rmsprop, t.adagrad, t.adadelta]) {
      const w = t.parameter([2], 1, { name: "w" });
      const loss = t.sum(t.mul(w, t.constant([0, 1e-25]) as never));
      const model = compile(t.network("n", { batch: 1, loss, optimizer: make({ epsilon: 1e-30 }) })).create();
      for (let n = 0; n < 3; n++) model.step(1);
      expect([...model.parameters["w"]!].every(Number.isFinite)).toBe(true);
    }
  });
});

describe("numbers that float32 has not", () => {
  const scaled = (factor: t.Tensor) => {
    const w = t.parameter([], 1, { name: "w" });
    const loss = t.mul(w, factor as never) as t.Tensor<[]>;
    return t.network("n", { batch: 1, loss, optimizer: t.sgd({ rate: 0.1 }) });
  };
  const cases = [
    ["a constant", () => scaled(t.constant(1e39)), /a number of constant is 1e\+39, which float32 has no number for/],
    ["one of several", () => scaled(t.sum(t.constant([1, -1e300]))), /a number of constant is -1e\+300/],
    ["a hyper-parameter", () => scaled(t.hyper("scale", 1e39)), /the hyper-parameter scale is 1e\+39/],
  ] as const;
  test.each(cases)("%s", (_, make, message) => {
    expect(() => compile(make())).toThrow(message);
    expect(() => compile(make(), { target: "wasm" })).toThrow(/NOT_IN_FLOAT32/);
    expect(() => compile(make(), { dtype: "float64" })).not.toThrow();
  });

  test("infinities are meant, and the largest number is one", () => {
    expect(() => compile(scaled(t.sum(t.constant([-Infinity, Infinity]))))).not.toThrow();
    expect(() => compile(scaled(t.constant(3.4028234663852886e38)))).not.toThrow();
  });
});

describe("training", () => {
  const model = compile(net()).create();
  const data = { inputs: { x: [1, 2, 3] }, targets: {} };
  const calls: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["a callback alone", () => fit(model, data, any({ callbacks: () => {} })), /callbacks must be a list of functions/],
    ["a callback that is none", () => fit(model, data, any({ callbacks: [{ onEpochEnd() {} }] })), /list of functions/],
    ["shuffle", () => fit(model, data, any({ shuffle: "no" })), /shuffle must be true or false, but it is "no"/],
    ["terminateOnNaN", () => fit(model, data, any({ terminateOnNaN: 1 })), /terminateOnNaN must be true or false/],
    ["trainingMetrics", () => fit(model, data, any({ trainingMetrics: [] })), /trainingMetrics must be true or false/],
    ["signal", () => fit(model, data, any({ signal: "stop" })), /signal must be an AbortSignal, but it is "stop"/],
    ["step", () => fit(model, data, any({ step: 1 })), /step must be a name or a list of names, but it is 1/],
    ["earlyStopping", () => fit(model, data, any({ earlyStopping: true })), /earlyStopping must be an object/],
    [
      "a part of earlyStopping",
      () => fit(model, data, any({ validationData: data, earlyStopping: { restoreBestWeights: "yes" } })),
      /earlyStopping.restoreBestWeights must be true or false/,
    ],
    ["options", () => fit(model, data, any(5)), /options must be an object, but it is 5/],
    ["rejectNaN", () => evaluate(model, data, any({ rejectNaN: "no" })), /rejectNaN must be true or false/],
    ["outputs", () => predict(model, data, any({ outputs: "y" })), /outputs must be a list, but it is "y"/],
  ];
  test.each(calls)("%s", (_, call, message) => {
    const before = [...model.parameters["w"]!];
    expect(call).toThrow(message);
    expect([...model.parameters["w"]!]).toEqual(before);
  });

  test("sound ones are accepted", () => {
    const seen: string[] = [];
    const options = { callbacks: [(event: { type: string }) => void seen.push(event.type)], shuffle: false };
    expect(() => fit(model, data, { ...options, signal: new AbortController().signal, step: "step" })).not.toThrow();
    expect(seen.length).toBeGreaterThan(0);
  });
});
