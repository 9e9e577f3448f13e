// Ours: the checked-in generated modules; for batches beyond their capacity, the same definition compiled for 256 rows.

import type { Batch, Task } from "../task.js";
import type { Peer, Session } from "../peer.js";

/** What all emitted modules have in common. */
interface Model {
  readonly spec: { readonly capacity: number };
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly targets: Readonly<Record<string, Float32Array | Int32Array>>;
  readonly parameters: Readonly<Record<string, Float32Array>>;
  readonly step: (rows: number) => number;
}

const modules: Readonly<Record<string, (rows: number) => Promise<Model>>> = {
  digits: async (rows) =>
    rows <= 32
      ? (await import("../../../generated/digits.js")).createDigits()
      : (await import("../../.cache/generated/wide-digits.js")).createDigits(),
  "digits-adam": async () => (await import("../../../generated/digits-adam.js")).createDigitsAdam(),
  "from-scratch": async () => (await import("../../../generated/from-scratch.js")).createFromScratch(),
  logistic: async () => (await import("../../../generated/logistic.js")).createLogistic(),
  classifier: async () => (await import("../../../generated/classifier.js")).createClassifier(),
};

export const tapeless: Peer = { name: "tapeless", open };

async function open(task: Task): Promise<Session> {
  const { network, rows, batches } = task;
  const model = await modules[network.name]!(rows);
  setParameters(model, task);
  const [input] = Object.values(model.inputs);
  const [target] = Object.values(model.targets);
  const wanted = (batch: Batch): ArrayLike<number> => (target instanceof Int32Array ? batch.classes : batch.targets);
  const queue = batches.map((batch) => ({ inputs: batch.inputs, targets: wanted(batch) }));
  let next = 0;
  const load = (): void => {
    const batch = queue[next]!;
    next = next + 1 === queue.length ? 0 : next + 1;
    copy(batch.inputs, input!);
    copy(batch.targets, target!);
  };
  // The whole data set is one batch: it stays in place.
  if (queue.length === 1) {
    load();
    return {
      run: (steps) => {
        for (let i = 0; i < steps; i++) model.step(rows);
      },
      step: () => model.step(rows),
    };
  }
  const step = (): number => {
    load();
    return model.step(rows);
  };
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) step();
    },
    step,
  };
}

/** `TypedArray.set` costs 30 ns or more, too much for a single point. */
function copy(from: ArrayLike<number>, to: Float32Array | Int32Array): void {
  if (from.length > 16) to.set(from);
  else for (let i = 0; i < from.length; i++) to[i] = from[i]!;
}

function setParameters(model: Model, { parameters }: Task): void {
  const views = Object.entries(model.parameters);
  const weights = views.filter(([name]) => name.endsWith(".weight"));
  const biases = views.filter(([name]) => name.endsWith(".bias"));
  if (weights.length !== parameters.length || biases.length !== parameters.length) {
    throw new Error(`unexpected parameters: ${views.map(([name]) => name).join(", ")}`);
  }
  // Layers are told by the size of their weights: the order of the names is the module's own affair.
  for (const { weight, bias } of parameters) {
    const [name, view] = weights.find(([, each]) => each.length === weight.length)!;
    view.set(weight);
    model.parameters[name.replace(/weight$/, "bias")]!.set(bias);
  }
}
