// Files from anywhere: what is wrong with one is said in no time, before memory is asked for, and the model stays as it was.

import { describe, expect, test } from "vitest";
import { fit, load, readSafetensors, restore, TrainError, type Model } from "../../src/train/index.js";
import { count } from "../extent.js";
import { randomNumbers } from "../oracle/leaves.js";
import { ATTACKS, fileOf, HARMLESS } from "./hostile.js";
import { bitsOf, BUILDS, create, memory, rowsOf } from "./resuming.js";

/** Milliseconds of the quickest of some tries: others work on this machine too. */
function time(act: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const before = performance.now();
    act();
    return performance.now() - before;
  });
  return Math.min(...times);
}

const errorOf = (act: () => void): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("attacks", () => {
  test.each(Object.entries(ATTACKS))("%s", (_, [file, says]) => {
    const error = errorOf(() => readSafetensors(file));
    expect(error).toBeInstanceOf(TrainError);
    expect((error as TrainError).code).toBe("BAD_FILE");
    expect((error as TrainError).message).toMatch(says);
    expect((error as TrainError).message.length).toBeLessThan(400);
    expect(time(() => void errorOf(() => readSafetensors(file)))).toBeLessThan(50);
  });

  test.each(Object.entries(HARMLESS))("control: %s", (_, file) => {
    expect(() => readSafetensors(file)).not.toThrow();
  });

  test("as many names as there may be, none of them the model's", () => {
    const model = create("everything", BUILDS[0], 1);
    const { tensors } = readSafetensors(HARMLESS["as many tensors as there may be"]!);
    const error = errorOf(() => load(model, tensors)) as TrainError;
    expect(error.message.length).toBeLessThan(8000);
    expect(error.errors.length).toBeGreaterThan(8);
    expect(time(() => void errorOf(() => load(model, tensors)))).toBeLessThan(50);
  });

  test("what is no memory", () => {
    for (const wrong of [null, undefined, "text", 5, [1, 2], {}]) {
      expect(() => readSafetensors(wrong as never)).toThrow(/^BAD_FILE: .*ArrayBuffer/);
    }
  });
});

const data = rowsOf();
const build = BUILDS[0];
const options = { epochs: 3, validationSplit: 0.2, earlyStopping: { restoreBestWeights: true, patience: 5 } } as const;

/** A checkpoint of a run that was stopped in its second epoch. */
function checkpoint(): Uint8Array {
  const store = memory();
  const controller = new AbortController();
  let left = 7;
  const callbacks = [({ type }: { type: string }) => void (type === "batchEnd" && --left === 0 && controller.abort())];
  const more = { callbacks, batchEventInterval: 0, signal: controller.signal };
  fit(create("everything", build), data, { ...options, ...more, checkpoint: { store } });
  return [...store.files.values()].at(-1)!;
}

const good = checkpoint();

/** The ways into a model. */
const ways: Readonly<Record<string, (model: Model, bytes: Uint8Array) => void>> = {
  load: (model, bytes) => load(model, readSafetensors(bytes).tensors),
  restore,
  resume: (model, bytes) => {
    const store = memory(new Map([["checkpoint-000000007.safetensors", bytes]]));
    fit(model as ReturnType<typeof create>, data, { ...options, epochs: 1, checkpoint: { store, resume: true } });
  },
};

const entered = (model: Model, way: string, bytes: Uint8Array): unknown => errorOf(() => ways[way]!(model, bytes));

describe.each(Object.keys(ways))("%s", (way) => {
  test("a good file is taken", () => {
    const model = create("everything", build, 1);
    expect(entered(model, way, good)).toBeUndefined();
  });

  test("a file that ends anywhere is refused, and changes nothing", () => {
    const model = create("everything", build, 1);
    const before = JSON.stringify(bitsOf(model));
    for (let length = 0; length < good.length; length += way === "load" ? 1 : 7) {
      expect((entered(model, way, good.slice(0, length)) as TrainError).code).toBe("BAD_FILE");
    }
    expect(JSON.stringify(bitsOf(model))).toBe(before);
  });

  test("random changes are refused with a reason or harmless, and never half taken", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = randomNumbers(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const header = 8 + new DataView(good.buffer, good.byteOffset).getUint32(0, true);
    let refused = 0;
    const changes = count(300, 3000);
    for (let i = 0; i < changes; i++) {
      const bytes = mutated(good, header, below);
      const model = create("everything", build, 1);
      const before = JSON.stringify(bitsOf(model));
      const error = entered(model, way, bytes);
      if (error === undefined) continue;
      refused++;
      expect(error, `seed ${seed}, change ${i}`).toBeInstanceOf(TrainError);
      expect(JSON.stringify(bitsOf(model)), `seed ${seed}, change ${i}`).toBe(before);
      expect(model.seed, `seed ${seed}, change ${i}`).toBe(1);
      expect(model["rate"], `seed ${seed}, change ${i}`).toBe(create("everything", build, 1)["rate"]);
    }
    expect(refused, `seed ${seed}`).toBeGreaterThan(changes / 4);
  });

  test("control: a model that is half written is seen", () => {
    const model = create("everything", build, 1);
    const before = JSON.stringify(bitsOf(model));
    (Object.values(model.parameters)[0] as Float32Array)[0]! += 1;
    expect(JSON.stringify(bitsOf(model))).not.toBe(before);
  });
});

/** Bits, bytes and digits that are others, stretches that are doubled, left out or put elsewhere. */
function mutated(file: Uint8Array, header: number, below: (limit: number) => number): Uint8Array {
  let bytes: Uint8Array = file.slice();
  for (let changes = 1 + below(3); changes > 0; changes--) {
    // Most of what can be wrong is wrong in the header.
    const at = below(4) > 0 ? below(header) : below(bytes.length);
    const length = 1 + below(40);
    const piece = bytes.slice(at, at + length);
    const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
    switch (below(7)) {
      case 0:
        bytes[at]! ^= 1 << below(8);
        break;
      case 1:
        bytes[at] = below(256);
        break;
      case 2:
        bytes[at] = 0x30 + below(10);
        break;
      case 3:
        bytes = joined(bytes.slice(0, at), piece, bytes.slice(at));
        break;
      case 4:
        bytes = joined(bytes.slice(0, at), bytes.slice(at + length));
        break;
      case 5: {
        // The header's length follows, so that what it says is looked at.
        bytes = joined(bytes.slice(0, at), piece, bytes.slice(at));
        const view = new DataView(bytes.buffer);
        view.setUint32(0, view.getUint32(0, true) + piece.length, true);
        break;
      }
      default:
        bytes = bytes.slice(0, bytes.length - length);
    }
  }
  return bytes;
}

/** The checkpoint with another text in place of one of its header. */
function edited(from: string | RegExp, to: string): Uint8Array {
  const length = new DataView(good.buffer, good.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(good.subarray(8, 8 + length));
  const next = text.replace(from, to);
  expect(next).not.toBe(text);
  const file = fileOf(next.trimEnd(), good.length - 8 - length);
  file.set(good.subarray(8 + length), file.length - (good.length - 8 - length));
  return file;
}

describe("a checkpoint whose words are wrong", () => {
  test.each<[string, string | RegExp, string, RegExp]>([
    [
      "a name that the model has not",
      '"hidden.dense1.weight"',
      '"hidden.dense9.weight"',
      /^UNKNOWN_NAME[^]*MISSING_DATA/,
    ],
    ["a state that it has not", '"states/clock"', '"states/cluck"', /^UNKNOWN_NAME[^]*MISSING_DATA/],
    ["another shape", '"shape":[5,6]', '"shape":[6,5]', /^BAD_SHAPE.*\[6, 5\].*\[5, 6\]/],
    ["another type", /"states\/clock":\{"dtype":"I32"/, '"states/clock":{"dtype":"F32"', /^OTHER_TYPE/],
    ["another definition", /"definition":"[0-9a-f]{16}"/, '"definition":"0123456789abcdef"', /^OTHER_DEFINITION/],
    ["no definition", '"definition"', '"defunition"', /^NOT_A_CHECKPOINT/],
    ["a seed that is none", /seed\\":7/, 'seed\\":7.5', /^BAD_CHECKPOINT/],
    ["a rate below 0", /rate\\":0/, 'rate\\":-0', /^BAD_CHECKPOINT: the model refuses.*rate/],
    ["a rate that is a text", /rate\\":[0-9.e-]+/, 'rate\\":\\"1\\"', /^BAD_CHECKPOINT/],
    ["another number to set", /rate\\":/, 'rat\\":', /^BAD_CHECKPOINT/],
    ["__proto__ to set", /\{\\"rate\\":[0-9.e-]+/, '{\\"__proto__\\":{}', /^BAD_CHECKPOINT/],
    ["settings that are none", '"settings":"{', '"settings":"[', /^BAD_CHECKPOINT/],
  ])("%s", (_, from, to, says) => {
    const model = create("everything", build, 1);
    const before = JSON.stringify(bitsOf(model));
    const error = entered(model, "restore", edited(from, to));
    expect(error).toBeInstanceOf(TrainError);
    expect((error as TrainError).message).toMatch(says);
    expect(JSON.stringify(bitsOf(model))).toBe(before);
    expect(Object.getPrototypeOf(model)).toBe(Object.prototype);
  });

  test.each<[string, string | RegExp, string, RegExp]>([
    ["a row between two batches", /row\\":\d+/, 'row\\":5', /^BAD_CHECKPOINT.*place/],
    ["a row behind the last", /row\\":\d+/, 'row\\":400', /^BAD_CHECKPOINT.*place/],
    ["an epoch without its history", /epoch\\":1/, 'epoch\\":2', /^BAD_CHECKPOINT.*history/],
    ["an epoch before the first", /epoch\\":1/, 'epoch\\":-1', /^BAD_CHECKPOINT.*place/],
    ["batches that are no number", /batches\\":\d+/, 'batches\\":{}', /^BAD_CHECKPOINT.*place/],
    ["another size of batches", /batchSize\\":4/, 'batchSize\\":2', /^OTHER_RUN: .*batchSize 2, and this one has 4/],
    ["early stopping that is nowhere", /waited\\":\d+/, 'waited\\":-1', /^BAD_CHECKPOINT.*early/],
    ["no best model", "best/hidden.dense1.weight", "best/hidden.dense7.weight", /^BAD_CHECKPOINT.*best/],
    ["no sums", "fit/totals", "fit/tutals", /^BAD_CHECKPOINT.*sums/],
    ["no text of the run", '"training":"{', '"training":"', /^BAD_CHECKPOINT/],
  ])("%s", (_, from, to, says) => {
    const model = create("everything", build, 1);
    const before = JSON.stringify(bitsOf(model));
    const error = entered(model, "resume", edited(from, to));
    expect(error).toBeInstanceOf(TrainError);
    expect((error as TrainError).message).toMatch(says);
    expect(JSON.stringify(bitsOf(model))).toBe(before);
  });
});
