// Orthogonal matrices as first values.

import type { Node } from "../graph/node.js";
import { callSite, originOf, type Origin } from "../graph/origin.js";
import { dim, sizeOf, type Dim } from "../graph/shape.js";
import { wrongRank } from "../messages.js";
import { add, div, mul, sqrt, square, sub } from "../ops/pointwise/arithmetic.js";
import { makeSum } from "../ops/adjoint-pairs.js";
import { makeMatmul } from "../ops/contract/contract.js";
import { finiteNumber } from "../ops/define.js";
import { makeIota } from "../ops/view/iota.js";
import { makeOneHot } from "../ops/gather/one-hot.js";
import { makeFilled, makeScalar } from "../ops/leaf/leaves.js";
import { initialClock, makeNormal } from "../ops/random/random.js";
import { makeScan, scanParts } from "../ops/scan/scan-record.js";
import { makeReshape, makeTranspose } from "../ops/view/views.js";
import type { Initializer } from "./initializers.js";

/**
 * `gain` times a matrix whose rows or columns, whichever are fewer, are orthonormal: Saxe et al. (2014),
 * arXiv:1312.6120. Of a parameter with more than two axes all but the last are taken as the rows, as in Keras. The
 * result is evenly distributed over all such matrices.
 * @param gain finite; 1 keeps lengths, sqrt(2) suits layers before a ReLU
 * @returns an initialiser, for parameters with two axes or more
 * @throws BAD_ARGUMENT for a gain that is not finite, WRONG_RANK for a parameter with fewer axes
 * @example
 * ```ts
 * const w = parameter([3, 3], orthogonal(1), { name: "w" });
 * const net = network("example", { batch: 1, outputs: { product: matmul(w, transpose(w)) } });
 * interpret(net, {}).outputs; // { product: [1, 0, 0, 0, 1, 0, 0, 0, 1] }
 * ```
 */
export const orthogonal = (gain: number): Initializer => {
  const factor = finiteNumber("orthogonal", "gain", gain, originOf(callSite("orthogonal")));
  return (shape, origin) => {
    if (shape.length < 2) {
      const expected = "two axes at least";
      throw wrongRank({ op: "orthogonal", operand: "a parameter", shape, expected, site: origin.site });
    }
    const columns = shape.at(-1)!;
    const rows = dim(sizeOf(shape).times / columns.times);
    const wide = rows.times <= columns.times;
    const basis = wide ? orthonormalRows(origin, rows, columns) : orthonormalRows(origin, columns, rows);
    const matrix = makeReshape(origin, wide ? basis : makeTranspose(origin, basis, [1, 0]), shape);
    return mul.at(origin, matrix, makeScalar(origin, factor));
  };
};

/**
 * `count` orthonormal vectors of `length` elements: Gram and Schmidt's, of normal vectors, as a loop. Each vector is made
 * orthogonal twice, which leaves only rounding (Giraud et al., 2005: "twice is enough").
 */
function orthonormalRows(origin: Origin, count: Dim, length: Dim): Node {
  const vectors = makeNormal(origin, [count, length], initialClock(origin));
  const places = makeOneHot(origin, makeIota(origin, [count], 0), count);
  const none = makeFilled(origin, 0, [count, length], "float32");
  const origins = scanParts(origin, ["basis"], ["vector", "place"]);
  const spec = { initial: [none], sequences: [vectors, places], length: count, reverse: false, origins };
  return makeScan(origin, spec, ([basis], [vector, place]) => {
    const free = withoutParts(origin, basis!, withoutParts(origin, basis!, vector!));
    const size = sqrt.at(origin, makeSum(origin, square.at(origin, free), [0]));
    const column = makeReshape(origin, place!, [count, dim(1)]);
    const row = makeReshape(origin, div.at(origin, free, size), [dim(1), length]);
    return { carries: [add.at(origin, basis!, makeMatmul(origin, column, row))], outputs: [] };
  }).carries[0]!;
}

/** The vector without its parts along the rows of `basis`; rows of zeros take nothing. */
const withoutParts = (origin: Origin, basis: Node, vector: Node): Node =>
  sub.at(origin, vector, makeMatmul(origin, makeMatmul(origin, basis, vector), basis));
