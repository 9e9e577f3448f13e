// Ours: the definitions in networks/, as each target emits them.

import { crossEntropyOf, type Batch, type Parameter, type Task } from "../task.js";
import { inTurn, session, type Session } from "../peer.js";

/** What all emitted modules have in common. */
interface Model {
  readonly spec: { readonly capacity: number };
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly targets: Readonly<Record<string, Float32Array | Int32Array>>;
  readonly outputs: Readonly<Record<string, Float32Array>>;
  readonly parameters: Readonly<Record<string, Float32Array>>;
  readonly step: (rows: number) => number;
  readonly predict: (rows: number) => void;
}

type Target = "wasm" | "typescript";

async function create(name: string, target: Target, threads: number): Promise<Model> {
  // Beside the bundle that this is part of.
  const path = `./generated/${target}/${name}.mjs`;
  const module = (await import(path)) as Readonly<Record<string, unknown>>;
  const [, factory] = Object.entries(module).find(([key]) => /^create[A-Z]\w*$/.test(key) && !key.endsWith("Async"))!;
  return (factory as (options: object) => Model)(threads > 1 ? { threads } : {});
}

export async function open(task: Task, target: Target, threads = 1): Promise<Session> {
  const { network, rows, batches, mode } = task;
  const model = await create(network.name, target, threads);
  setParameters(model, task.parameters);
  const [input] = Object.values(model.inputs);
  const [wanted] = Object.values(model.targets);
  const [output] = Object.values(model.outputs);
  const next = inTurn(batches);
  const load = (batch: Batch): void => {
    copy(batch.inputs, input!);
    if (mode === "training") copy(wanted instanceof Int32Array ? batch.classes : batch.targets, wanted!);
  };
  if (mode === "inference") {
    const predict = (): Batch => {
      const batch = next();
      load(batch);
      model.predict(rows);
      return batch;
    };
    return {
      run: (steps) => {
        for (let i = 0; i < steps; i++) predict();
      },
      step: () => {
        const batch = predict();
        return crossEntropyOf(output!.subarray(0, batch.targets.length), batch);
      },
    };
  }
  // The whole data set is one batch: it stays in place.
  if (batches.length === 1) {
    load(next());
    return session(() => model.step(rows));
  }
  return session(() => {
    load(next());
    return model.step(rows);
  });
}

/** `TypedArray.set` costs 30 ns or more, too much for a single point. */
function copy(from: ArrayLike<number>, to: Float32Array | Int32Array): void {
  if (from.length > 16) to.set(from);
  else for (let i = 0; i < from.length; i++) to[i] = from[i]!;
}

/** By name, or where the definition has names of its own by role and size. */
function setParameters(model: Model, parameters: readonly Parameter[]): void {
  const views = new Map(Object.entries(model.parameters));
  for (const { name, values } of parameters) {
    const role = name.slice(name.lastIndexOf("."));
    const same = [...views].find(([key, view]) => key.endsWith(role) && view.length === values.length);
    const key = views.has(name) ? name : same?.[0];
    if (key === undefined) throw new Error(`no parameter like ${name} among ${[...views.keys()].join(", ")}`);
    views.get(key)!.set(values);
    views.delete(key);
  }
  if (views.size > 0) throw new Error(`parameters without values: ${[...views.keys()].join(", ")}`);
}
