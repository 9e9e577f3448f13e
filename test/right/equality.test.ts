// Maxima, minima, and what is sorted: a value is compared with itself, as it was stored.

import { describe, expect, test } from "vitest";
import { comparedBy, verifyComparisons } from "../../compiler/3-fuse/compared.js";
import type { Network } from "../../src/graph/network.js";
import { topological } from "../../src/graph/walk.js";
import { expectEverywhere, expectNeighbours, type Choose } from "./everywhere.js";
import { columns, networkOf, square, t as loose, withLoss, type T } from "./loose.js";

const { add, argMax, argMin, conv2d, dense, div, exp, globalMaxPool, input, logSoftmax, max, maxPool, maximum, mean } =
  loose;
const { min, minimum, mul, norm, parameter, pick, sigmoid, softmax, sort, sum, tanh, topK, transpose } = loose;

const x = (): T => input!("x", ["batch", 3]);
const image = (): T => input!("image", ["batch", 4, 4, 1]);

const cases: Readonly<Record<string, () => Network>> = {
  "the largest probability": () => {
    const y = max!(softmax!(add!(parameter!([3], 0.5, { name: "p" }), mean!(x(), { axis: 0 }))), { axis: 0 });
    return networkOf({ y }, y);
  },
  "a pool over probabilities": () => withLoss(globalMaxPool!(softmax!(conv2d!(image(), 3, 3)))),
  "a pool over all of the image": () => withLoss(maxPool!(tanh!(conv2d!(image(), 3, 1)), 2)),
  "where the largest probability is": () => {
    const z = softmax!(dense!(x(), 3));
    return networkOf({ place: argMax!(z, { axis: 1 }) }, square(pick!(z, argMax!(z, { axis: 1 }))));
  },
};

describe("equal is what was stored as equal", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    expectEverywhere(build());
  });
});

const COMPUTED: readonly ((y: T) => T)[] = [
  (y) => softmax!(y),
  (y) => logSoftmax!(y),
  (y) => tanh!(dense!(y, 1 + columns(y))),
  (y) => exp!(mul!(y, 0.7)),
  (y) => sigmoid!(dense!(y, 3)),
  (y) => div!(y, add!(norm!(y, { axis: 1, keepAxes: true }), 1)),
  (y) => mul!(dense!(y, 2), 1.7),
];

function extreme(y: T, choose: Choose): T {
  const axis = choose(2);
  switch (choose(8)) {
    case 0:
      return max!(y, { axis: 1, keepAxes: choose(2) === 1 });
    case 1:
      return min!(y, { axis: 1 });
    case 2:
      return max!(y, { axis });
    case 3:
      return pick!(y, argMax!(y, { axis: 1 }));
    case 4:
      return pick!(y, argMin!(tanh!(y), { axis: 1 }));
    case 5:
      return sort!(y, { axis: 1 });
    case 6:
      return (topK!(y, Math.min(2, columns(y))) as unknown as { values: T }).values;
    default:
      return choose(2) ? maximum!(y, transpose!(transpose!(mul!(y, 0.9)))) : minimum!(y, tanh!(y));
  }
}

test("neighbours (seed 1501)", () => {
  expectNeighbours(1501, (choose, draw) => {
    let y = dense!(x(), 3);
    for (let n = 1 + choose(2); n > 0; n--) y = draw(COMPUTED)(y);
    const found = extreme(y, choose);
    const loss = add!(square(found), choose(2) ? mean!(y) : mul!(sum!(extreme(y, choose)), 0.1));
    return networkOf({ found, ...(choose(2) ? { y } : {}) }, loss);
  });
});

test("neighbours of pools (seed 1551)", () => {
  expectNeighbours(1551, (choose, draw) => {
    const made = conv2d!(image(), 1 + choose(3), 1 + choose(2));
    const y = draw([tanh!, softmax!, (z: T): T => exp!(mul!(z, 0.5)), (z: T): T => mul!(sigmoid!(z), z)])(made);
    const pooled = choose(2) ? maxPool!(y, 2, { stride: 1 + choose(2) }) : globalMaxPool!(y);
    return choose(2) ? withLoss(pooled) : networkOf({ y, pooled }, square(pooled));
  });
});

test("what a comparison looks at is found through views, choices and maxima; leaves are stored in any case", () => {
  const z = tanh!(sigmoid!(x()));
  const compared = (root: T): string[] =>
    topological([root]).flatMap((node) => comparedBy(node).map(({ def }) => def.name));
  const { equal, greater } = loose;
  expect(compared(equal!(transpose!(z), transpose!(max!(mul!(z, 2), { axis: 1, keepAxes: true }))))).toEqual([
    "tanh",
    "mul",
  ]);
  expect(compared(equal!(x(), input!("b", ["batch", 3])))).toEqual([]);
  // Two computed values may be the same one, computed in two ways; a computed one and a leaf are not.
  expect(compared(greater!(z, sigmoid!(x())))).toEqual(["tanh", "sigmoid"]);
  expect(compared(greater!(z, x()))).toEqual([]);
  expect(compared(greater!(z, loose.constant!(0.5)))).toEqual([]);
  expect(compared(greater!(z, max!(z, { axis: 1, keepAxes: true })))).toEqual(["tanh"]);
});

test("control: a kernel that computes what it compares is refused", () => {
  const z = tanh!(x());
  const largest = max!(z, { axis: 1, keepAxes: true });
  const { equal } = loose;
  const reached = equal!(z, largest);
  const computes = new Set([largest, z]);
  expect(() => verifyComparisons(new Map([[reached, { computes }]]))).toThrow("compares for equality, is stored");
  const needs = new Map([
    [reached, { computes: new Set([largest]) }],
    [z, { computes: new Set<never>() }],
  ]);
  expect(() => verifyComparisons(needs)).not.toThrow();
});
