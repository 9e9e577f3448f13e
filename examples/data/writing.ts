// Lets a character network write: a letter is drawn, is read again, and so on.

import { evaluate, type Data, type Model } from "tapeless/train";
import { ALPHABET } from "./alphabet.js";
import { drawFrom, lettersOf, textOf } from "./text.js";

/** A model with an entry that reads a letter a call and says what may follow. */
export interface Writer {
  readonly inputs: { readonly letter: Int32Array };
  readonly outputs: { readonly "next.probability": Float32Array };
  readonly next: (rows: number) => void;
  readonly resetCarries: () => void;
}

/**
 * Letters that continue `start`. A model that sees `window` letters at most begins anew with the last half of them whenever it has
 * seen so many.
 */
export function write(model: Writer, start: string, count: number, window = Infinity): string {
  let seen = 0;
  const read = (ids: readonly number[]): void => {
    for (const id of ids) {
      model.inputs.letter[0] = id;
      model.next(1);
      seen++;
    }
  };
  const written = Array.from(lettersOf(start));
  model.resetCarries();
  read(written);
  for (let n = 0, random = 1; n < count; n++) {
    random = (random * 48_271) % 2_147_483_647;
    const probability = model.outputs["next.probability"].subarray(0, ALPHABET.length);
    const id = drawFrom(probability, 0.7, random / 2_147_483_647);
    written.push(id);
    if (seen < window) read([id]);
    else {
      model.resetCarries();
      seen = 0;
      read(written.slice(-window / 2));
    }
  }
  return textOf(written);
}

/** The mean number of bits that a letter of the test text costs, and a sample of the model's own text. */
export function report<M extends Model & Writer>(model: M, test: Data<M>, window?: number): string {
  const { loss } = evaluate(model, test);
  return `test  ${(loss! / Math.LN2).toFixed(3)} bits per character\n\n${write(model, "The whale ", 500, window)}`;
}
