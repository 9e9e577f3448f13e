// Graphs and equations as text and as LaTeX.

import { expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import type { Node } from "../../src/graph/node.js";
import { printEquations, printGraph } from "../../src/graph/print.js";
import { texEquations, texName } from "../../src/graph/tex.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";

const lines = (text: string): string[] => text.split("\n");

const x = ops.input("x", ["batch", 4]);
const w = ops.parameter([4, 3], 0, { name: "h.weight" });
const b = ops.parameter([3], 0, { name: "h.bias" });
const h = ops.tanh(ops.add(ops.matmul(x, w), b));
const loss = ops.mean(ops.square(h));
/** As a derivative rule would write them. */
const slope = ops.formula("tanh'", "1 - output ^ 2")(h) as Tensor;
const dz = ops.mul(ops.div(h, ops.size(h)), slope as never) as Tensor;
const dw = ops.einsum("bi,bj->ij", x, dz);
const db = ops.sum(dz, { axis: 0 });
const named = (node: Node): string => node.origin.name ?? (node === h ? "h" : "δz");

test("a graph, one node a line, numbered in the order of printing", () => {
  expect(lines(printGraph({ loss }))).toEqual([
    '%0 = input(name="x", role="input") : float32 [batch, 4]',
    "%1 = parameter(trainable=true) : float32 [4, 3]",
    "%2 = contract(%0, %1, left=[-1, -2], right=[-2, -3], output=[-1, -3]) : float32 [batch, 3]",
    "%3 = parameter(trainable=true) : float32 [3]",
    "%4 = broadcast(%3, axes=[1]) : float32 [batch, 3]",
    "%5 = %2 + %4 : float32 [batch, 3]",
    "%6 = tanh(%5) : float32 [batch, 3]",
    "%7 = square(%6) : float32 [batch, 3]",
    "%8 = sum(%7, axes=[0, 1]) : float32 []",
    "%9 = %8 / (3*batch) : float32 []",
    "results:",
    "  loss = %9",
  ]);
});

test("names are the caller's, and a list of roots has none of its own", () => {
  let count = 0;
  const name = (node: Node): string => node.origin.name ?? `n${count++}`;
  const text = printGraph([ops.sum(ops.mul(x, 2)), x], { name });
  expect(lines(text)).toEqual([
    'x = input(name="x", role="input") : float32 [batch, 4]',
    "n0 = x * 2 : float32 [batch, 4]",
    "n1 = sum(n0, axes=[0, 1]) : float32 []",
    "results: n1, x",
  ]);
});

test("slopes print as formulas", () => {
  const [dv] = differentiate([ops.gradient(ops.sum(h), x)]) as [Node];
  const text = printGraph({ dv });
  expect(text).toMatch(/%\d+ = 1 - %\d+\^2 : float32 \[batch, 3\]/);
  expect(text).toBe(printGraph({ dv }));
});

test("regions are indented", () => {
  const step = ([c]: readonly Tensor[], [e]: readonly Tensor[]) => {
    const next = ops.tanh(ops.add(c!, e! as never)) as Tensor;
    return { carries: [next], outputs: [] };
  };
  const initial = [ops.input("c0", [2])];
  const { carries } = ops.scan(step, initial, [ops.input("xs", [5, 2])]);
  expect(lines(printGraph(carries))).toEqual([
    '%0 = input(name="c0", role="input") : float32 [2]',
    '%1 = input(name="xs", role="input") : float32 [5, 2]',
    "%2 = scan(%0, %1, carries=1, sequences=1, reverse=false, length=5) : several",
    "  given %3 : float32 [2], %4 : float32 [2]",
    "    %5 = %3 + %4 : float32 [2]",
    "    %6 = tanh(%5) : float32 [2]",
    "  gives %6, %3",
    "%7 = result(%2, index=0) : float32 [2]",
    "results: %7",
  ]);
  expect(lines(printEquations({ last: carries[0]! }))).toEqual([
    "%0 = scan(c0, xs, carries=1, sequences=1, reverse=false, length=5)",
    "  given %1, %2",
    "    %3 = tanh(%1 + %2)",
    "  gives %3, %1",
    "last = result(%0, index=0)",
  ]);
});

test("equations of a derivative", () => {
  expect(lines(printEquations({ "∂loss/∂w": dw, "∂loss/∂b": db }))).toEqual([
    "%0 = tanh((x · h.weight) + h.bias)",
    "%1 = %0 / (3*batch) * tanh'(%0)",
    "∂loss/∂w = xᵀ · %1",
    "∂loss/∂b = sum(%1, axes=[0])",
  ]);
});

test("given values are named and not explained", () => {
  const text = printEquations({ "∂loss/∂b": db }, { name: named, isGiven: (node) => node === h });
  expect(lines(text)).toEqual(["∂loss/∂b = sum(h / (3*batch) * tanh'(h), axes=[0])"]);
});

test("products in both orientations, products of sums, results that are leaves", () => {
  const [p, q] = [ops.input("p", [2, 3]), ops.input("q", [2, 3])];
  const equation = (node: Tensor): string => printEquations({ y: node });
  expect(equation(ops.einsum("ij,kj->ik", p, q))).toBe("y = p · qᵀ");
  expect(equation(ops.einsum("ij,ik->jk", ops.add(p, q), q))).toBe("y = (p + q)ᵀ · q");
  const turned = ops.makeContract(p.origin, p, q, { left: [0, 2], right: [1, 2], output: [1, 0] });
  expect(equation(turned as Tensor)).toBe("y = q · pᵀ");
  expect(equation(ops.einsum("ij,kj->k", p, q))).toMatch(/^y = contract\(/);
  expect(printEquations({ p })).toBe("");
});

test("LaTeX of a derivative", () => {
  const text = texEquations({ "∂loss/∂w": dw }, { name: named, isGiven: (node) => node === h });
  expect(lines(text)).toEqual([
    "\\begin{aligned}",
    "\\frac{\\partial \\mathrm{loss}}{\\partial w} &= {x}^{\\top}\\,\\left(" +
      "\\frac{h}{(3\\,\\mathrm{batch})} \\cdot \\operatorname{tanh'}\\left(h\\right)\\right)",
    "\\end{aligned}",
  ]);
});

test.each([
  ["x", "x"],
  ["h1", "h_{1}"],
  ["δh1.weight", "\\delta {h_{1}^{\\mathrm{weight}}}"],
  ["δδz", "\\delta \\delta z"],
  ["logits", "\\mathrm{logits}"],
  ["a_b$}", "\\mathrm{a\\_b\\$\\}}"],
  ["∂loss/∂h1", "\\frac{\\partial \\mathrm{loss}}{\\partial h_{1}}"],
])("LaTeX of the name %s", (name, tex) => expect(texName(name)).toBe(tex));

test("a chain of 20,000 nodes prints", () => {
  let y: Node = x;
  for (let i = 0; i < 20_000; i++) y = ops.tanh.at(x.origin, y);
  expect(lines(printGraph([y])).length).toBe(20_002);
  expect(lines(printEquations([y])).length).toBeLessThan(20_000);
});
