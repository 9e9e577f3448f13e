// Running sums along an axis. Their derivative is a running sum from the other end.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { part, type Origin } from "../../graph/origin.js";
import type { Dim } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { makeBroadcast, makeSum } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin } from "../call/options.js";
import { float, record, ruleOrigin, shapeOf, tensorOperand, toAxis } from "../define.js";
import { makeFilled, makeScalar } from "../leaf/leaves.js";
import { add } from "../pointwise/arithmetic.js";
import { less, lessEqual, where } from "../pointwise/logic.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makeResult, makeScan, scanParts } from "../scan/scan-record.js";
import { makeIota } from "../view/iota.js";
import { makeTranspose } from "../view/views.js";
import { rule } from "../../graph/rules.js";

export interface CumsumAttrs {
  readonly axis: number;
  /** The sum of the elements before each one, without itself. */
  readonly exclusive: boolean;
  /** From the last element to the first. */
  readonly reverse: boolean;
}

/** Up to here each element sums its own part, all in one kernel; longer axes are a loop that carries the sum. */
const SHORT = 32;

const isShort = ({ times, power }: Dim): boolean => power === 0 && times <= SHORT;

export const cumsumDef: OpDef<CumsumAttrs> = record<CumsumAttrs>({
  name: "cumsum",
  family: "composite",
  doc: "The sum of the elements up to each one along an axis.",
  operands: ["x"],
  infer: ({ inputs: [x] }) => float(x!.shape),
  expand: ({ inputs: [x], attrs, origin }) =>
    isShort(x!.shape[attrs.axis]!) ? byParts(origin, x!, attrs) : byLoop(origin, x!, attrs),
  rule: rule(
    "cumulative",
    "algebra",
    "sums from the other end",
    String.raw`c_{i} = \textstyle\sum_{j \le i} a_{j} \;\Rightarrow\; (\delta_{a})_{j} = \textstyle\sum_{i \ge j} (\delta_{c})_{i}`,
  ),
  vjp: (adjoint) => {
    const { attrs } = adjoint;
    return [createNode(cumsumDef, [adjoint.gradient], { ...attrs, reverse: !attrs.reverse }, ruleOrigin(adjoint))];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(1), 0, false, false],
        [shapeOf(4), 0, true, false],
        [shapeOf(2, 3), 1, false, true],
        [shapeOf(3, 2), 0, true, true],
        [shapeOf(2, 3, 2), 1, false, false],
        [shapeOf(2, 40), 1, false, true],
        [shapeOf(35, 2), 0, true, false],
        [shapeOf("b", 3), 1, true, false],
        [shapeOf("b", 3), 0, false, false],
        [shapeOf(2, "b"), 1, true, true],
      ] as const
    ).map(([shape, axis, exclusive, reverse]): Sample => ({
      inputs: [{ ...float(shape), range: [-2, 2] }],
      build: ([x]) => createNode(cumsumDef, [x!], { axis, exclusive, reverse }, x!.origin),
    })),
});

/** For each element the sum over all that precede it. */
function byParts(origin: Origin, x: Node, { axis, exclusive, reverse }: CumsumAttrs): Node {
  const size = x.shape[axis]!;
  const square = x.shape.toSpliced(axis, 1, size, size);
  const all = makeBroadcast(
    origin,
    x,
    square,
    square.map((_, i) => i).filter((i) => i !== axis),
  );
  const [element, other] = [makeIota(origin, square, axis), makeIota(origin, square, axis + 1)];
  const [first, second] = reverse ? [element, other] : [other, element];
  const counts = (exclusive ? less : lessEqual).at(origin, first, second);
  return makeSum(origin, where.at(origin, counts, all, makeScalar(origin, 0)), [axis + 1]);
}

/** A loop over the axis. The sums that its steps start from are the exclusive ones. */
function byLoop(origin: Origin, x: Node, { axis, exclusive, reverse }: CumsumAttrs): Node {
  const axes = x.shape.map((_, i) => i);
  const order = [axis, ...axes.filter((i) => i !== axis)];
  const elements = makeTranspose(origin, x, order);
  const [length, ...rest] = elements.shape as [Dim, ...Dim[]];
  const initial = [makeFilled(origin, 0, rest, "float32")];
  const spec = { initial, sequences: [elements], length, reverse, origins: scanParts(origin, ["sum"], ["x"]) };
  const { carries } = makeScan(origin, spec, ([sum], [element]) => ({
    carries: [add.at(part(origin, "sum", "next"), sum!, element!)],
    outputs: [],
  }));
  const exclusiveSums = makeTranspose(
    origin,
    makeResult(origin, carries[0]!.inputs[0]!, 1),
    axes.map((i) => order.indexOf(i)),
  );
  return exclusive ? exclusiveSums : add.at(origin, exclusiveSums, x);
}

/** The options of {@link cumsum}. */
export interface CumsumOptions {
  /** The axis; negative counts from the end. The last unless stated. */
  readonly axis?: number;
  /** True: without the element itself, so that the first sum is 0. False unless stated. */
  readonly exclusive?: boolean;
  /** True: from the last element to the first. False unless stated. */
  readonly reverse?: boolean;
}

/**
 * The sum of the elements up to each one along an axis: ONNX' CumSum, NumPy's `cumsum` (which has no `exclusive` and
 * `reverse`), TensorFlow's `math.cumsum`.
 * @param x a tensor with one axis or more; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for an axis that x has not, WRONG_RANK for a scalar
 * @example
 * ```ts
 * const x = constant([1, 2, 3]);
 * const net = network("example", { batch: 1, outputs: { sums: cumsum(x), before: cumsum(x, { exclusive: true }) } });
 * interpret(net, {}).outputs; // { sums: [1, 3, 6], before: [0, 1, 3] }
 * ```
 */
export function cumsum<S extends Dims>(x: Tensor<S>, options: CumsumOptions = {}): Float32<S> {
  const origin = callOrigin("cumsum", options, { axis: is.wholeNumber, exclusive: is.flag, reverse: is.flag });
  const node = asFloat(origin, tensorOperand("cumsum", "x", x, origin));
  const axis = toAxis("cumsum", options.axis ?? -1, node.shape, origin);
  const attrs = { axis, exclusive: options.exclusive ?? false, reverse: options.reverse ?? false };
  return createNode(cumsumDef, [node], attrs, origin) as Tensor<S, "float32">;
}
