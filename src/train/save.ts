// Parameters as plain data and back, all of them or a part.

import { firstBad, isColumn } from "./check.js";
import * as say from "./messages.js";
import type { Column, Model, View } from "./model.js";
import { otherNaming, type Strangers } from "./naming.js";
import { type OptionChecks, checkOptions } from "./options.js";
import { CHOICE, chosenBy, type Choice } from "./pattern.js";
import {
  BEST,
  FIT,
  sameShape,
  slotsOf,
  STATES,
  tensorOf,
  type Slot,
  type StoredTensor,
  type Tensors,
} from "./tensor.js";

/**
 * A copy of every parameter by its name, flat in row-major order (Keras: get_weights). States are not in it:
 * {@link tensorsOf} has them. The result may be given to {@link load}, or to the model's `create` function as `parameters`.
 * @param model a compiled model
 * @returns an array for each parameter
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * save(model); // { "line.weight": [0], "line.bias": [0] }
 * ```
 */
export function save(model: Model): Record<string, View> {
  return Object.fromEntries(
    Object.entries(model.parameters as Record<string, View>).map(([name, view]) => [name, view.slice()]),
  );
}

/** The options of {@link tensorsOf}. */
export interface TensorsOfOptions extends Choice {}

/**
 * The parameters of a model by their names, and its states as `states/<name>`, with shapes: what
 * {@link writeSafetensors} writes. The arrays are the model's own, which the next step changes. States are what the optimizer
 * keeps, running statistics, clocks and what is carried from call to call. `tensorsOf(model, { except: ["*.m", "*.v"]
 * })` leaves out what Adam keeps.
 * @param model a compiled model
 * @returns a tensor for each parameter and state
 * @throws BAD_OPTION, and UNKNOWN_NAME where no name is chosen
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * tensorsOf(model, { only: "line.*" }); // { "line.weight": { dtype: "float32", shape: [1, 1], values: [0] }, "line.bias": { dtype: "float32", shape: [1], values: [0] } }
 * ```
 */
export function tensorsOf(model: Model, options: TensorsOfOptions = {}): Record<string, StoredTensor> {
  checkOptions(options, OPTIONS);
  return Object.fromEntries(chosenSlots(model, options).map((slot) => [slot.key, tensorOf(slot)]));
}

/** The options of {@link load}. */
export interface LoadOptions extends Choice {}

const OPTIONS = CHOICE satisfies OptionChecks<LoadOptions>;

/** Errors of one kind that are told; a file may have any number of names. */
const TOLD = 8;

/**
 * Writes parameters into the model: all of them or, where anything is wrong, none (Keras: set_weights).
 * `states/<name>` sets a state too; states that are not given, or that the model has not, stay as they are. So a
 * module that only predicts takes what one that trains has saved. `load(model, tensors, { only: "encoder.*" })` sets a
 * part; what else is given is ignored.
 * @param model a compiled model
 * @param parameters columns of numbers by name, or tensors as {@link readSafetensors} and {@link fromPyTorch} give
 *   them, whose shapes are compared
 * @throws OTHER_NAMING for weights of a build that names otherwise, UNKNOWN_NAME, MISSING_DATA, NOT_NUMBERS,
 *   BAD_LENGTH, BAD_SHAPE, and BAD_VALUE for a NaN: everything that is wrong at once
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * load(model, { "line.weight": [2], "line.bias": [1] });
 * predict(model, { inputs: { x: [1, 10] } }).line; // [3, 21]
 * ```
 */
export function load(
  model: Model,
  parameters: { readonly [name: string]: Column | StoredTensor },
  options: LoadOptions = {},
): void {
  checkOptions(options, OPTIONS);
  const chosen = chosenSlots(model, options);
  const isChosen = chosenBy(options);
  const names = chosen.map(({ key }) => key);
  const mine = new Set(slotsOf(model).map(({ key }) => key));
  const unknown = Object.keys(parameters).filter((key) => !mine.has(key) && isChosen(key) && !isBeside(key));
  const given = (slot: Slot): Column | StoredTensor | undefined =>
    Object.hasOwn(parameters, slot.key) ? parameters[slot.key] : undefined;

  const missing = chosen.filter((slot) => slot.kind === "parameter" && given(slot) === undefined);
  const other = namedOtherwise(
    model,
    missing,
    unknown.map((name) => [name, parameters[name]]),
  );
  if (other) throw other;
  const errors = unknown.slice(0, TOLD).map((name) => say.unknownName({ kind: "parameter", name, known: names }));
  for (const slot of missing) {
    errors.push(say.missingName({ kind: "parameter", name: slot.name, given: Object.keys(parameters).slice(0, TOLD) }));
  }
  const found = chosen.flatMap((slot) => {
    const values = given(slot);
    if (values === undefined) return [];
    const error = problemOf(slot, values);
    if (error) errors.push(error);
    return [{ view: slot.view, values: isTensor(values) ? values.values : values }];
  });
  say.throwAll(errors);
  for (const { view, values } of found) view.set(values);
}

function chosenSlots(model: Model, options: Choice): readonly Slot[] {
  const all = slotsOf(model);
  const chosen = all.filter(({ name }) => chosenBy(options)(name));
  if (chosen.length > 0 || all.length === 0) return chosen;
  throw say.nothingChosen({ known: all.map(({ name }) => name) });
}

/** What a checkpoint has beside parameters is nothing that a model must have. */
const isBeside = (key: string): boolean => [STATES, BEST, FIT].some((prefix) => key.startsWith(prefix));

const isTensor = (value: unknown): value is StoredTensor =>
  typeof value === "object" && value !== null && "shape" in value && ArrayBuffer.isView((value as StoredTensor).values);

/** What is wrong with numbers for a parameter or a state. */
function problemOf({ field, kind, view, shape, spec }: Slot, given: unknown): say.TrainError | undefined {
  const values = isTensor(given) ? given.values : given;
  if (!isColumn(values)) return say.notAColumn({ field, value: values });
  if (isTensor(given) && !sameShape(given.shape, shape)) {
    return say.badShape({ field, shape: given.shape, expected: shape });
  }
  if (values.length !== view.length) {
    return say.badFixedLength({ field, length: values.length, expected: view.length, shape: `the ${kind}` });
  }
  const { at, expected } = firstBad(spec, values, true);
  return at < 0 ? undefined : say.badValue({ field, row: 0, index: at, value: values[at], expected });
}

/** Why weights that were saved by a build of another naming cannot be told apart. */
function namedOtherwise(
  model: Model,
  missing: readonly Slot[],
  unknown: readonly (readonly [string, Column | StoredTensor | undefined])[],
): say.TrainError | undefined {
  const ours: Strangers = { names: missing.map(({ name }) => name), lengths: missing.map(({ view }) => view.length) };
  const lengthOf = (value: Column | StoredTensor | undefined): number =>
    (isTensor(value) ? value.values.length : (value as Column | undefined)?.length) ?? 0;
  const theirs: Strangers = {
    names: unknown.map(([name]) => name),
    lengths: unknown.map(([, value]) => lengthOf(value)),
  };
  const naming = otherNaming(theirs, ours, model.spec.naming);
  return naming && say.weightsOfOtherNaming({ naming, theirs: theirs.names[0]!, ours: ours.names[0]! });
}

/** A copy of parameters and states that can be taken again and again without allocating. */
export interface Snapshot {
  readonly take: () => void;
  readonly restore: () => void;
  /** The copy, by names of a file, and another in its place. */
  readonly tensors: () => Tensors;
  readonly set: (tensors: Tensors) => void;
}

export function snapshotOf(model: Model): Snapshot {
  const slots = slotsOf(model);
  const kept = slots.map(({ view }) => view.slice());
  return {
    take: () => slots.forEach(({ view }, i) => kept[i]!.set(view)),
    restore: () => slots.forEach(({ view }, i) => view.set(kept[i]!)),
    tensors: () => Object.fromEntries(slots.map((slot, i) => [slot.key, tensorOf({ ...slot, view: kept[i]! })])),
    set: (tensors) => slots.forEach(({ key }, i) => kept[i]!.set(tensors[key]!.values)),
  };
}
