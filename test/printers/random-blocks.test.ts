// Random networks of layers that are equal but for what was drawn: skips within a layer and over several, shared parameters and values,
// layers with something more. Whatever is made a function, the printed graph gives the bits of the graph.

import { expect, test } from "vitest";
import * as t from "tapeless";
import type { Network, Tensor } from "tapeless";
import { compile } from "../../compiler/compile.js";
import { count } from "../extent.js";
import { randomNumbers } from "../oracle/leaves.js";
import { expectSameBits } from "./bits.js";
import { javascript } from "./javascript.js";

const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261);

type Layer = (x: Tensor, earlier: readonly Tensor[], shared: Shared) => Tensor;

interface Shared {
  readonly weight: Tensor;
  readonly value: Tensor;
}

const two = (op: (a: never, b: never) => unknown, a: Tensor, b: Tensor): Tensor => op(a as never, b as never) as Tensor;

function drawnNetwork(seed: number): Network {
  const random = randomNumbers(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const steps = Array.from({ length: 3 + below(6) }, () => ({ kind: below(11), back: below(3), far: below(3) }));
  const layer: Layer = (x, earlier, { weight, value }) => {
    const made = [x];
    for (const { kind, back, far } of steps) {
      const y = made.at(-1)!;
      const other = made[Math.max(0, made.length - 1 - back)]!;
      const before = earlier[Math.max(0, earlier.length - 1 - far)]!;
      const next: Tensor[] = [];
      if (kind === 0) next.push(t.dense(y as never, 3) as Tensor);
      if (kind === 1) next.push(two(t.add, y, other));
      if (kind === 2) next.push(two(t.mul, y, other));
      if (kind === 3) next.push(two(t.add, y, before));
      if (kind === 4) next.push(two(t.matmul, y, weight));
      if (kind === 5) next.push(two(t.sub, y, value));
      if (kind === 6) next.push(t.dropout(y, 0.3));
      if (kind === 7) next.push(t.softmax(y));
      if (kind === 8) next.push(two(t.mul, y, t.parameter([3], t.heNormal as never) as Tensor));
      if (kind === 9) next.push(t.layerNorm(y));
      if (kind === 10) next.push(t.sin(y));
      made.push(...next);
    }
    return t.tanh(made.at(-1)!);
  };
  const x = t.input("x", ["batch", 3]) as Tensor;
  const shared = { weight: t.parameter([3, 3], 0.4, { name: "shared" }) as Tensor, value: t.sin(x) };
  const values = [two(t.mul, x, t.parameter([3], 0.7, { name: "first" }) as Tensor)];
  const odd = below(3) === 0 ? below(6) : -1;
  for (let i = 0; i < 6; i++) {
    const y = layer(values.at(-1)!, values, shared);
    values.push(i === odd ? t.exp(t.neg(y)) : y);
  }
  const y = values.at(-1)!;
  const optimizer = below(2) === 0 ? t.sgd({ rate: 0.1 }) : t.adam({ rate: 0.01 });
  return t.network("drawn", { batch: 3, outputs: { y }, loss: t.mean(t.square(y)), optimizer });
}

test(`networks of drawn layers, from seed ${SEED}`, () => {
  let called = 0;
  const graphs = count(12, 150);
  for (let n = 0; n < graphs; n++) {
    const { primitive } = compile(drawnNetwork(SEED + n), { constNames: "ordinals" });
    if (primitive.entries[0]!.statements.some(({ kind }) => kind === "call")) called++;
    const text = javascript().print(primitive, { float: "float64" }) as string;
    for (const rows of [1, 3]) expect(() => expectSameBits(primitive, text, rows), `seed ${SEED + n}`).not.toThrow();
  }
  console.log(`${called} of ${graphs} call blocks when they predict`);
  expect(called).toBeGreaterThan(graphs / 2);
}, 300_000);
