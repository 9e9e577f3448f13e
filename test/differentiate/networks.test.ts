// Derived gradients of small networks, read as text beside what they are derived from.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { simplify } from "../../compiler/2-simplify/index.js";
import { verifyGraph } from "../../compiler/verify.js";
import type { Node } from "../../src/graph/node.js";
import { printGraph } from "../../src/graph/print.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { everyNode, topological } from "../../src/graph/walk.js";
import { relu, selu } from "../../src/ops/pointwise/activations.js";
import { add, mul, sigmoid, sqrt, square, sub, tanh } from "../../src/ops/pointwise/arithmetic.js";
import { matmul } from "../../src/ops/contract/contract.js";
import { customGradient } from "../../src/ops/marker/custom-gradient.js";
import { softmaxCrossEntropy } from "../../src/ops/composite/entropy.js";
import { input, labels, parameter } from "../../src/ops/leaf/leaves.js";
import { gradient, gradientAt, stopGradient, straightThrough } from "../../src/ops/marker/markers.js";
import { max, mean, sum } from "../../src/ops/reduce/reduce.js";
import { scan } from "../../src/ops/scan/scan.js";
import { softmax } from "../../src/ops/composite/softmax.js";
import { draw, drawer, gradientError, leaf, opsOf, ORIGIN, run } from "./check.js";

const x = input("x", ["batch", 3]);
const w = parameter([3, 2], 0, { name: "w" });
const b = parameter([2], 0, { name: "b" });

function printed(roots: Readonly<Record<string, Node>>, names: Readonly<Record<string, Node>>): string {
  const derived = simplify(differentiate(Object.values(roots)));
  verifyGraph(derived, "simplify", "simple");
  const known = new Map(Object.entries(names).map(([name, node]) => [node, name]));
  let count = 0;
  const numbered = new Map<Node, string>();
  const name = (node: Node): string => {
    const own = known.get(node) ?? numbered.get(node);
    if (own !== undefined) return own;
    numbered.set(node, `%${++count}`);
    return `%${count}`;
  };
  const result = Object.fromEntries(Object.keys(roots).map((key, i) => [key, derived[i]!]));
  return `\n${printGraph(result, { name })}\n`;
}

describe("printed", () => {
  test("a dense layer with tanh and the mean of squares", () => {
    const h = tanh(add(matmul(x, w), b));
    const loss = mean(square(h));
    expect(printed({ dw: gradient(loss, w), db: gradient(loss, b) }, { x, w, b, h })).toMatchInlineSnapshot(`
      "
      x = input(name="x", role="input") : float32 [batch, 3]
      w = parameter(trainable=true) : float32 [3, 2]
      %1 = contract(x, w, left=[-1, -2], right=[-2, -3], output=[-1, -3]) : float32 [batch, 2]
      b = parameter(trainable=true) : float32 [2]
      %2 = broadcast(b, axes=[1]) : float32 [batch, 2]
      %3 = %1 + %2 : float32 [batch, 2]
      h = tanh(%3) : float32 [batch, 2]
      %4 = 1 / batch : float32 []
      %5 = broadcast(%4, axes=[]) : float32 [batch, 2]
      %6 = h * %5 : float32 [batch, 2]
      %7 = 1 - h^2 : float32 [batch, 2]
      %8 = %6 * %7 : float32 [batch, 2]
      %9 = contract(x, %8, left=[-1, -2], right=[-1, -3], output=[-2, -3]) : float32 [3, 2]
      %10 = sum(%8, axes=[0]) : float32 [2]
      results:
        dw = %9
        db = %10
      "
    `);
  });

  test("relu, softmax and cross-entropy", () => {
    const digit = labels("digit", ["batch"], 2);
    const h = relu(x);
    const logits = add(matmul(h, w), b);
    const loss = mean(softmaxCrossEntropy(logits, digit));
    const roots = { loss, dx: gradient(loss, x), db: gradient(loss, b) };
    expect(printed(roots, { x, w, b, h, digit, logits })).toMatchInlineSnapshot(`
      "
      x = input(name="x", role="input") : float32 [batch, 3]
      h = relu(x) : float32 [batch, 3]
      w = parameter(trainable=true) : float32 [3, 2]
      %1 = contract(h, w, left=[-1, -2], right=[-2, -3], output=[-1, -3]) : float32 [batch, 2]
      b = parameter(trainable=true) : float32 [2]
      %2 = broadcast(b, axes=[1]) : float32 [batch, 2]
      logits = %1 + %2 : float32 [batch, 2]
      digit = input(name="digit", role="target", below=2) : int32 [batch]
      %3 = softmaxCrossEntropy(logits, digit) : float32 [batch]
      %4 = sum(%3, axes=[0]) : float32 []
      %5 = %4 / batch : float32 []
      %6 = softmax(logits, axis=1) : float32 [batch, 2]
      %7 = oneHot(digit, depth=2) : float32 [batch, 2]
      %8 = %6 - %7 : float32 [batch, 2]
      %9 = 1 / batch : float32 []
      %10 = broadcast(%9, axes=[]) : float32 [batch, 2]
      %11 = %8 * %10 : float32 [batch, 2]
      %12 = contract(%11, w, left=[-1, -3], right=[-2, -3], output=[-1, -2]) : float32 [batch, 3]
      %13 = where(h > 0, %12, 0) : float32 [batch, 3]
      %14 = sum(%11, axes=[0]) : float32 [2]
      results:
        loss = %5
        dx = %13
        db = %14
      "
    `);
  });

  test("two steps of a recurrence and its reversed loop", () => {
    const xs = input("xs", ["batch", 4, 2]);
    const u = parameter([2, 2], 0, { name: "u" });
    const h0 = input("h0", ["batch", 2]);
    const { carries } = scan(
      ([h], [e]) => {
        const next = tanh(add(matmul(h!, u as never), e!));
        return { carries: [next], outputs: [] };
      },
      [h0],
      [xs],
      { axis: 1 },
    );
    const loss = sum(carries[0]!);
    expect(printed({ du: gradient(loss, u) }, { xs, u, h0 })).toMatchInlineSnapshot(`
      "
      %1 = 1 : float32 [batch, 2]
      %2 = 0 : float32 [2, 2]
      h0 = input(name="h0", role="input") : float32 [batch, 2]
      xs = input(name="xs", role="input") : float32 [batch, 4, 2]
      %3 = transpose(xs, permutation=[1, 0, 2]) : float32 [4, batch, 2]
      u = parameter(trainable=true) : float32 [2, 2]
      %4 = scan(h0, %3, u, carries=1, sequences=1, reverse=false, length=4) : several
        given %5 : float32 [batch, 2], %6 : float32 [batch, 2], %7 : float32 [2, 2]
          %8 = contract(%5, %7, left=[-1, -2], right=[-2, -3], output=[-1, -3]) : float32 [batch, 2]
          %9 = %8 + %6 : float32 [batch, 2]
          %10 = tanh(%9) : float32 [batch, 2]
        gives %10, %5
      %11 = result(%4, index=1) : float32 [4, batch, 2]
      %12 = scan(%1, %2, %11, %3, u, carries=2, sequences=2, reverse=true, length=4) : several
        given %13 : float32 [batch, 2], %14 : float32 [2, 2], %15 : float32 [batch, 2], %16 : float32 [batch, 2], %17 : float32 [2, 2]
          %18 = contract(%15, %17, left=[-1, -2], right=[-2, -3], output=[-1, -3]) : float32 [batch, 2]
          %19 = %18 + %16 : float32 [batch, 2]
          %20 = tanh(%19) : float32 [batch, 2]
          %21 = 1 - %20^2 : float32 [batch, 2]
          %22 = %13 * %21 : float32 [batch, 2]
          %23 = contract(%22, %17, left=[-1, -3], right=[-2, -3], output=[-1, -2]) : float32 [batch, 2]
          %24 = contract(%15, %22, left=[-1, -2], right=[-1, -3], output=[-2, -3]) : float32 [2, 2]
          %25 = %14 + %24 : float32 [2, 2]
        gives %23, %25
      %26 = result(%12, index=1) : float32 [2, 2]
      results:
        du = %26
      "
    `);
  });
});

describe("gradients of networks against differences", () => {
  const next = drawer(3);
  const values = new Map<Node, number[]>([
    [x, draw(next, 9, -1, 1)],
    [w, draw(next, 6, -1, 1)],
    [b, draw(next, 2, -1, 1)],
  ]);

  test("a network with two layers", () => {
    const loss = mean(square(sub(sigmoid(add(matmul(tanh(add(matmul(x, w), b)), parameterLike([2, 3])), 0.1)), x)));
    expect(gradientError(loss, [x, w, b], values, 3).error).toBeLessThan(1e-8);
  });

  test("a gradient penalty: the gradient of a norm of a gradient", () => {
    const score = sum(sigmoid(matmul(selu(x), w)));
    const slope = gradient(score, x) as Tensor;
    const penalty = mean(square(sub(sqrt(sum(square(slope), { axis: 1 })), 1)));
    expect(gradientError(penalty, [w, x], values, 3).error).toBeLessThan(1e-6);
    const { error } = gradientError(penalty, [w, x], values, 3, (roots) => simplify(roots));
    expect(error).toBeLessThan(1e-6);
  });

  test("third derivatives", () => {
    const first = gradient(sum(mul(square(x), tanh(x))), x) as Tensor;
    const second = gradient(sum(square(first)), x) as Tensor;
    expect(gradientError(sum(mul(second, x)), [x], values, 3).error).toBeLessThan(1e-6);
  });

  test("a gradient inside a loop's step", () => {
    const { carries } = scan(
      ([z]) => {
        const energy = sum(square(tanh(z!)));
        return { carries: [sub(z!, mul(gradient(energy, z!) as Tensor, 0.1))], outputs: [] };
      },
      [x],
      [input("ticks", [3, 1])],
      { axis: 0 },
    );
    expect(gradientError(sum(square(carries[0]!)), [x], values, 3).error).toBeLessThan(1e-8);
  });

  const parameterLike = (shape: readonly number[]): Tensor => {
    const made = leaf(
      "v",
      shape.map((n) => dim(n)),
    );
    values.set(
      made,
      draw(
        next,
        shape.reduce((a, c) => a * c),
        -1,
        1,
      ),
    );
    return made as Tensor;
  };
});

describe("what is visited", () => {
  const h1 = tanh(matmul(x, w));
  const h2 = matmul(h1, parameter([2, 2], 0, { name: "v" }));
  const loss = sum(square(h2));

  test("only paths to what is wanted: nothing is derived for what lies below", () => {
    const last = h2.inputs[1]!;
    const [only] = differentiate([gradientAt(ORIGIN, loss, last)]);
    const made = topological([only!]).filter((node) => node.origin.derived);
    expect(made.some((node) => node.def.name === "tanh'")).toBe(false);
    const [deeper] = differentiate([gradientAt(ORIGIN, loss, w)]);
    expect(opsOf([deeper!])).toContain("tanh'");
  });

  test("gradients of one scalar share one sweep", () => {
    const [dw, dx] = differentiate([gradientAt(ORIGIN, loss, w), gradientAt(ORIGIN, loss, x)]);
    const slopes = everyNode([dw!, dx!]).filter((node) => node.def.name === "tanh'");
    expect(slopes).toHaveLength(1);
  });

  test("what is not reached has zeros, stopGradient blocks, a straight-through value passes to its surrogate", () => {
    const other = parameter([4], 0, { name: "other" });
    const blocked = sum(mul(stopGradient(x), x));
    const through = sum(mul(straightThrough(sub(x, x), x), 3));
    const roots = [gradient(loss, other), gradient(blocked, x), gradient(through, x)];
    const at = Array.from({ length: 9 }, (_, i) => i + 1);
    const [zeros, half, three] = run(differentiate(roots), new Map([[x as Node, at]]), 3);
    expect([...zeros!]).toEqual([0, 0, 0, 0]);
    expect([...half!]).toEqual(at);
    expect([...three!]).toEqual(at.map(() => 3));
  });

  test("a custom gradient is used as it is stated", () => {
    const doubled = customGradient(
      (z) => square(z!),
      (g, _, [z]) => [mul(mul(g, z!), 10)],
    );
    const [found] = run(differentiate([gradient(sum(doubled(x)), x)]), new Map([[x as Node, Array(9).fill(2)]]), 3);
    expect([...found!]).toEqual(Array(9).fill(20));
  });

  test("ties of max share the gradient, in a reduction and between two", () => {
    const tied = leaf("tied", [dim(4)]) as Tensor;
    const at = new Map([[tied as Node, [1, 3, 3, 0]]]);
    const [reduced, pair] = run(differentiate([gradient(max(tied), tied), gradient(sum(max(tied, 3)), tied)]), at, 1);
    expect([...reduced!]).toEqual([0, 0.5, 0.5, 0]);
    expect([...pair!]).toEqual([0, 0.5, 0.5, 0]);
  });

  test("every derived node says what it is the adjoint of, and by which rule", () => {
    const derived = differentiate([gradientAt(ORIGIN, loss, w), gradientAt(ORIGIN, loss, x)]);
    const forward = new Set(topological([loss]));
    for (const node of topological(derived)) {
      if (forward.has(node)) continue;
      expect(node.origin.derived?.by.tex, node.def.name).toBeDefined();
      expect(node.origin.site.call).not.toBe("test");
    }
    expect(derived[0]!.origin.derived!.of).toBe(w);
    expect(derived[0]!.origin.derived!.by.id).toBe("product.right");
  });

  test("what a guard selects has the rule of the op whose guard it is, not that of the value", () => {
    const [dx] = differentiate([gradientAt(ORIGIN, sum(mul(relu(x), 3)), x)]);
    expect(dx!.def.name).toBe("relu'");
    expect(dx!.origin.derived).toMatchObject({ of: x, by: { id: "elementwise" } });
    // The control: the value that it selects was scaled.
    expect(dx!.inputs[0]!.origin.derived).toMatchObject({ by: { id: "scale" } });
  });

  test("a softmax is differentiated by its shorthand", () => {
    const [dx] = differentiate([gradient(sum(square(softmax(x))), x)]);
    expect(opsOf([dx!]).filter((name) => name === "exp")).toEqual([]);
  });
});

describe("scale", () => {
  const start = leaf("start", [BATCH, dim(2)]) as Tensor;

  /** Milliseconds to differentiate and simplify a chain; other work on the machine only adds. */
  function chainTime(length: number): number {
    let y: Node = start;
    for (let i = 0; i < length; i++) y = [relu, tanh, square][i % 3]!.at(ORIGIN, y);
    const marker = gradient(sum(y as Tensor), start);
    const begin = performance.now();
    const simple = simplify(differentiate([marker]));
    const took = performance.now() - begin;
    expect(topological(simple).length).toBeLessThan(6 * length);
    return took;
  }

  test("a chain of 10,000 nodes takes time in proportion, and no stack", { timeout: 120_000 }, () => {
    const small = Math.max(20, Math.min(...[1, 2, 3].map(() => chainTime(2000))));
    expect(chainTime(10_000)).toBeLessThan(25 * small);
  });

  test("a diamond 60 levels deep grows linearly", () => {
    const nodesOf = (levels: number): number => {
      let y: Tensor = start;
      for (let i = 0; i < levels; i++) y = mul(tanh(y), y) as Tensor;
      return topological(simplify(differentiate([gradient(sum(y), start)]))).length;
    };
    expect(nodesOf(60) - nodesOf(40)).toBe(nodesOf(40) - nodesOf(20));
  });

  test("2,000 parameters, one use of a node by all", { timeout: 120_000 }, () => {
    const all = Array.from({ length: 2000 }, (_, i) => parameter([2], 0, { name: `p${i}` }));
    const total = all.map((p) => mul(start, p)).reduce((a, c) => add(a, c) as never);
    const loss = sum(total);
    const roots = [...all, start].map((p) => gradient(loss, p));
    const derived = simplify(differentiate(roots));
    expect(derived).toHaveLength(2001);
    expect(topological(derived).length).toBeLessThan(20_000);
  });
});
