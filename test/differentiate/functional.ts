// Expressions that mean what they say: each has the graph that the library makes of it and a plain evaluation on numbers
// with nested infinitesimals. A gradient is evaluated by moving what it is taken with respect to; no graph is differentiated.

import type { Tensor } from "../../src/graph/tensor.js";
import * as t from "../ops/api.js";

/** A number, or re + eps * ε of one infinitesimal. Later infinitesimals lie further out. */
type Num = number | Dual;
interface Dual {
  readonly tag: number;
  readonly re: Num;
  readonly eps: Num;
}

const tagOf = (a: Num): number => (typeof a === "number" ? 0 : a.tag);
const re = (a: Num, tag: number): Num => (tagOf(a) === tag ? (a as Dual).re : a);
const eps = (a: Num, tag: number): Num => (tagOf(a) === tag ? (a as Dual).eps : 0);

function plus(a: Num, b: Num): Num {
  const tag = Math.max(tagOf(a), tagOf(b));
  if (tag === 0) return (a as number) + (b as number);
  return { tag, re: plus(re(a, tag), re(b, tag)), eps: plus(eps(a, tag), eps(b, tag)) };
}

function times(a: Num, b: Num): Num {
  const tag = Math.max(tagOf(a), tagOf(b));
  if (tag === 0) return (a as number) * (b as number);
  const [x, y] = [re(a, tag), re(b, tag)];
  return { tag, re: times(x, y), eps: plus(times(x, eps(b, tag)), times(eps(a, tag), y)) };
}

function apply(f: (x: number) => number, slope: (x: Num) => Num, a: Num): Num {
  if (typeof a === "number") return f(a);
  return { tag: a.tag, re: apply(f, slope, a.re), eps: times(a.eps, slope(a.re)) };
}

const sin = (a: Num): Num => apply(Math.sin, cos, a);
const cos = (a: Num): Num => apply(Math.cos, (x) => times(-1, sin(x)), a);
const tanh = (a: Num): Num => apply(Math.tanh, (x) => plus(1, times(-1, times(tanh(x), tanh(x)))), a);
const exp = (a: Num): Num => apply(Math.exp, exp, a);

type Values = ReadonlyMap<Expression, readonly Num[]>;

/** What an expression's evaluation may look up. */
interface Scope {
  /** Of leaves. */
  readonly leaves: Values;
  /** What is added to expressions, because a gradient is taken with respect to them. */
  readonly moved: Values;
  /** What was computed with these. */
  readonly known: Map<Expression, readonly Num[]>;
  /** How many expressions may still be evaluated: a gradient evaluates all that is under it for each number. */
  readonly budget: { left: number };
}

/** Thrown where an evaluation takes too long. */
export class TooLong extends Error {}

/** Of `size` numbers: 1 is a scalar, more are a vector. */
export interface Expression {
  readonly says: string;
  readonly node: Tensor;
  readonly size: number;
  readonly compute: (scope: Scope) => readonly Num[];
}

const extended = (values: Values, more: Iterable<readonly [Expression, readonly Num[]]>): Values =>
  new Map([...values, ...more]);

function at(scope: Scope, e: Expression): readonly Num[] {
  let value = scope.known.get(e);
  if (value === undefined) {
    if (scope.budget.left-- === 0) throw new TooLong();
    value = scope.leaves.get(e) ?? e.compute(scope);
    const moved = scope.moved.get(e);
    if (moved) value = value.map((number, i) => plus(number, moved[i]!));
    scope.known.set(e, value);
  }
  return value;
}

/** The values of expressions, given numbers for their leaves. */
export function evaluated(
  all: readonly Expression[],
  leaves: Iterable<readonly [Expression, ArrayLike<number>]>,
  work = Infinity,
): readonly (readonly number[])[] {
  const values = new Map([...leaves].map(([leaf, numbers]) => [leaf, Array.from(numbers)]));
  const scope: Scope = { leaves: values, moved: new Map(), known: new Map(), budget: { left: work } };
  return all.map((e) => at(scope, e) as readonly number[]);
}

const tensor = (node: unknown): Tensor => node as Tensor;

export const leaf = (says: string, node: Tensor, size: number): Expression => ({
  says,
  node,
  size,
  compute: () => {
    throw new Error(`${says} has a value`);
  },
});

export const number = (value: number): Expression => ({
  says: `${value}`,
  node: t.constant(value),
  size: 1,
  compute: () => [value],
});

const unary =
  (name: string, op: (a: Tensor) => unknown, rule: (a: Num) => Num) =>
  (a: Expression): Expression => ({
    says: `${name}(${a.says})`,
    node: tensor(op(a.node)),
    size: a.size,
    compute: (scope) => at(scope, a).map(rule),
  });

/** Element by element; a scalar fits a vector. */
const binary =
  (name: string, op: (a: Tensor, b: never) => unknown, rule: (a: Num, b: Num) => Num) =>
  (a: Expression, b: Expression): Expression => ({
    says: `${name}(${a.says}, ${b.says})`,
    node: tensor(op(a.node, b.node as never)),
    size: Math.max(a.size, b.size),
    compute: (scope) => {
      const [x, y] = [at(scope, a), at(scope, b)];
      return Array.from({ length: Math.max(x.length, y.length) }, (_, i) =>
        rule(x[x.length > 1 ? i : 0]!, y[y.length > 1 ? i : 0]!),
      );
    },
  });

export const rules = {
  sin: unary("sin", t.sin, sin),
  tanh: unary("tanh", t.tanh, tanh),
  exp: unary("exp", t.exp, exp),
  add: binary("add", t.add, plus),
  mul: binary("mul", t.mul, times),
};

export const sum = (a: Expression): Expression => ({
  says: `sum(${a.says})`,
  node: tensor(t.sum(a.node)),
  size: 1,
  compute: (scope) => [at(scope, a).reduce(plus)],
});

/** A view of a scalar. */
export const spread = (a: Expression, size: number): Expression => ({
  says: `spread(${a.says})`,
  node: tensor(t.broadcast(a.node, [size])),
  size,
  compute: (scope) => Array.from({ length: size }, () => at(scope, a)[0]!),
});

/** The sine of a * b, with a gradient that it states by gradients. */
export const stated = (a: Expression, b: Expression): Expression => {
  const product = (x: Tensor, y: Tensor): Tensor => tensor(t.sin(tensor(t.mul(x, y as never))));
  const made = t.customGradient(
    (x, y) => product(x!, y!),
    (g, _, [x, y]) => {
      const weighted = tensor(t.sum(t.mul(product(x!, y!), g as never)));
      return [t.gradient(weighted, x!), t.gradient(weighted, y!)];
    },
  );
  return { ...rules.sin(rules.mul(a, b)), says: `stated(${a.says}, ${b.says})`, node: made(a.node, b.node) };
};

let tags = 0;

export const gradient = (y: Expression, x: Expression): Expression => ({
  says: `gradient(${y.says}, ${x.says})`,
  node: tensor(t.gradient(y.node, x.node)),
  size: x.size,
  compute: ({ leaves, moved, budget }) =>
    Array.from({ length: x.size }, (_, i) => {
      const tag = ++tags;
      const before = moved.get(x) ?? Array.from({ length: x.size }, () => 0);
      const now = before.map((number, k): Num => (k === i ? plus(number, { tag, re: 0, eps: 1 }) : number));
      return eps(at({ leaves, moved: extended(moved, [[x, now]]), known: new Map(), budget }, y)[0]!, tag);
    }),
});

export interface Loop {
  readonly initial: Expression;
  /** `length` numbers or vectors, one after the other. */
  readonly sequence: Expression;
  readonly length: number;
  readonly reverse: boolean;
}

/** A loop with one carry, of the sequence's element size: its last carry, and the sum of its outputs over time. */
export function scan(
  { initial, sequence, length, reverse }: Loop,
  step: (carry: Expression, element: Expression) => { readonly carry: Expression; readonly output: Expression },
): { readonly carry: Expression; readonly outputs: Expression } {
  let own: { carry: Expression; element: Expression; next: Expression; output: Expression } | undefined;
  const size = sequence.size / length;
  const { carries, outputs } = t.scan(
    ([h], [x]) => {
      const carry = leaf("h", h!, initial.size);
      const element = leaf("x", x!, size);
      const made = step(carry, element);
      own = { carry, element, next: made.carry, output: made.output };
      return { carries: [made.carry.node], outputs: [made.output.node] };
    },
    [initial.node],
    [sequence.node],
    { reverse },
  );
  const { carry, element, next, output } = own!;
  const says = `scan(h => [${next.says}, ${output.says}], ${initial.says}, ${sequence.says}${reverse ? ", reverse" : ""})`;
  const run = (scope: Scope): { last: readonly Num[]; total: readonly Num[] } => {
    const all = at(scope, sequence);
    let last = at(scope, initial);
    let total: readonly Num[] = Array.from({ length: output.size }, () => 0);
    for (let n = 0; n < length; n++) {
      const time = reverse ? length - 1 - n : n;
      const own = [
        [carry, last],
        [element, all.slice(time * size, (time + 1) * size)],
      ] as const;
      const now: Scope = { ...scope, leaves: extended(scope.leaves, own), known: new Map() };
      total = at(now, output).map((value, i) => plus(value, total[i]!));
      last = at(now, next);
    }
    return { last, total };
  };
  return {
    carry: { says, node: carries[0]!, size: initial.size, compute: (scope) => run(scope).last },
    outputs: {
      says: `outputs of ${says}`,
      node: tensor(t.sum(outputs[0]!, { axis: 0 })),
      size: output.size,
      compute: (scope) => run(scope).total,
    },
  };
}
