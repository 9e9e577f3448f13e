// A value that is read whole and through views: a kernel that stores it may not read it before.

import { describe, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { expectEverywhere, expectNeighbours, type Choose } from "./everywhere.js";
import { columns, networkOf, square, t as loose, withLoss, type T } from "./loose.js";

const { add, argMax, concat, cumsum, dense, flip, input, matmul, mul, pad, parameter, pick, relu, reshape } = loose;
const { scatterAdd, sigmoid, slice, softmax, sort, sum, takeAlong, tanh, topK, transpose } = loose;

const x = (): T => input!("x", ["batch", 2]);

const cases: Readonly<Record<string, () => Network>> = {
  "a sum over all and one over a column": () => {
    const z = matmul!(x(), parameter!([2, 2], 0.5, { name: "w" }));
    const y = add!(sum!(tanh!(z)), sum!(tanh!(slice!(z, [null, [1, 2]]))));
    return networkOf({ y }, y);
  },
  "a pick along an axis of one": () => {
    const z = tanh!(dense!(x(), 1));
    const y = pick!(z, argMax!(z, { axis: 1 }));
    return networkOf({ y, z }, square(y));
  },
  "a sort along an axis of one": () => {
    const z = tanh!(dense!(x(), 1));
    const y = sort!(z, { axis: 1 });
    return networkOf({ y, z }, square(y));
  },
  "the largest along an axis of one": () => {
    const z = tanh!(dense!(x(), 1));
    const { values } = topK!(z, 1) as unknown as { values: T };
    return networkOf({ y: values, z }, square(values));
  },
  "an entry along an axis of one": () => {
    const z = tanh!(dense!(x(), 1));
    const y = takeAlong!(z, argMax!(z, { axis: 1, keepAxes: true }), { axis: 1 });
    return networkOf({ y, z }, square(y));
  },
};

describe("what a kernel stores is read when it is there", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    expectEverywhere(build());
  });
});

/** The value through a view, or moved along its rows. */
function view(z: T, choose: Choose): T {
  const width = columns(z);
  const first = choose(width);
  switch (choose(8)) {
    case 0:
      return slice!(z, [null, [first, first + 1]]);
    case 1:
      return slice!(z, [null, [first, width]]);
    case 2:
      return flip!(z, 1);
    case 3:
      return pad!(z, [
        [0, 0],
        [1, choose(2)],
      ]);
    case 4:
      return concat!([slice!(z, [null, [first, first + 1]]), z], { axis: 1 });
    case 5:
      return transpose!(transpose!(z));
    case 6:
      return cumsum!(z, { axis: 1 });
    default:
      return reshape!(z, ["batch", 1, width]);
  }
}

test("neighbours (seed 1201)", () => {
  const pointwise = [tanh!, sigmoid!, relu!, (z: T): T => mul!(z, z), (z: T): T => softmax!(z)];
  expectNeighbours(1201, (choose, pick) => {
    const z = choose(2) ? dense!(x(), 1 + choose(3)) : tanh!(dense!(x(), 1 + choose(3)));
    const kept = pick(pointwise)(z);
    let loss = choose(2) ? sum!(kept) : square(kept);
    const outputs: Record<string, T> = choose(2) ? { kept } : {};
    for (let n = 1 + choose(3); n > 0; n--) {
      const seen = view(choose(2) ? z : kept, choose);
      const other = pick(pointwise)(seen);
      if (choose(3) === 0) outputs[`view${n}`] = other;
      loss = add!(loss, choose(2) ? sum!(other) : square(choose(2) ? other : view(tanh!(dense!(x2(), 2)), choose)));
    }
    return networkOf({ ...outputs, z }, loss);
    function x2(): T {
      return kept;
    }
  });
});

test("neighbours along rows (seed 1251)", () => {
  expectNeighbours(1251, (choose, pick) => {
    const z = tanh!(dense!(x(), 1 + choose(3)));
    const best = argMax!(z, { axis: 1 });
    const taken = pick([
      (): T => pick1(z, best),
      (): T => sort!(z, { axis: 1, descending: choose(2) === 1 }),
      (): T => scatterAdd!(z, argMax!(z, { axis: 1 }), 3),
      (): T => (topK!(z, 1 + choose(columns(z))) as unknown as { values: T }).values,
    ])();
    const y = choose(2) ? taken : add!(sum!(taken), sum!(view(z, choose)));
    return choose(2) ? networkOf({ y, z }, square(y)) : withLoss(y);
  });
});

const pick1 = (z: T, index: T): T => pick!(z, index);
