// Every public function that takes options refuses what it does not know, by name and with a hint. Definitions run without
// a type check: a misspelt option that is ignored makes another network.

import { describe, expect, test } from "vitest";
import * as t from "tapeless";
import { calls, ids, image, line, loss, m, needed, rows, square, weight, x, y } from "./option-calls.js";

/** Exported functions that take no options. */
const without = (
  "TapelessError TapelessErrors abs accumulate add broadcast cast causalMask ceil clip clipByGlobalNorm " +
  "clipByNorm clipByValue constantRate cos div einsum elasticNet elu equal erf exp expandDims expm1 filled " +
  "flatten flip floor glorotNormal glorotUniform gradient greater greaterEqual hardSigmoid heNormal heUniform " +
  "hyper l1 l2 leakyRelu less lessEqual log log1p logicalAnd logicalNot logicalOr logSigmoid matmul maximum " +
  "minimum mish mul neg normal notEqual oneHot orthogonal pow range reciprocal relu reshape round rsqrt " +
  "selu sigmoid sigmoidCrossEntropy sign silu sin sinusoidalEncoding size slice softmaxCrossEntropy " +
  "softplus softsign sqrt square squeeze stopGradient straightThrough sub tanh tile transpose uniform updating " +
  "where zeros"
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
    expect(refused.at?.file).toMatch(/option-calls\.ts$/);
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
    ["conv2d", () => t.conv2d(image, 2, 2, { parameters: { kernel: weight } as never }), /weight, bias, but/],
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

test("one axis and several have one name", () => {
  expect(refusal(() => t.mean(x, { axes: 1 } as never)).hint).toBe("it is called axis here");
  expect(refusal(() => t.flip(x, { axis: 1 } as never)).sentence).toMatch(/^flip: axis must be an integer or a list/);
});

test("max and min take a number, a tensor or options", () => {
  for (const call of [t.max, t.min]) {
    expect(call(x, 0)).toMatchObject({ dtype: "float32" });
    expect(call(x, y)).toMatchObject({ dtype: "float32" });
  }
  expect(refusal(() => t.standardize(x, m as never)).sentence).toBe(
    'standardize: options must be an object of settings, but it is "float32 [2, 3]"',
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
