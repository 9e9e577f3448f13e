// What network(...) refuses: a stable code, a sentence with the values, and all that is wrong at once.

import { describe, expect, test } from "vitest";
import {
  add,
  adam,
  constant,
  crossEntropy,
  dense,
  dropout,
  greater,
  hyper,
  input,
  labels,
  mean,
  meanSquaredError,
  mul,
  network,
  parameter,
  randomUniform,
  scan,
  sgd,
  state,
  stopGradient,
  sum,
  TapelessError,
  TapelessErrors,
  target,
  transpose,
  updating,
  type Network,
  type NetworkOptions,
  type Tensor,
} from "tapeless";
import { compile, interpret } from "tapeless/compiler";
import type { Node } from "../../src/graph/node.js";

const wrong = (value: unknown): never => value as never;
const x = input("x", ["batch", 3]);
const y = target("y", ["batch", 2]);
const optimizer = sgd({ rate: 0.1 });

/** A network in which nothing is wrong, but for `changes`. */
function declare(changes: object = {}, name = "sound"): unknown {
  const prediction = dense(x, 2);
  const sound = { batch: 4, outputs: { prediction }, loss: meanSquaredError(prediction, y), optimizer };
  return network(name, { ...sound, ...changes } as NetworkOptions);
}

/** The same with steps in place of one loss. */
const withSteps = (steps: unknown): unknown => declare({ loss: undefined, optimizer: undefined, steps });

const loss = (): Tensor => mean(dense(x, 2));
const step = (): object => ({ loss: loss(), optimizer });
const plus = (extra: Tensor): object => ({ loss: add(loss(), extra as never) });

const counter = (): readonly [Tensor, Tensor] => {
  const count = state("count of mine", [], 0);
  return [count, add(count, 1)];
};

const nested = (): Tensor => {
  const seen = state("seen", [], 0);
  const w = parameter([], 1);
  const { carries } = scan(
    ([h], [e]) => {
      const next = add(h!, mul(e!, w) as never) as Tensor;
      return { carries: [updating(next, [[seen, add(seen, mean(e!))]])], outputs: [] };
    },
    [constant(0, { shape: ["batch"] })],
    [transpose(x, [1, 0])],
  );
  return mean(carries[0]!);
};

const cases: readonly (readonly [what: string, call: () => unknown, code: string, sentence: RegExp])[] = [
  ["no options", () => network("n", wrong(undefined)), "BAD_ARGUMENT", /options must be an object/],
  ["a name with a newline", () => declare({}, "a\nb"), "BAD_NAME", /"a\\nb" cannot be the name of a network/],
  ["a name with quotes", () => declare({}, 'a"b'), "BAD_NAME", /letters, digits, _ and - only/],
  ["a name that starts with a digit", () => declare({}, "1st"), "BAD_NAME", /starting with a letter/],
  ["an empty name", () => declare({}, ""), "BAD_NAME", /""/],
  ["__proto__", () => declare({}, "__proto__"), "BAD_NAME", /"__proto__"/],
  ["constructor", () => declare({}, "constructor"), "BAD_NAME", /meaning of its own/],
  ["a name of 100 letters", () => declare({}, "a".repeat(100)), "BAD_NAME", /a network/],
  ["no name", () => declare({}, wrong(3)), "BAD_NAME", /"3"/],
  ...([0, -1, 1.5, NaN, Infinity, "32", undefined, 2 ** 30] as const).map(
    (batch) =>
      [
        `batch ${batch}`,
        () => declare({ batch }),
        "BAD_ARGUMENT",
        /batch must be an integer from 1 to 16777216/,
      ] as const,
  ),

  ["outputs that are a tensor list", () => declare({ outputs: [x] }), "BAD_ARGUMENT", /outputs must be an object/],
  ["an output that is no tensor", () => declare({ outputs: { a: 1 } }), "BAD_ARGUMENT", /output a must be a tensor/],
  ["a hostile output", () => declare({ outputs: { "a b": x } }), "BAD_NAME", /"a b" cannot be the name of an output/],
  ["output __proto__", () => declare({ outputs: { ["__proto__"]: x } }), "BAD_NAME", /"__proto__"/],
  [
    "an output of targets",
    () => declare({ outputs: { y } }),
    "OUTPUT_NEEDS_TARGET",
    /output y depends on the target "y"/,
  ],
  ["nothing", () => network("n", { batch: 1 }), "EMPTY_NETWORK", /has neither outputs, nor a loss, nor entries$/m],

  ["loss without optimizer", () => declare({ optimizer: undefined }), "BAD_STEPS", /a loss also needs an optimizer/],
  ["optimizer without loss", () => declare({ loss: undefined }), "BAD_STEPS", /an optimizer also needs a loss/],
  ["loss and steps", () => declare({ steps: { a: step() } }), "BAD_STEPS", /not both/],
  ["steps that are a list", () => withSteps([step()]), "BAD_ARGUMENT", /steps must be an object/],
  ["a step that is nothing", () => withSteps({ a: undefined }), "BAD_ARGUMENT", /the optimizer of a/],
  ["a loss of rows", () => declare({ loss: dense(x, 2) }), "NON_SCALAR_LOSS", /loss of step .* float32 \[batch, 2\]/],
  ["a bool loss", () => declare({ loss: greater(loss(), 0) }), "NON_SCALAR_LOSS", /it is bool \[\]/],
  ["a loss that is a number", () => declare({ loss: 0.5 }), "BAD_ARGUMENT", /the loss of step must be a tensor/],
  [
    "an optimizer by name",
    () => declare({ optimizer: "sgd" }),
    "BAD_ARGUMENT",
    /sgd\(\{ rate: 0.1 \}\), but it is "sgd"/,
  ],
  ["the optimizer's maker", () => declare({ optimizer: adam }), "BAD_ARGUMENT", /but it is a function/],
  ["nothing to train", () => declare({ loss: mean(x) }), "NOTHING_TO_TRAIN", /no gradient of the loss of step/],
  ["all frozen", () => declare({ loss: mean(dense(x, 2, { trainable: false })) }), "NOTHING_TO_TRAIN", /trainable/],
  [
    "all behind stopGradient",
    () => declare({ loss: mean(stopGradient(dense(x, 2))) }),
    "NOTHING_TO_TRAIN",
    /trainable/,
  ],

  ...["loss", "predict", "gradients", "seed", "reset", "then", "toString", "constructor", "__proto__"].map(
    (name) =>
      [
        `a step called ${name}`,
        () => withSteps({ [name]: step() }),
        "BAD_NAME",
        /cannot be the name of a step/,
      ] as const,
  ),
  ["a step with a dash", () => withSteps({ "a-b": step() }), "BAD_NAME", /"a-b"/],
  [
    "a step that is another's loss",
    () => withSteps({ a: step(), aLoss: step() }),
    "BAD_NAME",
    /another step has a function/,
  ],
  [
    "a step called after its rate",
    () => withSteps({ rate: step() }),
    "BAD_NAME",
    /the model has a member of that name/,
  ],
  ["a hyper-parameter called loss", () => declare(plus(hyper("loss", 1))), "BAD_NAME", /"loss" .* hyper-parameter/],
  ["a hyper-parameter with quotes", () => declare(plus(hyper("a'\n", 1))), "BAD_NAME", /"a'\\n" .* hyper-parameter/],
  ["hyper-parameter __proto__", () => declare(plus(hyper("__proto__", 1))), "BAD_NAME", /"__proto__"/],
  [
    "a state called clock beside random numbers",
    () => {
      const clock = state("clock", [], 0);
      return declare({ loss: updating(mean(dropout(dense(x, 2), 0.5)), [[clock, add(clock, 1)]]) });
    },
    "BAD_NAME",
    /"clock" cannot be the name of a state/,
  ],
  [
    "a state called count beside Adam's",
    () => {
      const count = state("count", [], 0);
      return declare({ loss: updating(loss(), [[count, add(count, 1)]]), optimizer: adam() });
    },
    "DUPLICATE_NAME",
    /two states are called "count"/,
  ],
  ["a second rate", () => declare(plus(hyper("rate", 1))), "DUPLICATE_NAME", /two hyper-parameters are called "rate"/],

  [
    "parameters that are no list",
    () => withSteps({ a: { ...step(), parameters: x } }),
    "BAD_ARGUMENT",
    /a list of parameters/,
  ],
  [
    "an input as a parameter",
    () => withSteps({ a: { ...step(), parameters: [x] } }),
    "BAD_ARGUMENT",
    /trainable parameter, but it is "input"/,
  ],
  [
    "a frozen parameter",
    () => withSteps({ a: { ...step(), parameters: [parameter([2], 0, { trainable: false })] } }),
    "BAD_ARGUMENT",
    /a trainable parameter/,
  ],
  [
    "an unreached parameter",
    () => withSteps({ a: { ...step(), parameters: [parameter([2], 0, { name: "lost" })] } }),
    "UNREACHED_PARAMETER",
    /no gradient of the loss of a reaches lost/,
  ],
  [
    "a parameter that only stopGradient reads",
    () => {
      const kept = parameter([], 1, { name: "kept" });
      return withSteps({ a: { loss: add(loss(), stopGradient(kept)), optimizer, parameters: [kept] } });
    },
    "UNREACHED_PARAMETER",
    /kept/,
  ],
  [
    "an unreached parameter of a group",
    () =>
      declare({
        optimizer: sgd({ rate: 1, groups: [{ parameters: [parameter([2], 0, { name: "lost" })], rate: 2 }] }),
      }),
    "UNREACHED_PARAMETER",
    /lost/,
  ],

  [
    "two inputs of one name",
    () => declare(plus(mean(input("x", ["batch"])))),
    "DUPLICATE_NAME",
    /two inputs or targets are called "x"/,
  ],
  [
    "an input and a target of one name",
    () => declare(plus(mean(target("x", ["batch"])))),
    "DUPLICATE_NAME",
    /"x".*network\/errors.test.ts:/,
  ],
  ["input __proto__", () => declare(plus(mean(input("__proto__", [1])))), "BAD_NAME", /of an input/],
  ["input with quotes", () => declare(plus(mean(input("a'b", [1])))), "BAD_NAME", /"a'b"/],
  [
    "a tensor of terabytes",
    () => declare({ batch: 2 ** 20, outputs: { z: dense(x, 2 ** 20) } }),
    "TOO_LARGE",
    /\[batch, 1048576\] needs 4,398,046,511,104 bytes/,
  ],
  [
    "a shape beyond all numbers",
    () => declare({ outputs: { z: constant(0, { shape: [2 ** 30, 2 ** 30, 2 ** 30, "batch"] }) } }),
    "TOO_LARGE",
    /TOO_LARGE|needs/,
  ],
  [
    "a state updated twice",
    () => {
      const [count, next] = counter();
      return declare({ loss: updating(updating(loss(), [[count, next]]), [[count, mul(next, 2)]]) });
    },
    "UPDATED_TWICE",
    /gives the state "count of mine" two next values/,
  ],
  ["an update in a loop", () => declare({ loss: nested() }), "UPDATE_IN_LOOP", /"seen" is updated inside a loop/],
  [
    "an initial value from inputs",
    () => declare(plus(sum(parameter([3], mean(x, { axis: 0 }))))),
    "BAD_INITIAL",
    /depends on the input x/,
  ],
  [
    "an initial value from a hyper-parameter",
    () => declare(plus(parameter([], hyper("h", 1)))),
    "BAD_INITIAL",
    /the hyper-parameter h/,
  ],
  [
    "an initial value from the batch",
    () => declare(plus(sum(parameter([3], mean(randomUniform(["batch", 3]), { axis: 0 }))))),
    "BAD_INITIAL",
    /the batch/,
  ],
  ["NaN in a constant", () => declare(plus(constant(NaN))), "BAD_ARGUMENT", /NaN/],
  [
    "labels beyond the classes",
    () => declare({ loss: crossEntropy(dense(x, 2), labels("l", ["batch"], 3)) }),
    "BAD_ARGUMENT",
    /at most 2/,
  ],
];

function refusalOf(call: () => unknown): TapelessError {
  try {
    call();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TapelessError);
    return thrown as TapelessError;
  }
  throw new Error("nothing was refused");
}

describe("what is refused", () => {
  test.each(cases)("%s", (_, call, code, sentence) => {
    const refused = refusalOf(call);
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(sentence);
    const first = refused instanceof TapelessErrors ? refused.errors[0]! : refused;
    expect(first.at?.file).toMatch(/test\/network\/errors\.test\.ts$/);
  });

  test("all at once", () => {
    const both = refusalOf(() => declare({ batch: 0, loss: x, optimizer: undefined as never }, "a b"));
    const all = refusalOf(() => declare({ batch: 0, loss: x, outputs: { "1": x, a: 3 } }, "a b"));
    expect(all).toBeInstanceOf(TapelessErrors);
    const codes = "BAD_NAME BAD_ARGUMENT BAD_NAME BAD_ARGUMENT NON_SCALAR_LOSS NOTHING_TO_TRAIN";
    expect((all as TapelessErrors).errors.map((e) => e.code).join(" ")).toBe(codes);
    expect(all.message).toBe((all as TapelessErrors).errors.map((e) => e.message).join("\n"));
    expect((both as TapelessErrors).errors.map((e) => e.code)).toEqual(["BAD_NAME", "BAD_ARGUMENT", "BAD_STEPS"]);
  });

  test("a large tensor is reported once, not with all that follows from it", () => {
    const z = mul(add(dense(x, 2 ** 20), 1), 2);
    expect(refusalOf(() => declare({ batch: 2 ** 20, outputs: { z } }))).not.toBeInstanceOf(TapelessErrors);
  });
});

describe("what is accepted", () => {
  const shared = parameter([3], 1, { name: "shared" });
  const sound: readonly (readonly [string, () => unknown])[] = [
    ["a network", () => declare()],
    ["outputs alone", () => network("n", { batch: 1, outputs: { x } })],
    ["one row", () => declare({ batch: 1 })],
    ["a name with a dash", () => declare({}, "digits-adam")],
    ["a step called delete", () => withSteps({ delete: step() })],
    [
      "an output through an update that needs the target",
      () => {
        const seen = state("seen", [], 0);
        return declare({ outputs: { z: updating(mul(x, 2), [[seen, mean(y)]]) } });
      },
    ],
    [
      "a state called count without Adam, and clock without random numbers",
      () => {
        const [count, clock] = [state("count", [], 0), state("clock", [], 0)];
        const updates = [count, clock].map((leaf) => [leaf, add(leaf, 1)] as const);
        return declare({ loss: updating(loss(), updates) });
      },
    ],
    ["a hyper-parameter of its own", () => declare(plus(mul(hyper("weight.of-it", 1), loss())))],
    ["an update outside loops", () => declare({ loss: updating(loss(), [counter()]) })],
    [
      "one optimizer whose groups belong to two steps",
      () => {
        const [a, b] = [parameter([3], 1, { name: "a" }), parameter([3], 1, { name: "b" })];
        const both = sgd({
          rate: 1,
          groups: [
            { parameters: [a], rate: 2 },
            { parameters: [b], rate: 3 },
          ],
        });
        return withSteps({
          one: { loss: mean(mul(x, a)), optimizer: both },
          two: { loss: mean(mul(x, b)), optimizer: both },
        });
      },
    ],
    ["an initial value from another parameter", () => declare(plus(sum(parameter([3], shared))))],
    ["dropout", () => declare({ loss: mean(dropout(dense(x, 2), 0.5)) })],
  ];
  test.each(sound)("%s", (_, call) => void call());
});

describe("what is no network of this copy of the library is refused by name", () => {
  // What another copy makes has the same members and other records.
  const foreign = (): Network => {
    const { outputs: _, ...own } = declare({ outputs: {} }) as Network;
    const leaf = input("x", ["batch", 3]) as unknown as Node;
    return { ...own, outputs: { y: { ...leaf, def: { ...leaf.def } } as never } };
  };
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ["another copy's", foreign(), /^NO_NETWORK: .* another copy of tapeless made\n {2}hint: install tapeless once/],
    ["a module", { default: declare() }, /^NO_NETWORK: .* needs a network[^]*hint: pass what network\(/],
    ["nothing", undefined, /^NO_NETWORK: .* but got undefined/],
  ];
  test.each(cases)("%s", (_, value, message) => {
    expect(() => compile(value as never)).toThrow(message);
    expect(() => interpret(value as never, {} as never)).toThrow(message);
  });

  test("a copy with another capacity is a network", () => {
    const copy = { ...(declare() as Network), capacity: 7 };
    expect(compile(copy).create().spec.capacity).toBe(7);
  });
});
