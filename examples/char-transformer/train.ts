// Once through nine tenths of Moby Dick; measured on the rest, in bits per character. Then it writes.
import { example } from "tapeless/compiler";
import { evaluate, type Data, type Model } from "tapeless/train";
import { bookWindows, drawFrom, lettersOf, textOf } from "../data/text.js";

type Writer = Model & {
  readonly inputs: { readonly text: Int32Array };
  readonly outputs: { readonly probability: Float32Array };
  readonly predict: (rows: number) => void;
};

/** Letters that continue `start`: the last 64 go in, the next one is drawn. */
export function write({ inputs, outputs, predict }: Writer, start: string, count: number): string {
  const written = Array.from(lettersOf(start));
  const length = written.length + count;
  for (let random = 1; written.length < length; random = (random * 48_271) % 2_147_483_647) {
    const seen = written.slice(-64);
    inputs.text.fill(0).set(seen);
    predict(1);
    const classes = outputs.probability.length / inputs.text.length;
    const next = outputs.probability.subarray((seen.length - 1) * classes, seen.length * classes);
    written.push(drawFrom(next, 0.7, random / 2_147_483_647));
  }
  return textOf(written);
}

export default example({
  epochs: 1,
  load: () => bookWindows(64),
  show(model, { test }) {
    const { loss } = evaluate(model, test as unknown as Data<Model>);
    return `test  ${(loss! / Math.LN2).toFixed(3)} bits per character\n\n${write(model as unknown as Writer, "The whale ", 500)}`;
  },
});
