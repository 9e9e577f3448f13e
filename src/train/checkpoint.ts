// Checkpoints: all that a model's next call depends on, as a safetensors file.

import { firstBad, isRecord } from "./check.js";
import { definitionOf, hypersOf } from "./definition.js";
import * as say from "./messages.js";
import type { Model } from "./model.js";
import { namingOf } from "./naming.js";
import { readSafetensors, type Safetensors } from "./safetensors-read.js";
import { writeSafetensors } from "./safetensors-write.js";
import { BEST, dtypeOf, FIT, sameShape, slotsOf, tensorOf, type Slot, type Tensors } from "./tensor.js";

/** What is in a checkpoint beside the model, by keys that begin with `best/` or `fit/`, and as a text. */
export interface Beside {
  readonly tensors: Tensors;
  readonly text: string;
}

/**
 * Everything that the model's next call depends on: parameters, states, the seed and numbers such as `rate`. A
 * safetensors file: `load(model, readSafetensors(bytes).tensors)` takes the weights alone, Python's `safetensors`
 * reads it too. With {@link fit}, the option `checkpoint` keeps where training stands as well.
 * @param model a compiled model
 * @returns the bytes of the file
 * @throws HEADER_TOO_LONG for names of more than 1 MiB
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * const bytes = checkpointOf(model);
 * const once = fit(model, data, { shuffle: false }).loss;
 * restore(model, bytes);
 * const again = fit(model, data, { shuffle: false }).loss;
 * once[0] === again[0]; // true
 * ```
 */
export const checkpointOf = (model: Model): Uint8Array<ArrayBuffer> => encodeCheckpoint(model, undefined);

/**
 * Puts a model into the state of a checkpoint of the same definition, bit for bit, on any target; or changes nothing.
 * What the next calls give is what they would have given then.
 * @param model a compiled model
 * @param bytes what {@link checkpointOf} gave, or a file that `fit` wrote
 * @throws BAD_FILE, NOT_A_CHECKPOINT, BAD_CHECKPOINT, OTHER_DEFINITION; and all that is wrong with its tensors at
 *   once: OTHER_NAMING, UNKNOWN_NAME, MISSING_DATA, BAD_SHAPE, OTHER_TYPE for a checkpoint of a float64 build and a
 *   float32 model, and BAD_VALUE
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * const bytes = checkpointOf(model);
 * model.parameters["line.weight"]!.fill(7);
 * restore(model, bytes);
 * model.parameters["line.weight"]; // [0]
 * ```
 */
export const restore = (model: Model, bytes: ArrayBuffer | ArrayBufferView): void =>
  openCheckpoint(model, bytes).apply();

export function encodeCheckpoint(model: Model, beside: Beside | undefined): Uint8Array<ArrayBuffer> {
  const slots = slotsOf(model);
  const { naming = namingFor(slots), name } = model.spec;
  return writeSafetensors(
    { ...Object.fromEntries(slots.map((slot) => [slot.key, tensorOf(slot)])), ...beside?.tensors },
    {
      metadata: {
        format: "tapeless",
        network: name,
        naming,
        definition: definitionOf(model),
        settings: JSON.stringify({ seed: model.seed ?? null, hyper: hypersOf(model) }),
        ...(beside && { training: beside.text }),
      },
    },
  );
}

/** A checkpoint that fits the model. */
export interface Opened {
  readonly beside: Beside | undefined;
  readonly apply: () => void;
}

export function openCheckpoint(model: Model, bytes: ArrayBuffer | ArrayBufferView): Opened {
  const { tensors, metadata } = readSafetensors(bytes);
  const slots = slotsOf(model);
  if (metadata["format"] !== "tapeless" || metadata["definition"] === undefined) throw say.notACheckpoint();
  checkTensors(model, slots, tensors, metadata);
  const [theirs, ours] = [metadata["definition"], definitionOf(model)];
  if (theirs !== ours) throw say.otherDefinition({ theirs, ours });
  const { seed, hyper } = settingsOf(metadata["settings"]);
  checkSeed(model, seed);
  checkHypers(model, hyper);
  const text = metadata["training"];
  return {
    beside: text === undefined ? undefined : { text, tensors: besideOf(tensors) },
    apply() {
      if (seed !== null && seed !== model.seed) model.reset!(seed);
      Object.assign(model, hyper);
      for (const { key, view } of slots) view.set(tensors[key]!.values);
    },
  };
}

const besideOf = (tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).filter(([key]) => isBeside(key)));

const isBeside = (key: string): boolean => key.startsWith(BEST) || key.startsWith(FIT);

const namingFor = (slots: readonly Slot[]): "source" | "ordinal" =>
  namingOf(slots.filter(({ kind }) => kind === "parameter").map(({ name }) => name));

function checkTensors(model: Model, slots: readonly Slot[], tensors: Tensors, metadata: Safetensors["metadata"]): void {
  const mine = new Set(slots.map(({ key }) => key));
  const unknown = Object.keys(tensors).filter((key) => !mine.has(key) && !isBeside(key));
  const missing = slots.filter(({ key }) => !Object.hasOwn(tensors, key));
  const { naming } = metadata;
  const other = naming !== (model.spec.naming ?? namingFor(slots)) && unknown.length > 0 && missing.length > 0;
  if (other && (naming === "source" || naming === "ordinal")) {
    throw say.weightsOfOtherNaming({ naming, theirs: unknown[0]!, ours: missing[0]!.key });
  }
  const known = [...mine];
  const errors = unknown.slice(0, 8).map((name) => say.unknownName({ kind: "parameter or state", name, known }));
  for (const slot of missing) {
    errors.push(say.missingName({ kind: slot.kind, name: slot.name, given: Object.keys(tensors).slice(0, 8) }));
  }
  for (const slot of slots) {
    const error = Object.hasOwn(tensors, slot.key) ? problemOf(slot, tensors) : undefined;
    if (error) errors.push(error);
  }
  say.throwAll(errors);
}

/** What is wrong with a tensor of the file for a parameter or state, or for its copy of the best epoch. */
export function problemOf(slot: Slot, tensors: Tensors, prefix = ""): say.TrainError | undefined {
  const field = prefix + slot.field;
  const { dtype, shape, values } = tensors[prefix + slot.key]!;
  const expected = dtypeOf(slot.view);
  if (dtype !== expected) return say.otherType({ field, dtype, expected });
  if (!sameShape(shape, slot.shape)) return say.badShape({ field, shape, expected: slot.shape });
  // A run that has diverged is restored as it was; whole numbers are positions.
  const bad = firstBad(slot.spec, values, false);
  if (bad.at < 0) return undefined;
  return say.badValue({ field, row: 0, index: bad.at, value: values[bad.at], expected: bad.expected });
}

interface Settings {
  readonly seed: number | null;
  readonly hyper: Readonly<Record<string, number>>;
}

function settingsOf(text: string | undefined): Settings {
  const settings = recordOf("settings", text);
  const { seed, hyper } = settings;
  if (!(seed === null || (typeof seed === "number" && (seed | 0) === seed)) || !isRecord(hyper)) {
    throw say.badCheckpoint({ what: "the checkpoint's settings are not a seed and numbers by name" });
  }
  return { seed, hyper: hyper as Record<string, number> };
}

/** A text of the metadata, which holds a record. */
export function recordOf(name: string, text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw say.badCheckpoint({ what: `the checkpoint's ${name} are no record` });
}

function checkSeed(model: Model, seed: number | null): void {
  const ours = model.seed ?? null;
  const fits = seed === ours || (seed !== null && ours !== null && typeof model.reset === "function");
  if (!fits) {
    throw say.badCheckpoint({ what: `the checkpoint's seed is ${String(seed)}, which the model cannot be given` });
  }
}

/** The model alone knows the ranges of these numbers: they are set, and set back. */
function checkHypers(model: Model, hyper: Readonly<Record<string, number>>): void {
  const before = hypersOf(model);
  const given = Object.keys(hyper);
  const known = Object.keys(before);
  const odd = given.length !== known.length || known.some((name) => typeof hyper[name] !== "number");
  if (odd) {
    throw say.badCheckpoint({
      what: `the checkpoint sets ${say.listed(given)}, and the model has ${say.listed(known)}`,
    });
  }
  try {
    Object.assign(model, hyper);
  } catch (error) {
    throw say.badCheckpoint({ what: `the model refuses a number of the checkpoint: ${(error as Error).message}` });
  } finally {
    Object.assign(model, before);
  }
}
