// Views, joins and parts.

import {
  add,
  broadcast,
  cast,
  concat,
  div,
  expandDims,
  flatten,
  flip,
  greaterEqual,
  lessEqual,
  matmul,
  mul,
  pad,
  range,
  reshape,
  roll,
  size,
  slice,
  split,
  square,
  squeeze,
  stack,
  sum,
  tanh,
  tile,
  transpose,
  where,
} from "../../../src/index.js";
import type { Tensor } from "../../../src/graph/tensor.js";
import type { Builders } from "../builder.js";

const rows = expandDims(range(3) as Tensor, 1);
const columns = range(3) as Tensor;

export const shapes: Builders = {
  reshape: ({ x }) => square(reshape(x, [3, 4])),
  flatten: ({ x }) => flatten(x, 1),
  transpose: ({ x }) => square(transpose(x, [2, 0, 1])),
  "expandDims and squeeze": ({ x, y }) => mul(expandDims(x, 1), squeeze(y, 0)),
  broadcast: ({ x }) => square(broadcast(x, [2, 3, 2])),
  slice: ({ x }) =>
    square(
      slice(x, [
        [1, null],
        [null, -1],
      ]),
    ),
  "slice, steps": ({ x }) =>
    square(
      slice(x, [
        [null, null, 2],
        [1, null, 2],
      ]),
    ),
  "slice, backwards": ({ x }) => square(slice(x, [null, [-2, null, -1]])),
  "slice to one": ({ x }) => mul(slice(x, [null, [2, 3]]), x),
  "whole and part": ({ x }) => add(sum(tanh(x)), square(sum(slice(tanh(x), [null, [1, 2]])))),
  flip: ({ x }) => mul(flip(x, [0, 1]), x),
  pad: ({ x }) =>
    square(
      pad(
        x,
        [
          [0, 2],
          [1, 0],
        ],
        { value: 0.5 },
      ),
    ),
  "pad, edge": ({ x }) => square(pad(x, [[0, 0], [2, 1]], { mode: "edge" })), // prettier-ignore
  "pad, reflect": ({ x }) => square(pad(x, [[0, 0], [2, 1]], { mode: "reflect" })), // prettier-ignore
  "pad, wrap": ({ x }) => square(pad(x, [[0, 0], [3, 1]], { mode: "wrap" })), // prettier-ignore
  "pad, reflect of two axes": ({ x }) => square(pad(x, [[0, 0], [2, 0], [1, 2]], { mode: "reflect" })), // prettier-ignore
  "pad of an axis of 1": ({ x, w }) =>
    square(
      pad(matmul(x, w), [
        [0, 0],
        [1, 1],
      ]),
    ),
  concat: ({ x, y }) => square(concat([x, y, x], { axis: 1 })),
  "concat of the first axis": ({ x, y }) => square(concat([x, y], { axis: 0 })),
  stack: ({ x, y }) => square(stack([x, y, mul(x, y)], { axis: 1 })),
  split: ({ x }) => split(x, [1, 3], { axis: 1 }).map((part) => square(part)),
  "split into equal parts": ({ x }) => {
    const parts = split(x, 3);
    return mul(parts[0]!, parts[2]!);
  },
  tile: ({ x }) => square(tile(x, [2, 3])),
  roll: ({ x }) => mul(roll(x, 1, { axis: 1 }), x),
  "roll of all": ({ x }) => mul(roll(x, -2), x),
  "a triangle": ({ x }) => matmul(where(greaterEqual(rows, columns), x, 0), where(lessEqual(rows, columns), x, 0)),
  "range and size": ({ x }) => div(mul(x, cast(range(3), "float32")), size(x)),
};
