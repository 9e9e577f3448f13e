// Derivatives along random directions over several tensors at once, and the search for the entry that a wrong one is due to.

import { judge, type Judgement } from "../differences.js";
import { randomNumbers } from "../random-numbers.js";
import type { Entry } from "./plan.js";
import type { Varied } from "./losses.js";

/** A part of all tensors, entry by entry, along which values move. */
interface Part {
  readonly tensor: number;
  readonly from: number;
  readonly to: number;
}

export interface Along {
  readonly gradients: readonly Float64Array[];
  readonly loss: Varied;
  readonly noise: number;
}

const wholeOf = (gradients: readonly Float64Array[]): Part[] =>
  gradients.map(({ length }, tensor) => ({ tensor, from: 0, to: length }));

/** Compares along a direction of length 1 over everything. */
export const judgeDirection = (along: Along, seed: number): Judgement =>
  judgeParts(along, seed, wholeOf(along.gradients));

/** Where a direction differs: the half that is further off, again and again. */
export function entryBehind(along: Along, seed: number): Entry {
  let parts = wholeOf(along.gradients);
  for (;;) {
    const [first] = parts as [Part];
    if (parts.length === 1 && first.to - first.from === 1) return { tensor: first.tensor, element: first.from };
    const halves =
      parts.length > 1 ? halved(parts) : [[{ ...first, to: middle(first) }], [{ ...first, from: middle(first) }]];
    const [left, right] = halves.map((half) => distance(along, seed, half)) as [number, number];
    parts = (left >= right ? halves[0] : halves[1])!;
  }
}

const middle = ({ from, to }: Part): number => (from + to) >> 1;

const halved = (parts: readonly Part[]): Part[][] => [
  parts.slice(0, parts.length >> 1),
  parts.slice(parts.length >> 1),
];

function distance(along: Along, seed: number, parts: readonly Part[]): number {
  const { kind, off } = judgeParts(along, seed, parts);
  return kind === "differs" ? off : 0;
}

function judgeParts({ gradients, loss, noise }: Along, seed: number, parts: readonly Part[]): Judgement {
  const random = randomNumbers(seed);
  const direction = gradients.map((list) => list.map(() => 2 * random() - 1));
  let length = 0;
  let stated = 0;
  const each = (visit: (tensor: number, i: number) => void): void => {
    for (const { tensor, from, to } of parts) for (let i = from; i < to; i++) visit(tensor, i);
  };
  each((tensor, i) => (length += direction[tensor]![i]! ** 2));
  length = Math.sqrt(length);
  each((tensor, i) => (stated += (direction[tensor]![i]! / length) * gradients[tensor]![i]!));
  const centre = loss.at.map((list) => Float64Array.from(list));
  const f = (offset: number): number => {
    each((tensor, i) => (loss.at[tensor]![i] = centre[tensor]![i]! + (offset * direction[tensor]![i]!) / length));
    const value = loss.evaluate();
    loss.at.forEach((list, tensor) => list.set(centre[tensor]!));
    return value;
  };
  return judge(stated, f, noise);
}
