// Layers that are applied many times: one set of parameters, gradients that add up, running statistics in order.

import { describe, expect, test } from "vitest";
import {
  add,
  batchNorm,
  concat,
  dense,
  dropout,
  gradient,
  input,
  layer,
  lstm,
  mean,
  meanSquaredError,
  multiHeadAttention,
  mul,
  neg,
  network,
  normal,
  parameter,
  relu,
  scan,
  sgd,
  sigmoid,
  softplus,
  square,
  state,
  sub,
  sum,
  tanh,
  target,
  updating,
  type Network,
  type Tensor,
} from "tapeless";
import { compile, interpret } from "tapeless/compiler";
import { topological } from "../../src/graph/walk.js";
import { expectEverywhere } from "../right/everywhere.js";

const batch = 4;
const optimizer = sgd({ rate: 0.125 });

const leavesOf = (root: Tensor, def: string): number =>
  topological([root]).filter((node) => node.def.name === def).length;

const parametersOf = (net: Network): string[] =>
  Object.keys(compile(net, { entries: ["gradients"], constNames: "ordinals" }).create().parameters);

/** Of two inputs of three features. */
function siamese(f: (x: Tensor) => Tensor, g = f): Network {
  const [left, right] = [input("left", ["batch", 3]), input("right", ["batch", 3])];
  const distance = sum(square(sub(f(left), g(right))), { axis: 1 });
  const loss = mean(square(sub(distance, target("distance", ["batch"]))));
  return network("siamese", { batch, outputs: { distance }, loss, optimizer });
}

const towerOf = () => layer((x) => dense(tanh(dense(x, 4)), 2));

/** A critic that is asked about two batches, and a generator that is judged by it. */
function adversarial(critic: ReturnType<typeof towerOf>, fool = critic): Network {
  const generator = layer((z) => dense(tanh(dense(z, 4)), 3));
  const made = generator(input("noise", ["batch", 2]));
  const real = mean(softplus(neg(critic(input("real", ["batch", 3])))));
  const fake = critic(made);
  return network("gan", {
    batch,
    outputs: { made },
    steps: {
      critic: { loss: add(real, mean(softplus(fake))), optimizer, parameters: critic.parameters },
      generator: { loss: mean(softplus(neg(fool(made)))), optimizer, parameters: generator.parameters },
    },
  });
}

function looped(first: "inside" | "outside"): Network {
  const cell = layer((h: Tensor, x: Tensor) => tanh(dense(concat([h, x], { axis: 1 }), 3)));
  const [start, line] = [input("start", ["batch", 3]), input("line", ["batch", 5, 2])];
  const before = first === "outside" ? cell(start, input("more", ["batch", 2])) : start;
  const { carries, outputs } = scan(
    ([h], [x]) => {
      const next = cell(cell(h!, x!), x!);
      return { carries: [next], outputs: [next] };
    },
    [before],
    [line],
    { axis: 1 },
  );
  const last = cell(carries[0]!, mean(line, { axis: 1 }));
  const loss = add(meanSquaredError(last, target("t", ["batch", 3])), mean(square(outputs[0]!)));
  return network("looped", { batch, outputs: { last }, loss, optimizer });
}

/** The slope of a function that the same layer gives elsewhere as well. */
function differential(first: "inside" | "outside"): Network {
  const field = layer((x) => dense(tanh(dense(x, 5)), 1));
  const [x, edge] = [input("x", ["batch", 2]), input("edge", ["batch", 2])];
  const atEdge = first === "outside" ? field(edge) : undefined;
  const slope = gradient(sum(field(x)), x);
  const slope2 = gradient(sum(slope), x);
  const loss = add(mean(square(add(slope, mul(slope2, 0.5)))), mean(square(sub(atEdge ?? field(edge), 1))));
  return network("field", { batch, outputs: { slope }, loss, optimizer });
}

function normed(): Network {
  const block = layer((x) => tanh(batchNorm(dense(x, 3), { momentum: 0.25, epsilon: 0.125 })));
  const [x, y] = [input("x", ["batch", 3]), input("y", ["batch", 3])];
  const out = add(block(block(x)), block(y));
  return network("normed", {
    batch,
    outputs: { out },
    loss: meanSquaredError(out, target("t", ["batch", 3])),
    optimizer,
  });
}

function mixed(): Network {
  const part = layer((x, y) => {
    const inner = layer((z) => dense(relu(z), 4, { weightInitializer: normal(0, 0.5) }));
    const [, h] = lstm(multiHeadAttention(x, 2), 4, { returnState: true, returnSequences: true });
    return { sum: add(inner(inner(h)), y), gate: sigmoid(inner(y)) };
  });
  const [x, y] = [input("x", ["batch", 3, 4]), input("y", ["batch", 4])];
  const first = part(x, y);
  const second = part(tanh(x), first.sum);
  const out = mul(second.sum, first.gate);
  return network("mixed", {
    batch,
    outputs: { out },
    loss: meanSquaredError(out, target("t", ["batch", 4])),
    optimizer,
  });
}

describe("everywhere, against differences and the interpreter", () => {
  test.each<[string, () => Network]>([
    ["two towers", () => siamese(towerOf())],
    ["a critic that is applied three times in two steps", () => adversarial(towerOf())],
    ["first in a loop", () => looped("inside")],
    ["first before a loop", () => looped("outside")],
    ["first under a gradient", () => differential("inside")],
    ["first beside a gradient", () => differential("outside")],
    ["batch norm", normed],
    ["several arguments and results, layers in a layer", mixed],
  ])("%s", (_, declare) => expectEverywhere(declare()), 120_000);
});

describe("one set of parameters", () => {
  test.each<[string, Network, number]>([
    ["two towers", siamese(towerOf()), 4],
    ["control: two layers", siamese(towerOf(), towerOf()), 8],
    ["a loop", looped("inside"), 2],
    ["batch norm", normed(), 4],
    ["mixed", mixed(), 2 + 8 + 3],
  ])("%s", (_, net, count) => {
    expect(parametersOf(net)).toHaveLength(count);
  });

  test("its gradients are the sums of those of two layers with the same numbers", () => {
    const shared = siamese(towerOf());
    const apart = siamese(towerOf(), towerOf());
    const model = compile(shared, { constNames: "ordinals" }).create({ seed: 3 });
    const values = Object.entries(model.parameters).map(([name, value]) => [name, Array.from(value)] as const);
    const given = {
      inputs: { left: [1, 2, -1, 0.5, 0, 1], right: [0, 1, 0.25, -1, 2, 1] },
      targets: { distance: [1, 0.5] },
    };
    const one = interpret(shared, { constNames: "ordinals", ...given, parameters: Object.fromEntries(values) });
    const doubled = values.flatMap(([name, value]) => [
      [name, value] as const,
      [name.replace("layer1", "layer2"), value] as const,
    ]);
    const two = interpret(apart, { constNames: "ordinals", ...given, parameters: Object.fromEntries(doubled) });
    expect(one.losses["step"]).toBeCloseTo(two.losses["step"]!, 12);
    for (const [name] of values) {
      const [a, b] = [two.gradients[name]!, two.gradients[name.replace("layer1", "layer2")]!];
      one.gradients[name]!.forEach((sum, i) => expect(sum).toBeCloseTo(a[i]! + b[i]!, 10));
      // Control: one of the two alone is something else.
      expect(Array.from(one.gradients[name]!)).not.toEqual(Array.from(a));
    }
  });

  test("`parameters` are the trainable ones that it uses, those of layers in it included", () => {
    const inner = layer((x) => dense(x, 3));
    const outer = layer((x) => dense(batchNorm(inner(inner(x)), { trainable: false }), 2));
    const x = input("x", ["batch", 3]);
    expect(() => outer.parameters).toThrow(/^LAYER_NOT_APPLIED/);
    outer(x);
    outer(inner(x));
    expect(outer.parameters.map(({ origin }) => `${origin.site.call} ${origin.role}`)).toEqual([
      "dense weight",
      "dense bias",
      "dense weight",
      "dense bias",
    ]);
    expect(inner.parameters).toEqual(outer.parameters.slice(0, 2));
    expect(Object.isFrozen(inner.parameters)).toBe(true);
  });

  test("applications draw different numbers for dropout", () => {
    const noisy = layer((x) => dropout(x, 0.5));
    const x = input("x", ["batch", 64]);
    const [a, b] = [noisy(x), noisy(x)];
    const scale = parameter([], 1);
    const declare = (one: Tensor, other: Tensor): Network =>
      network("n", { batch, loss: mean(square(mul(sub(one, other), scale))), optimizer });
    const given = { inputs: { x: Array<number>(64).fill(1) } };
    expect(interpret(declare(a, b), given).losses["step"]).toBeGreaterThan(0.5);
    // Control: one application beside itself.
    const same = declare(a, a);
    expect(interpret(same, given).losses["step"]).toBe(0);
  });

  test("two networks of one process have the layer's parameters each", () => {
    const tower = towerOf();
    const x = input("x", ["batch", 3]);
    const [first, second] = [tower(x), tower(tanh(x))].map((y) =>
      compile(network("n", { batch, outputs: { y } })).create({ seed: 1 }),
    );
    expect(Object.keys(second!.parameters)).toEqual(Object.keys(first!.parameters));
    expect(second!.parameters).toEqual(first!.parameters);
  });

  test("a failed application leaves nothing behind", () => {
    let isBroken = true;
    const f = layer((x) => {
      const h = dense(x, 4);
      if (isBroken) throw new Error("not yet");
      return dense(h, 2);
    });
    expect(() => f(input("x", ["batch", 3]))).toThrow("not yet");
    isBroken = false;
    const y = f(input("x", ["batch", 5]));
    isBroken = true;
    expect(() => f(input("x", ["batch", 5]))).toThrow("not yet");
    isBroken = false;
    expect(leavesOf(add(y, f(input("x", ["batch", 5]))), "parameter")).toBe(4);
    // Outside of it nothing is shared.
    expect(leavesOf(add(dense(y, 2), dense(y, 2)), "parameter")).toBe(8);
  });
});

describe("states", () => {
  /** A batch norm that two batches go through in one step, as a loop that takes one after the other. */
  function byHand(
    batches: readonly (readonly number[])[],
    momentum: number,
    running: { mean: number; variance: number },
  ) {
    for (const values of batches) {
      const n = values.length;
      const average = values.reduce((a, b) => a + b, 0) / n;
      const unbiased = values.reduce((a, b) => a + (b - average) ** 2, 0) / (n - 1);
      running.mean += momentum * (average - running.mean);
      running.variance += momentum * (unbiased - running.variance);
    }
    return running;
  }

  const momentum = 0.25;

  function model(target: "typescript" | "wasm" = "typescript") {
    const norm = layer((x) => batchNorm(x, { momentum, epsilon: 0 }));
    const [x, y] = [input("x", ["batch", 1]), input("y", ["batch", 1])];
    const [a, b] = [norm(x), norm(y)];
    const net = network("n", {
      batch,
      steps: {
        both: { loss: mean(square(add(a, mul(b, 2)))), optimizer, parameters: norm.parameters },
        second: { loss: mean(square(b)), optimizer, parameters: norm.parameters },
      },
    });
    return compile(net, { target, dtype: "float64", constNames: "ordinals" }).create({ seed: 1 });
  }

  test("running statistics take the applications in order, of those that a step computes", () => {
    const net = model();
    const running = { mean: 0, variance: 1 };
    const [x, y] = [
      [1, 5, -2, 3],
      [10, 20, 12, 8],
    ];
    const expectRunning = (): void => {
      expect(net.states["layer1.batchNorm1.runningMean"]![0]).toBeCloseTo(running.mean, 12);
      expect(net.states["layer1.batchNorm1.runningVariance"]![0]).toBeCloseTo(running.variance, 10);
    };
    for (let i = 0; i < 3; i++) {
      net.inputs["x"]!.set(x);
      net.inputs["y"]!.set(y);
      net["both"]!(4);
      byHand([x, y], momentum, running);
      expectRunning();
    }
    net["second"]!(4);
    byHand([y], momentum, running);
    expectRunning();
    // Control: the other order gives other numbers.
    const [one, other] = [byHand([x, y], momentum, { ...running }), byHand([y, x], momentum, { ...running })];
    expect(Math.abs(one.mean - other.mean)).toBeGreaterThan(0.1);
  });

  test("a batch norm of a batch norm", () => {
    const norm = layer((x) => batchNorm(x, { momentum, epsilon: 0.5 }));
    const y = norm(norm(input("x", ["batch", 1])));
    const loss = mean(square(y));
    const net = compile(network("n", { batch, loss, optimizer }), { dtype: "float64", constNames: "ordinals" }).create({
      seed: 1,
    });
    const x = [1, 5, -2, 3];
    net.inputs["x"]!.set(x);
    const center = 1.75;
    const variance = x.reduce((a, b) => a + (b - center) ** 2, 0) / 4;
    const normalized = x.map((value) => (value - center) / Math.sqrt(variance + 0.5));
    net["step"]!(4);
    const running = byHand([x, normalized], momentum, { mean: 0, variance: 1 });
    expect(net.states["layer1.batchNorm1.runningMean"]![0]).toBeCloseTo(running.mean, 12);
    expect(net.states["layer1.batchNorm1.runningVariance"]![0]).toBeCloseTo(running.variance, 12);
  });

  test("a state of the user's own that each application counts up", () => {
    const counted = layer((x) => {
      const seen = state("seen", [], 0);
      return updating(x, [[seen, add(mul(seen, 2), 1)]]);
    });
    const x = input("x", ["batch", 2]);
    const loss = mean(square(mul(add(counted(x), counted(counted(x))), parameter([], 1))));
    const net = compile(network("n", { batch, loss, optimizer })).create();
    net["step"]!(2);
    expect(net.states["seen"]![0]).toBe(7);
    net["step"]!(2);
    expect(net.states["seen"]![0]).toBe(63);
  });

  test("in the step of a loop an update is refused, as it is without a layer", () => {
    const norm = layer((x) => batchNorm(x));
    const { outputs } = scan(
      ([h], [x]) => ({ carries: [h!], outputs: [norm(x!)] }),
      [input("h", ["batch", 2])],
      [input("x", ["batch", 3, 2])],
      { axis: 1 },
    );
    expect(() => network("n", { batch, loss: mean(square(outputs[0]!)), optimizer })).toThrow(/UPDATE_IN_LOOP/);
  });
});

describe("refused", () => {
  const x = input("x", ["batch", 3]);
  const wide = input("wide", ["batch", 5]);
  const cases: [string, () => unknown, RegExp][] = [
    [
      "other features",
      () => {
        const tower = towerOf();
        tower(x);
        return tower(wide);
      },
      /^LAYER_MISMATCH: this application of the layer asks for dense's weight \[5, 4\] \(.*layer\.test\.ts:\d+:\d+\), and what the first application at .*layer\.test\.ts:\d+:\d+ made does not fit: it made it \[3, 4\]/,
    ],
    [
      "another layer in its place",
      () => {
        let count = 0;
        const f = layer((y) => (count++ === 0 ? dense(y, 3) : batchNorm(y)));
        f(x);
        return f(x);
      },
      /asks for batchNorm's weight \[3\] .* it made dense's weight \[3, 3\] in its place/,
    ],
    [
      "more than the first made",
      () => {
        const f = layer((y, ...more: Tensor[]) => more.reduce((z) => dense(z, 3), dense(y, 3)) as Tensor);
        f(x);
        return f(x, x);
      },
      /asks for dense's weight \[3, 3\] .* it made none in its place/,
    ],
    [
      "fewer than the first made",
      () => {
        const f = layer((y, ...more: Tensor[]) => more.reduce((z) => dense(z, 3), dense(y, 3)) as Tensor);
        f(x, x);
        return f(x);
      },
      /asks for nothing after 2 parameters and states .* it made dense's weight \[3, 3\] too/,
    ],
    [
      "another initial value",
      () => {
        const f = layer((y: Tensor, first: number) => add(y, parameter([3], first)));
        f(x, 0);
        return f(x, 1);
      },
      /asks for the parameter \[3\] .* it gave it another initial value/,
    ],
    [
      "another initialiser",
      () => {
        const f = layer((y: Tensor, width: number) => dense(y, 3, { weightInitializer: normal(0, width) }));
        f(x, 0.5);
        return f(x, 0.25);
      },
      /it gave it another initial value/,
    ],
    [
      "trained or not",
      () => {
        const f = layer((y: Tensor, trainable: boolean) => dense(y, 3, { trainable }));
        f(x, true);
        return f(x, false);
      },
      /it made it trainable/,
    ],
    [
      "a state of another type",
      () => {
        const f = layer((y: Tensor, dtype: "int32" | "float32") => add(y, state("s", [], 0, { dtype }) as Tensor));
        f(x, "float32");
        return f(x, "int32");
      },
      /the state s \[\] .* it made it float32, not int32/,
    ],
    [
      "an application within its own",
      () => {
        const f: (y: Tensor, depth: number) => Tensor = layer((y: Tensor, depth: number): Tensor =>
          depth === 0 ? y : f(dense(y, 3), depth - 1),
        );
        return f(x, 2);
      },
      /^LAYER_IN_ITSELF/,
    ],
    ["no function", () => layer(7 as never), /^BAD_ARGUMENT.*f must be a function/],
    ["a promise", () => layer(async (y) => dense(y, 3))(x), /returns its result, not a promise/],
    ["an option", () => layer((y) => y, { nam: "a" } as never), /no option "nam"[^]*did you mean name/],
  ];
  test.each(cases)("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test("the error's place is the application that does not fit", () => {
    const tower = towerOf();
    tower(x);
    let at: number | undefined;
    try {
      tower(wide);
    } catch (error) {
      at = (error as { at?: { line: number } }).at?.line;
    }
    const here = Number(/layer\.test\.ts:(\d+)/.exec(new Error().stack!)![1]);
    expect(here - at!).toBe(4);
  });

  test("control: what is alike fits, whatever is made of it", () => {
    const f = layer((y: Tensor, width: number, first: Tensor) =>
      add(dense(y, 3, { weightInitializer: normal(0, width) }), parameter([3], first)),
    );
    const first = parameter([3], 2);
    expect(() => f(f(x, 0.5, first), 0.5, first)).not.toThrow();
  });
});
