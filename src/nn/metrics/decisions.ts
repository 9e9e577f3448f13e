// What a network's output decides, and what its target says: the common start of the metrics that count answers.

import * as is from "../../ops/call/checks.js";
import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { dim, isOne, sameShape, type Shape } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch } from "../../messages.js";
import { mul } from "../../ops/pointwise/arithmetic.js";
import { spread } from "../../ops/view/broadcast.js";
import { finiteNumber, tensorOperand } from "../../ops/define.js";
import { makeOneHot } from "../../ops/gather/one-hot.js";
import { makeScalar } from "../../ops/leaf/leaves.js";
import {
  equal,
  greater,
  lessEqual,
  logicalAnd,
  logicalOr,
  makeCast,
  notEqual,
  where,
} from "../../ops/pointwise/logic.js";
import { callOrigin, type Known } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";
import { makeMax } from "../../ops/reduce/reduce.js";
import { firstWhere } from "../../ops/reduce/statistics.js";
import { makeReshape } from "../../ops/view/views.js";
import { fixedSize, METRIC_OPTIONS, weightsOf, type MetricOptions } from "./define.js";

/** The options of {@link accuracy}, {@link confusionMatrix}, {@link topKAccuracy} and {@link perplexity}. */
export interface ClassMetricOptions extends MetricOptions {
  /**
   * Where given, every number of the output is a yes-or-no of its own: "yes" above it. Unless stated, outputs of one
   * column have 0.5, which suits probabilities (for logits give 0), and of several columns the largest counts.
   */
  readonly threshold?: number;
  /** int32 targets of this class do not count, such as that of padding. None unless stated. */
  readonly ignoreIndex?: number;
}

export const ANSWER_OPTIONS = {
  ...METRIC_OPTIONS,
  ignoreIndex: is.int32,
} satisfies Known<Omit<ClassMetricOptions, "threshold">>;

export const CLASS_METRIC_OPTIONS = { ...ANSWER_OPTIONS, threshold: is.finite } satisfies Known<ClassMetricOptions>;

/** One class of several for each place, or a yes or no for each element. */
export type Decisions = {
  readonly origin: Origin;
  /** For each answer: [...]. */
  readonly weights: Node;
} & (
  | {
      readonly kind: "class";
      /** int32 [...]; not a class where the output has NaN. */
      readonly predicted: Node;
      readonly actual: Node;
      readonly scores: Node;
      readonly classes: number;
    }
  | {
      readonly kind: "binary";
      /** bool [...]. */
      readonly yes: Node;
      readonly no: Node;
      readonly actual: Node;
      /** Yes-or-no questions of a row where their last axis is one of labels; 1 where there is one question. */
      readonly labels: number;
    }
);

/**
 * Reads a call `op(output, target, options)`:
 * - output [..., classes] and int32 target [...]: class indices;
 * - output and target of one shape with several columns, no threshold: one-hot or probability rows, whose largest counts;
 * - one column, or a threshold: yes above the threshold, the target's above 0.5 (or not 0).
 */
export function decisionsOf<O extends ClassMetricOptions>(
  op: string,
  output: Tensor,
  target: Tensor,
  options: O,
  checks: Known<NoInfer<O>>,
): Decisions {
  const origin = callOrigin(op, options, checks);
  const scores = asFloat(origin, tensorOperand(op, "the output", output, origin));
  const targetNode = tensorOperand(op, "the target", target, origin);
  const last = scores.shape.at(-1);
  const leading = scores.shape.slice(0, -1);
  const same = sameShape(scores.shape, targetNode.shape);
  const column = last !== undefined && isOne(last) && sameShape(leading, targetNode.shape);
  const several = last !== undefined && scores.shape.length > 1 && !isOne(last);
  if (options.threshold === undefined && several) {
    const indices = targetNode.dtype === "int32" && sameShape(leading, targetNode.shape);
    if (!indices && !(same && targetNode.dtype === "float32"))
      throw mismatch(op, scores.shape, targetNode.shape, origin);
    const axis = leading.length;
    const classes = fixedSize(op, "the classes", scores.shape, origin);
    const actual = indices ? targetNode : largestOf(origin, targetNode, axis, classes);
    const predicted = largestOf(origin, scores, axis, classes);
    const weights = answerWeights(origin, op, indices ? targetNode : undefined, leading, options);
    return { kind: "class", origin, weights, predicted, actual, scores, classes };
  }
  if (!same && !column) throw mismatch(op, scores.shape, targetNode.shape, origin);
  const threshold = makeScalar(origin, finiteNumber(op, "threshold", options.threshold ?? 0.5, origin));
  const places = column ? makeReshape(origin, scores, leading) : scores;
  const actual =
    targetNode.dtype === "float32"
      ? greater.at(origin, targetNode, makeScalar(origin, 0.5))
      : makeCast(origin, targetNode, "bool");
  return {
    kind: "binary",
    origin,
    weights: answerWeights(origin, op, targetNode.dtype === "int32" ? targetNode : undefined, places.shape, options),
    yes: greater.at(origin, places, threshold),
    no: lessEqual.at(origin, places, threshold),
    actual,
    labels: several ? fixedSize(op, "the labels", scores.shape, origin) : 1,
  };
}

/** The first position of the largest value; not a class where a value is NaN. */
function largestOf(origin: Origin, scores: Node, axis: number, classes: number): Node {
  const largest = makeMax(origin, scores, [axis]);
  const first = firstWhere(origin, equal.at(origin, scores, spread(origin, largest, scores.shape, [axis])), axis);
  const predicted = where.at(origin, equal.at(origin, largest, largest), first, makeScalar(origin, classes));
  return makeCast(origin, predicted, "int32");
}

/** Weights that leave an ignored class out. `indices`: the target where it is int32. */
export function answerWeights(
  origin: Origin,
  op: string,
  indices: Node | undefined,
  shape: Shape,
  options: ClassMetricOptions,
): Node {
  const weights = weightsOf(origin, options, shape);
  const { ignoreIndex } = options;
  if (ignoreIndex === undefined) return weights;
  if (indices === undefined || !Number.isInteger(ignoreIndex)) {
    const expected = indices === undefined ? "absent unless the target is int32" : "an integer";
    throw badArgument({ op, argument: "ignoreIndex", value: ignoreIndex, expected, site: origin.site });
  }
  const counted = notEqual.at(origin, asFloat(origin, indices), makeScalar(origin, ignoreIndex));
  return mul.at(origin, weights, asFloat(origin, counted));
}

/** Whether a yes-or-no was right; a NaN never is. */
export const isRight = (origin: Origin, { yes, no, actual }: Extract<Decisions, { kind: "binary" }>): Node => {
  const wanted = asFloat(origin, actual);
  const half = makeScalar(origin, 0.5);
  return logicalOr.at(
    origin,
    logicalAnd.at(origin, yes, greater.at(origin, wanted, half)),
    logicalAnd.at(origin, no, lessEqual.at(origin, wanted, half)),
  );
};

const mismatch = (op: string, left: Shape, right: Shape, origin: Origin): Error => {
  const why = "the target holds int32 class indices for each row, or has the output's shape";
  return shapeMismatch({ op, left, right, why, site: origin.site });
};

/** What is decided and what is true as float rows [..., classes]; binary questions as they are. */
export function asRows(decisions: Decisions): { predicted: Node; actual: Node; weights: Node } {
  const { origin, weights } = decisions;
  if (decisions.kind === "binary") {
    const { yes, actual } = decisions;
    return { predicted: asFloat(origin, yes), actual: asFloat(origin, actual), weights };
  }
  const { predicted, actual, classes } = decisions;
  const rows = makeOneHot(origin, predicted, dim(classes));
  const axis = rows.shape.length - 1;
  return {
    predicted: rows,
    actual: makeOneHot(origin, actual, dim(classes)),
    weights: spread(origin, weights, rows.shape, [axis]),
  };
}
