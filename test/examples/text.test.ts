// The networks of Moby Dick learn on a small part of it, and the networks of one step go on where the others stop. The full
// figures are reached by `npm run examples`.

import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { compile, type Compilation, type Model, type TargetName } from "../../compiler/compile.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { ALPHABET } from "../../examples/data/alphabet.js";
import { bookWindows, drawFrom, lettersOf, mobyDick, textOf, windows } from "../../examples/data/text.js";
import { NEGATIVES, VOCABULARY } from "../../examples/data/vocabulary.js";
import { nearest, skipGrams } from "../../examples/data/words.js";
import { write } from "../../examples/data/writing.js";
import { evaluate, fit } from "../../src/train/index.js";

const examples = resolve(import.meta.dirname, "../../examples");

async function compiled(folder: string, name: string, target: TargetName = "typescript"): Promise<Compilation> {
  const { network, constNames } = await loadDefinition(join(examples, folder, `${name}.net.ts`));
  return compile(network, { constNames, target });
}

describe("data", () => {
  test("letters are ids and back; the next letter stands one further", () => {
    const book = mobyDick({ length: 3000 });
    const ids = lettersOf(book);
    expect(textOf(ids)).toBe(book);
    const { text, next } = windows(ids, 64);
    expect([text.length % 64, next.length]).toEqual([0, text.length]);
    expect(textOf(next.subarray(0, 63))).toBe(textOf(text.subarray(1, 64)));
    expect(new Set(ALPHABET).size).toBe(ALPHABET.length);
  });

  test("the letters tested on come after those learnt from", () => {
    const { train, test } = bookWindows(64, { length: 20_000 });
    const [learnt, tested] = [train, test].map(({ inputs }) => inputs.text.length);
    expect(tested! / (tested! + learnt!)).toBeCloseTo(0.1, 1);
    const whole = textOf(lettersOf(mobyDick({ length: 20_000 })));
    expect(whole.startsWith(textOf(train.inputs.text))).toBe(true);
    expect(whole.slice(-2100)).toContain(textOf(test.inputs.text.slice(0, 64)));
  });

  test("drawing follows the probabilities, more so at a low temperature", () => {
    const shares = (temperature: number): number[] => {
      const counts = [0, 0, 0];
      for (let n = 0; n < 1000; n++) counts[drawFrom([0.2, 0.3, 0.5], temperature, n / 1000)]! += 1e-3;
      return counts.map((count) => Math.round(count * 100) / 100);
    };
    expect(shares(1)).toEqual([0.2, 0.3, 0.5]);
    expect(shares(0.1)[2]).toBeGreaterThan(0.98);
  });

  test("pairs stand near each other, and random words beside them are seldom near", () => {
    const { words, center, context } = skipGrams({ length: 60_000 });
    expect(words.slice(0, 3)).toEqual(["the", "of", "a"]);
    expect(context.length).toBe(center.length * (1 + NEGATIVES));
    expect(Math.max(...context, ...center)).toBeLessThan(VOCABULARY);
    const pairs = new Set(Array.from(center, (id, n) => `${id} ${context[n * (1 + NEGATIVES)]!}`));
    const known = Array.from(center, (id, n) => pairs.has(`${id} ${context[n * (1 + NEGATIVES) + 1]!}`));
    expect(known.filter(Boolean).length / known.length).toBeLessThan(0.5);
  });
});

/** Reading 64 letters one by one, in several rows at once, says at each of them what reading the window says. */
function agreesWithWindow(model: Model, text: ArrayLike<number>): void {
  const [rows, size] = [3, ALPHABET.length];
  const ids = Int32Array.from(text).subarray(0, rows * 64);
  model.inputs["text"]!.set(ids);
  model.predict(rows);
  model.resetCarries();
  for (let t = 0; t < 64; t++) {
    for (let row = 0; row < rows; row++) model.inputs["letter"]![row] = ids[row * 64 + t]!;
    model["next"](rows);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < size; k++) {
        const [one, window] = [model.outputs["next.probability"]!, model.outputs["probability"]!];
        expect(Math.abs(one[row * size + k]! - window[(row * 64 + t) * size + k]!)).toBeLessThan(1e-5);
      }
    }
  }
}

describe.each(["lstm", "gru"])("char-%s", (kind) => {
  const train = async (seed: number) => {
    const model = (await compiled(`char-${kind}`, `char-${kind}`)).create({ seed });
    const { train, test } = bookWindows(64, { length: 9000 });
    const few = {
      inputs: { text: test.inputs.text.slice(0, 320) },
      targets: { next: test.targets.next.slice(0, 320) },
    };
    const before = evaluate(model as never, few as never).loss!;
    fit(model as never, train as never, { epochs: 1, batchSize: 4, seed });
    return { model, before, after: evaluate(model as never, few as never).loss!, test: few };
  };

  test("learns which letters are frequent, and one step at a time says what a window says", async () => {
    const { model, before, after, test } = await train(1);
    // In bits: about log2(77) at first; the letters' own entropy is about 4.4.
    expect(before / Math.LN2).toBeGreaterThan(6.1);
    expect(after / Math.LN2).toBeLessThan(4.9);

    agreesWithWindow(model, test.inputs.text);
    const written = write(model as never, "The whale", 30);
    expect([written.startsWith("The whale"), written.length]).toEqual([true, 39]);
    // It goes on beyond the window.
    expect(write(model as never, "The whale", 90).length).toBe(99);
  });
});

test("word2vec: near words score higher than random ones", async () => {
  const model = (await compiled("word2vec", "word2vec")).create({ seed: 1 });
  const { words, center, context } = skipGrams({ length: 120_000 });
  const data = { inputs: { center }, targets: { context } };
  const untrained = evaluate(model as never, data as never).loss!;
  expect(untrained).toBeCloseTo((1 + NEGATIVES) * Math.LN2, 2);
  fit(model as never, data as never, { epochs: 1, seed: 1 });
  expect(evaluate(model as never, data as never).loss!).toBeLessThan(0.75 * untrained);
  expect(nearest(words, model.parameters["word.weight"]!, "whale", 5).length).toBe(5);
});

test("char-transformer: it learns which letters follow, and writes", async () => {
  const model = (await compiled("char-transformer", "char-transformer", "wasm")).create({ seed: 1 });
  const { train, test: rest } = bookWindows(64, { length: 5_000 });
  const bits = (): number => evaluate(model as never, rest as never).loss! / Math.LN2;
  expect(bits()).toBeGreaterThan(6);
  fit(model as never, train as never, { epochs: 2, batchSize: 8, seed: 1 });
  // Letters that are all alike would cost 6.3 bits.
  expect(bits()).toBeLessThan(5.5);
  agreesWithWindow(model, rest.inputs.text);
  expect(() => model["next"](1)).toThrow(/take: a computed index must be an integer from 0 to 63, but it is 64/);
  expect(write(model as never, "The whale ", 120, 64)).toMatch(/^The whale [^]{120}$/);
});
