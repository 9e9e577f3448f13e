// An exponential moving average of the weights, kept beside them.

import * as is from "../ops/call/checks.js";
import type { Optimizer } from "../graph/network.js";
import { callSite, derivedOrigin } from "../graph/origin.js";
import { averageRule } from "../graph/rules.js";
import { less } from "../ops/pointwise/logic.js";
import { makeFilled } from "../ops/leaf/leaves.js";
import { requireOptions } from "../ops/call/options.js";
import { arithmetic } from "./arithmetic.js";
import { number, refuse, RANGES } from "./settings.js";

/** The options of {@link movingAverage}. */
export interface MovingAverageOptions {
  /** The share of the past; 0.999 unless stated. The run-time hyper-parameter `averageDecay`. */
  readonly decay?: number;
  /**
   * What prediction and evaluation (`predict`, `loss`) read: "averages" unless stated, or the "parameters" as they are; then
   * `net.states["h1.weight.average"]` has the averages to look at or to copy. Training always reads the parameters.
   */
  readonly inference?: "averages" | "parameters";
}

const SLOT = "average";

/**
 * An exponential moving average of the weights beside them, which predictions read. It keeps a <- decay a + (1 - decay)
 * w of each parameter after `optimizer` has updated it: Polyak & Juditsky (1992), with the exponential weights of
 * TensorFlow's ExponentialMovingAverage. The first update sets a to w, as in PyTorch's AveragedModel, so parameters
 * that were loaded are averaged from there; before it, prediction reads the parameters. Where several steps average one
 * parameter, `predict` reads the first step's average.
 * @param optimizer what makes the update, such as `adam()`
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for anything else than an optimizer and a decay from 0 to below 1
 * @example
 * ```ts
 * const w = parameter([1], 1, { name: "w" });
 * const optimizer = movingAverage(sgd({ rate: 0.1 }), { decay: 0.5 });
 * const model = compile(network("example", { batch: 1, outputs: { w }, loss: sum(w), optimizer })).create();
 * model.step(1);
 * model.step(1);
 * model.predict(1);
 * model.parameters.w; // [0.8]
 * model.outputs.w; // [0.85]
 * ```
 */
export function movingAverage(optimizer: Optimizer, options: MovingAverageOptions = {}): Optimizer {
  const name = "movingAverage";
  if (typeof optimizer !== "object" || optimizer?.kind !== "optimizer") {
    refuse(name, "optimizer", optimizer, "an optimizer, such as adam()");
  }
  requireOptions(callSite(name), options, { decay: is.finite, inference: is.oneOf("averages", "parameters") });
  const decay = number(name, "decay", options.decay ?? 0.999, 0, 1);
  const reads = options.inference ?? "averages";
  if (reads !== "averages" && reads !== "parameters") refuse(name, "inference", reads, '"averages" or "parameters"');
  const { inference, ...rest } = optimizer;
  return Object.freeze<Optimizer>({
    ...rest,
    name,
    updates: (gradients, tools) => {
      const updates = optimizer.updates(gradients, tools);
      const averages = updates.flatMap(({ leaf: parameter, value }) => {
        if (!gradients.has(parameter)) return [];
        const math = arithmetic(derivedOrigin(parameter, averageRule, "update"));
        const leaf = tools.slot(parameter, SLOT, parameter);
        const share = tools.hyper("averageDecay", decay, RANGES.averageDecay);
        const mixed = math.add(math.mul(leaf, share), math.mul(value, math.sub(1, share)));
        return [{ leaf, value: math.where(math.isInt(tools.count, 1), value, mixed) }];
      });
      return [...updates, ...averages];
    },
    ...(reads === "averages"
      ? {
          inference: (parameters, tools) =>
            new Map(
              parameters.map((parameter) => {
                const origin = derivedOrigin(parameter, averageRule, "part");
                const trained = less.at(origin, makeFilled(origin, 0, [], "int32"), tools.counter);
                const average = tools.slot(parameter, SLOT, parameter);
                return [parameter, arithmetic(origin).where(trained, average, parameter)];
              }),
            ),
        }
      : inference && { inference }),
  });
}
