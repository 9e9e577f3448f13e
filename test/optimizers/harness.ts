// A network whose gradients are known without the compiler, and the deviation of its steps from a rule in plain numbers.
// The loss is sum((w - x)³) + sum((b - x)³), so that the gradient is 3 (w - x)².

import { compile, type Model } from "tapeless/compiler";
import { input, mul, network, parameter, square, sub, sum, type Optimizer, type Tensor } from "tapeless";
import type { Rule } from "./reference.js";

export const W = [0.3, -0.7, 1.1];
export const B = [-0.2, 0.4, 0.9];
const X = [
  [1, 0.5, -0.25],
  [-0.5, 0.75, 2],
  [0.1, -1, 0.3],
  [0.6, 0.6, 0.6],
];

export type Make = (parameters: { w: Tensor; b: Tensor }) => Optimizer;

export function model(make: Make): Model {
  const x = input("x", [3]);
  const w = parameter([3], 0, { name: "w" });
  const b = parameter([3], 0, { name: "b" });
  const cube = (p: Tensor): Tensor => {
    const d = sub(p, x) as Tensor;
    return mul(square(d), d) as Tensor;
  };
  const loss = sum(sub(cube(w), mul(cube(b), -1))) as Tensor<[]>;
  const net = network("rule", { batch: 1, loss, optimizer: make({ w, b }) });
  return compile(net, { dtype: "float64", entries: ["step"] }).create({ parameters: { w: W, b: B } });
}

const slope = (w: number, x: number): number => 3 * (w - x) ** 2;

/** Runs both; `between` may change the model before each step. Returns the largest deviation. */
export function deviation(net: Model, rules: { w: Rule; b: Rule }, between: (step: number) => void = () => {}): number {
  const wanted = { w: [...W], b: [...B] };
  const next = { w: W.map(() => rules.w()), b: B.map(() => rules.b()) };
  let worst = 0;
  X.forEach((x, step) => {
    between(step);
    net.inputs["x"]!.set(x);
    net.step(1);
    for (const name of ["w", "b"] as const) {
      wanted[name] = wanted[name].map((v, i) => next[name][i]!(v, slope(v, x[i]!)));
      wanted[name].forEach((v, i) => {
        const off = Math.abs(v - net.parameters[name]![i]!);
        worst = Number.isNaN(off) ? Infinity : Math.max(worst, off);
      });
    }
  });
  return worst;
}
