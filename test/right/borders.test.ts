// Rolled and bordered values, which are read whole and in parts by one kernel: of leaves and of what is computed.

import { describe, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { expectEverywhere, expectNeighbours, type Choose } from "./everywhere.js";
import { networkOf, square, t as loose, withLoss, type T } from "./loose.js";

const { add, concat, dense, input, matmul, mul, pad, parameter, roll, softmax, tanh } = loose;

const x = (): T => input!("x", ["batch", 4]);
const maps = (): T => input!("maps", ["batch", 3, 2]);

const cases: Readonly<Record<string, () => Network>> = {
  "a layer rolled, beside itself": () => {
    const y = tanh!(dense!(x(), 3));
    return withLoss(concat!([y, roll!(y, 1, { axis: 1 })], { axis: 1 }));
  },
  "differences to both neighbours on a circle": () => {
    const y = dense!(x(), 5);
    return withLoss(mul!(roll!(y, 1, { axis: 1 }), roll!(y, -1, { axis: 1 })));
  },
  "a rolled weight": () => withLoss(matmul!(x(), roll!(parameter!([4, 3], 0.5, { name: "w" }), 2))),
  "a column rolled": () => {
    const own = x();
    return withLoss(add!(own, roll!(dense!(own, 1), 3, { axis: 1 })));
  },
  "an edge around one unit": () =>
    withLoss(
      pad!(
        dense!(x(), 1),
        [
          [0, 0],
          [1, 2],
        ],
        { mode: "edge" },
      ),
    ),
  "mirrors in two axes, of what is computed": () =>
    withLoss(
      pad!(
        tanh!(dense!(maps(), 3)),
        [
          [0, 0],
          [2, 1],
          [1, 2],
        ],
        { mode: "reflect" },
      ),
    ),
  "all the way round, of a softmax": () =>
    withLoss(
      pad!(
        softmax!(dense!(x(), 4)),
        [
          [0, 0],
          [4, 3],
        ],
        { mode: "wrap" },
      ),
    ),
};

describe("each entry, every way", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    expectEverywhere(build());
  });
});

function moved(y: T, choose: Choose): T {
  const n = y.shape[1]!.times;
  const mode = ["edge", "reflect", "wrap"][choose(3)]!;
  const most = mode === "edge" ? 2 : mode === "wrap" ? n : n - 1;
  const width = (): number => choose(Math.min(most, 2) + 1);
  const widths = [
    [0, 0],
    [width(), width()],
  ];
  return choose(2) ? roll!(y, choose(9) - 4, { axis: 1 }) : pad!(y, widths, { mode });
}

test("neighbours (seed 1701)", () => {
  expectNeighbours(1701, (choose) => {
    const own = input!("x", ["batch", 2 + choose(3)]);
    let y = choose(3) ? tanh!(dense!(own, 1 + choose(3))) : own;
    const first = y;
    for (let n = 1 + choose(3); n > 0; n--) y = moved(choose(3) ? y : tanh!(y), choose);
    return networkOf({ y }, add!(square(y), square(dense!(concat!([first, y], { axis: 1 }), 1))));
  });
});
