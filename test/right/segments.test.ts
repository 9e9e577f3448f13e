// Reductions by segment, everywhere: graph attention, segments that nothing names, what is scattered to, and then added to.

import { describe, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { expectEverywhere, expectNeighbours, type Choose } from "./everywhere.js";
import { networkOf, scan, square, t as loose, withLoss, type T } from "./loose.js";

const { add, addAt, argMax, cast, concat, constant, dense, input, max, mul, parameter, reshape } = loose;
const { segmentMax, segmentMean, segmentMin, segmentSoftmax, segmentSum, sigmoid, slice, sum, take, tanh } = loose;

const ids = (values: readonly number[]): T => constant!(values, { shape: [values.length], dtype: "int32" });

/** Edges of a fixed graph of four nodes. */
const [from, to] = [ids([0, 1, 2, 3, 3, 1]), ids([1, 0, 0, 2, 1, 1])];

/** One layer of graph attention: nodes [4, batch, n], an edge weighs what its two ends say. */
function attention(nodes: T, units: number, heads: number): T {
  const h = dense!(nodes, units);
  const score = (ends: T): T => take!(dense!(h, heads), ends);
  const weights = segmentSoftmax!(tanh!(add!(score(from), score(to))), to, 4);
  return segmentSum!(mul!(sum!(weights, { axis: 2, keepAxes: true }), take!(h, from)), to, 4);
}

const cases: Readonly<Record<string, () => Network>> = {
  "graph attention, edges that are fixed": () => withLoss(attention(input!("x", [4, "batch", 3]), 2, 2)),
  "each row to the class that it is told": () => {
    const id = input!("id", ["batch"], { dtype: "int32", below: 3 });
    const h = tanh!(dense!(input!("x", ["batch", 2]), 3));
    const all = segmentMax!(h, id, 3, { empty: -1 });
    return withLoss(concat!([all, segmentMean!(h, id, 3), segmentMin!(h, id, 3, { empty: 0.5 })], { axis: 1 }));
  },
  "each row to the class that it chooses": () => {
    const h = dense!(input!("x", ["batch", 2]), 3);
    const id = argMax!(h, { axis: 1 });
    return withLoss(concat!([segmentMax!(h, id, 3, { empty: 0 }), segmentSum!(h, id, 3)], { axis: 0 }));
  },
  "an index that is looked at": () => {
    const h = dense!(input!("x", ["batch", 3]), 1);
    const id = cast!(mul!(sigmoid!(reshape!(h, ["batch"])), 4), "int32");
    return withLoss(segmentMax!(h, id, 4, { empty: 0.25 }));
  },
  "the best of each, read back by all": () => {
    const h = dense!(input!("x", ["batch", 5]), 5);
    return withLoss(
      mul!(h, take!(segmentMax!(h, ids([1, 0, 1, 1, 2]), 3, { axis: 1 }), ids([1, 0, 1, 1, 2]), { axis: 1 })),
    );
  },
  "something added to the largest": () => {
    const h = tanh!(parameter!([3, 2], 0.5, { name: "w" }));
    const best = segmentMax!(h, ids([1, 0, 1]), 2);
    return withLoss(addAt!(best, ids([1, 1, 0]), dense!(h, 2)));
  },
  "one segment, one entry, one column": () => {
    const h = dense!(input!("x", ["batch", 2]), 1);
    const all = segmentMax!(slice!(h, [[0, 1]]), ids([0]), 1);
    return withLoss(concat!([all, segmentSoftmax!(reshape!(max!(h), [1, 1]), ids([0]), 1)], { axis: 1 }));
  },
  "inside a recurrence": () => {
    const x = input!("x", ["batch", 3, 4]);
    const { carries } = scan(
      ([h], [e]) => {
        const best = segmentMax!(add!(h, e), ids([0, 1, 1, 0]), 2, { axis: 1 });
        return { carries: [tanh!(dense!(best, 4))], outputs: [] };
      },
      [dense!(slice!(x, [null, [0, 1]]), 4)].map((h) => reshape!(h, ["batch", 4])),
      [x],
      { axis: 1 },
    );
    return withLoss(carries[0]!);
  },
};

describe("each entry, every way", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    expectEverywhere(build());
  });
});

const REDUCTIONS = [
  (x: T, id: T, n: number, axis: number) => segmentSum!(x, id, n, { axis: axis }),
  (x: T, id: T, n: number, axis: number) => segmentMean!(x, id, n, { axis: axis }),
  (x: T, id: T, n: number, axis: number) => segmentMax!(x, id, n, { axis, empty: 0.125 }),
  (x: T, id: T, n: number, axis: number) => segmentMin!(x, id, n, { axis, empty: -0.5 }),
  (x: T, id: T, n: number, axis: number) => segmentSoftmax!(x, id, n, { axis: axis }),
];

/** Ids for the entries of an axis: written, computed, or given with each call. */
function drawnIds(size: number | "batch", count: number, x: T, choose: Choose): T {
  if (size !== "batch" && choose(2)) return ids(Array.from({ length: size }, () => choose(count)));
  if (choose(2)) return input!("id", [size], { dtype: "int32", below: count });
  const shares = sigmoid!(size === "batch" ? sum!(x, { axis: [1] }) : parameter!([size], 0.5, { name: "shares" }));
  return cast!(mul!(shares, count), "int32");
}

test("neighbours (seed 1801)", () => {
  expectNeighbours(1801, (choose, pick) => {
    const [features, count] = [1 + choose(4), 1 + choose(4)];
    const own = input!("x", ["batch", features]);
    const h = choose(3) ? dense!(own, 1 + choose(4)) : mul!(own, parameter!([features], 0.75, { name: "scale" }));
    const axis = choose(2);
    const size = axis === 0 ? "batch" : h.shape[1]!.times;
    const id = drawnIds(size, count, own, choose);
    const shown = choose(2) ? tanh!(h) : h;
    const y = pick(REDUCTIONS)(shown, id, count, axis);
    const other = pick(REDUCTIONS)(shown, id, count, axis);
    return networkOf({ y }, add!(square(y), square(tanh!(other))));
  });
});
