// Training on handwritten digits, the same in Node and in a page.

import { fitAsync, type History } from "../../src/train/index.js";
import type { Factory } from "./replay.js";

export const ROWS = 640;

export interface Digits {
  readonly images: Float32Array;
  readonly digits: Int32Array;
}

export interface Trained {
  /** The running mean after each batch. */
  readonly losses: readonly number[];
  readonly history: History;
}

/** Two epochs in slices of time; the model is disposed of. */
export async function trained(create: Factory, { images, digits }: Digits): Promise<Trained> {
  const model = await create({ seed: 1 });
  const losses: number[] = [];
  const data = { inputs: { image: images }, targets: { digit: digits } };
  const history = await fitAsync(model, data, {
    epochs: 2,
    validationSplit: 0.1,
    batchEventInterval: 0,
    callbacks: [(event) => void (event.type === "batchEnd" && losses.push(event.loss))],
  });
  model.dispose();
  return { losses, history };
}
