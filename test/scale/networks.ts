// Networks of any size: deep, doubling, wide. Run from the sources in tests and from the built package in processes.

import * as t from "tapeless";
import type { Network } from "tapeless";

/** `length` pointwise ops in a row, of three kinds, so that nothing is shared or folded. */
export function chain(length: number): Network {
  const x = t.input("x", ["batch", 4]);
  let y: t.Tensor = t.mul(x, t.parameter([4], 1, { name: "w" })) as t.Tensor;
  for (let i = 0; i < length; i++) {
    y = (i % 3 === 0 ? t.sin(y) : i % 3 === 1 ? t.mul(y, 1.001) : t.add(y, 0.001)) as t.Tensor;
  }
  return t.network("chain", { batch: 2, loss: t.mean(y), optimizer: t.sgd({ rate: 0.1 }) });
}

/** Each level uses the previous one twice: 2^levels paths. */
export function diamond(levels: number): Network {
  const x = t.input("x", ["batch", 4]);
  let y: t.Tensor = t.mul(x, t.parameter([4], 0.5, { name: "w" })) as t.Tensor;
  for (let i = 0; i < levels; i++) y = t.mul(t.add(t.sin(y), t.cos(y)) as never, 0.5) as t.Tensor;
  return t.network("diamond", { batch: 2, loss: t.mean(y), optimizer: t.sgd({ rate: 0.1 }) });
}

/** Dense layers of 4 units, two parameters each. */
export function wide(parameters: number): Network {
  const x = t.input("x", ["batch", 4]);
  let y: t.Tensor = x as t.Tensor;
  for (let i = 0; i < parameters / 2; i++) y = t.tanh(t.dense(y, 4, { name: `layer${i}` })) as t.Tensor;
  return t.network("wide", { batch: 2, loss: t.mean(t.square(y)), optimizer: t.sgd({ rate: 0.1 }) });
}
