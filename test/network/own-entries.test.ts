// Entries of a network's own: what they compute, what they carry from call to call, and what they leave alone.

import { describe, expect, test } from "vitest";
import {
  add,
  attentionCache,
  batchNorm,
  carry,
  cast,
  dense,
  dropout,
  gru,
  input,
  layer,
  lstm,
  mean,
  meanSquaredError,
  mul,
  multiHeadAttention,
  network,
  randomUniform,
  rnn,
  scan,
  setAt,
  sgd,
  state,
  stopGradient,
  sum,
  take,
  target,
  TapelessError,
  TapelessErrors,
  transformerEncoder,
  updating,
  type AttentionCache,
  type MultiHeadAttentionOptions,
  type NetworkOptions,
  type Network,
  type Tensor,
} from "tapeless";
import { compile, createInterpreter, gradcheck, type Model } from "tapeless/compiler";
import { predict } from "tapeless/train";
import { expectEverywhere } from "../right/everywhere.js";
import { expectNone, faultOf, BUILDS } from "../emitted/checked.js";

const LENGTH = 5;
const BATCH = 4;

const optimizer = sgd({ rate: 0.1 });
const x = input("x", ["batch", 3]);
const y = target("y", ["batch", 1]);

type Any = Model & Record<string, (rows: number) => void>;

const started = (declared: Network, seed = 1, options: object = {}): Any => {
  const model = compile(declared, { dtype: "float64", ...options }).create({ seed }) as Any;
  for (const views of [model.inputs, model.targets]) {
    for (const view of Object.values(views)) view.forEach((_, i) => (view[i] = Math.sin(i + 1)));
  }
  return model;
};

const statesOf = (model: Model): Record<string, number[]> =>
  Object.fromEntries(Object.entries(model.states).map(([name, view]) => [name, [...view]]));

/** A running sum of each row's features, and how many calls there were. */
function sums(extra: object = {}): Network {
  const total = carry("total", ["batch", 3]);
  const calls = carry("calls", [], { dtype: "int32", initial: 5 });
  const next = add(total, x);
  const seen = updating(next, [
    [total, next],
    [calls, cast(add(calls, 1), "int32")],
  ]);
  const prediction = dense(next, 1, { name: "h" });
  return network("sums", {
    batch: BATCH,
    outputs: { prediction },
    loss: meanSquaredError(prediction, y),
    optimizer,
    entries: { next: { outputs: { seen, prediction: add(sum(seen), prediction) } }, peek: { outputs: { total } } },
    ...extra,
  });
}

describe("what is carried", () => {
  test("goes from call to call, for the rows of the call, and back to its first values", () => {
    const model = started(sums());
    const first = [...model.inputs["x"]!];
    model.next(4);
    model.next(2);
    const rows = (n: number): number[] => first.map((value, i) => value * (i < 3 * n ? 2 : 1));
    expect([...model.states["total"]!]).toEqual(rows(2));
    expect([...model.states["calls"]!]).toEqual([7]);
    expect([...model.outputs["next.seen"]!].slice(0, 6)).toEqual(rows(2).slice(0, 6));
    model.peek(4);
    expect([...model.outputs["peek.total"]!]).toEqual(rows(2));
    const parameters = [...model.parameters["h.weight"]!];
    model.step(4);
    const trained = [...model.parameters["h.weight"]!];
    expect(trained).not.toEqual(parameters);
    model.resetCarries();
    expect([statesOf(model), [...model.parameters["h.weight"]!]]).toEqual([
      { total: first.map(() => 0), calls: [5] },
      trained,
    ]);
    model.next(4);
    model.reset();
    expect([statesOf(model)["calls"], [...model.parameters["h.weight"]!]]).toEqual([[5], parameters]);
  });

  test("is read by predict, loss, gradients and evaluate, which leave it as it is", () => {
    const model = started(sums({ metrics: { size: mean(dense(x, 1, { name: "m" })) } }));
    model.next(4);
    const before = statesOf(model);
    model.predict(4);
    const one = [...model.outputs["prediction"]!];
    for (const entry of ["loss", "gradients", "evaluate", "predict"]) (model[entry] as (rows: number) => void)(3);
    expect(statesOf(model)).toEqual(before);
    model.next(4);
    model.predict(4);
    expect([...model.outputs["prediction"]!]).not.toEqual(one);
  });

  test("is stored by a training step too: a recurrence trained over windows that follow one another", () => {
    const h = carry("h", ["batch", 2]);
    const [outputs, last] = rnn(input("xs", ["batch", 3, 2]), 2, {
      initialState: h,
      returnState: true,
      returnSequences: true,
      name: "h",
    }) as unknown as [Tensor, Tensor];
    const loss = mean(mul(updating(outputs, [[h, last]]) as never, 1));
    const declared = network("windows", { batch: BATCH, outputs: { last }, loss, optimizer });
    const model = started(declared);
    model.predict(BATCH);
    const after = [...model.outputs["last"]!];
    model.step(BATCH);
    expect(statesOf(model)).toEqual({ h: after });
    expectEverywhere(declared);
  });

  test("has no place in predict of tapeless/train", () => {
    const data = { inputs: { x: new Float64Array(9).fill(1) } };
    const model = started(sums());
    expect(Object.keys(predict(model as never, data as never))).toEqual(["prediction"]);
    expect(() => predict(model as never, data as never, { outputs: ["next.seen"] })).toThrow(/next.seen/);
  });

  test("alone makes a network, and a build of some entries", () => {
    const total = carry("total", [2], { initial: 1 });
    const doubled = mul(total, 2);
    const entries = {
      grow: { outputs: { total: updating(doubled, [[total, doubled]]) } },
      look: { outputs: { total } },
    };
    const declared = network("grow", { batch: 1, entries });
    const model = started(declared);
    model.grow(1);
    model.grow(1);
    model.look(1);
    expect([...model.outputs["look.total"]!]).toEqual([4, 4]);
    const some = compile(sums(), { entries: ["predict"] });
    expect(some.source).toContain("resetCarries");
    const none = compile(sums({ outputs: { z: dense(x, 1, { name: "z" }) } }), { entries: ["predict"] });
    expect([none.source.includes("resetCarries"), none.source.includes("total")]).toEqual([false, false]);
  });
});

describe("inference", () => {
  test("running statistics and dropout are those of prediction", () => {
    const normal = dropout(batchNorm(x, { name: "n" }), 0.5);
    const declared = network("inferred", {
      batch: BATCH,
      outputs: { normal },
      loss: mean(mul(normal, normal)),
      optimizer,
      entries: { look: { outputs: { normal } } },
    });
    const model = started(declared);
    for (let n = 0; n < 3; n++) model.step(4);
    const before = statesOf(model);
    model.look(4);
    model.predict(4);
    expect(statesOf(model)).toEqual(before);
    expect([...model.outputs["look.normal"]!]).toEqual([...model.outputs["normal"]!]);
  });

  test("a state that is not carried changes in training alone", () => {
    const steps = state("steps", [], 0);
    const z = updating(dense(x, 1, { name: "h" }), [[steps, add(steps, 1)]]);
    const options = { batch: BATCH, loss: meanSquaredError(z, y), optimizer, entries: { look: { outputs: { z } } } };
    const model = started(network("counted", options));
    model.look(4);
    expect(statesOf(model)).toEqual({ steps: [0] });
    model.step(4);
    expect(statesOf(model)).toEqual({ steps: [1] });
  });

  test("random numbers are others in each call, the same after resetCarries, and none of training's", () => {
    const noise = randomUniform(["batch", 3]);
    const z = dense(dropout(x, 0.5), 1, { name: "h" });
    const make = (entries: object): Any =>
      started(network("noisy", { batch: BATCH, loss: meanSquaredError(z, y), optimizer, ...entries }));
    const model = make({ entries: { draw: { outputs: { noise } } } });
    const plain = make({});
    const drawn = (): number[] => {
      model.draw(4);
      return [...model.outputs["draw.noise"]!];
    };
    const [first, second] = [drawn(), drawn()];
    expect(first).not.toEqual(second);
    expect([model.step(4), model.step(4)]).toEqual([plain.step(4), plain.step(4)]);
    expect(drawn()).not.toEqual(second);
    model.resetCarries();
    expect([drawn(), drawn()]).toEqual([first, second]);
  });
});

/** What an entry of one position a call gives, beside what the whole sequence does. */
function expectWindow(declared: Network, count = 1, options: object = {}): void {
  const model = started(declared, 3, options);
  const [sequence, part] = [model.inputs["sequence"]!, model.inputs["part"]!];
  for (const rows of [BATCH, 1, 3]) {
    model.predict(rows);
    model.resetCarries();
    const outputs = model.outputs["outputs"]!;
    const features = outputs.length / BATCH / LENGTH;
    for (let t = 0; t + count <= LENGTH; t += count) {
      for (let row = 0; row < rows; row++) {
        const from = (row * LENGTH + t) * 3;
        part.set(sequence.subarray(from, from + 3 * count), row * 3 * count);
      }
      model.next(rows);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < features * count; k++) {
          const one = model.outputs["next.outputs"]![row * features * count + k]!;
          expect(one).toBeCloseTo(outputs[(row * LENGTH + t) * features + k]!, 12);
        }
      }
    }
  }
}

const sequence = input("sequence", ["batch", LENGTH, 3]);
const part = input("part", ["batch", 1, 3]);

const whole = (outputs: Tensor, next: Tensor): Network =>
  network("whole", {
    batch: BATCH,
    outputs: { outputs },
    loss: mean(mul(outputs as never, outputs as never)),
    optimizer,
    entries: { next: { outputs: { outputs: next } } },
  });

describe("a sequence in parts is the sequence", () => {
  test("lstm", () => {
    const f = layer((xs: Tensor, before?: readonly [Tensor, Tensor]) => {
      const initial = before && { initialState: before };
      return lstm(xs as never, 4, { returnSequences: true, returnState: true, ...initial, name: "f" }) as unknown as [
        Tensor,
        Tensor,
        Tensor,
      ];
    });
    const [h, c] = [carry("h", ["batch", 4]), carry("c", ["batch", 4])];
    const [outputs, nextH, nextC] = f(part, [h, c]);
    const states = [
      [h, nextH],
      [c, nextC],
    ] as const;
    const declared = whole(f(sequence)[0], updating(outputs, states));
    expectWindow(declared);
    expectEverywhere(declared);
  });

  test("gru", () => {
    const f = layer((xs: Tensor, before?: Tensor) => {
      const initial = before && { initialState: before };
      return gru(xs as never, 4, { returnSequences: true, returnState: true, ...initial, name: "f" }) as unknown as [
        Tensor,
        Tensor,
      ];
    });
    const h = carry("h", ["batch", 4]);
    const [outputs, next] = f(part, h);
    expectWindow(whole(f(sequence)[0], updating(outputs, [[h, next]])));
  });

  test.each([
    ["one head", 1, {}, 3, 3],
    ["heads of stated sizes", 2, { keySize: 2, valueSize: 3, units: 5 }, 4, 6],
    ["no bias, and a cap", 3, { bias: false, softcap: 2 }, 3, 3],
  ] as const)("attention: %s", (_, heads, options, size, valueSize) => {
    const f = layer((xs: Tensor, cache?: AttentionCache) =>
      multiHeadAttention(xs, heads, { causal: true, ...options, ...(cache && { cache }), name: "f" }),
    );
    const cache = attentionCache("seen", LENGTH, size, { valueSize });
    const declared = whole(f(sequence) as Tensor, f(part, cache) as Tensor);
    expectWindow(declared);
    expectWindow(declared, 1, { target: "wasm" });
    const model = started(declared);
    for (let n = 0; n < LENGTH; n++) model.next(1);
    const before = statesOf(model);
    expect(() => model.next(1)).toThrow("setAt: a computed index must be an integer from 0 to 4, but it is 5");
    expect(statesOf(model)).toEqual(before);
  });

  test.each(["pre", "post"] as const)("two transformer blocks, the norm %s, two positions a call", (norm) => {
    const f = layer((xs: Tensor, caches?: readonly AttentionCache[]) => {
      const block = (n: number, from: Tensor): Tensor => {
        const cache = caches && { cache: caches[n]! };
        return transformerEncoder(from, 3, { causal: true, norm, feedForward: 4, ...cache, name: `b${n}` });
      };
      return block(1, block(0, xs));
    });
    const two = input("part", ["batch", 2, 3]);
    const caches = [0, 1].map((n) => attentionCache(`seen${n}`, LENGTH, 3));
    expectWindow(whole(f(sequence), f(two, caches)), 2);
  });

  test("padding in the cache is not attended to", () => {
    const paddingMask = input("open", ["batch", LENGTH], { dtype: "bool" });
    const f = layer((xs: Tensor, cache?: AttentionCache) =>
      multiHeadAttention(xs, 1, { causal: true, paddingMask, ...(cache && { cache }), name: "f" }),
    );
    const declared = whole(f(sequence) as Tensor, f(part, attentionCache("seen", LENGTH, 3)) as Tensor);
    expectWindow(declared);
  });
});

/** Attention with room for as many calls as a check makes. */
function attentive(): Network {
  const f = layer((xs: Tensor, cache?: AttentionCache) =>
    multiHeadAttention(xs, 1, { causal: true, ...(cache && { cache }), name: "f" }),
  );
  return whole(f(sequence) as Tensor, f(part, attentionCache("seen", 100, 3)) as Tensor);
}

/** Entries of a table that are written by an id of each call; twice in one call, where the last stays. */
function written(): Network {
  const ids = input("ids", [3], { dtype: "int32", below: 4 });
  const rows = input("rows", [3, 2]);
  const table = carry("table", [4, 2], { initial: 1 });
  const owner = carry("owner", [4], { dtype: "int32" });
  const next = setAt(table, ids, rows);
  const owners = setAt(owner, ids, cast(mul(ids, 2), "int32"));
  const seen = updating(take(next, ids), [
    [table, next],
    [owner, owners],
  ]);
  return network("written", { batch: BATCH, entries: { write: { outputs: { seen, owners } } } });
}

describe("everywhere", () => {
  test.each([
    ["running sums", sums],
    ["attention with a cache", attentive],
    ["a table that is written to", written],
  ])("%s: rows, data, targets, number types", (_, make) => expectEverywhere(make()));

  test.each([
    ["running sums", sums],
    ["attention with a cache", attentive],
    ["a table that is written to", written],
  ])("%s: every load and store in the checked build", (name, make) => {
    for (const build of BUILDS) expectNone(name, faultOf(make(), build));
  });

  test("gradcheck compares what is carried", () => {
    const { passes, builds } = gradcheck(sums());
    expect(passes).toBe(true);
    expect(builds.every(({ numbers }) => numbers > 0)).toBe(true);
  });

  test("caches are written in place", () => {
    const printed = compile(attentive());
    expect(printed.print("plan")).not.toContain("note (next)");
    expect(printed.print("kernels")).toMatch(/kernel seen.keys.next \(.*update seen.keys\)/);
    // The control: one that is read as it was has to wait.
    const cache = carry("cache", [4, 2]);
    const next = setAt(
      cache,
      take(cast(sum(x, { axis: 1 }), "int32"), cast(carry("at", []), "int32")),
      carry("row", [2]),
    );
    const both = updating(add(sum(cache), sum(next)), [[cache, next]]);
    const waiting = compile(network("waiting", { batch: 1, entries: { next: { outputs: { both } } } }));
    expect(waiting.print("plan")).toContain("the new cache waits in the workspace");
  });
});

describe("refused", () => {
  const h = carry("h", ["batch", 3]);
  const next = updating(add(h, x), [[h, add(h, x)]]);
  const declare = (entries: unknown, more: object = {}): unknown => {
    const prediction = dense(x, 1, { name: "p" });
    const sound = { batch: BATCH, outputs: { prediction }, loss: meanSquaredError(prediction, y), optimizer, entries };
    return network("sound", { ...sound, ...more } as NetworkOptions);
  };
  const messageOf = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof TapelessErrors) return error.errors.map(({ message }) => message.split("\n")[0]).join("; ");
      if (error instanceof TapelessError) return error.message.split("\n")[0]!;
      throw error;
    }
    return "nothing";
  };

  test.each<readonly [string, () => unknown, string]>([
    ["nothing to see", () => declare({ next: { outputs: {} } }), "at least one output"],
    ["no outputs", () => declare({ next: {} }), "at least one output"],
    ["no entry", () => declare({ next: null }), "at least one output"],
    [
      "an unknown option",
      () => declare({ next: { outputs: { next }, reset: true } }),
      'there is no "reset" in the entry next',
    ],
    ["no tensor", () => declare({ next: { outputs: { next: 3 } } }), "output next.next must be a tensor"],
    ["a list", () => declare([next]), "entries must be an object with names as keys"],
    [
      "a name of every model",
      () => declare({ predict: { outputs: { next } } }),
      "every model has a member of that name",
    ],
    [
      "the new member's name",
      () => declare({ resetCarries: { outputs: { next } } }),
      "every model has a member of that name",
    ],
    ["a step's name", () => declare({ step: { outputs: { next } } }), "a step has a function of that name"],
    ["a name that is none", () => declare({ "a b": { outputs: { next } } }), "letters, digits, _ and $ only"],
    [
      "a target",
      () => declare({ next: { outputs: { y } } }),
      'output next.y depends on the target "y", which next does not have',
    ],
    [
      "two next values",
      () => declare({ next: { outputs: { a: next, b: updating(h, [[h, x]]) } } }),
      'the entry next gives the state "h" two next values',
    ],
    [
      "an update in a loop",
      () => {
        const n = carry("n", []);
        const { outputs } = scan(
          ([s], [e]) => ({ carries: [updating(add(s!, e!), [[n, s!]])], outputs: [s!] }) as never,
          [carry("s0", []) as never],
          [input("e", [3]) as never],
        );
        return declare({ next: { outputs: { last: outputs[0] } } });
      },
      "is updated inside a loop",
    ],
    ["one name twice", () => declare({ next: { outputs: { next, other: mul(carry("h", ["batch", 3]), 1) } } }), '"h"'],
    ["a batch that is not first", () => carry("h", [3, "batch"] as never), 'with "batch" as the first axis or none'],
    ["a square of the batch", () => carry("h", ["batch", "batch"] as never), 'with "batch" as the first axis or none'],
    ["a fraction in an int32", () => carry("h", [], { dtype: "int32", initial: 0.5 }), "a 32-bit integer in an int32"],
    ["no number", () => carry("h", [], { initial: NaN }), "a finite number"],
    ["no name", () => carry("", []), "a non-empty string"],
    ["another shape", () => updating(x, [[h, stopGradient(sum(x)) as never]]), "updating cannot combine"],
  ])("%s", (_, run, message) => expect(messageOf(run)).toContain(message));

  const cache = attentionCache("seen", LENGTH, 3);
  test.each<readonly [string, MultiHeadAttentionOptions, string]>([
    ["without causal", { cache }, "causal must be true with a cache"],
    ["over other keys", { cache, causal: true, keys: sequence }, "for self-attention"],
    [
      "of another size",
      { cache: attentionCache("s", LENGTH, 4), causal: true },
      "the cache's keys must be [batch, length, 3]",
    ],
    [
      "of another size of values",
      { cache: attentionCache("s", LENGTH, 3, { valueSize: 2 }), causal: true },
      "the cache's values must be [batch, length, 3]",
    ],
    [
      "made of states",
      { cache: { ...cache, keys: state("k", [1, 5, 3], 0) as never }, causal: true },
      "made by attentionCache(...)",
    ],
    ["that lacks a part", { cache: { keys: cache.keys } as never, causal: true }, "made by attentionCache(...)"],
    ["that is too short", { cache: attentionCache("s", 1, 3), causal: true }, "the cache holds 1"],
  ])("a cache %s", (_, options, message) => {
    const two = input("two", ["batch", 2, 3]);
    expect(messageOf(() => multiHeadAttention(two, 1, options))).toContain(message);
  });

  test("a cache that is none, and no length", () => {
    expect(messageOf(() => multiHeadAttention(part, 1, { cache: 3 as never, causal: true }))).toContain(
      "cache must be",
    );
    expect(messageOf(() => attentionCache("s", 0, 3))).toContain("a positive integer");
    expect(messageOf(() => attentionCache("", 2, 3))).toContain("a non-empty string");
  });
});

test("the interpreter carries as the model does", () => {
  const declared = sums();
  const [model, interpreter] = [started(declared), createInterpreter(declared, { seed: 1 })];
  interpreter.inputs["x"]!.set(model.inputs["x"]!);
  for (const [entry, rows] of [
    ["next", 4],
    ["next", 2],
    ["resetCarries", 1],
    ["next", 3],
  ] as const) {
    (model[entry] as (rows: number) => void)(rows);
    interpreter.run(entry, rows);
    for (const [name, values] of Object.entries(interpreter.states))
      expect([...model.states[name]!]).toEqual([...values]);
  }
});
