// What recurrent networks compile to, read from the printed kernels: the loops hold the products with the state and what
// follows them, and nothing else.

import { describe, expect, test } from "vitest";
import * as t from "tapeless";
import { compile } from "tapeless/compiler";

type Any = never;

const layers = {
  rnn: (x) => t.rnn(x, 8, { name: "cell" }),
  lstm: (x) => t.lstm(x, 8, { name: "cell" }),
  gru: (x) => t.gru(x, 8, { name: "cell" }),
  "gru, reset before": (x) => t.gru(x, 8, { name: "cell", resetAfter: false }),
} satisfies Record<string, (x: t.Tensor) => t.Tensor>;

interface Printed {
  readonly before: string;
  readonly forward: string;
  readonly backward: string;
  readonly after: string;
}

function printed(layer: (x: t.Tensor) => t.Tensor): Printed {
  const x = t.input("x", ["batch", 12, 5]) as t.Tensor;
  const y = t.target("y", ["batch", 8]);
  const loss = t.meanSquaredError(layer(x) as Any, y as Any);
  const net = t.network("recurrent", { batch: 3, loss, optimizer: t.sgd({ rate: 0.1 }) });
  const step = compile(net, { entries: ["step"] })
    .print("kernels")
    .split(/^entry /m)
    .find((e) => e.startsWith("step"))!;
  const lines = step.split("\n");
  const parts: Record<"before" | "forward" | "between" | "backward" | "after", string[]> = {
    before: [],
    forward: [],
    between: [],
    backward: [],
    after: [],
  };
  let part: keyof typeof parts = "before";
  for (const line of lines) {
    if (/^ {2}repeat 12 times:/.test(line)) part = "forward";
    else if (/^ {2}repeat 12 times, last first:/.test(line)) part = "backward";
    else if (/^ {2}\S/.test(line) && part === "forward") part = "between";
    else if (/^ {2}\S/.test(line) && part === "backward") part = "after";
    parts[part].push(line);
  }
  const text = (of: keyof typeof parts): string => parts[of].join("\n");
  return { before: text("before"), forward: text("forward"), backward: text("backward"), after: text("after") };
}

const count = (text: string, pattern: RegExp): number => text.match(new RegExp(pattern, "g"))?.length ?? 0;

describe.each(Object.entries(layers))("%s", (name, layer) => {
  const { before, forward, backward, after } = printed(layer);
  const products = name === "gru, reset before" ? 2 : 1;

  test("the inputs meet their weights in one product before the loop", () => {
    expect(before).toMatch(/sum over i3 < 5 of x\[.*\] \* cell\.weight\[/);
    expect(forward + backward).not.toMatch(/\bx\[/);
  });

  test("a step on the way there multiplies the state, a step on the way back its adjoint", () => {
    expect(count(forward, /sum over/)).toBe(products);
    expect(count(backward, /sum over/)).toBe(products);
    expect(backward).not.toMatch(/sum over[^\n]*where/);
    expect(forward).toMatch(/cell\.recurrent\[/);
  });

  test("the way back computes no function of the way there", () => {
    expect(forward).toMatch(/tanh\(/);
    expect(backward).not.toMatch(/tanh\(|sigmoid\(|exp\(/);
  });

  test("gradients of weights are sums over time and rows after the loop", () => {
    expect(backward).not.toMatch(/< batch of/);
    expect(after).toMatch(/cell\.weight\.next/);
    expect(count(after, /sum over i\d < (12|batch), i\d < (12|batch) of/)).toBeGreaterThanOrEqual(3);
  });
});

test("control: the gradient of a weight that changes from step to step stays in the loop", () => {
  const { backward } = printed((x) => {
    const w = t.parameter([5, 5], 0.1, { name: "cell" });
    const start = t.constant(0, ["batch", 5]);
    const { carries } = t.scan(
      ([h, m], [e]) => ({
        carries: [t.tanh(t.add(t.matmul(h!, m as Any), e as Any) as t.Tensor), t.mul(m!, 0.9)] as t.Tensor[],
        outputs: [],
      }),
      { initial: [start as t.Tensor, w as t.Tensor], sequences: [x], axis: 1 },
    );
    return t.dense(carries[0] as Any, 8, { name: "head" }) as t.Tensor;
  });
  expect(backward).toMatch(/< batch of/);
});

test("parts that are joined before a product are stored, not chosen in its innermost loop", () => {
  const x = t.input("x", ["batch", 6]) as t.Tensor;
  const joined = t.concat([t.tanh(x), t.sigmoid(x)] as t.Tensor[], { axis: 1 });
  const net = t.network("joined", { batch: 3, outputs: { y: t.dense(joined as Any, 4, { name: "head" }) as Any } });
  expect(compile(net).print("kernels")).not.toMatch(/sum over[^\n]*where/);
});
