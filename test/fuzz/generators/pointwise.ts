// Element by element: arithmetic, activations, logic, formulas.

import { call, combines, find, float, positive, step, take, tamed, type Canvas, type Value } from "../canvas.js";
import type { Arg } from "../sketch.js";
import { value, type Table } from "./kinds.js";

const unary = (name: string, weight = 1) => value(weight, (c) => call(c, name, float(c).ref));

/** After something that keeps values small. */
const ofSmall = (name: string) => value(1, (c) => call(c, name, call(c, "tanh", float(c).ref).ref));

const ofPositive = (name: string) => value(1, (c) => call(c, name, positive(c, float(c)).ref));

/** Two operands that broadcast together; now and then a number, or the same value twice. */
function pair(c: Canvas): readonly [Value, Value] {
  const a = float(c);
  if (c.draw.chance(0.08)) return [a, a];
  const b = float(
    c,
    (v) => combines(v.node.shape, a.node.shape),
    () => ownShape(c, a),
  );
  return c.draw.chance(0.5) ? [a, b] : [b, a];
}

/** The last axes of a shape, some of them as 1. */
function ownShape(c: Canvas, { node }: Value): (number | "batch")[] {
  const dims = node.shape.map((d) =>
    d.power === 0 ? d.times : d.power === 1 && d.times === 1 ? ("batch" as const) : 1,
  );
  return dims.slice(c.draw.below(dims.length + 1)).map((d) => (c.draw.chance(0.25) ? 1 : d));
}

const binary = (name: string, weight: number, second: (c: Canvas, b: Value) => Value = (_, b) => b) =>
  value(weight, (c) => {
    const [a, b] = pair(c);
    if (c.draw.chance(0.1)) return call(c, name, a.ref, c.draw.pick([0.5, -0.75, 1.5, 2]));
    return call(c, name, a.ref, second(c, b).ref);
  });

const comparison = (name: string) =>
  value(1, (c) => {
    const [a, b] = pair(c);
    return call(c, name, a.ref, c.draw.chance(0.3) ? c.draw.pick([0.125, -0.3, 0]) : b.ref);
  });

/** A bool of any origin. */
function truth(c: Canvas): Value {
  const found = c.draw.chance(0.7) ? find(c, ({ node }) => node.dtype === "bool") : undefined;
  if (found) return found;
  const [a, b] = pair(c);
  return call(c, c.draw.pick(["greater", "less", "lessEqual", "greaterEqual"]), a.ref, b.ref);
}

const logical = (name: string) =>
  value(1, (c) => {
    const a = truth(c);
    const b = find(c, (v) => v.node.dtype === "bool" && combines(v.node.shape, a.node.shape)) ?? a;
    return call(c, name, a.ref, b.ref);
  });

/** Steps and truths are of use where something reads them: most become floats. */
const asFloat = (c: Canvas, { ref }: Value): Value => call(c, "cast", ref, "float32");

const FORMULAS: readonly (readonly [text: string, operands: 1 | 2])[] = [
  ["x * sigmoid(x)", 1],
  ["a * sin(b) + 0.25 * a", 2],
  ["where(a > b, a * a, b)", 2],
  ["x / (1 + exp(-k * x))", 1],
  ["sqrt(x * x + k)", 1],
  ["max(a, b) - min(a, k * b)", 2],
];

export const pointwise: Table = {
  abs: unary("abs"),
  add: binary("add", 8),
  ceil: unary("ceil", 0.5),
  cos: unary("cos"),
  div: binary("div", 2, positive),
  erf: unary("erf"),
  exp: ofSmall("exp"),
  expm1: ofSmall("expm1"),
  floor: unary("floor", 0.5),
  log: ofPositive("log"),
  log1p: ofPositive("log1p"),
  maximum: binary("maximum", 1.5),
  minimum: binary("minimum", 1),
  mul: binary("mul", 7),
  neg: unary("neg"),
  pow: value(1, (c) => {
    if (c.draw.chance(0.5)) return call(c, "pow", call(c, "tanh", float(c).ref).ref, c.draw.pick([2, 3, 1]));
    const [a, b] = pair(c);
    return call(
      c,
      "pow",
      positive(c, a).ref,
      c.draw.chance(0.5) ? c.draw.pick([0.5, -1, 1.5]) : call(c, "tanh", b.ref).ref,
    );
  }),
  reciprocal: ofPositive("reciprocal"),
  round: unary("round", 0.5),
  rsqrt: ofPositive("rsqrt"),
  sigmoid: unary("sigmoid", 2),
  sign: unary("sign", 0.5),
  sin: unary("sin", 2),
  sqrt: ofPositive("sqrt"),
  square: unary("square", 2),
  sub: binary("sub", 4),
  tanh: unary("tanh", 6),
  clip: value(2, (c) => call(c, "clip", float(c).ref, c.draw.pick([-0.5, 0, -0.9]), c.draw.pick([0.5, 1, 0.6]))),
  elu: value(1, (c) => call(c, "elu", float(c).ref, ...(c.draw.chance(0.5) ? [0.5] : []))),
  gelu: value(1, (c) => call(c, "gelu", float(c).ref, ...(c.draw.chance(0.5) ? [{ approximate: "tanh" }] : []))),
  hardSigmoid: unary("hardSigmoid"),
  leakyRelu: value(1, (c) => call(c, "leakyRelu", float(c).ref, ...(c.draw.chance(0.5) ? [0.25] : []))),
  logSigmoid: unary("logSigmoid"),
  mish: unary("mish"),
  relu: unary("relu", 3),
  selu: unary("selu"),
  silu: unary("silu"),
  softplus: unary("softplus"),
  softsign: unary("softsign"),
  cast: value(1, (c) => {
    const whole = find(c, ({ node }) => node.dtype !== "float32");
    if (whole && c.draw.chance(0.7)) return asFloat(c, whole);
    return asFloat(c, call(c, "cast", float(c).ref, c.draw.pick(["int32", "bool"])));
  }),
  equal: comparison("equal"),
  greater: comparison("greater"),
  greaterEqual: comparison("greaterEqual"),
  less: comparison("less"),
  lessEqual: comparison("lessEqual"),
  logicalAnd: logical("logicalAnd"),
  logicalNot: value(1, (c) => call(c, "logicalNot", truth(c).ref)),
  logicalOr: logical("logicalOr"),
  notEqual: comparison("notEqual"),
  where: value(3, (c) => {
    const condition = truth(c);
    const { shape } = condition.node;
    const operand = (): Value =>
      float(
        c,
        (v) => combines(v.node.shape, shape),
        () => ownShape(c, condition),
      );
    const a = operand();
    const b = float(
      c,
      (v) => combines(v.node.shape, shape) && combines(v.node.shape, a.node.shape),
      () => [],
    );
    return call(c, "where", condition.ref, a.ref, c.draw.chance(0.15) ? 0.25 : b.ref);
  }),
  formula: value(1, (c) => {
    const [text, operands] = c.draw.pick(FORMULAS);
    const options: Arg[] = text.includes("k") ? [{ attributes: { k: 0.5 } }] : [];
    const [a, b] = pair(c);
    return call(
      c,
      { $call: "formula", args: [`f${c.fresh()}`, text, ...options] },
      ...(operands === 1 ? [a.ref] : [a.ref, b.ref]),
    );
  }),
  customGradient: value(0.7, (c) => {
    const x = float(c);
    return tamed(c, take(c, step(c, stated(c), x.ref)));
  }),
};

/** A function with its own derivative, right or on purpose another one. */
function stated(c: Canvas): { readonly $call: string; readonly args: readonly Arg[] } {
  const [given, gradient, result, operand] = [c.fresh(), c.fresh(), c.fresh(), c.fresh()];
  const forward: Arg = { $lambda: [given], body: [], result: { $call: "tanh", args: [{ $ref: given }] } };
  const honest = c.draw.chance(0.5);
  // 1 - tanh(x)^2, or the gradient cut off.
  const slope: Arg = honest
    ? {
        $call: "mul",
        args: [{ $ref: gradient }, { $call: "sub", args: [1, { $call: "square", args: [{ $ref: result }] }] }],
      }
    : { $call: "clip", args: [{ $ref: gradient }, -0.125, 0.125] };
  const backward: Arg = { $lambda: [gradient, result, [operand]], body: [], result: [slope] };
  return { $call: "customGradient", args: [forward, backward, ...(honest ? [] : [{ check: false }])] };
}
