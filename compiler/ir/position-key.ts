// Texts that are equal for equal positions.

import type { Position } from "./kernel.js";

const identities = new WeakMap<object, number>();
let identityCount = 0;

/** A number for an object, equal exactly for the same object. */
export function identityOfObject(object: object): number {
  const known = identities.get(object);
  if (known !== undefined) return known;
  identities.set(object, ++identityCount);
  return identityCount;
}

const positionKeys = new WeakMap<Position, string>();

/** A text that is equal for equal positions. */
export function positionKey(position: Position): string {
  const known = positionKeys.get(position);
  if (known !== undefined) return known;
  const terms = position.affine.map((t) => `${t.times}^${t.power}@${t.axis ?? "c"}`);
  const gathered = position.loaded.map((l) => `[${l.stride.times}^${l.stride.power}*${identityOfObject(l.value)}]`);
  const key = terms.sort().join("+") + gathered.join("");
  positionKeys.set(position, key);
  return key;
}
