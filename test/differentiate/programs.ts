// Random programs of loops and gradients, one inside the other.

import type { SampleInput } from "../../src/graph/op.js";
import { floatLeaf, shape } from "../oracle/leaves.js";
import * as f from "./functional.js";
import type { Expression } from "./functional.js";

export interface Program {
  /** Floats from outside, with as many numbers as they have. */
  readonly leaves: readonly Expression[];
  readonly inputs: readonly SampleInput[];
  readonly loss: Expression;
}

const SIZE = 2;
const LENGTH = 3;

/** A program whose loss is a scalar; `random` gives numbers in [0, 1). */
export function randomProgram(random: () => number): Program {
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const types = [[], [SIZE], [SIZE], [LENGTH, SIZE], [LENGTH]] as const;
  const leaves = types.map((axes, i) =>
    f.leaf(
      `w${i}`,
      floatLeaf(`w${i}`, ...axes),
      axes.reduce((a: number, b) => a * b, 1),
    ),
  );
  const sequences = [
    { node: leaves[3]!, element: SIZE },
    { node: leaves[4]!, element: 1 },
  ];
  const outside = [...leaves.slice(0, 3), f.number(0.7)];

  const scalar = (e: Expression): Expression => (e.size === 1 ? e : f.sum(e));
  /** Grows a scope by `count` expressions of what is in it. */
  function grown(scope: readonly Expression[], count: number, depth: number): Expression[] {
    const all = [...scope];
    for (let n = 0; n < count; n++) all.push(drawn(all, depth));
    return all;
  }
  // What was made last is used most, so that programs are deep.
  const recent = (all: readonly Expression[]): Expression => (random() < 0.6 ? pick(all.slice(-3)) : pick(all));
  function drawn(all: readonly Expression[], depth: number): Expression {
    const [a, b] = [recent(all), pick(all)];
    const kind = below(depth > 0 ? 12 : 9);
    if (kind < 2) return f.rules.mul(a, b);
    if (kind < 3) return f.rules.add(a, b);
    if (kind < 4) return f.rules.sin(a);
    if (kind < 5) return f.rules.tanh(a);
    if (kind < 6) return a.size === 1 ? f.spread(a, SIZE) : f.sum(a);
    if (kind < 7) return a.size === b.size ? f.stated(a, b) : f.rules.exp(f.rules.tanh(a));
    if (kind < 9) return f.gradient(scalar(f.rules.mul(a, b)), pick(all));
    return loop(all, depth - 1);
  }
  function loop(all: readonly Expression[], depth: number): Expression {
    const { node, element } = pick(sequences);
    const initial = recent(all);
    const spec = { initial, sequence: node, length: node.size / element, reverse: random() < 0.5 };
    const { carry, outputs } = f.scan(spec, (h, x) => {
      const inner = grown([...all.slice(-5), h, x], 2 + below(4), depth);
      const same = inner.filter(({ size }) => size === initial.size);
      return { carry: f.rules.tanh(f.rules.add(h, same.at(-1)!)), output: recent(inner) };
    });
    return f.rules.add(scalar(carry), scalar(outputs));
  }
  const body = grown(outside, 2 + below(3), 0);
  const whole = [loop([...outside, ...body], 1 + below(2)), ...grown(body, below(3), 1).slice(-1)];
  const loss = whole.map((e) => f.rules.tanh(scalar(e))).reduce(f.rules.add);
  const inputs = types.map((axes): SampleInput => ({ shape: shape(...axes), dtype: "float32", range: [-1, 1] }));
  return { leaves, inputs, loss };
}
