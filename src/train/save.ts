// Parameters as plain data, and the snapshot that early stopping restores.

import * as say from "./messages.js";
import type { Column, Model, View } from "./model.js";
import { otherNaming, type Strangers } from "./naming.js";

/**
 * A copy of every parameter by its name, flat in row-major order (Keras: get_weights). Optimizer state is not in it.
 * The result may be given to `load`, or to the model's `create` function as `parameters`.
 */
export function save(model: Model): Record<string, View> {
  return Object.fromEntries(views(model.parameters).map(([name, view]) => [name, view.slice()]));
}

/**
 * Writes parameters into the model: all of them or, where anything is wrong, none (Keras: set_weights).
 * Throws TrainError listing everything that is wrong: OTHER_NAMING for weights of a build that names otherwise, UNKNOWN_NAME, MISSING_DATA, NOT_NUMBERS, BAD_LENGTH, and
 * BAD_VALUE for a NaN.
 */
export function load(model: Model, parameters: { readonly [name: string]: Column }): void {
  const errors: say.TrainError[] = [];
  const known = views(model.parameters);
  const given = Object.keys(parameters);
  const names = known.map(([name]) => name);
  const other = namedOtherwise(model, parameters);
  if (other) throw other;
  for (const name of given)
    if (!names.includes(name)) errors.push(say.unknownName({ kind: "parameter", name, known: names }));
  for (const [name, view] of known) {
    const values = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const field = `parameters.${name}`;
    if (values === undefined) errors.push(say.missingName({ kind: "parameter", name, given }));
    else if (!Array.isArray(values) && !ArrayBuffer.isView(values))
      errors.push(say.notAColumn({ field, value: values }));
    else if (values.length !== view.length) {
      errors.push(say.badFixedLength({ field, length: values.length, expected: view.length, shape: "the parameter" }));
    } else {
      const bad = Array.prototype.findIndex.call(values, (value) => typeof value !== "number" || Number.isNaN(value));
      if (bad >= 0) errors.push(say.badValue({ field, row: 0, index: bad, value: values[bad], expected: "a number" }));
    }
  }
  say.throwAll(errors);
  for (const [name, view] of known) view.set(parameters[name]!);
}

/** Why weights that were saved by a build of another naming cannot be told apart. */
function namedOtherwise(model: Model, parameters: { readonly [name: string]: Column }): say.TrainError | undefined {
  const ours = views(model.parameters).filter(([name]) => !Object.hasOwn(parameters, name));
  const theirs = Object.entries(parameters).filter(([name]) => !Object.hasOwn(model.parameters, name));
  const strangers = (some: readonly (readonly [string, Column])[]): Strangers => ({
    names: some.map(([name]) => name),
    lengths: some.map(([, values]) => values?.length ?? 0),
  });
  const naming = otherNaming(strangers(theirs), strangers(ours), model.spec.naming);
  return naming && say.weightsOfOtherNaming({ naming, theirs: theirs[0]![0], ours: ours[0]![0] });
}

/** A copy of parameters and states that can be taken again and again without allocating. */
export interface Snapshot {
  readonly take: () => void;
  readonly restore: () => void;
}

export function snapshotOf(model: Model): Snapshot {
  const live = [...views(model.parameters), ...views(model.states ?? {})].map(([, view]) => view);
  const kept = live.map((view) => view.slice());
  return {
    take: () => live.forEach((view, i) => kept[i]!.set(view)),
    restore: () => live.forEach((view, i) => view.set(kept[i]!)),
  };
}

const views = (record: object): readonly [string, View][] => Object.entries(record as Record<string, View>);
