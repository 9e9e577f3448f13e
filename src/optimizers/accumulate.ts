// Gradient accumulation: several calls make one update.

import type { Optimizer } from "../graph/network.js";
import type { Node } from "../graph/node.js";
import { derivedOrigin } from "../graph/origin.js";
import { accumulateRule } from "../graph/rules.js";
import { BATCH } from "../graph/shape.js";
import { everyNode } from "../graph/walk.js";
import { makeFilled, makeSize } from "../ops/leaf/leaves.js";
import { where } from "../ops/pointwise/logic.js";
import { makeIncrement } from "../ops/pointwise/increment.js";
import { arithmetic } from "./arithmetic.js";
import { count, refuse } from "./settings.js";

/**
 * Gradient accumulation: several calls of a step make one update. Each call adds rows * gradient to a sum; every
 * `calls`-th divides it by the rows of all these calls and hands the quotient to `optimizer`: for a loss that is a mean
 * over rows that is the gradient of one large batch, partial batches included. Clipping, decay, averages, step counts
 * and schedules see updates only. Dropout and running statistics go on with every call. Calls that have not made an
 * update yet are kept in the states `<parameter>.accumulated`, `accumulatedRows` and `accumulatedCalls`.
 * @param optimizer what makes the update, such as `adam()`
 * @param calls calls of the step that make one update, 1 at least: `accumulate(adam(), 4)`
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for anything else than an optimizer and a positive integer
 * @example
 * ```ts
 * const w = parameter([1], 1, { name: "w" });
 * const net = network("example", { batch: 8, loss: sum(w), optimizer: accumulate(sgd({ rate: 0.1 }), 2) });
 * const model = compile(net).create();
 * const weights = [1, 2, 3, 4].map(() => {
 *   model.step(8);
 *   return model.parameters.w![0];
 * }); // [1, 0.9, 0.9, 0.8]
 * ```
 */
export function accumulate(optimizer: Optimizer, calls: number): Optimizer {
  const name = "accumulate";
  if (typeof optimizer !== "object" || optimizer?.kind !== "optimizer") {
    refuse(name, "optimizer", optimizer, "an optimizer, such as adam()");
  }
  const every = count(name, "calls", calls, 1);
  if (every === 1) return optimizer;
  const note = `${name} of ${every} calls keeps a sum of gradients of each parameter's size`;
  return Object.freeze<Optimizer>({
    ...optimizer,
    name,
    notes: Object.freeze([note, ...optimizer.notes]),
    updates: (gradients, tools) => {
      const origin = derivedOrigin(tools.counter, accumulateRule, "part");
      const math = arithmetic(origin);
      const made = tools.state("accumulatedCalls", "int32");
      const rows = tools.state("accumulatedRows", "float32");
      const nextCalls = makeIncrement(origin, made);
      const size = makeSize(origin, BATCH);
      const nextRows = math.add(rows, size);
      const due = math.isInt(nextCalls, every);
      const sums = [...gradients].map(([parameter, gradient]) => {
        const own = arithmetic(derivedOrigin(parameter, accumulateRule, "update"));
        const leaf = tools.slot(parameter, "accumulated");
        return { parameter, leaf, own, next: own.add(leaf, own.mul(gradient, size)) };
      });
      const means = new Map(sums.map(({ parameter, own, next }): [Node, Node] => [parameter, own.div(next, nextRows)]));
      const updates = [...optimizer.updates(means, tools)];
      const counts = everyNode(updates.map(({ value }) => value)).includes(tools.counter);
      if (counts && !updates.some(({ leaf }) => leaf === tools.counter)) {
        updates.push({ leaf: tools.counter, value: tools.count });
      }
      return [
        ...updates.map(({ leaf, value }) => ({ leaf, value: where.at(value.origin, due, value, leaf) })),
        ...sums.map(({ leaf, own, next }) => ({ leaf, value: own.where(due, 0, next) })),
        { leaf: rows, value: math.where(due, 0, nextRows) },
        { leaf: made, value: where.at(origin, due, makeFilled(origin, 0, [], "int32"), nextCalls) },
      ];
    },
  });
}
