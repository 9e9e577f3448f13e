// Which derivatives of a step are compared: every one of a small network; of a large one random directions over everything,
// random entries, and the largest entries of each tensor.

import { randomNumbers } from "../random-numbers.js";

export interface Entry {
  readonly tensor: number;
  readonly element: number;
}

export interface Plan {
  /** Seeds of random directions over all tensors. */
  readonly directions: readonly number[];
  /** In the order in which they are compared: what comes late may be left for want of time. */
  readonly entries: readonly Entry[];
}

/** Networks with fewer parameters are compared entry by entry. */
const FEW = 2000;
const DIRECTIONS = 20;
const RANDOM = 50;
const LARGEST = 10;

export function planOf(gradients: readonly Float64Array[], seed: number): Plan {
  const count = gradients.reduce((sum, { length }) => sum + length, 0);
  if (count < FEW) {
    const entries = gradients.flatMap((list, tensor) => Array.from(list, (_, element) => ({ tensor, element })));
    return { directions: [], entries };
  }
  const random = randomNumbers(seed);
  const tops = gradients.map((list) => largest(list, LARGEST));
  const ranked = Array.from({ length: LARGEST }, (_, rank) =>
    tops.flatMap((elements, tensor) => (rank < elements.length ? [{ tensor, element: elements[rank]! }] : [])),
  ).flat();
  const drawn = Array.from({ length: RANDOM }, () => entryAt(gradients, Math.floor(random() * count)));
  const entries = new Map([...ranked.slice(0, gradients.length), ...drawn, ...ranked].map((one) => [keyOf(one), one]));
  return { directions: Array.from({ length: DIRECTIONS }, (_, i) => seed + i), entries: [...entries.values()] };
}

const keyOf = ({ tensor, element }: Entry): string => `${tensor}:${element}`;

function entryAt(gradients: readonly Float64Array[], position: number): Entry {
  let element = position;
  let tensor = 0;
  while (element >= gradients[tensor]!.length) element -= gradients[tensor++]!.length;
  return { tensor, element };
}

function largest(list: Float64Array, count: number): number[] {
  const best: number[] = [];
  list.forEach((value, i) => {
    const size = Math.abs(value);
    if (best.length === count && size <= Math.abs(list[best.at(-1)!]!)) return;
    const place = best.findIndex((other) => Math.abs(list[other]!) < size);
    best.splice(place < 0 ? best.length : place, 0, i);
    if (best.length > count) best.pop();
  });
  return best;
}
