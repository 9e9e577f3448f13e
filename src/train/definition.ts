// What tells the definition of a model from others: a number of what its spec says that training depends on.

import type { Model } from "./model.js";
import { slotsOf } from "./tensor.js";

/** Numbers that a caller may set between steps, such as `rate`: what is a number, but for the seed and the threads. */
export const hypersOf = (model: Model): Readonly<Record<string, number>> => {
  const all = model as unknown as Readonly<Record<string, unknown>>;
  const found: Record<string, number> = {};
  // A model may stand behind another object, as one whose steps are watched does.
  for (const name in all) {
    if (name !== "seed" && name !== "threads" && typeof all[name] === "number") found[name] = all[name];
  }
  return found;
};

/**
 * The spec's own `definition` where it has one; else 16 hexadecimal digits that follow from names, shapes and types of inputs,
 * targets, parameters and states, from the steps and from the names of what may be set. The capacity is none of it.
 */
export function definitionOf(model: Model): string {
  const { spec } = model;
  if (spec.definition !== undefined) return spec.definition;
  const slots = slotsOf(model).map(({ key, spec: { shape, dtype } }) => [key, shape, dtype]);
  const parts = [spec.naming ?? "", spec.inputs, spec.targets, slots, spec.steps, Object.keys(hypersOf(model))];
  return fingerprint(JSON.stringify(parts));
}

/** Two 32-bit hashes after Fowler, Noll and Vo, of the text forwards and backwards. Not for secrets. */
function fingerprint(text: string): string {
  let [a, b] = [0x811c9dc5, 0x811c9dc5];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return [a, b].map((hash) => (hash >>> 0).toString(16).padStart(8, "0")).join("");
}
