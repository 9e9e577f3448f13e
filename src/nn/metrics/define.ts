// A metric as data: statistics of a batch as graphs, and the formula that makes a number of their totals.

import * as is from "../../ops/call/checks.js";
import type { Metric, MetricFormula, MetricFunction } from "../../graph/network.js";
import type { Node } from "../../graph/node.js";
import type { CallSite, Origin } from "../../graph/origin.js";
import { evaluateDim, printShape, sameShape, sizeOf, type Shape } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch } from "../../messages.js";
import { mul } from "../../ops/pointwise/arithmetic.js";
import { spread } from "../../ops/view/broadcast.js";
import { makeSum } from "../../ops/adjoint-pairs.js";
import { isNode, tensorOperand } from "../../ops/define.js";
import { makeFilled } from "../../ops/leaf/leaves.js";
import { callOrigin, type Known } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";

/** The options of {@link average}, {@link rootMeanSquaredError} and {@link rSquared}. */
export interface MetricOptions {
  /**
   * How much each answer counts: one number for each row ([batch]), or for each answer where a row holds several. 0 leaves
   * an answer out. All count 1 unless stated (Keras: sample_weight).
   */
  readonly weights?: Tensor;
}

export const METRIC_OPTIONS = { weights: is.tensor } satisfies Known<MetricOptions>;

/** What a metric adds up, and what it makes of the totals. {@link metric} takes it. */
export interface MetricDefinition {
  /** Float tensors without a batch axis, of at most one axis or as long as the result: sums over the rows of a batch. */
  readonly statistics: Readonly<Record<string, Tensor>>;
  /** What is added up over batches: formulas of one batch's statistics. Default: the statistics themselves. */
  readonly totals?: Readonly<Record<string, MetricFormula>>;
  /** A formula of the totals, such as `["divide", "right", "count"]`. */
  readonly result: MetricFormula;
  /** Of the result. Default []: a number. [3]: a list. [3, 3]: a table. */
  readonly shape?: readonly number[];
}

const WORDS = {
  add: 2,
  subtract: 2,
  multiply: 2,
  divide: 2,
  ratio: 2,
  exp: 1,
  sqrt: 1,
  positive: 1,
  sum: 1,
  mean: 1,
  after: 1,
  at: 2,
} satisfies Record<MetricFunction, number>;

/**
 * A metric of one's own. {@link evaluate} of `tapeless/train` runs the statistics' graphs in inference mode over
 * batches, adds each total up in float64, and applies the result's formula once: so a partial last batch weighs what
 * it should.
 *
 * Formulas are data: a number, a name, or `[function, ...arguments]` with add, subtract, multiply, divide, ratio (0
 * where the divisor is 0), exp, sqrt, positive (1 or 0), sum, mean, after (sums of the later elements), at (element,
 * position).
 * @returns a metric, for a network's `metrics`
 * @throws BAD_ARGUMENT for a statistic with a batch axis, an unknown name or function, or a wrong number of arguments
 * @example
 * ```ts
 * const x = input("x", ["batch"]);
 * const largest = metric({
 *   statistics: { above: sum(greater(x, 10)), rows: size(x) },
 *   result: ["divide", "above", "rows"],
 * });
 * const net = network("example", { batch: 2, outputs: { x }, metrics: { largest } });
 * evaluate(compile(net).create(), { inputs: { x: [5, 20, 30] }, targets: {} }).largest; // 0.6667
 * ```
 */
export function metric(definition: MetricDefinition): Metric {
  const checks = {
    statistics: is.record,
    totals: is.record,
    result: is.either(
      "a number, the name of a total, or a list: [function, ...arguments]",
      is.list,
      is.finite,
      is.text,
    ),
    shape: is.list,
  } as const;
  const { site } = callOrigin("metric", definition, checks);
  const { statistics, totals, result, shape = [] } = definition;
  const refuse = (argument: string, value: unknown, expected: string): never => {
    throw badArgument({ op: "metric", argument, value, expected, site });
  };
  if (typeof statistics !== "object" || statistics === null || Object.keys(statistics).length === 0) {
    refuse("statistics", statistics, "an object with a tensor under each name");
  }
  for (const [name, node] of Object.entries(statistics)) {
    if (!isNode(node) || node.dtype !== "float32" || node.shape.some((d) => d.power > 0)) {
      const shown = isNode(node) ? `${node.dtype} ${printShape(node.shape)}` : node;
      refuse(`the statistic ${name}`, shown, "a float tensor without a batch axis, such as a sum over rows");
    }
  }
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size > 0)) {
    refuse("shape", shape, "a list of sizes");
  }
  for (const formula of Object.values(totals ?? {})) checkFormula(formula, Object.keys(statistics), site);
  checkFormula(result, Object.keys(totals ?? statistics), site);
  return makeMetric(statistics, result, { totals, shape });
}

function checkFormula(formula: unknown, names: readonly string[], site: CallSite): void {
  if (typeof formula === "number" && Number.isFinite(formula)) return;
  if (typeof formula === "string" && names.includes(formula)) return;
  const [word, ...operands] = Array.isArray(formula) ? (formula as unknown[]) : [];
  const count = typeof word === "string" && Object.hasOwn(WORDS, word) ? WORDS[word as MetricFunction] : undefined;
  if (count === operands.length && count > 0) {
    for (const each of operands) checkFormula(each, names, site);
    return;
  }
  const expected =
    count === undefined
      ? `a number, one of ${names.join(", ")}, or [function, ...arguments] with one of ${Object.keys(WORDS).join(", ")}`
      : `of ${count} arguments where it is ${String(word)}`;
  throw badArgument({ op: "metric", argument: "a formula", value: formula, expected, site });
}

export const makeMetric = (
  statistics: Readonly<Record<string, Node>>,
  result: MetricFormula,
  options: Pick<Metric, "totals"> & Partial<Pick<Metric, "shape">> = {},
): Metric => Object.freeze({ kind: "metric", statistics, totals: options.totals, result, shape: options.shape ?? [] });

/** One weight for each answer: those given, spread over what a row holds, or 1. */
export function weightsOf(origin: Origin, { weights }: MetricOptions, shape: Shape): Node {
  if (weights === undefined) return makeFilled(origin, 1, shape, "float32");
  const weightNode = asFloat(origin, tensorOperand(origin.site.call, "weights", weights, origin));
  if (sameShape(weightNode.shape, shape)) return weightNode;
  if (weightNode.shape.length === 1 && sameShape(weightNode.shape, shape.slice(0, 1))) {
    return spread(
      origin,
      weightNode,
      shape,
      shape.map((_, i) => i).filter((i) => i > 0),
    );
  }
  const why = `there is one weight for each row or for each answer (${printShape(shape)})`;
  throw shapeMismatch({ op: origin.site.call, left: shape, right: weightNode.shape, why, site: origin.site });
}

/** The sum over all axes, each value times its weight. */
export const total = (origin: Origin, value: Node, weights: Node): Node =>
  sumAll(origin, mul.at(origin, value, weights));

export const sumAll = (origin: Origin, node: Node): Node =>
  makeSum(
    origin,
    node,
    node.shape.map((_, i) => i),
  );

/** The fixed size of an axis, such as the number of classes. */
export function fixedSize(op: string, what: string, shape: Shape, origin: Origin): number {
  const size = shape.at(-1);
  if (size?.power === 0) return evaluateDim(sizeOf([size]), 1);
  throw badArgument({ op, argument: what, value: printShape(shape), expected: "of fixed size", site: origin.site });
}
