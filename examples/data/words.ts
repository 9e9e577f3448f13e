// Moby Dick as words, for skip-grams: pairs of a word and one that stands near it, with words drawn at random beside
// (Mikolov et al., 2013, "Distributed representations of words and phrases and their compositionality"). Node only.

import { mobyDick } from "./text.js";
import { NEGATIVES, VOCABULARY } from "./vocabulary.js";

/** A pair stands at most this far apart. */
const WINDOW = 5;
/** Words more frequent than this share are left out the more often, the more frequent they are. */
const FREQUENT = 1e-3;

export interface SkipGrams {
  /** By id, the most frequent first. */
  readonly words: readonly string[];
  /** [pairs] */
  readonly center: Int32Array;
  /** [pairs, 1 + NEGATIVES]: the near word, then random ones. */
  readonly context: Int32Array;
}

/** All pairs of the text, or of its first `length` letters. The same numbers whenever it is called. */
export function skipGrams(options: { readonly length?: number } = {}): SkipGrams {
  const text =
    mobyDick(options)
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  const counts = new Map<string, number>();
  for (const word of text) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, VOCABULARY);
  const ids = new Map(words.map(([word], id) => [word, id]));
  const random = numbers();
  const kept = text.flatMap((word) => {
    const id = ids.get(word);
    if (id === undefined) return [];
    const share = words[id]![1] / text.length;
    return random() < Math.sqrt(FREQUENT / share) + FREQUENT / share ? [id] : [];
  });
  const draw = sampler(
    words.map(([, count]) => count ** 0.75),
    random,
  );
  const center: number[] = [];
  const context: number[] = [];
  for (const [at, id] of kept.entries()) {
    const reach = 1 + Math.floor(random() * WINDOW);
    for (let near = Math.max(0, at - reach); near <= at + reach && near < kept.length; near++) {
      if (near === at) continue;
      center.push(id);
      context.push(kept[near]!, ...Array.from({ length: NEGATIVES }, draw));
    }
  }
  return { words: words.map(([word]) => word), center: Int32Array.from(center), context: Int32Array.from(context) };
}

/** Of the given words, which have the first vectors, those whose vectors point most nearly the way of one of them, by cosine. */
export function nearest(words: readonly string[], vectors: ArrayLike<number>, word: string, count: number): string[] {
  const size = vectors.length / VOCABULARY;
  const row = (id: number): number[] => Array.from({ length: size }, (_, k) => vectors[id * size + k]!);
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, k) => sum + v * b[k]!, 0);
  const own = row(words.indexOf(word));
  const cosine = (other: readonly number[]): number => dot(own, other) / Math.sqrt(dot(own, own) * dot(other, other));
  return words
    .map((other, id) => [other, cosine(row(id))] as const)
    .filter(([other]) => other !== word)
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([other]) => other);
}

/** Draws indices in proportion to their weights. */
function sampler(weights: readonly number[], random: () => number): () => number {
  const sums: number[] = [];
  for (const weight of weights) sums.push((sums.at(-1) ?? 0) + weight);
  return () => {
    const wanted = random() * sums.at(-1)!;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Numbers in [0, 1), always the same ones (Park & Miller's generator). */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
