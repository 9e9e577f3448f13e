// What the tests' pages and their workers have: these functions, called from outside.

import type { Model } from "../../compiler/instantiate.js";
import { fitAsync, folder, pageStore, tensorsOf, type History } from "../../src/train/index.js";
import { bitsAfterCalls } from "../emitted/bits.js";
import { factoryAt, replay } from "./replay.js";
import { trained, type Digits, type Trained } from "./training.js";

/** How a model is made: by `create…` itself in place of `create…Async`; as an engine without relaxed SIMD does. */
export interface Making {
  readonly module: string;
  readonly threads?: number;
  readonly synchronous?: boolean;
  readonly plain?: boolean;
}

const opened: Model[] = [];

async function open({ module, threads, synchronous = false, plain = false }: Making): Promise<Model> {
  const { validate } = WebAssembly;
  // A query makes a module of its own, whose code is compiled anew.
  const create = await factoryAt(`${module}?${plain ? "plain" : ""}`, !synchronous);
  try {
    if (plain) WebAssembly.validate = () => false;
    // TypeScript has no threads, and refuses to be asked for some.
    const model = await create({ seed: 1, ...(threads !== undefined && { threads }) });
    opened.push(model);
    return model;
  } finally {
    WebAssembly.validate = validate;
  }
}

/** Makes a model and keeps it: how many threads it has. */
const openModel = async (making: Making): Promise<number> => (await open(making))["threads"];

/** Loads the file that a module has its code in. */
async function loadCode({ module }: Making): Promise<void> {
  const loading = (await import(`${module}?`)) as Record<string, () => Promise<void>>;
  await loading[Object.keys(loading).find((name) => name.startsWith("load"))!]!();
}

/** How many threads the models have that were opened, now. */
const threadsNow = (): number[] => opened.map((model) => model["threads"]);

const dispose = (): void => opened.splice(0).forEach((model) => model.dispose());

/** Of two ways to make a model: at how many numbers their results differ in a bit, and how many there are. */
async function differences(a: Making, b: Making): Promise<{ readonly different: number; readonly of: number }> {
  const [left, right] = [bitsAfterCalls(await open(a)), bitsAfterCalls(await open(b))];
  return { different: left.filter((value, i) => !Object.is(value, right[i])).length, of: left.length };
}

/** The same in a worker of the page. */
function differencesInWorker(a: Making, b: Making): ReturnType<typeof differences> {
  const worker = new Worker("/page.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    worker.postMessage([a, b]);
  });
}

if (!("document" in globalThis)) {
  globalThis.onmessage = async ({ data: [a, b] }) => {
    const found = await differences(a, b);
    dispose();
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    globalThis.postMessage(found);
  };
}

/** The bytes that are compiled for a model. */
async function codeOf(making: Making): Promise<number[]> {
  const { compile } = WebAssembly;
  const seen: number[] = [];
  WebAssembly.compile = (bytes) => {
    seen.push(...(bytes as Uint8Array));
    return compile(bytes);
  };
  try {
    await open(making);
  } finally {
    WebAssembly.compile = compile;
  }
  return seen;
}

async function train(making: Making): Promise<Trained> {
  const read = async (path: string): Promise<ArrayBuffer> => (await fetch(path)).arrayBuffer();
  const digits: Digits = {
    images: new Float32Array(await read("/images")),
    digits: new Int32Array(await read("/digits")),
  };
  return trained(() => open(making), digits);
}

/**
 * Trains in this page for some epochs, or until so many batches are done, and goes on from what the page has kept. A hash of what the model
 * then keeps, and what is in the store.
 */
async function trainKept(
  making: Making,
  {
    store: name,
    epochs,
    batches = Infinity,
  }: { readonly store: string; readonly epochs: number; readonly batches?: number },
): Promise<{ readonly bits: number; readonly kept: readonly string[]; readonly history: History }> {
  const model = await open(making);
  const controller = new AbortController();
  let left = batches;
  const random = (i: number): number => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1;
  const data = {
    inputs: { image: Float32Array.from({ length: 784 * 100 }, (_, i) => random(i)) },
    targets: { digit: Int32Array.from({ length: 100 }, (_, i) => Math.floor(random(i + 0.5) * 10)) },
  };
  const store = pageStore(name);
  const history = await fitAsync(model, data, {
    epochs,
    signal: controller.signal,
    batchEventInterval: 0,
    callbacks: [({ type }) => void (type === "batchEnd" && --left === 0 && controller.abort())],
    checkpoint: { store, every: 2, best: true, resume: true },
  });
  let bits = 0;
  for (const { values } of Object.values(tensorsOf(model))) {
    const words = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
    for (const word of words) bits = Math.imul(bits ^ word, 0x01000193) + 1;
  }
  return { bits, kept: await store.list(), history };
}

/** What a page that has no database, or no file of that name, says. */
async function refusedByStore(): Promise<readonly string[]> {
  const messageOf = async (act: () => unknown): Promise<string> => {
    try {
      await act();
      return "nothing";
    } catch (error) {
      return (error as Error).message;
    }
  };
  return [await messageOf(() => folder("runs")), await messageOf(() => pageStore("empty").read("a.safetensors"))];
}

/** Whether text is run as code, in a turn of the event loop that no one outside has asked for. */
const evaluatesText = (): Promise<boolean> =>
  new Promise((resolve) => {
    setTimeout(() => {
      try {
        // eslint-disable-next-line no-eval -- the page's policy must refuse it
        resolve(globalThis.eval("1 + 1") === 2);
      } catch {
        resolve(false);
      }
    });
  });

const tests = {
  replay,
  openModel,
  loadCode,
  threadsNow,
  dispose,
  differences,
  differencesInWorker,
  codeOf,
  train,
  trainKept,
  refusedByStore,
  evaluatesText,
};

export type Tests = typeof tests;

Object.assign(globalThis, { tests });
