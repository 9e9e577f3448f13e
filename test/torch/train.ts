// The float64 interpreter's steps of a case: its derived entries, as they are emitted.

import type { PublicDim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { constant, input, network, parameter, state } from "../../src/index.js";
import { factsOf } from "../fuzz/facts.js";
import { interpreted } from "../fuzz/interpreted.js";
import type { Given } from "./builder.js";
import type { TrainingBuilder } from "./builders/training.js";
import { drawn, randomFor, ROWS, STEPS, type Drawn, type RecordedTraining, type TrainingCase } from "./table.js";

export type Trained = Omit<RecordedTraining, "case">;

const axesOf = ({ type }: Drawn): PublicDim[] => type.shape.map(({ times, power }) => (power > 0 ? "batch" : times));

/** `name` says which random numbers the case begins with; each step has data of its own. */
export function train(name: string, one: TrainingCase, build: TrainingBuilder): Trained {
  const { rows = ROWS, steps = STEPS } = one;
  const random = randomFor(name);
  const draw = (forms: Readonly<Record<string, string>>): [string, Drawn][] =>
    Object.entries(forms).map(([key, form]) => [key, drawn(form, rows, random)]);
  const parameters = draw(one.parameters);
  const states = draw(one.states ?? {});
  const data = Array.from({ length: steps }, () => draw(one.inputs));
  const initial = (tensor: Drawn) => constant(tensor.values, { shape: axesOf(tensor) as number[] });
  const leaves: Record<string, Tensor> = {};
  for (const [key, t] of parameters) leaves[key] = parameter(axesOf(t) as number[], initial(t), { name: key });
  for (const [key, t] of states) leaves[key] = state(key, axesOf(t) as number[], initial(t));
  for (const [key, t] of data[0]!) {
    leaves[key] = input(key, axesOf(t), t.below === undefined ? {} : { dtype: "int32", below: t.below });
  }
  const { loss, optimizer, predict } = build(leaves as Given);
  const outputs = predict === undefined ? {} : { outputs: { predict } };
  const machine = interpreted(
    factsOf(network("trained", { batch: rows, loss: loss as never, optimizer, ...outputs })),
    0,
  );
  const losses: number[] = [];
  const kept: Record<string, number[][]> = {};
  for (const step of data) {
    machine.give(Object.fromEntries(step.map(([key, { values }]) => [key, values])), rows);
    losses.push(machine.run("step", rows)!);
    const now = { ...machine.read("parameters"), ...machine.read("states") };
    for (const [key] of [...parameters, ...states]) (kept[key] ??= []).push(Array.from(now[key]!));
  }
  if (predict === undefined) return { losses, kept };
  machine.run("predict", rows);
  return { losses, kept, predict: Array.from(machine.read("outputs")["predict"]!) };
}
