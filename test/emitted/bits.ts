// Every number of a model that its user sees, after some calls: what must be the same bits however the model is run. Runs in
// pages too.

import type { Model } from "../../compiler/instantiate.js";
import { randomNumbers } from "../oracle/random.js";

function fill(model: Model): void {
  const random = randomNumbers(3);
  for (const group of ["inputs", "targets"] as const) {
    for (const [name, view] of Object.entries(model[group])) {
      const { dtype, below = 2 } = model.spec[group][name]!;
      for (let i = 0; i < view.length; i++) {
        const drawn = random();
        view[i] = dtype === "int32" ? Math.floor(drawn * below) : dtype === "bool" ? Math.round(drawn) : drawn;
      }
    }
  }
}

/** After steps on many and on few rows, and after what else the model has. */
export function bitsAfterCalls(model: Model): number[] {
  fill(model);
  const rows = model.spec.capacity;
  const losses = [rows, Math.ceil(rows / 3), 1].flatMap((n) => model.spec.steps.map((step) => Number(model[step](n))));
  if ("predict" in model) model.predict(rows);
  if ("gradients" in model) model.gradients(rows);
  const views = [model.parameters, model.outputs, model.states, model.grads].flatMap((group) => Object.values(group));
  return [...losses, ...views.flatMap((view) => [...view])];
}
