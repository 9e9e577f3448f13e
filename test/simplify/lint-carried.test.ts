// State of entries that is not kept is suspected; what a training step keeps too, and what is carried, is not.

import { expect, test } from "vitest";
import { add, batchNorm, carry, dense, input, layer, mean, network, sgd, state, updating, type Tensor } from "tapeless";
import { compile } from "tapeless/compiler";

const x = input("x", ["batch", 3]);
const codes = (outputs: Readonly<Record<string, Tensor>>, loss?: Tensor<readonly []>): string[] => {
  const trained = loss ? { loss, optimizer: sgd({ rate: 0.1 }) } : {};
  const declared = network("n", { batch: 2, ...trained, entries: { next: { outputs } } });
  return compile(declared).warnings.map(({ code, sentence }) => `${code}: ${sentence}`);
};
const counted = (value: Tensor, count: Tensor): Tensor => updating(value, [[count, add(count, 1)]]);

test("a state that only an entry updates", () => {
  expect(codes({ y: counted(dense(x, 2), state("calls", [], 0)) })).toEqual([
    "STATE_NOT_CARRIED: an entry of the network's own gives the state calls a next value, which training steps alone store",
  ]);
});

test("a carry that nothing updates", () => {
  expect(codes({ y: add(dense(x, 2), carry("calls", [])) })).toEqual([
    "CARRY_NEVER_UPDATED: nothing gives calls a next value: it stays as it was first",
  ]);
});

test("controls: a carry that is updated, and statistics of training", () => {
  expect(codes({ y: counted(dense(x, 2), carry("calls", [])) })).toEqual([]);
  const own = layer((from: Tensor) => counted(batchNorm(from as Tensor<readonly ["batch", 3]>), state("seen", [], 0)));
  expect(codes({ y: own(x) }, mean(own(x) as never) as Tensor<readonly []>)).toEqual([]);
});
