// Values and gradients of the losses against plain sums over rows, and where plain formulas overflow, against limits.

import { describe, expect, test } from "vitest";
import { compile, createInterpreter } from "tapeless/compiler";
import {
  add,
  binaryCrossEntropy,
  constant,
  crossEntropy,
  huber,
  input,
  l1,
  l2,
  labels,
  meanAbsoluteError,
  meanSquaredError,
  mul,
  network,
  parameter,
  sgd,
  sigmoid,
  sum,
  TapelessError,
  target,
  type PublicDim,
  type Tensor,
} from "tapeless";

const SEED = 20_261;
const CAPACITY = 5;
const CLASSES = 4;

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A loss in the language and its plain value of one number, or of one row of logits. */
interface Case {
  readonly name: string;
  /** The axes after the batch. */
  readonly axes: readonly number[];
  readonly range: readonly [number, number];
  readonly loss: (x: Tensor, t: Tensor, options: { weights?: Tensor }) => Tensor;
  readonly classes?: boolean;
  /** The axis that one loss takes all of. */
  readonly takes: number;
  readonly plain: (x: readonly number[], t: readonly number[]) => number;
}

const any = (t: Tensor): never => t as never;
const logSoftmax = (x: readonly number[], at: number): number =>
  x[at]! - Math.log(x.reduce((total, v) => total + Math.exp(v), 0));
const entropy = (x: readonly number[], p: readonly number[]): number =>
  -p.reduce((total, share, i) => total + share * logSoftmax(x, i), 0);
const oneHot = (index: number): number[] => Array.from({ length: CLASSES }, (_, i) => (i === index ? 1 : 0));
const smooth = (p: readonly number[], share: number): number[] => p.map((q) => (1 - share) * q + share / CLASSES);

const elementwise: readonly Omit<Case, "axes" | "takes">[] = [
  {
    name: "meanSquaredError",
    range: [-2, 2],
    loss: (x, t, o) => meanSquaredError(x, any(t), o),
    plain: ([x], [t]) => (x! - t!) ** 2,
  },
  {
    name: "meanAbsoluteError",
    range: [-2, 2],
    loss: (x, t, o) => meanAbsoluteError(x, any(t), o),
    plain: ([x], [t]) => Math.abs(x! - t!),
  },
  {
    name: "huber",
    range: [-2, 2],
    loss: (x, t, o) => huber(x, any(t), o),
    plain: ([x], [t]) => huberOf(x! - t!, 1),
  },
  {
    name: "huber of 0.3",
    range: [-2, 2],
    loss: (x, t, o) => huber(x, any(t), { ...o, delta: 0.3 }),
    plain: ([x], [t]) => huberOf(x! - t!, 0.3),
  },
  {
    name: "binaryCrossEntropy of probabilities",
    range: [0.05, 0.95],
    loss: (x, t, o) => binaryCrossEntropy(x, any(t), o),
    plain: ([p], [t]) => -t! * Math.log(p!) - (1 - t!) * Math.log(1 - p!),
  },
  {
    name: "binaryCrossEntropy of logits",
    range: [-3, 3],
    loss: (x, t, o) => binaryCrossEntropy(x, any(t), { ...o, from: "logits" }),
    plain: ([x], [t]) => {
      const p = 1 / (1 + Math.exp(-x!));
      return -t! * Math.log(p) - (1 - t!) * Math.log(1 - p);
    },
  },
];

const huberOf = (error: number, delta: number): number => {
  const size = Math.abs(error);
  return size <= delta ? (error * error) / 2 : delta * (size - delta / 2);
};

const ofClasses: readonly Omit<Case, "axes" | "takes" | "range">[] = [
  {
    name: "crossEntropy of classes",
    classes: true,
    loss: (x, t, o) => crossEntropy(x, any(t), o),
    plain: (x, [t]) => -logSoftmax(x, t!),
  },
  {
    name: "crossEntropy of classes, smoothed",
    classes: true,
    loss: (x, t, o) => crossEntropy(x, any(t), { ...o, labelSmoothing: 0.2 }),
    plain: (x, [t]) => entropy(x, smooth(oneHot(t!), 0.2)),
  },
  {
    name: "crossEntropy of probabilities",
    loss: (x, t, o) => crossEntropy(x, any(t), o),
    plain: entropy,
  },
  {
    name: "crossEntropy of probabilities, smoothed",
    loss: (x, t, o) => crossEntropy(x, any(t), { ...o, labelSmoothing: 0.2 }),
    plain: (x, t) => entropy(x, smooth(t, 0.2)),
  },
];

const cases: readonly Case[] = [
  ...elementwise.flatMap((one) => [[], [1], [3], [2, 3]].map((axes): Case => ({ ...one, axes, takes: 1 }))),
  ...ofClasses.flatMap((one) =>
    [[CLASSES], [3, CLASSES]].map((axes): Case => ({ ...one, axes, takes: CLASSES, range: [-3, 3] })),
  ),
];

const product = (axes: readonly number[]): number => axes.reduce((a, b) => a * b, 1);

type Weighting = "none" | "rows" | "losses";

/** The loss's value and its gradient by x, from the interpreter, beside the plain function of the same numbers. */
function evaluate(one: Case, weighting: Weighting, rows: number, random: () => number) {
  const { axes, takes } = one;
  const lossAxes = takes === 1 ? axes : axes.slice(0, -1);
  const shape: PublicDim[] = ["batch", ...axes];
  const offset = parameter([...axes], 0, { name: "offset" }) as Tensor;
  const x = add(input("x", shape), offset as never) as Tensor;
  const t = one.classes ? labels("t", ["batch", ...lossAxes], CLASSES) : target("t", shape);
  const weights = input("weights", weighting === "rows" ? ["batch"] : ["batch", ...lossAxes]) as Tensor;
  const loss = one.loss(x, t as Tensor, weighting === "none" ? {} : { weights });
  const model = createInterpreter(
    network("losses", { batch: CAPACITY, loss, optimizer: sgd({ rate: 1 }), outputs: { x } }),
  );
  const [low, high] = one.range;
  model.inputs["x"]!.forEach((_, i, view) => (view[i] = low + (high - low) * random()));
  model.inputs["weights"]?.forEach((_, i, view) => (view[i] = 2 * random()));
  model.targets["t"]!.forEach((_, i, view) => (view[i] = one.classes ? Math.floor(random() * CLASSES) : random()));
  const value = model.run("gradients", rows)!;

  const perRow = product(axes);
  const lossesPerRow = perRow / takes;
  const plain = (shift: readonly number[]): number => {
    let total = 0;
    for (let loss = 0; loss < rows * lossesPerRow; loss++) {
      const at = Array.from({ length: takes }, (_, i) => loss * takes + i);
      const xs = at.map((i) => model.inputs["x"]![i]! + shift[i % perRow]!);
      const ts = one.classes ? [model.targets["t"]![loss]!] : at.map((i) => model.targets["t"]![i]!);
      const row = Math.floor(loss / lossesPerRow);
      const weight = { none: 1, rows: model.inputs["weights"]?.[row], losses: model.inputs["weights"]?.[loss] };
      total += weight[weighting]! * one.plain(xs, ts);
    }
    return total / (rows * lossesPerRow);
  };
  const none = Array.from({ length: perRow }, () => 0);
  const slope = (i: number): number => {
    const h = 1e-4;
    const at = (step: number): number => plain(none.map((_, j) => (i === j ? step : 0)));
    // Richardson: central differences of two widths, so that the largest error cancels.
    const wide = (at(h) - at(-h)) / (2 * h);
    const narrow = (at(h / 2) - at(-h / 2)) / h;
    return (4 * narrow - wide) / 3;
  };
  return { value, expected: plain(none), gradient: [...model.grads["offset"]!], slopes: none.map((_, i) => slope(i)) };
}

function expectClose(one: Case, weighting: Weighting, spoil: number): void {
  const random = randomNumbers(SEED);
  for (const rows of [1, 3, CAPACITY]) {
    const { value, expected, gradient, slopes } = evaluate(one, weighting, rows, random);
    const where = `seed ${SEED}, ${rows} rows`;
    expect(Math.abs(value - expected * spoil), `${where}: ${value} is ${expected}`).toBeLessThan(1e-12);
    const largest = Math.max(...slopes.map(Math.abs));
    gradient.forEach((g, i) => expect(Math.abs(g - slopes[i]!), where).toBeLessThan(2e-7 * (1 + largest)));
  }
}

describe("values and gradients", () => {
  const all = cases.flatMap((one) =>
    (["none", "rows", "losses"] as const).map((weighting) => ({ one, weighting, axes: one.axes, name: one.name })),
  );
  test.each(all)("$name of [batch, $axes], weights: $weighting", ({ one, weighting }) =>
    expectClose(one, weighting, 1),
  );
  test("a small error would be seen", () => {
    for (const one of cases) expect(() => expectClose(one, "none", 1 + 1e-9)).toThrow();
  });
});

describe("conventions", () => {
  const lossOf = (loss: Tensor, given: Record<string, number[]>): number => {
    const w = parameter([], 0, { name: "w" });
    const model = createInterpreter(
      network("one", { batch: 2, loss: add(loss, w as never), optimizer: sgd({ rate: 1 }) }),
    );
    for (const [name, values] of Object.entries(given)) (model.inputs[name] ?? model.targets[name])!.set(values);
    return model.run("loss", 2)!;
  };
  const x = input("x", ["batch"]);
  const t = target("t", ["batch"]);

  test("weights multiply rows; the divisor stays the number of rows (Keras' sum_over_batch_size)", () => {
    const weights = input("weights", ["batch"]);
    const loss = meanSquaredError(x, t, { weights });
    expect(lossOf(loss, { x: [1, 2], t: [0, 0], weights: [3, 0.5] })).toBe((3 * 1 + 0.5 * 4) / 2);
  });

  test("huber meets itself at delta", () => {
    const loss = huber(x, t, { delta: 2 });
    expect(lossOf(loss, { x: [2, 4], t: [0, 0] })).toBe((2 + 6) / 2);
  });

  test("penalties are factor * sum, without a half", () => {
    const [w, v] = [parameter([2], 3, { name: "a" }), parameter([1], -2, { name: "b" })];
    expect(lossOf(l2(0.1, w, v), {})).toBeCloseTo(0.1 * (9 + 9 + 4), 14);
    expect(lossOf(l1(0.1, w, v), {})).toBeCloseTo(0.1 * (3 + 3 + 2), 14);
  });
});

describe("far from zero", () => {
  /** Loss and gradient by the input of one row, in the interpreter and in the emitted module of both float types. */
  function everywhere(build: (x: Tensor, t: Tensor) => Tensor, x: readonly number[], t: readonly number[]) {
    const [xs, ts] = [input("x", ["batch", x.length]) as Tensor, target("t", ["batch", t.length]) as Tensor];
    const offset = parameter([x.length], 0, { name: "offset" }) as Tensor;
    const loss = sum(build(add(xs, offset as never) as Tensor, ts));
    const declared = network("far", { batch: 1, loss, optimizer: sgd({ rate: 1 }) });
    const reference = createInterpreter(declared);
    const models = (["float64", "float32"] as const).map((dtype) => compile(declared, { dtype }).create());
    return [
      {
        inputs: reference.inputs,
        targets: reference.targets,
        grads: reference.grads,
        run: () => reference.run("gradients", 1)!,
      },
      ...models.map((model) => ({
        inputs: model.inputs as Record<string, Float64Array>,
        targets: model.targets as Record<string, Float64Array>,
        grads: model.grads as Record<string, Float64Array>,
        run: () => (model as unknown as { gradients: (rows: number) => number }).gradients(1),
      })),
    ].map(({ inputs, targets, grads, run }) => {
      inputs["x"]!.set(x);
      targets["t"]!.set(t);
      return { loss: run(), gradient: [...grads["offset"]!] };
    });
  }

  const logits = (x: Tensor, t: Tensor): Tensor => binaryCrossEntropy(x, any(t), { from: "logits" });
  const probabilities = (x: Tensor, t: Tensor): Tensor => binaryCrossEntropy(sigmoid(x) as Tensor, any(t));
  const classes = (x: Tensor, t: Tensor): Tensor => crossEntropy(x, any(t));
  const squares = (x: Tensor, t: Tensor): Tensor => mul(meanSquaredError(x, any(t)), 1);
  const far: readonly (readonly [
    string,
    (x: Tensor, t: Tensor) => Tensor,
    x: readonly number[],
    t: readonly number[],
    loss: number,
    gradient: readonly number[],
  ])[] = [
    ...([logits, probabilities] as const).flatMap((build, i) =>
      [88, 1000].flatMap((big) => {
        const name = `${i === 0 ? "logits" : "sigmoid"} ${big}`;
        return [
          [`${name}, wrong`, build, [big], [0], big, [1]],
          [`-${name}, wrong`, build, [-big], [1], big, [-1]],
          [`${name}, right`, build, [big], [1], 0, [0]],
          [`-${name}, right`, build, [-big], [0], 0, [0]],
        ] as const;
      }),
    ),
    ...[88, 1000].flatMap((big) => [
      [`classes ${big}, wrong`, classes, [big, 0, -big], [0, 0, 1], 2 * big, [1, 0, -1]] as const,
      [`classes ${big}, right`, classes, [big, 0, -big], [1, 0, 0], 0, [0, 0, 0]] as const,
      [`classes ${big}, all alike`, classes, [big, big], [1, 0], Math.LN2, [-0.5, 0.5]] as const,
    ]),
    ["squares", squares, [1000, -1000], [0, 0], 1e6, [1000, -1000]],
  ];
  test.each(far)("%s", (_, build, x, t, loss, gradient) => {
    for (const found of everywhere(build, x, t)) {
      expect(Math.abs(found.loss - loss)).toBeLessThan(1e-6 * (1 + Math.abs(loss)));
      found.gradient.forEach((g, i) =>
        expect(Math.abs(g - gradient[i]!)).toBeLessThan(1e-6 * (1 + Math.abs(gradient[i]!))),
      );
    }
  });

  test("a probability of exactly 0 or 1 costs 100 and no more", () => {
    const build = (x: Tensor, t: Tensor): Tensor => binaryCrossEntropy(x, any(t));
    for (const { loss, gradient } of everywhere(build, [0, 1], [1, 0])) {
      expect(loss).toBe(100);
      expect(gradient.every(Number.isFinite)).toBe(true);
    }
  });

  test("and its gradient is (1 - t) / max(1 - p, 1e-12) - t / max(p, 1e-12), so that it learns", () => {
    const build = (x: Tensor, t: Tensor): Tensor => binaryCrossEntropy(x, any(t));
    for (const [p, t, slope] of [
      [0, 1, -1e12],
      [1, 0, 1e12],
      [0, 0, 1],
      [1, 1, -1],
      [0, 0.25, 0.75 - 0.25e12],
      [2 ** -30, 1, -(2 ** 30)],
      [0.25, 1, -4],
      [0.25, 0, 4 / 3],
      [1 - 2 ** -20, 0, 2 ** 20],
    ] as const) {
      for (const { gradient } of everywhere(build, [p], [t])) {
        expect(Math.abs(gradient[0]! - slope), `${p}, ${t}`).toBeLessThanOrEqual(1e-6 * Math.abs(slope));
      }
    }
  });

  test("a unit that is certain and wrong comes back", () => {
    const x = parameter([1], 0, { name: "p" }) as Tensor;
    const loss = binaryCrossEntropy(x, any(constant(1, { shape: [1] })));
    const net = network("unit", { batch: 1, loss, optimizer: sgd({ rate: 1e-13 }) });
    const model = compile(net).create();
    for (let n = 0; n < 3; n++) model.step!(1);
    expect(model.parameters["p"]![0]).toBeGreaterThan(0);
  });

  test("a probability that is not a number is not hidden", () => {
    const build = (x: Tensor, t: Tensor): Tensor => binaryCrossEntropy(x, any(t));
    for (const { loss } of everywhere(build, [NaN], [1])) expect(loss).toBeNaN();
  });
});

describe("what is refused", () => {
  const plain = (t: Tensor): Tensor => t;
  const x = plain(input("x", ["batch", 3]));
  const t = plain(target("t", ["batch", 3]));
  const rows = plain(target("rows", ["batch"]));
  const column = plain(target("column", ["batch", 1]));
  const wrong = (value: unknown): never => value as never;
  const refused: readonly (readonly [string, () => unknown, string, RegExp])[] = [
    [
      "other shapes",
      () => meanSquaredError(x, any(rows)),
      "SHAPE_MISMATCH",
      /\[batch, 3\] and \[batch\]: a loss compares/,
    ],
    ["a column and rows", () => meanAbsoluteError(column, any(rows)), "SHAPE_MISMATCH", /\[batch, 1\] and \[batch\]/],
    ["an axis that would stretch", () => huber(x, any(column)), "SHAPE_MISMATCH", /\[batch, 3\] and \[batch, 1\]/],
    ["no target", () => meanSquaredError(x, wrong(undefined)), "BAD_ARGUMENT", /the target must be a tensor/],
    ["a number", () => binaryCrossEntropy(x, wrong(1)), "BAD_ARGUMENT", /the target must be a tensor, but it is 1/],
    ["delta 0", () => huber(x, any(t), { delta: 0 }), "BAD_ARGUMENT", /delta must be positive/],
    ["delta NaN", () => huber(x, any(t), { delta: NaN }), "BAD_ARGUMENT", /finite/],
    ["smoothing 1.5", () => crossEntropy(x, any(t), { labelSmoothing: 1.5 }), "BAD_ARGUMENT", /from 0 to 1/],
    ["labels beyond the classes", () => crossEntropy(x, any(labels("l", ["batch"], 4))), "BAD_ARGUMENT", /at most 3/],
    [
      "smoothed labels beyond the classes",
      () => crossEntropy(x, any(labels("l", ["batch"], 4)), { labelSmoothing: 0.1 }),
      "BAD_ARGUMENT",
      /at most 3/,
    ],
    [
      "a scalar of logits",
      () => crossEntropy(plain(parameter([], 0)), any(rows), { labelSmoothing: 0.1 }),
      "WRONG_RANK",
      /axis of classes/,
    ],
    [
      "weights of another shape",
      () => meanSquaredError(x, any(t), { weights: column }),
      "SHAPE_MISMATCH",
      /one weight for each row/,
    ],
    [
      "weights that are a number",
      () => meanSquaredError(x, any(t), { weights: wrong(2) }),
      "BAD_ARGUMENT",
      /weights must be a tensor/,
    ],
    ["a penalty on nothing", () => l2(0.1), "BAD_ARGUMENT", /one at least/],
    ["a penalty of NaN", () => l1(NaN, t), "BAD_ARGUMENT", /finite/],
  ];
  test.each(refused)("%s", (_, call, code, sentence) => {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TapelessError);
    expect((error as TapelessError).code).toBe(code);
    expect((error as TapelessError).sentence).toMatch(sentence);
    expect((error as TapelessError).at?.file).toMatch(/test\/nn\/losses\.test\.ts$/);
  });
});
