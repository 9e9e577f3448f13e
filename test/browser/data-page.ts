// What the page of data.test.ts has: files to read, told by their addresses.

import { fitAsync } from "../../src/train/index.js";
import { idxBatches, imageTensor, readCsv, readIdx, readNpy, readPng, zipBatches } from "../../src/data/index.js";
import { linearModel } from "../train/fake-model.js";

const numbers = async (array: PromiseLike<{ readonly data: ArrayLike<number> }>): Promise<number[]> =>
  Array.from((await array).data);

/** The same picture by our reader and by the browser's, 0 .. 255. */
async function pictures(address: string): Promise<readonly [ours: number[], browser: number[]]> {
  const { data } = await readPng(fetch(address), { channels: 4 });
  const bitmap = await createImageBitmap(await (await fetch(address)).blob(), { premultiplyAlpha: "none" });
  const context = Object.assign(document.createElement("canvas"), {
    width: bitmap.width,
    height: bitmap.height,
  }).getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  const drawn = imageTensor(context.getImageData(0, 0, bitmap.width, bitmap.height));
  return [data, drawn.data].map((values) => Array.from(values, (value) => Math.round(value * 255))) as [
    number[],
    number[],
  ];
}

async function trained(inputs: string, targets: string): Promise<readonly number[]> {
  const net = linearModel({ capacity: 4, features: 1, rate: 0.1 });
  const batches = zipBatches(
    { x: idxBatches(() => fetch(inputs), { batchSize: 3 }) },
    { y: idxBatches(() => fetch(targets), { batchSize: 3 }) },
  );
  return (await fitAsync(net, batches, { epochs: 2 })).loss;
}

const tests = {
  idx: (address: string) => numbers(readIdx(fetch(address))),
  ofFile: async (address: string) => numbers(readIdx(new File([await (await fetch(address)).blob()], "a.idx"))),
  npy: (address: string) => numbers(readNpy(() => fetch(address))),
  csv: async (address: string) => (await readCsv(fetch(address))).columns as Record<string, never>,
  pictures,
  trained,
  refusal: (source: string) => readIdx(source).then(String, String),
};

export type DataTests = typeof tests;

Object.assign(globalThis, { dataTests: tests });
