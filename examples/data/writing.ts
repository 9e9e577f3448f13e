// Lets a character network write: a letter is drawn, goes in again with the state, and so on.

import { evaluate, type Data, type Model } from "tapeless/train";
import { drawFrom, lettersOf, textOf } from "./text.js";

type Rows = Readonly<Record<"inputs" | "targets", Readonly<Record<string, ArrayLike<number>>>>>;

interface Settable {
  readonly set: (values: ArrayLike<number>) => void;
}

/** What is asked of a network of one step: its inputs but the letter are a state, and outputs of the same names. */
interface Step {
  readonly inputs: object;
  readonly outputs: Readonly<Record<string, ArrayLike<number>>>;
  readonly predict: (rows: number) => void;
}

/** Letters that continue `start`. */
export function write(model: Step, start: string, count: number): string {
  const views = model.inputs as Readonly<Record<string, Settable>>;
  const written = Array.from(lettersOf(start));
  const length = written.length + count;
  let random = 1;
  for (let n = 0; written.length < length; n++) {
    views["text"]!.set([written[n]!]);
    model.predict(1);
    for (const [name, view] of Object.entries(views)) if (name !== "text") view.set(model.outputs[name]!);
    if (n < written.length - 1) continue;
    random = (random * 48_271) % 2_147_483_647;
    written.push(drawFrom(model.outputs["probability"]!, 0.7, random / 2_147_483_647));
  }
  return textOf(written);
}

/** The mean number of bits that a letter of the test text costs, and a sample of the model's own text. */
export function report(step: Step, model: Model, test: Rows): string {
  const { loss } = evaluate(model, test as unknown as Data<Model>);
  return `test  ${(loss! / Math.LN2).toFixed(3)} bits per character\n\n${write(step, "The whale ", 500)}`;
}
