// Axes of one entry: a sum, a layer of one unit or one filter, beside everything that gives such an axis a position of its own.

import { describe, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { expectEverywhere, expectNeighbours, type Choose } from "./everywhere.js";
import { columns, networkOf, square, t as loose, withLoss, type T } from "./loose.js";

const { bidirectional, concat, conv2d, cumsum, dense, flip, input, logSumExp, lstm } = loose;
const { matmul, mean, pad, parameter, reshape, slice, square: squared, sum, tanh, transpose } = loose;

const x = (): T => input!("x", ["batch", 2]);
const image = (): T => input!("image", ["batch", 4, 4, 1]);
const product = (of: T): T => matmul!(of, parameter!([2, 1], 0.5, { name: "w" }));

const cases: Readonly<Record<string, () => Network>> = {
  "a product beside its operand": () => {
    const own = x();
    return withLoss(concat!([own, product(own)], { axis: 1 }));
  },
  "a padded layer of one unit": () =>
    withLoss(
      pad!(dense!(x(), 1), [
        [0, 0],
        [1, 1],
      ]),
    ),
  "the gradient of a product with one column": () => {
    const weight = parameter!([2, 3], 0.5, { name: "w" });
    return withLoss(matmul!(x(), slice!(weight, [null, [0, 1]])));
  },
  "convolutions of one filter": () => {
    const own = image();
    const one = conv2d!(own, 1, 3, { padding: "same" });
    return withLoss(concat!([one, conv2d!(own, 1, 1), own], { axis: 3 }));
  },
  "both directions of one unit": () => withLoss(bidirectional!(lstm, input!("x", ["batch", 3, 2]), 1)),
  "a head of one unit beside a code": () => {
    const code = tanh!(dense!(x(), 3));
    return withLoss(concat!([code, dense!(code, 1)], { axis: 1 }));
  },
};

describe("a sum along an axis of one entry is where it is", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    expectEverywhere(build());
  });
});

/** Something of shape [batch, 1]. */
function oneColumn(of: T, choose: Choose): T {
  switch (choose(7)) {
    case 0:
      return dense!(of, 1);
    case 1:
      return sum!(of, { axis: 1, keepAxes: true });
    case 2:
      return mean!(tanh!(of), { axis: 1, keepAxes: true });
    case 3:
      return tanh!(dense!(of, 1));
    case 4:
      return reshape!(sum!(squared!(of), { axis: 1 }), ["batch", 1]);
    case 5:
      return slice!(of, [null, [1, 2]]);
    default:
      return logSumExp!(of, { axis: 1, keepAxes: true });
  }
}

/** A view of [batch, n]; never of fewer than one column. */
function viewed(y: T, others: readonly T[], choose: Choose): T {
  const other = others[choose(others.length)]!;
  switch (choose(7)) {
    case 0:
      return concat!([y, other], { axis: 1 });
    case 1:
      return concat!([other, y, other], { axis: 1 });
    case 2:
      return pad!(y, [
        [0, 0],
        [choose(3), 1 + choose(2)],
      ]);
    case 3:
      return flip!(y, 1);
    case 4:
      return transpose!(concat!([transpose!(other), transpose!(y)], { axis: 0 }));
    case 5:
      return cumsum!(concat!([y, y], { axis: 1 }), { axis: 1 });
    default:
      return reshape!(
        pad!(reshape!(y, ["batch", 1, columns(y)]), [
          [0, 0],
          [1, 0],
          [0, 1],
        ]),
        ["batch", 2 * (columns(y) + 1)],
      );
  }
}

test("neighbours (seed 1101)", () => {
  expectNeighbours(1101, (choose) => {
    const own = x();
    const code = tanh!(dense!(own, 1 + choose(3)));
    let y = oneColumn(choose(2) ? own : dense!(own, 2), choose);
    for (let n = 1 + choose(3); n > 0; n--)
      y = viewed(choose(3) ? y : tanh!(y), [own, code, oneColumn(own, choose)], choose);
    return networkOf({ y, code }, square(dense!(y, 1 + choose(2))));
  });
});
