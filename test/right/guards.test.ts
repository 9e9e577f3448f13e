// Padding around what is computed: nothing is read beside a tensor, whatever is done with what is read.

import { describe, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { expectEverywhere, expectNeighbours, type Choose } from "./everywhere.js";
import { networkOf, square, t as loose, withLoss, type T } from "./loose.js";

const { add, clip, concat, conv1d, conv2d, embedding, flip, gelu, input, mul, pad, relu, silu, slice } = loose;
const { tanh, where, greater, maxPool } = loose;

const image = (): T => input!("image", ["batch", 5, 5, 1]);
const ids = (): T => input!("ids", ["batch", 6], { dtype: "int32", below: 50 });

const cases: Readonly<Record<string, () => Network>> = {
  "padded relu": () =>
    withLoss(
      mul!(
        pad!(relu!(input!("x", ["batch", 2])), [
          [0, 0],
          [1, 1],
        ]),
        weights(4),
      ),
    ),
  "a convolution of what is clipped": () => withLoss(conv2d!(clip!(image(), 0, 1), 4, 3, { padding: "same" })),
  "a convolution of words": () => withLoss(conv1d!(embedding!(ids(), 50, 8), 6, 3, { padding: "same" })),
  "padded twice": () =>
    withLoss(
      mul!(
        pad!(
          relu!(
            pad!(relu!(input!("x", ["batch", 2])), [
              [0, 0],
              [0, 1],
            ]),
          ),
          [
            [0, 0],
            [1, 0],
          ],
        ),
        weights(4),
      ),
    ),
};

function weights(columns: number): T {
  return loose["parameter"]!([columns], 0.5, { name: "weights" });
}

describe("nothing is read outside of its guard", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    expectEverywhere(build());
  });
});

const TWICE: readonly ((y: T) => T)[] = [
  (y) => relu!(y),
  (y) => clip!(y, -0.5, 0.5),
  (y) => gelu!(y),
  (y) => silu!(y),
  (y) => mul!(y, tanh!(y)),
  (y) => where!(greater!(y, 0), mul!(y, y), tanh!(y)),
  (y) => add!(relu!(y), mul!(y, 0.5)),
];

function framed(y: T, choose: Choose): T {
  const axis = 1 + choose(2);
  const around = (n: number): number[][] => y.shape.map((_, k) => (k === axis ? [choose(3), n] : [0, 0]));
  switch (choose(4)) {
    case 0:
      return pad!(y, around(1));
    case 1:
      return concat!([y, TWICE[choose(TWICE.length)]!(y)], { axis: axis });
    case 2:
      return flip!(pad!(y, around(choose(2))), axis);
    default:
      return slice!(
        pad!(y, around(2)),
        y.shape.map((_, k) => (k === axis ? [1, 4] : null)),
      );
  }
}

test("neighbours (seed 1401)", () => {
  expectNeighbours(1401, (choose, pick) => {
    let y = image();
    for (let n = 1 + choose(3); n > 0; n--) y = framed(pick(TWICE)(y), choose);
    y = pick(TWICE)(y);
    const convolved = conv2d!(y, 1 + choose(2), 1 + choose(3), { padding: "same" });
    const end = choose(2) ? convolved : maxPool!(framed(convolved, choose), 2);
    return choose(2) ? withLoss(end) : networkOf({ y, end }, square(end));
  });
});

test("neighbours of one axis (seed 1451)", () => {
  expectNeighbours(1451, (choose, pick) => {
    let y: T = choose(2) ? embedding!(ids(), 50, 3) : input!("x", ["batch", 6, 2]);
    for (let n = choose(3); n > 0; n--) y = framed(pick(TWICE)(y), choose);
    const dilation = 1 + choose(2);
    return withLoss(conv1d!(pick(TWICE)(y), 2, 1 + choose(3), { padding: "same", dilation }));
  });
});
