// Choices of the fuzzer, all from one seeded sequence: a pair (seed, index) gives the same graph each time.

import { randomNumbers } from "../oracle/random.js";

export interface Draw {
  /** From 0 to below 1. */
  readonly number: () => number;
  /** An integer from 0 to `below`, excluded. */
  readonly below: (below: number) => number;
  /** An integer from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  /** One element of a list that is not empty. */
  readonly pick: <T>(list: readonly T[]) => T;
  /** One of the values, each as often as its weight says. */
  readonly weighted: <T>(list: readonly (readonly [weight: number, value: T])[]) => T;
  readonly shuffled: <T>(list: readonly T[]) => T[];
}

export function drawFrom(random: () => number): Draw {
  const below = (n: number): number => Math.floor(random() * n);
  return {
    number: random,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => random() < probability,
    pick: (list) => list[below(list.length)]!,
    weighted(list) {
      let left = random() * list.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of list) if ((left -= weight) < 0) return value;
      return list.at(-1)![1];
    },
    shuffled(list) {
      const result = [...list];
      for (let i = result.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [result[i], result[j]] = [result[j]!, result[i]!];
      }
      return result;
    },
  };
}

/** Mixes words into a seed for a sequence of its own (FNV-1a over 32-bit words, with a last avalanche). */
export function seedOf(...words: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const word of words) {
    hash = Math.imul(hash ^ (word | 0), 0x01000193);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export const drawOf = (...words: readonly number[]): Draw => drawFrom(randomNumbers(seedOf(...words)));
