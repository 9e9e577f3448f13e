// A gradient that a definition states is compared with differences of its forward function when the network is compiled.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import * as t from "tapeless";

type Forward = (...operands: readonly t.Tensor[]) => t.Tensor;
type Backward = (g: t.Tensor, value: t.Tensor, operands: readonly t.Tensor[]) => readonly t.Tensor[];

const tensor = (x: unknown): t.Tensor => x as t.Tensor;
const times = (a: t.Tensor, b: t.Operand): t.Tensor => tensor(t.mul(a, b as never));
const plus = (a: t.Tensor, b: t.Operand): t.Tensor => tensor(t.add(a, b as never));

function build(forward: Forward, backward: Backward, options: { check?: boolean } = {}, operands = 1): () => unknown {
  const x = t.input("x", ["batch", 3]) as t.Tensor;
  const w = t.parameter([3, 4], 0.3, { name: "w" });
  const h = tensor(t.matmul(x as never, w as never));
  const all = [h, tensor(t.mul(h, 0.5)), tensor(t.tanh(h))].slice(0, operands);
  const y = t.customGradient(forward, backward, options)(...all);
  const net = t.network("n", { batch: 2, loss: t.mean(y), optimizer: t.sgd({ rate: 0.1 }) });
  return () => compile(net, { entries: ["step"] });
}

interface Right {
  readonly name: string;
  readonly forward: Forward;
  readonly backward: Backward;
  readonly operands?: number;
}

interface Wrong extends Right {
  readonly sentence: RegExp;
}

const right: readonly Right[] = [
  { name: "square", forward: (x) => tensor(t.square(x!)), backward: (g, _, [x]) => [times(times(g, x!), 2)] },
  {
    name: "tanh, from its value",
    forward: (x) => tensor(t.tanh(x!)),
    backward: (g, y) => [times(g, tensor(t.sub(1, t.square(y))))],
  },
  {
    name: "a kink",
    forward: (x) => tensor(t.relu(x!)),
    backward: (g, _, [x]) => [tensor(t.where(t.greater(x!, 0), g, 0))],
  },
  {
    name: "a logarithm, which needs positive points",
    forward: (x) => tensor(t.log(x!)),
    backward: (g, _, [x]) => [tensor(t.div(g, x!))],
  },
  {
    name: "a function that needs points above 1",
    forward: (x) => tensor(t.log(t.sqrt(t.sub(x!, 1)))),
    backward: (g, _, [x]) => [tensor(t.div(times(g, 0.5), t.sub(x!, 1) as never))],
  },
  {
    name: "two operands",
    forward: (x, y) => times(x!, y!),
    backward: (g, _, [x, y]) => [times(g, y!), times(g, x!)],
    operands: 2,
  },
  {
    name: "an operand that is not used",
    forward: (x) => tensor(t.square(x!)),
    backward: (g, _, [x, y]) => [times(times(g, x!), 2), times(y!, 0)],
    operands: 2,
  },
  {
    name: "a sum over rows",
    forward: (x) => tensor(t.sum(x!, { axis: 0 })),
    backward: (g, _, [x]) => [plus(times(x!, 0), g)],
  },
];

const square: Forward = (x) => tensor(t.square(x!));
const product: Forward = (x, y) => times(x!, y!);

const wrong: readonly Wrong[] = [
  {
    name: "a factor of 1.001",
    forward: square,
    backward: (g, _, [x]) => [times(times(g, x!), 2.002)],
    sentence: /backward's gradient is/,
  },
  {
    name: "another sign",
    forward: (x) => tensor(t.tanh(x!)),
    backward: (g, y) => [times(g, tensor(t.sub(t.square(y), 1)))],
    sentence: /differences/,
  },
  { name: "the adjoint forgotten", forward: square, backward: (_, __, [x]) => [times(x!, 2)], sentence: /element 0/ },
  {
    name: "operands swapped",
    forward: product,
    backward: (g, _, [x, y]) => [times(g, x!), times(g, y!)],
    sentence: /of operand 0 is/,
    operands: 2,
  },
  {
    name: "only the second operand",
    forward: product,
    backward: (g, _, [, y]) => [times(g, y!), g],
    sentence: /of operand 1 is/,
    operands: 2,
  },
];

describe("what agrees is compiled", () => {
  test.each(right)("$name", ({ forward, backward, operands }) => {
    expect(build(forward, backward, {}, operands)).not.toThrow();
  });
});

describe("what differs is refused, with the place and both values", () => {
  test.each(wrong)("$name", ({ forward, backward, sentence, operands }) => {
    let error: unknown;
    try {
      build(forward, backward, {}, operands)();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(t.TapelessError);
    const { code, message, at, hint } = error as t.TapelessError;
    expect(code).toBe("WRONG_GRADIENT");
    expect(message).toMatch(sentence);
    expect(hint).toContain("check: false");
    expect(at?.file).toMatch(/custom-gradient\.test\.ts$/);
  });
});

test("a gradient that is meant to be another is compiled when it says so", () => {
  const reversed: Backward = (g) => [tensor(t.neg(g))];
  expect(build((x) => plus(x!, 0), reversed, { check: false })).not.toThrow();
  expect(build((x) => plus(x!, 0), reversed)).toThrow(/WRONG_GRADIENT/);
});

test("each wrong statement is listed; straight-through estimators are none", () => {
  const x = t.parameter([2], 0.3, { name: "x" });
  const bad = (factor: number): t.Tensor =>
    t.customGradient(
      (v) => tensor(t.square(v!)),
      (g) => [times(g, factor)],
    )(x);
  const rounded = tensor(t.straightThrough(t.round(x), x));
  const loss = t.sum(plus(plus(bad(3), bad(4)), rounded));
  const net = t.network("n", { batch: 1, loss, optimizer: t.sgd({ rate: 0.1 }) });
  let error: unknown;
  try {
    compile(net);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(t.TapelessErrors);
  expect((error as t.TapelessErrors).errors).toHaveLength(2);
});

test("inside a loop, with what the loop hands in", () => {
  const steps = t.input("steps", [5, "batch", 3]) as t.Tensor;
  const scale = t.parameter([3], 0.5, { name: "scale" }) as t.Tensor;
  const loop = (factor: number): (() => unknown) => {
    const { carries } = t.scan(
      ([h], [e]) => {
        const mixed = t.customGradient(
          (a, b) => times(times(a!, b!), scale),
          (g, _, [a, b]) => [times(times(g, b!), times(scale, factor)), times(times(g, a!), scale)],
        );
        return { carries: [mixed(plus(h!, 1), e!)], outputs: [] };
      },
      [tensor(t.mul(t.input("start", ["batch", 3]), 1))],
      [steps],
    );
    const net = t.network("n", { batch: 2, loss: t.mean(carries[0]!), optimizer: t.sgd({ rate: 0.1 }) });
    return () => compile(net, { entries: ["step"] });
  };
  expect(loop(1)).not.toThrow();
  expect(loop(1.01)).toThrow(/WRONG_GRADIENT/);
});

test("one operand twice, where the statement takes gradients by its arguments", () => {
  const loss = (factor: number) => {
    const made = t.customGradient(
      (a, b) => times(times(a!, a!), b!),
      (g, _, [a, b]) => {
        const weighted = tensor(t.sum(times(times(times(a!, a!), b!), g)));
        return [times(tensor(t.gradient(weighted, a!)), factor), tensor(t.gradient(weighted, b!))];
      },
    );
    const x = t.parameter([2], 0.3, { name: "x" });
    const net = t.network("n", { batch: 1, loss: t.sum(made(x, x)), optimizer: t.sgd({ rate: 0.1 }) });
    return () => compile(net, { entries: ["step"] });
  };
  expect(loss(1)).not.toThrow();
  expect(loss(1.01)).toThrow(/WRONG_GRADIENT/);
});
